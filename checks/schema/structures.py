"""A source that a command line names, as a structure: a database, a snapshot, or a schema source in a throwaway one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict

from ..errors import SchemaError
from ..settings import is_live, url_of
from ..structure import snapshot
from ..structure.platform import platform_of
from ..structure.read import read_structure
from . import opened
from .account import account
from .commits import PREFIX, commit_of
from .generated import types_of
from .live import connect
from .source import refuse_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..settings import Settings
    from ..structure.model import Structure

_SNAPSHOT, _TYPES = "snapshot:", "types:"


def structure_of(text: str, settings: Settings, root: Path) -> tuple[str, Structure]:
    """The name that reports give the source, and its structure, which says what it does not know.

    `text` is a name of `settings.sources`; or a connection string of a live database, which is only read, or `env:NAME`
    for one; or `snapshot:FILE`, `types:FILE`, `git:REV:SOURCE`, or a schema source as `--schema` takes it; "" for the
    one that is detected.

    Raises SchemaError when the source cannot be loaded, SourceError when it cannot be read, ServerError when no server
    can be had.
    """
    text = settings.sources.get(text, text)
    if is_live(text):
        return _live(url_of(text), settings)
    if text.startswith(_SNAPSHOT):
        path = _file(text.removeprefix(_SNAPSHOT), root)
        return text, snapshot.read(path)
    if text.startswith(_TYPES):
        return text, types_of(_file(text.removeprefix(_TYPES), root))
    if text.startswith(PREFIX):
        with commit_of(text, root) as commit:
            name, found = structure_of(commit.source, commit.settings(settings), commit.root)
            return commit.name + name, found
    return _loaded(text, settings, root)


def sides_of(old: str | None, new: str | None, settings: Settings) -> tuple[str, str]:
    """The two sources to compare where not both are named: the new one then is the database of the settings.

    Raises SchemaError when there is no such database.
    """
    if old is not None and new is not None:
        return old, new
    if settings.database_url is None:
        raise SchemaError(
            "there is nothing to compare with: one source is named, wanted two"
            if old is not None
            else "there is nothing to compare: no source is named, wanted two",
            "Write `pgarbiter diff OLD NEW`, or name a live database with --database-url as the new side.",
        )
    return (settings.schema or "") if old is None else old, settings.database_url


def structures_of(texts: Sequence[str], settings: Settings, root: Path) -> list[tuple[str, Structure]]:
    """Each as by `structure_of`; live databases are read at the same time, and other sources one after the other.

    Databases of one name are told apart by their servers.
    """
    if not all(is_live(settings.sources.get(text, text)) for text in texts):
        return [structure_of(text, settings, root) for text in texts]
    with ThreadPoolExecutor(len(texts)) as pool:
        found = list(pool.map(lambda text: structure_of(text, settings, root), texts))
    if len({name for name, _ in found}) == len(found):
        return found
    servers = (_server(url_of(settings.sources.get(text, text))) for text in texts)
    return [(f"{name} on {server}", one) for (name, one), server in zip(found, servers, strict=True)]


def _server(url: str) -> str:
    """Host and port of a connection string that has been connected to."""
    given = conninfo_to_dict(url)
    host, port = given.get("host") or given.get("hostaddr") or "this machine", given.get("port")
    return f"{host}:{port}" if port else str(host)


def _live(url: str, settings: Settings) -> tuple[str, Structure]:
    with connect(url) as connection:
        found = read_structure(connection)
        platform = settings.platform or platform_of(found)
        return f"database {connection.info.dbname}", found._replace(platform=None if platform == "plain" else platform)


def _loaded(text: str, settings: Settings, root: Path) -> tuple[str, Structure]:
    chosen = replace(settings, database_url=None, schema=text or None, cache=False, in_database=False)
    with opened(chosen, root) as source:
        filling = source.fill()
        stand_ins = filling.filled.result.stand_ins
        with source.connection() as connection:
            found = read_structure(connection, besides=(one for each in stand_ins for one in each.members))
        return filling.info.source, account(found, filling)


def _file(where: str, root: Path) -> Path:
    for path in (root / where, Path(where)):
        if path.is_file():
            return path
    refuse_url(where)
    raise SchemaError(f'file "{where}" does not exist', f'It was looked for in "{root}" and in the working directory.')
