"""Where a catalog can come from: a live database, or a schema source loaded into a throwaway server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..settings import Settings
    from .loading import Judge
    from .model import Loaded
    from .opening import OpenSchema, Progress

__all__ = ["load", "open", "opened"]


@contextmanager
def open(  # noqa: A001 - callers say schema.open
    settings: Settings, root: Path, *, judge: Judge | None = None, progress: Progress | None = None
) -> Iterator[OpenSchema]:
    """The schema source that `settings` name, or that is detected at or below `root`, loaded.

    A live database is read meanwhile: its `loaded` waits for that, and raises what went wrong.

    `judge(connection, text)` is asked about each statement of the source that inserts, just before it runs; its answers
    are in `loaded.judged`. `progress` is told "load", how many statements have run and how many there are. A cached
    catalog starts no server until `connection()` is called.

    Raises SchemaError when the source cannot be loaded, ServerError when no server can be had.
    """
    with opened(settings, root, judge=judge, progress=progress) as found:
        found.begin()
        yield found


@contextmanager
def opened(
    settings: Settings, root: Path, *, judge: Judge | None = None, progress: Progress | None = None
) -> Iterator[OpenSchema]:
    """The schema source of `open`, of which nothing is loaded yet; one in a commit is written out meanwhile."""
    from .commits import PREFIX, commit_of  # noqa: PLC0415 - as below
    from .opening import OpenSchema  # noqa: PLC0415 - the types of a loaded schema are wanted without all that loads it

    if settings.schema is None or not settings.schema.startswith(PREFIX):
        found = OpenSchema(settings, root, judge, progress)
        try:
            yield found
        finally:
            found.close()
        return
    with commit_of(settings.schema, root) as commit:
        inner = commit.settings(settings)
        found = OpenSchema(inner, commit.root, judge, progress, commit.name)
        try:
            yield found
        finally:
            found.close()


def load(settings: Settings, root: Path, *, judge: Judge | None = None, progress: Progress | None = None) -> Loaded:
    """The catalog of the schema source, with its provenance; see `open`."""
    with open(settings, root, judge=judge, progress=progress) as opened:
        return opened.loaded
