"""The steps that take a unique index away, and bring back the rows that were taken out for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..quoting import quoted
from . import build, quarantine
from .definition import found
from .index_state import Absent, state
from .model import Lock, LockMode, OnlineError, Step, Table

if TYPE_CHECKING:
    from .session import Session


def drop(table: Table, name: str, *, constraint: bool, partitioned: bool) -> Step:
    """The step that drops it; the index of a partitioned table with brief locks, since it cannot go concurrently."""
    gone, index = (lambda s: isinstance(state(s, table.beside(name)), Absent)), table.beside(name)
    if not constraint and not partitioned:
        return Step(
            "drop",
            "reads and writes go on; it waits for every older transaction",
            (f"DROP INDEX CONCURRENTLY {index}",),
            gone,
            (Lock(str(table), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False),),
            transactional=False,
            run=lambda work: build.remove(work, table, name),
        )
    statement = f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}" if constraint else f"DROP INDEX {index}"
    return Step(
        "drop",
        "a change of the catalog alone",
        (statement,),
        gone,
        (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),),
    )


def restored(table: Table, rule: str) -> Step:
    """The step that brings back what was put into quarantine under that rule."""
    return Step(
        "restore",
        f'rows that were taken out under the rule "{rule}" come back',
        (),
        lambda session: not quarantine.pending(session, table, rule),
        (Lock(str(table), LockMode.ROW_EXCLUSIVE),),
        run=lambda work: quarantine.restore(work, table, rule),
    )


def refuse_kind(session: Session, table: Table, name: str, *, constraint: bool) -> None:
    """Raise OnlineError when the name is no unique index of the table, or of the other kind; absent is no matter."""
    there = found(session, table, name)
    if there is None:
        return
    if not there.on_table or there.primary:
        reason = f'is the primary key of "{table}"' if there.primary else f'is not one of "{table}"'
        raise OnlineError(f'index "{table.beside(name)}" {reason}; nothing was changed', "Mend the name.")
    if not there.unique:
        raise OnlineError(
            f'index "{table.beside(name)}" is not unique; nothing was changed', "Use op.drop_index_online for it."
        )
    if there.constraint != constraint:
        kind = "a constraint" if there.constraint else "an index without a constraint"
        raise OnlineError(
            f'"{table.beside(name)}" is {kind}; nothing was changed', f"Write constraint={there.constraint}."
        )
