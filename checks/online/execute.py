"""Runs an operation: each step that is not done yet, in order, verified in the catalog before the next."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal
from . import journal
from .limits import limits
from .model import OnlineError
from .session import sqlstate
from .work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Operation, Step
    from .session import Session
    from .work import Observer

# What operations read and write as text must not depend on the session that a project's env.py has set up.
_SETTINGS = {
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
    "default_transaction_isolation": "read committed",
    "row_security": "off",
    # To keep batches to an index other plans are made dear, for which the server would compile each of them: that
    # takes longer than the batch, whose rows are locked meanwhile.
    "jit": "off",
}
_POLL_S = 0.2


def _unobserved(event: str, operation: Operation, step: Step) -> None:
    del event, operation, step


observer: ContextVar[Observer] = ContextVar("observer", default=_unobserved)


def execute(operation: Operation, session: Session) -> None:
    """Run the steps of `operation` that are not done yet.

    Raises OnlineError, which says at which step it stopped and that the same command resumes there.
    """
    told = observer.get()
    step: Step | None = None
    try:
        operation = _found(operation, session)
        with _settings(session), _alone(operation, session):
            steps = operation.steps(session)
            if all(each.done(session) for each in steps):
                return
            journal.prepare(session)
            entries = journal.Journal(session, operation)
            for step in steps:
                if not step.done(session):
                    told("before", operation, step)
                    _run(Work(session, operation, step, entries, limits(), told), step)
                    told("after", operation, step)
    except DBAPIError as error:
        raise _stopped(operation, step, error) from error


def _found(operation: Operation, session: Session) -> Operation:
    """The operation with its table's schema; as it is when there is no such table, which its steps will say."""
    table = session.resolve(operation.table)
    return operation if table is None else replace(operation, table=table)  # type: ignore[type-var]


def _run(work: Work, step: Step) -> None:
    work.begin()
    try:
        rows = _rows(work, step)
    except Exception as error:
        _note_failure(work, error)
        raise
    if step.lasting and not step.done(work.session):
        work.end("failed", rows, "the catalog does not show its effect")
        raise OnlineError(
            f'step "{step.name}" ran, but the catalog does not show its effect',
            "Someone else changes the table at the same time: run the same command again when that has ended.",
        )
    work.end("done", rows)


def _rows(work: Work, step: Step) -> int:
    if step.run is not None:
        return step.run(work)
    if step.transactional:
        return work.transact_all(step.sql)
    return sum(work.alone(statement) for statement in step.sql)


def _note_failure(work: Work, error: Exception) -> None:
    if work.session.lost:
        return  # and with it the way to the journal
    with suppress(DBAPIError):  # lost just now; the error itself is what counts
        work.end("failed", 0, _said(getattr(error, "orig", error)))


def _stopped(operation: Operation, step: Step | None, error: DBAPIError) -> OnlineError:
    said = _said(error.orig)
    where = f' at step "{step.name}"' if step else ""
    state = sqlstate(error)
    told = f"op.{operation.directive} on {operation.table} stopped{where}: {said}" + (f" ({state})" if state else "")
    return OnlineError(told, "What was done before is kept; run the same command again, and it goes on at that step.")


def _said(error: BaseException | None) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


@contextmanager
def _settings(session: Session) -> Iterator[None]:
    """Our settings for the session, and the old ones afterwards."""
    names = ", ".join(f"pg_catalog.current_setting('{name}')" for name in _SETTINGS)
    ((*before,),) = session.rows(f"SELECT {names}")
    _set(session, _SETTINGS)
    try:
        yield
    finally:
        if not session.lost:
            with suppress(DBAPIError):  # lost just now; the next statement will say so
                _set(session, dict(zip(_SETTINGS, before, strict=True)))


def _set(session: Session, values: dict[str, str]) -> None:
    session.rows(
        "SELECT "
        + ", ".join(f"pg_catalog.set_config('{name}', {literal(value)}, false)" for name, value in values.items())
    )


@contextmanager
def _alone(operation: Operation, session: Session) -> Iterator[None]:
    """Keep other runs of operations on this table out, also those whose process was killed and whose session goes on.

    Polled: a session that waits for an advisory lock holds a snapshot, for which a concurrent build would wait.
    """
    name = literal(f"pgarbiter {operation.table}")
    key = f"pg_catalog.hashtextextended({name}, 0)"
    end = time.monotonic() + limits().patience_s
    while not session.value(f"SELECT pg_catalog.pg_try_advisory_lock({key})"):
        if time.monotonic() > end:
            raise OnlineError(
                f'another run works on "{operation.table}" since more than {limits().patience_s} s',
                f"SELECT * FROM {journal.SCHEMA}.journal WHERE state = 'begun' shows its process; wait for its end.",
            )
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        if not session.lost:
            with suppress(DBAPIError):  # lost just now; the next statement will say so
                session.rows(f"SELECT pg_catalog.pg_advisory_unlock({key})")
