"""One statement over one connection: rows are dropped as they come, COPY is ended, a time limit is kept.

psycopg's cursors would hold every row of a stranger's `SELECT generate_series(1, 1e12)` in memory and wait for it.
"""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import Connection, OperationalError, pq

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

STATEMENT_SECONDS = 60.0
_GRACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server's answer to a statement that did not run; `sqlstate` is None when the connection was lost."""

    sqlstate: str | None
    message: str


def send(connection: Connection[Any], text: str, *, seconds: float = STATEMENT_SECONDS) -> Refusal | None:
    """Run `text` by the simple protocol; None when it ran.

    After `seconds` it is cancelled (57014), and the connection is closed if that does not help.
    """
    pgconn = connection.pgconn
    try:
        pgconn.send_query(text.encode("utf-8", "replace"))
        pgconn.set_single_row_mode()
        return _answer(connection, pgconn, seconds)
    except OperationalError as error:
        return Refusal(None, first_line(str(error)))


def first_line(message: str) -> str:
    """The first line of a server's message, without its severity."""
    line = message.strip().partition("\n")[0]
    for severity in ("FATAL:  ", "ERROR:  "):
        line = line.removeprefix(severity)
    return line


def _answer(connection: Connection[Any], pgconn: PGconn, seconds: float) -> Refusal | None:
    refusal = None
    limit = time.monotonic() + seconds
    cancelled = False
    while True:
        while not _ready(pgconn, limit):
            if cancelled:
                connection.close()
                return Refusal(None, f"not cancelled within {_GRACE_SECONDS:.0f} s, so the connection was closed")
            cancelled = True
            limit = time.monotonic() + _GRACE_SECONDS
            connection.cancel_safe(timeout=_GRACE_SECONDS)
        result = pgconn.get_result()
        if result is None:
            return refusal
        found = _refusal(pgconn, result)
        refusal = refusal or found  # the first says why; a lost connection adds that it was lost


def _ready(pgconn: PGconn, limit: float) -> bool:
    """Whether a result can be had without waiting; False at `limit`, in seconds of the monotonic clock."""
    while pgconn.is_busy():
        if not select.select([pgconn.socket], [], [], max(0.0, limit - time.monotonic()))[0]:
            return False
        try:
            pgconn.consume_input()
        except OperationalError:
            return True  # the next result says why the connection was lost
    return True


def _refusal(pgconn: PGconn, result: PGresult) -> Refusal | None:
    match result.status:
        case pq.ExecStatus.FATAL_ERROR:
            state = result.error_field(pq.DiagnosticField.SQLSTATE)
            message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or result.error_message
            return Refusal(state.decode() if state else None, first_line(message.decode("utf-8", "replace")))
        case pq.ExecStatus.COPY_IN:
            pgconn.put_copy_end(b"rows are not loaded")
        case pq.ExecStatus.COPY_OUT | pq.ExecStatus.COPY_BOTH:
            while pgconn.get_copy_data(0)[0] > 0:
                pass
        case _:
            pass
    return None
