"""Write docs/online.md from the operations themselves: what each takes, and its steps on a small table."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import MISSING, Field, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import create_engine, pool

from pgarbiter.online import execute, operations
from pgarbiter.online.session import Session
from pgarbiter.server import start

if TYPE_CHECKING:
    from pgarbiter.online.model import Operation, Step
    from pgarbiter.server import Server

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "online.md"
_WIDTH = 120
OPENING = """\
# Operations for live tables

`import pgarbiter.online` in a revision, and Alembic's `op` has the operations below. Each is the only statement of its
revision. It runs as steps, in transactions of their own or, where PostgreSQL asks for it, in none; each step asks the
catalog whether it is done, so that a run that died anywhere goes on there when the same command is run again. Steps
that need a lock ask for it for 100 ms at a time, so that nobody queues behind them for longer, and try again for 5
minutes.

What was taken out of a table is in `pgarbiter_data.quarantine` (as jsonb, with run, rule, reason, source, primary key,
kept row and time), what was done in `pgarbiter_data.journal`, both in the database that is migrated.
`op.restore_online(table, rule)` puts rows back; so do the `restore` arguments of the operations for downgrades.

`columns` are exact names; a text that begins with "(" is an index element as it stands, such as `(lower(email))`.
Environment: `PGARBITER_ONLINE_LOCK_TIMEOUT_MS` (100), `_PATIENCE_S` (300), `_BATCH_ROWS` (2000), `_REBUILDS` (5).

This page is written by `python tests/online/write_docs.py` on PostgreSQL 18, from the operations of the
[fault campaign](faults.md).
"""


def page(server: Server) -> str:
    """The whole page."""
    sys.path[:0] = [str(ROOT)]
    scenarios = import_module("tests.faults.scenarios").SCENARIOS
    parts = [OPENING]
    for directive in sorted(operations()):
        shown = [_steps(server, each) for each in scenarios if each.operation.directive == directive]
        parts.append(_section(operations()[directive], max(shown, key=lambda found: len(found[1]))))
    return "\n".join(parts)


def _steps(server: Server, scenario: Any) -> tuple[Operation, tuple[Step, ...]]:
    conninfo = server.create_database()
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(scenario.setup)
        engine = create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=pool.NullPool
        ).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            session = Session(connection)
            for each in scenario.earlier:
                execute(each, session)
            return scenario.operation, scenario.operation.steps(session)
    finally:
        server.drop_database(conninfo)


def _section(kind: type[Operation], shown: tuple[Operation, tuple[Step, ...]]) -> str:
    operation, steps = shown
    arguments = operation.arguments()
    call = ", ".join([repr(arguments.pop("table")), *(f"{name}={value!r}" for name, value in arguments.items())])
    rows = [
        f"| {number} | {each.name} | {_locks(each)} | {_where(each)} | {each.why} |"
        for number, each in enumerate(steps, 1)
    ]
    return "\n".join(
        [
            f"## op.{kind.directive}",
            "",
            inspect.cleandoc(kind.__doc__ or ""),
            "",
            "```python",
            _signature(kind),
            "```",
            "",
            f"Steps of `op.{kind.directive}({call})`:",
            "",
            "| | step | locks | transactions | why |",
            "| ---: | --- | --- | --- | --- |",
            *rows,
            "",
            *_undo(steps),
        ]
    )


def _signature(kind: type[Operation]) -> str:
    """As the formatter writes a call."""
    shown = [*(_parameter(each) for each in fields(kind)), "schema=None"]  # type: ignore[arg-type]
    line = ", ".join(shown)
    if len(line) + len(f"op.{kind.directive}()") > _WIDTH:
        line = "\n" + "".join(f"    {each},\n" for each in shown)
    return f"op.{kind.directive}({line})"


def _parameter(field: Field[Any]) -> str:
    if field.default is not MISSING:
        return f"{field.name}={_shown(field.default)}"
    return f"{field.name}={{}}" if field.default_factory is not MISSING else field.name


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _locks(step: Step) -> str:
    return "; ".join(f"{lock.mode} on {lock.table}{'' if lock.brief else ', for its length'}" for lock in step.locks)


def _where(step: Step) -> str:
    return "several" if step.run is not None else "one" if step.transactional else "none"


def _undo(steps: tuple[Step, ...]) -> list[str]:
    told = [f"- {each.name}: {_as_code(each.undo)}" for each in steps if each.undo]
    return ["To undo a step by hand:", "", *told, ""] if told else []


def _as_code(undo: str) -> str:
    return f"`{undo}`" if re.match(r"[A-Z]{4,} ", undo) else undo


def main() -> None:
    """Write it."""
    with start("embedded") as server:
        PAGE.write_text(page(server), "utf-8")


if __name__ == "__main__":
    main()
