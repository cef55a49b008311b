"""`verify`: the catalog of the live database against what its revisions make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.read import declared_search_path, read_catalog
from ..schema.live import connect
from . import compare, failure, live
from .model import Verified
from .place import throwaway

if TYPE_CHECKING:
    from pathlib import Path

    from ..settings import Settings


def verify(ini: Path, url: str, settings: Settings, *, python: str | None = None) -> Verified:
    """The differences between the database at `url`, which is only read, and what its revisions make.

    Raises MigrateError, and ServerError when no throwaway server can be had.
    """
    with (
        connect(url) as connection,
        throwaway(ini, connection, python=python, server=settings.server, image=settings.server_image) as place,
    ):
        table, schema = place.version_table
        current = live.stamped(connection, table, schema)
        known = {each.revision for each in place.revisions}
        if unknown := tuple(each for each in current if each not in known):
            raise failure.unknown(unknown, ini)
        for each in current:
            place.upgrade(each, python)
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
            notes,
        )
