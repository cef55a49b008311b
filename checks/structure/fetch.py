"""Fetches the rows of a reading in a thread of its own, so that the server works while what has arrived is built."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row
from typing_extensions import override

from ..catalog.queries import statements
from . import queries as own

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Connection = psycopg.Connection[Any]

_TYPED = slice(3, 5)  # atttypid and atttypmod of columns.sql
_BUILTIN = ("pg_catalog", "information_schema")
# What is built first is fetched first: the names behind OIDs, columns with all they need, indexes, constraints.
_FIRST = (
    "roles", "tablespaces", "methods", "collations", "opclasses", "relations", "classes", "members", "comments",
    "parents", "keys", "notnulls", "sequences", "columns", "types", "indexes", "constraints",
)  # fmt: skip
_NO_ROWS = ("schemas", "locks")  # asked before the others, or when a lock is not granted


class Arriving(Mapping[str, list[Any]]):
    """Rows by statement. To ask for those that are still under way waits for them, and raises what went wrong."""

    def __init__(self, names: Iterable[str]) -> None:
        self._rows: dict[str, Future[list[Any]]] = {name: Future() for name in names}

    @override
    def __getitem__(self, name: str) -> list[Any]:
        return self._rows[name].result()

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    @override
    def __len__(self) -> int:
        return len(self._rows)

    def put(self, name: str, rows: list[Any]) -> None:
        """The rows of that statement are here."""
        self._rows[name].set_result(rows)

    def fail(self, error: BaseException) -> None:
        """Whatever is not here will not come."""
        for waited in self._rows.values():
            if not waited.done():
                waited.set_exception(error)


@contextmanager
def fetching(connection: Connection, lock_timeout_ms: int) -> Iterator[Arriving]:
    """The rows of each statement of `queries/`, by its name, in the transaction that `connection` is in.

    Nothing else may use the connection meanwhile. To leave early ends the fetching after the statement under way.
    """
    version = connection.info.server_version
    wanted = statements(version, own.__name__)
    _ask(connection, statements(version)["settings"], lock_timeout=f"{lock_timeout_ms}ms")
    schemas = _ask(connection, wanted["schemas"])
    system = [row[0] for row in schemas if row[1].startswith("pg_") or row[1] in _BUILTIN]
    order = [*_FIRST, *sorted(wanted.keys() - {*_FIRST, *_NO_ROWS})]
    rows, left = Arriving(["schemas", "system", *order]), Event()
    rows.put("schemas", schemas)
    rows.put("system", system)

    def work() -> None:
        try:
            for name in order:
                if left.is_set():
                    return
                rows.put(name, _ask(connection, wanted[name], **_parameters(name, wanted[name], system, rows)))
        except BaseException as error:  # noqa: BLE001 - it is raised where the rows are asked for
            rows.fail(error)

    thread = Thread(target=work, name="pgarbiter rows", daemon=True)
    thread.start()
    try:
        yield rows
    finally:
        left.set()
        thread.join()


def _parameters(name: str, query: str, system: list[int], rows: Arriving) -> dict[str, Any]:
    if name == "types":
        pairs = list({row[_TYPED] for row in rows["columns"]})
        return {"types": [one for one, _ in pairs], "typmods": [mod for _, mod in pairs]}
    return {"system": system} if "%(system)s" in query else {}


def _ask(connection: Connection, query: str, **parameters: object) -> list[Any]:
    # a cursor of its own each time: the settings change the encoding that a cursor has seen
    with psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
        return cursor.execute(query.encode(), parameters or None, prepare=False).fetchall()
