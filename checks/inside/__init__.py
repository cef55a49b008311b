"""Write sites that live in the database, beside those of the files: each statement once, with where it was defined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.sites import sites_of
from ..scan.files import decode
from ..sql.migrations import version_key
from .definitions import Definitions, File, as_lines
from .join import Joined, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..model import WriteSite
    from ..schema.opening import OpenSchema

__all__ = ["Joined", "joined"]


def joined(sites: Sequence[WriteSite], source: OpenSchema, database: str | None = None) -> Joined:
    """The sites of files and those inside the database that `source` is, with notes on what was not read of it.

    `database` is its name in the settings, when they name several.
    """
    loaded = source.loaded
    held = sites_of(loaded.inside, loaded.catalog, database)
    if not held:
        return Joined(tuple(sites), loaded.inside.notes)
    definitions = Definitions(tuple(_files(sites, source)))
    result = join(sites, held, definitions, loaded.catalog, live=loaded.live)
    return Joined(result.sites, (*loaded.inside.notes, *result.notes))


def _files(sites: Sequence[WriteSite], source: OpenSchema) -> Iterator[File]:
    """What may define something: the files of the schema source in their order, then others with sites, SQL first."""
    seen = set()
    for file in source.files():
        seen.add(file.path)
        yield File(file.path, as_lines(file.text))
    others = {site.span.path for site in sites if site.span.path is not None} - seen
    for path in sorted(others, key=_order):
        if (text := _text(source.root / path)) is not None:
            yield File(path, as_lines(text), of_source=False)


def _order(path: str) -> tuple[bool, str, tuple[int, tuple[int, ...], str]]:
    directory, _, name = path.rpartition("/")
    return not name.lower().endswith(".sql"), directory, version_key(name)


def _text(path: Path) -> str | None:
    try:
        return decode(path.read_bytes())[0]
    except OSError:
        return None  # it was there when it was scanned
