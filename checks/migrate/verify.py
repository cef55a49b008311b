"""`verify`: the catalog of the live database against what its revisions make."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..catalog.read import declared_search_path, read_catalog
from ..schema.live import connect
from . import compare, failure, live
from .child import idle, started
from .model import Verified
from .place import throwaway
from .status import left

if TYPE_CHECKING:
    from pathlib import Path

    from ..settings import Settings
    from .live import Connection
    from .place import Throwaway


def verify(ini: Path, url: str, settings: Settings, *, python: str | None = None) -> Verified:
    """The differences between the database at `url`, which is only read, and what its revisions make.

    Raises MigrateError, and ServerError when no throwaway server can be had.
    """
    with live.reached():
        connected = connect(url)
    with (
        connected as connection,
        live.session(url, read_only=True) as session,
        throwaway(ini, connection, settings) as place,
    ):
        table, current = _brought(ini, connection, place, python)
        path = tuple(declared_search_path(connection))
        wanted, found = read_catalog(place.connection, search_path=path), read_catalog(connection, search_path=path)
        notes = place.notes
        if place.version.partition(".")[0] != live.version(connection).partition(".")[0]:
            notes = (*notes, f"compared with PostgreSQL {place.version}, whose texts may differ")
        return Verified(
            live.described(connection),
            current,
            compare.count(wanted, table),
            tuple(compare.differences(wanted, found, table)),
            tuple(compare.extras(wanted, found, table)),
            left(session),
            notes,
        )


def _brought(ini: Path, connection: Connection, place: Throwaway, python: str | None) -> tuple[str, tuple[str, ...]]:
    """Bring the throwaway database to the live revisions; the version table's name, and those revisions."""
    table = ""
    current: tuple[str, ...] = ()
    task = {**place.task, "mode": "plan", "revision": "heads"}
    with started(task, python, live=False) as child:
        for event in filter(None, child.events()):
            match event["event"]:
                case "script":
                    table, current = event["version_table"], place.brought(event, connection, ini)
                case "bring":
                    child.answer(f"go {json.dumps(current)}")
                case "brought":
                    return table, current
                case "failed":
                    raise failure.brought(event)
                case _:
                    pass
    raise idle()
