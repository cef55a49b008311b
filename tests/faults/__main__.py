"""The whole fault campaign: `python -m tests.faults` kills every operation at every step; writes docs/faults.md."""

from __future__ import annotations

import argparse
import os
import random
import sys
from typing import TYPE_CHECKING, NamedTuple

from pgarbiter.server import cluster
from tests.majors import installed

from .campaign import HOWS, ROOT, Kill, Subject, driver
from .driver import Stop
from .scenarios import SCENARIOS

if TYPE_CHECKING:
    from .driver import Driver

PAGE = ROOT / "docs" / "faults.md"


HEAD = """\
# Killed at every step

`make faults` runs each operation on a small table and ends the run from outside: at each step before its first
statement, in the middle of a statement (a random one, and the longest: concurrent builds),
between two statements, after a committed batch, and after the step. Once by `kill -9` of the migrating process, whose
session the server only misses later; once by `pg_terminate_backend` of the session. Then the operation is run again.
It *survives* when that run ends well, when catalog, rows and quarantine are those of a run that nobody disturbed, and
when each row of before is in its table or in quarantine, by primary key and by content. Batches have 3 rows. `make
test` does this for one operation in full and for 20 random kills on each of its servers.
"""


def main() -> None:
    """Run it, and write the page unless only some scenarios were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--majors", default="18", help="comma-separated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="scenarios whose name holds this text; the page is not written")
    given = parser.parse_args()
    random.seed(given.seed)
    with driver(dict(os.environ)) as runs:
        parts = [_on(int(major), given.only, runs) for major in given.majors.split(",")]
    if not given.only:
        PAGE.write_text("\n".join([HEAD, *(part.page for part in parts)]), "utf-8")
    sys.exit(any(part.bad for part in parts))


class _Part(NamedTuple):
    page: str
    bad: bool


def _on(major: int, only: str, runs: Driver) -> _Part:
    found = installed(major)
    if found is None:
        sys.exit(f"needs the programs of PostgreSQL {major}: python tests/majors.py fetches them")
    chosen = [each for each in SCENARIOS if only in each.title and each.since <= major]
    suffered: list[Kill] = []
    lines = [
        "| operation | scenario | steps | kill -9, survived | session ended, survived |",
        "| --- | --- | --- | ---: | ---: |",
    ]
    with cluster.run(found) as server:
        for scenario in sorted(chosen, key=lambda each: (each.operation.directive, each.name)):
            kills, steps = _suffered(Subject(scenario, server, runs))
            suffered += kills
            figures = " | ".join(_figures(kills, how) for how in HOWS)
            lines.append(f"| {scenario.operation.directive} | {scenario.name} | {', '.join(steps)} | {figures} |")
            _tell(lines[-1], kills)
    lines.append(f"| **all** | {len(chosen)} | | " + " | ".join(_figures(suffered, how) for how in HOWS) + " |")
    page = f"## PostgreSQL {found.version}\n\n" + "\n".join(lines) + "\n"
    return _Part(page, any(kill.problems for kill in suffered))


def _suffered(subject: Subject) -> tuple[list[Kill], tuple[str, ...]]:
    try:
        subject.prepare()
        return [subject.suffer(kill) for kill in subject.kills()], subject.steps
    except AssertionError as error:
        return [Kill(subject.scenario.title, "", "", Stop(0, how), (str(error),)) for how in HOWS], ()
    finally:
        subject.drop()


def _figures(kills: list[Kill], how: str) -> str:
    of = [kill for kill in kills if kill.stop.how == how]
    return f"{sum(not kill.problems for kill in of)} of {len(of)}"


def _tell(line: str, kills: list[Kill]) -> None:
    sys.stdout.write(line + "\n")
    for kill in kills:
        if kill.problems:
            sys.stdout.write(f"  at {kill.step}/{kill.event} {kill.stop}\n    " + "\n    ".join(kill.problems) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
