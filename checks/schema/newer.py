"""Migrations that a dump of the schema does not hold yet: Rails and Ecto dump it when somebody thinks of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import QualifiedName
from .order import SourceFile, text_of
from .source import relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ..catalog.catalog import Catalog
    from .source import Source

_DIRECTORIES = ("migrate", "migrations")  # beside the dump: db/migrate of Rails, priv/repo/migrations of Ecto
_PROGRAM = re.compile(r"(\d{12,17})_\w+\.(?:rb|exs)")
_ROWS = re.compile(r"insert\s+into\s+[\w\".]*schema_migrations", re.IGNORECASE)  # the versions that the dump holds
_TABLE = "schema_migrations"
_VERSION = re.compile(r"\b\d{12,17}\b")
_WORD = re.compile(r"[A-Za-z_]\w*")


def newer_programs(source: Source, files: Iterable[SourceFile], root: Path) -> tuple[SourceFile, ...]:
    """The migrations beside a dump that lists versions, but not theirs; none where it lists none of those beside it."""
    holding = [file.text for file in files if _TABLE in file.text.lower()]
    rows = [text[found.start() :] for text in holding if (found := _ROWS.search(text))]
    if not rows or not source.path.is_file():
        return ()
    listed = {version for text in rows for version in _VERSION.findall(text)}
    unread: list[SourceFile] = []
    for name in _DIRECTORIES:
        programs = [
            (path, found[1])
            for path in sorted((source.path.parent / name).glob("*"))
            if (found := _PROGRAM.fullmatch(path.name)) and path.is_file()
        ]
        if any(version in listed for _, version in programs):
            unread += [
                SourceFile(relative(path, root), text_of(path)) for path, version in programs if version not in listed
            ]
    return tuple(unread)


def told(programs: tuple[SourceFile, ...]) -> tuple[str, ...]:
    """The note for the reader."""
    if not programs:
        return ()
    return (f"migrations that the dump does not hold yet: {len(programs)}, first {programs[0].path}",)


def words(program: SourceFile) -> frozenset[str]:
    """The words in a program, which may be names of what it changes."""
    return frozenset(_WORD.findall(program.text))


def named(programs: Iterable[SourceFile], catalog: Catalog) -> Iterator[tuple[str, str]]:
    """The relations that these programs name, and may change."""
    for program in programs:
        for word in sorted(words(program)):
            relation = catalog.resolve(QualifiedName(None, word))
            if relation is not None and not relation.system:
                yield relation.qualified_name, f"{program.path}, which the dump does not hold yet, names it"
