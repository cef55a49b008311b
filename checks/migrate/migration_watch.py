"""What the child program of a migration hears of SQLAlchemy, Alembic and online operations, told to its parent.

Loaded by its path, as the program itself: any Python from 3.8 on, nothing of pgarbiter imported.
"""

from __future__ import annotations

import contextlib
import random
import re
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .migration_child import Channel

TRANSACTION = "SELECT virtualtransaction FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() LIMIT 1"
LOCKS = """
SELECT c.oid, n.nspname, c.relname, c.relkind, l.mode, c.relfilenode
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
# A backend whose client is gone ends its statement; the default is to find out when it is done.
CHECK_CLIENT = "SET client_connection_check_interval = '2s'"
# What env.py does before its revisions, Alembic's own reads among it, waits for no lock without a limit either.
PATIENCE = (
    "SELECT pg_catalog.set_config('lock_timeout', '{}s', false) WHERE pg_catalog.current_setting('lock_timeout') = '0'"
)
LONGEST = 20_000
AGAIN = ("55P03", "40P01")  # lock_not_available, deadlock_detected
_COMMENTS = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*", re.DOTALL)
_CONTROL = ("begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "set", "reset", "show")
_WRITES = re.compile(r"\b(?:insert|update|delete|merge)\b", re.IGNORECASE)
_MAKES_INDEX = re.compile(r"(?:create\s+(?:unique\s+)?index|reindex)\b", re.IGNORECASE)
_NEVER_IN_BLOCK = re.compile(
    r"\bconcurrently\b|^\s*(?:vacuum|call|do|cluster|alter\s+(?:system|database)|reindex|"
    r"(?:create|drop)\s+(?:database|tablespace|subscription))\b",
    re.IGNORECASE,
)


class Watch:
    """Listens to SQLAlchemy and Alembic, and tells."""

    def __init__(self, task: dict[str, Any], channel: Channel, base: Any) -> None:
        self._task, self._channel, self._base = task, channel, base
        self._planning = task["mode"] == "plan"
        self.revision: str | None = None
        self.bringing: str | None = None  # the revision that runs only to bring the database to where the live one is
        self.failed_statement: str | None = None
        self.stage: str | None = None  # what is read: "ini", "scripts", then "env", in which revisions run
        self.parts = False  # something of the revision is committed, its stamp is not
        self._context: Any = None
        self._committed = False  # SQLAlchemy is about to commit, or has
        self._limited = False  # the transaction has our lock_timeout
        self._block = False  # a block of ours around a statement in autocommit mode
        self._configured = False
        self._wrote = False  # the open transaction has run more than queries
        self._operating = False  # an online operation runs, which knows what it does

    def wrap(self, context: Any) -> None:
        """Force a transaction for each revision; on the instance, since Alembic's proxy asks that."""
        configure = context.configure

        def configured(*args: Any, **options: Any) -> None:
            if self._configured:
                raise self._base.Refused("env.py configures more than one run of its revisions")
            self._configured = True
            options["transaction_per_migration"] = True
            applied = options.get("on_version_apply") or ()
            applied = tuple(applied) if isinstance(applied, (tuple, list)) else (applied,)
            options["on_version_apply"] = (*applied, self._stamping)
            configure(*args, **options)

        context.configure = configured

    def begin(self, revision: str, context: Any) -> None:
        """A revision begins, outside of its transaction."""
        self._flush()
        self.revision, self.parts, self._context = revision, False, context
        self._hook_online()
        self._channel.ask("revision", revision=revision)

    def end(self) -> None:
        """A revision has been committed with its stamp."""
        self._committed, self.parts, self._limited, self._wrote = False, False, False, False
        revision, self.revision = self.revision, None
        self._channel.ask("stamped", revision=revision)

    def _stamping(self, **_: Any) -> None:
        if self.revision is None:
            return
        self._channel.ask("stamping", revision=self.revision)

    def listen(self) -> None:
        """Hear of every connection and statement."""
        from sqlalchemy import event  # noqa: PLC0415 - an ImportError is an answer
        from sqlalchemy.engine import Engine  # noqa: PLC0415 - as above
        from sqlalchemy.pool import Pool  # noqa: PLC0415 - as above

        event.listen(Pool, "connect", self._connected)
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)
        event.listen(Engine, "handle_error", self._error)
        event.listen(Engine, "commit", self._commit)
        event.listen(Engine, "rollback", self._rollback)
        for name in ("do_execute", "do_execute_no_params"):
            event.listen(Engine, name, self._execute)

    def _connected(self, connection: Any, _record: Any) -> None:
        if self._task["mode"] == "inspect" and self._task.get("live"):
            self._committing(connection, "SET default_transaction_read_only = on")
        try:
            self._committing(connection, CHECK_CLIENT)
        except Exception:  # noqa: BLE001 - the server's platform cannot check for clients
            connection.rollback()
        if self._task.get("live"):
            self._committing(connection, PATIENCE.format(int(self._task["patience_s"])))
        self._channel.tell("connected", pid=self._committing(connection, "SELECT pg_catalog.pg_backend_pid()"))

    @staticmethod
    def _committing(connection: Any, statement: str) -> Any:
        cursor = connection.cursor()
        try:
            cursor.execute(statement)
            found = cursor.fetchone()[0] if cursor.description else None
        finally:
            cursor.close()
        connection.commit()
        return found

    def _before(self, connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if self.revision is None:
            return
        self._flush()
        if self._left_alone(statement):
            return
        raw = connection.connection
        if not _autocommit(raw):
            if not self._limited and self._task["mode"] == "run":
                _raw(raw, "SET LOCAL lock_timeout = {}".format(int(self._task["lock_timeout_ms"])))
            self._limited = True
        elif self._planning and not self._operating and _may_be_wrapped(statement) and not _in_block(raw):
            _raw(raw, "BEGIN")
            self._block = True
        shown = statement[:LONGEST]
        if connection.dialect.paramstyle in ("format", "pyformat"):
            shown = shown.replace("%%", "%")  # as it was written, and as the server sees it
        self._channel.tell("statement", sql=shown, stamp=self._is_stamp(statement))

    def _after(self, connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        if self.revision is None:
            return
        if self._left_alone(statement):
            self.parts = self.parts or not _is_query(statement)
            return
        raw = connection.connection
        alone = _autocommit(raw) and (self._block or not _in_block(raw))
        if self._planning:
            rows = _all(raw, LOCKS)
            if self._block:
                self._block = False
                _raw(raw, "COMMIT")
            self._channel.tell("ran", locks=rows, alone=alone)
        else:
            count = getattr(cursor, "rowcount", -1)
            self._channel.tell("ran", locks=[], alone=alone, rows=count if count >= 0 else None)
        if not alone:
            self._wrote = self._wrote or not (_is_query(statement) or self._is_stamp(statement))
        elif not _is_query(statement):
            self.parts = True
            if not self._operating:  # an operation is looked at after each of its steps
                self._channel.ask("committed")

    def _left_alone(self, statement: str) -> bool:
        """Whether it is one of the thousands of an online operation, which tells its steps and batches itself.

        To ask and tell of each would hold up its transactions, and those who wait for them.
        """
        return self._operating and not self._planning and not _MAKES_INDEX.match(_COMMENTS.sub("", statement, 1))

    def _error(self, context: Any) -> None:
        self.failed_statement = context.statement or self.failed_statement
        if self._block and context.connection is not None:
            self._block = False
            _raw(context.connection.connection, "ROLLBACK")

    def _commit(self, _connection: Any) -> None:
        self._committed = True

    def _rollback(self, _connection: Any) -> None:
        self._limited, self._wrote = False, False

    def _flush(self) -> None:
        """The commit that was announced has happened by now."""
        if self._committed:
            self.parts = self.parts or self._wrote
            wrote, self._wrote = self._wrote, False
            self._committed, self._limited = False, False
            if self.revision is not None and wrote:
                self._channel.ask("committed")

    def _execute(self, cursor: Any, statement: str, *more: Any) -> bool | None:
        """A statement in autocommit mode, tried again while a lock is not to be had; True when it was run here."""
        raw = getattr(more[-1], "root_connection", None)
        raw = raw.connection if raw is not None else None
        if self.revision is None or self._task["mode"] != "run" or raw is None or not _autocommit(raw):
            return None
        if self._operating or _is_query(statement) or _first_word(statement) in _CONTROL or _in_block(raw):
            return None
        patient = bool(_NEVER_IN_BLOCK.search(statement))
        before = {name: _raw(raw, f"SHOW {name}") for name in ("lock_timeout", "statement_timeout")}
        _raw(raw, "SET lock_timeout = {}".format(0 if patient else int(self._task["lock_timeout_ms"])))
        if patient:
            _raw(raw, "SET statement_timeout = 0")
        try:
            parameters = more[:-1]
            self._again(lambda: cursor.execute(statement, *parameters), patient=patient)
        finally:
            for name, value in before.items():
                _quietly(raw, f"SET {name} = '{value}'")
        return True

    def _again(self, run: Callable[[], Any], *, patient: bool) -> None:
        end = time.monotonic() + float(self._task["patience_s"])
        pause = 0.05
        while True:
            try:
                run()
            except Exception as error:
                if patient or self._base.sqlstate(error) not in AGAIN or time.monotonic() > end:
                    raise
            else:
                return
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            pause = min(pause * 1.5, 3.0)

    def _is_stamp(self, statement: str) -> bool:
        return "version_num" in statement and self._context is not None and self._context.version_table in statement

    def _hook_online(self) -> None:
        """Have online operations tell their steps; the module is there once a revision has imported it."""
        module: Any = sys.modules.get("pgarbiter.online.directives")
        execute: Any = getattr(module, "execute", None)
        if execute is None or getattr(execute, "told", False):
            return

        def told(operation: Any, session: Any) -> None:
            self._operating, revision, self.revision = True, self.revision, None  # a question is no part of the work
            described = _operation(operation, session)
            self._operating, self.revision = False, revision
            self._channel.tell("operation", **described)
            observer: Any = sys.modules["pgarbiter.online.execute"].observer
            outer = observer.get()

            def step(event: str, operation: Any, step: Any) -> None:
                outer(event, operation, step)
                self._channel.tell("step", phase=event, step=step.name)
                if event != "before":  # between two batches it can be stopped, too
                    self._channel.ask("committed")

            token = observer.set(step)
            self._operating = True
            try:
                execute(operation, session)
            finally:
                self._operating = False
                observer.reset(token)
            self._channel.tell("operated")

        told.told = True  # type: ignore[attr-defined]
        module.execute = told


def _operation(operation: Any, session: Any) -> dict[str, Any]:
    try:
        steps = [_step(step) for step in operation.steps(session)]
    except Exception:  # noqa: BLE001 - what is wrong with it is told when it runs
        steps = []
    told = {"directive": operation.directive, "table": operation.table.name, "schema": operation.table.schema}
    return {**told, "arguments": operation.arguments(), "steps": steps}


def _step(step: Any) -> dict[str, Any]:
    locks = [{"table": lock.table, "mode": lock.mode.value, "brief": lock.brief} for lock in step.locks]
    told = {"name": step.name, "why": step.why, "sql": list(step.sql), "locks": locks, "undo": step.undo}
    return {**told, "transactional": step.transactional}


def _autocommit(raw: Any) -> bool:
    return bool(getattr(raw.dbapi_connection, "autocommit", False))


def _in_block(raw: Any) -> bool:
    """Whether a transaction block is open: two statements have one transaction. Every driver can tell this."""
    return bool(_raw(raw, TRANSACTION) == _raw(raw, TRANSACTION))


def _raw(raw: Any, statement: str) -> Any:
    """The first value of a statement that no listener hears of."""
    rows = _all(raw, statement)
    return rows[0][0] if rows else None


def _all(raw: Any, statement: str) -> list[list[Any]]:
    cursor = raw.cursor()
    try:
        cursor.execute(statement)
        return [list(row) for row in cursor.fetchall()] if cursor.description else []
    finally:
        cursor.close()


def _quietly(raw: Any, statement: str) -> None:
    with contextlib.suppress(Exception):  # the connection is gone, which the statement before has told
        _raw(raw, statement)


def _first_word(statement: str) -> str:
    found = _COMMENTS.match(statement)
    rest = statement[found.end() if found else 0 :].split(None, 1)
    return rest[0].rstrip(";").lower() if rest else ""


def _is_query(statement: str) -> bool:
    """Whether it leaves the catalog and all rows as they are, as far as its words tell."""
    word = _first_word(statement)
    if word == "with":
        return not _WRITES.search(statement)
    return word in ("select", "show", "values", "table", "set", "reset", "begin", "savepoint", "release", "")


def _may_be_wrapped(statement: str) -> bool:
    return _first_word(statement) not in _CONTROL and not _NEVER_IN_BLOCK.search(statement)
