"""The connection that loads a schema source: one transaction per file, one savepoint round each statement."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import Connection, pq

from ..errors import ServerError
from .wire import STATEMENT_SECONDS, Refusal, first_line, send

if TYPE_CHECKING:
    from collections.abc import Sequence

# What the server answers to a statement that cannot run inside a transaction block: 25001 VACUUM, CREATE INDEX
# CONCURRENTLY and others; 55P04 an enum value that the same transaction added; 2D000 COMMIT inside a DO block.
_OUTSIDE = frozenset({"25001", "55P04", "2D000"})
_BEGIN = frozenset({"begin", "start"})
_COMMIT = frozenset({"commit", "end"})
_ROLLBACK = frozenset({"rollback", "abort"})
_SAVEPOINT = frozenset({"savepoint", "release"})
_SETTING = ("set ", "reset ", "select pg_catalog.set_config", "select set_config")
_RECONNECT_SECONDS = 20.0
_ENTER = "SAVEPOINT pgarbiter"
_LEAVE = "RELEASE SAVEPOINT pgarbiter"


@dataclass(frozen=True, slots=True)
class Item:
    """A statement of a schema source; `line` counts from 1, `offset` counts characters of its file."""

    path: str
    line: int
    offset: int
    text: str


@dataclass(slots=True)
class Session:
    """Runs items as they come, in a transaction that it begins as needed."""

    conninfo: str
    _connection: Connection[Any] | None = None
    _open: list[Item] = field(default_factory=list)  # ran in the transaction that is not committed yet
    _settings: list[str] = field(default_factory=list)  # SET statements of the file
    _undone: list[tuple[Item, Refusal]] = field(default_factory=list)

    @property
    def connection(self) -> Connection[Any]:
        """The connection, inside a transaction; connects when there is none or it was lost."""
        if self._connection is None or self._connection.closed:
            self._connection = _connect(self.conninfo)
        return self._connection

    def close(self) -> None:
        """Close the connection; what is not committed is lost."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def begin_file(self) -> None:
        """Commit, and forget what the file before it set."""
        self.commit()
        self._settings.clear()
        send(self.connection, "RESET ROLE; RESET SESSION AUTHORIZATION; RESET ALL")

    def run(self, item: Item) -> Refusal | None:
        """Run one statement; None when it ran."""
        handled, refusal = self._control(item)
        if handled:
            return refusal
        refusal = self.attempt(item.text)
        if refusal is None:
            self._open.append(item)
            if item.text.casefold().startswith(_SETTING):
                self._settings.append(item.text)
        elif refusal.sqlstate in _OUTSIDE:
            self.commit()
            refusal = send(self.connection, item.text)
        self._mend()
        return refusal

    def attempt(self, text: str) -> Refusal | None:
        """Run `text` inside a savepoint of the transaction, which is begun if there is none."""
        self._begin()
        if refusal := send(self.connection, _ENTER):
            return refusal
        refusal = send(self.connection, text)
        if not self._lost() and self._status() is pq.TransactionStatus.INERROR:
            send(self.connection, f"ROLLBACK TO {_ENTER}")
        if not self._lost() and self._status() is pq.TransactionStatus.INTRANS:
            send(self.connection, _LEAVE)
        return refusal

    def query(self, text: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a question of our own, asked inside the transaction; empty if the server refuses it."""
        self._begin()
        try:
            with self.connection.transaction():
                return self.connection.execute(text.encode(), parameters, prepare=False).fetchall()
        except psycopg.Error:
            return []

    def commit(self) -> None:
        """Commit. When that fails (a deferred constraint), each statement of the transaction runs again on its own."""
        if self._connection is None:
            return
        if self._lost():
            self._again()
            return
        refusal = send(self.connection, "COMMIT") if self._status() is not pq.TransactionStatus.IDLE else None
        if refusal is None:
            self._open.clear()
        else:
            self._again()

    def take_undone(self) -> list[tuple[Item, Refusal]]:
        """The items that the server has undone since the last call, each with the answer to its second try."""
        undone, self._undone = self._undone, []
        return undone

    def _lost(self) -> bool:
        return self._connection is not None and self._connection.closed

    def _begin(self) -> None:
        if self._status() is pq.TransactionStatus.IDLE:
            send(self.connection, "BEGIN")

    def _status(self) -> pq.TransactionStatus:
        return pq.TransactionStatus(self.connection.pgconn.transaction_status)

    def _control(self, item: Item) -> tuple[bool, Refusal | None]:
        """Whether the statement is a transaction command, and if so the server's answer."""
        words = item.text.casefold().replace(";", " ").split(maxsplit=3)
        first = words[0] if words else ""
        if first in _ROLLBACK and "to" not in words[1:3]:
            send(self.connection, "ROLLBACK")
            self._open.clear()
        elif first in _BEGIN or first in _COMMIT:
            self.commit()
        elif first in _SAVEPOINT or first in _ROLLBACK:
            self._begin()
            refusal = send(self.connection, item.text)
            self._mend()
            return True, refusal
        else:
            return False, None
        return True, None

    def _mend(self) -> None:
        """Go on after a statement that took the transaction, or the connection, with it."""
        lost = self._lost()
        if lost or self._status() in {pq.TransactionStatus.INERROR, pq.TransactionStatus.UNKNOWN}:
            if not lost:
                send(self.connection, "ROLLBACK")
            self._again()
        elif self._status() is pq.TransactionStatus.IDLE:
            self._open.clear()

    def _again(self) -> None:
        """Run what a lost transaction held once more, each statement in a transaction of its own."""
        if self._status() is not pq.TransactionStatus.IDLE:
            send(self.connection, "ROLLBACK")
        again, self._open = self._open, []
        for text in self._settings:
            send(self.connection, text)
        for item in again:
            if refusal := send(self.connection, item.text, seconds=STATEMENT_SECONDS):
                self._undone.append((item, refusal))


def _connect(conninfo: str) -> Connection[Any]:
    """A connection in autocommit mode; waits for a server that is restarting after a crash."""
    limit = time.monotonic() + _RECONNECT_SECONDS
    while True:
        try:
            return psycopg.connect(conninfo, autocommit=True, connect_timeout=10, prepare_threshold=None)
        except psycopg.OperationalError as error:
            if time.monotonic() > limit:
                raise ServerError(f"the server was lost while loading: {first_line(str(error))}") from None
            time.sleep(0.2)
