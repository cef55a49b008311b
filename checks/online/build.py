"""Builds and drops indexes CONCURRENTLY: waits for others who do, cleans up what failed builds left, verifies."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal
from .index_state import Absent, BeingDropped, InProgress, PartitionedParent, Valid, state
from .model import OnlineError
from .names import default_name
from .session import sqlstate

if TYPE_CHECKING:
    from .index_state import IndexState
    from .model import Table
    from .work import Work

_POLL_S = 0.2
_TWICE = "42P07"  # duplicate_table: someone else made it first
_TRANSIENT = ("40P01", "55P03")  # deadlock_detected, lock_not_available
_NOT_TO_CLEAN = (None, "57014", "57P01", "57P02")  # the connection is lost, or someone wants us to end now


def build(work: Work, table: Table, name: str, statement: str) -> int:
    """Run `statement`, a CREATE INDEX CONCURRENTLY of `name` on `table`, until that index is valid; 0 rows touched.

    An index of that name that another session builds is waited for; one that was left behind is dropped first, and so
    is what our own attempt leaves when it fails. Raises DBAPIError with the server's reason (23505: duplicates),
    OnlineError when the patience ends. Which definition a valid index has is for the caller to look at.
    """
    tries = work.limits.rebuilds
    while not isinstance(_settled(work, table, name), Valid):
        try:
            work.alone(statement)
        except DBAPIError as error:
            _clean(work, table, name, sqlstate(error))
            tries -= 1
            if tries <= 0 or sqlstate(error) not in (*_TRANSIENT, _TWICE):
                raise
    return 0


def remove(work: Work, table: Table, name: str) -> int:
    """Drop the index concurrently, also one that is half dropped; waits for sessions that work on it. 0 rows touched.

    Raises DBAPIError (2BP01: a constraint needs it), OnlineError when the patience ends.
    """
    if not isinstance(_quiet(work, table, name), Absent):
        work.alone(f"DROP INDEX CONCURRENTLY {table.beside(name)}")
    return 0


def _settled(work: Work, table: Table, name: str) -> IndexState:
    """Valid or Absent, after others have ended and leftovers are gone."""
    for each in _rebuilt(work, table, name):
        if not isinstance(_quiet(work, table, each), Absent | Valid):
            remove(work, table, each)
    found = _quiet(work, table, name)
    if isinstance(found, Absent | Valid):
        return found
    _refuse_foreign(work, table, name)
    if isinstance(found, PartitionedParent):
        raise OnlineError(f'index "{table.beside(name)}" belongs to a partitioned table', "Choose another name.")
    remove(work, table, name)
    return Absent()


def _refuse_foreign(work: Work, table: Table, name: str) -> None:
    """Raise OnlineError when the index of that name lies on another table, whose leftover is none of ours."""
    owner = work.session.value(
        "SELECT indrelid::pg_catalog.regclass::text FROM pg_catalog.pg_index WHERE indexrelid ="
        f" pg_catalog.to_regclass({literal(table.beside(name))})"
        f" AND indrelid <> pg_catalog.to_regclass({literal(str(table))})"
    )
    if owner is not None:
        raise OnlineError(
            f'index "{table.beside(name)}" is there, INVALID, on table "{owner}"; it was left alone',
            "Choose another name for the index, or drop that one first.",
        )


def _clean(work: Work, table: Table, name: str, code: str | None) -> None:
    """Best effort: the error that is on its way up is the one to tell; the next run cleans what is left."""
    if code in (*_NOT_TO_CLEAN, _TWICE):
        return
    with suppress(DBAPIError, OnlineError):
        if not isinstance(_quiet(work, table, name), Absent | Valid):
            remove(work, table, name)


def _quiet(work: Work, table: Table, name: str) -> IndexState:
    """The state once nobody else works on the index. Polled: who waits in a statement holds a snapshot."""
    end = time.monotonic() + work.limits.patience_s
    while True:
        found = state(work.session, table.beside(name))
        match found:
            case InProgress(pid) | BeingDropped(int(pid)):
                if time.monotonic() > end:
                    raise OnlineError(
                        f'index "{table.beside(name)}" {found} since more than {work.limits.patience_s} s; '
                        "it was left alone",
                        f"Wait for its end, or end it by SELECT pg_cancel_backend({pid}); then run the same command"
                        " again.",
                    )
            case _:
                return found
        time.sleep(_POLL_S)


def _rebuilt(work: Work, table: Table, name: str) -> list[str]:
    """What REINDEX CONCURRENTLY of this index left behind: its new or old index, INVALID, under a name of its own."""
    stems = ", ".join(literal(default_name(name, (), each)) for each in ("ccnew", "ccold"))
    return [
        found
        for (found,) in work.session.rows(
            "SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
            f" WHERE i.indrelid = pg_catalog.to_regclass({literal(str(table))}) AND NOT i.indisvalid"
            f" AND pg_catalog.rtrim(c.relname, '0123456789') IN ({stems})"
        )
    ]
