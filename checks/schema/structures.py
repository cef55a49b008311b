"""A source that a command line names, as a structure: a live database, or a schema source in a throwaway one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..structure.read import read_structure
from . import open as open_schema
from .live import connect

if TYPE_CHECKING:
    from pathlib import Path

    from ..settings import Settings
    from ..structure.model import Structure

_URLS = ("postgresql://", "postgres://")


def structure_of(text: str, settings: Settings, root: Path) -> tuple[str, Structure]:
    """The name that reports give the source, and its structure.

    `text` is a connection string of a live database, which is only read, or a schema source as `--schema` takes it.

    Raises SchemaError when the source cannot be loaded, ServerError when no server can be had.
    """
    if text.startswith(_URLS) or "=" in text.partition(":")[0]:
        with connect(text) as connection:
            return f"database {connection.info.dbname}", read_structure(connection)
    chosen = replace(settings, database_url=None, schema=text, cache=False, in_database=False)
    with open_schema(chosen, root) as source, source.connection() as connection:
        found = read_structure(connection)
        return source.loaded.schema.source, found._replace(owners=False)
