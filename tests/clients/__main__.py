"""Runs clients for real: `python -m tests.clients [NAME...]` compares what each sends with what `scan` says of it.

Without names all are run, and `docs/clients.md` is written.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NamedTuple

from pgarbiter.server import cluster
from tests.majors import installed

from .comparison import problems
from .installation import HERE, install, names
from .running import cases
from .sent import log_statements

if TYPE_CHECKING:
    from pgarbiter.server import Server

PAGE = HERE.parents[1] / "docs" / "clients.md"
HEAD = """\
# Clients, run for real

`make test-clients` installs each of these from its registry, runs a program that uses it against PostgreSQL {version}
with `log_statement`, and compares every INSERT that the server got with what `scan` says of the very same program:
table, conflict target with its predicate, action, written columns, columns of SET, columns that are sent as DEFAULT.
The programs are in `tests/clients/`.

"""


class _Ran(NamedTuple):
    name: str
    version: str
    cases: tuple[str, ...]
    bad: int


def main() -> None:
    """Run them; exit code 1 when anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients")
    parser.add_argument("names", nargs="*", help="folders of tests/clients; without any, all of them")
    parser.add_argument("--sent", action="store_true", help="show every statement")
    given = parser.parse_args()
    found = installed(18)
    if found is None:
        sys.exit("needs the programs of PostgreSQL 18: python tests/majors.py fetches them")
    with cluster.run(found) as server:
        log_statements(server)
        ran = [_client(name, server, show=given.sent) for name in given.names or names()]
    if not given.names:
        PAGE.write_text(HEAD.format(version=found.version.split(".")[0]) + _table(ran), "utf-8")
    sys.exit(any(one.bad for one in ran))


def _client(name: str, server: Server, *, show: bool) -> _Ran:
    client = install(name)
    found, bad = cases(client, server), 0
    for case in found:
        wrong = problems(case)
        bad += bool(wrong)
        sys.stdout.write(f"{name:18} {'differs' if wrong else 'same':8} {case.name}\n")
        lines = [*wrong, *(case.statements if show else ())]
        sys.stdout.write("".join(f"    {' '.join(line.split())}\n" for line in lines))
        sys.stdout.flush()
    return _Ran(name, client.version, tuple(case.name for case in found), bad)


def _table(ran: list[_Ran]) -> str:
    lines = ["| client | version | cases | same |", "| --- | --- | --- | --- |"]
    for one in ran:
        told = "; ".join(name.replace("_", " ") for name in one.cases)
        lines.append(f"| {one.name} | {one.version} | {told} | {len(one.cases) - one.bad} of {len(one.cases)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
