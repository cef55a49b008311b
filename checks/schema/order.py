"""Which SQL files a directory of migrations holds, in the order in which its runner applies them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SchemaError
from ..sql.markers import up_part
from ..sql.migrations import undoes, version_key
from .includes import pieces
from .runners import flyway, since_checkpoint
from .source import SourceKind, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..settings import Settings
    from .source import Source

_MAX_FILE = 256 * 1024 * 1024
_STEPS = ("migration.sql", "up.sql")  # of directories that are one migration each


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a schema source, or a piece of it (see includes.py).

    `path` is what reports show; parts that undo are blanked out in `text`. `follows`: in the session of the one before;
    `command`: a command of psql that this piece stands for, and that was not obeyed.
    """

    path: str
    text: str
    follows: bool = False
    command: str | None = None


def read_files(source: Source, root: Path, *, whole: bool = False) -> tuple[SourceFile, ...]:
    """The SQL files of `source` in order; `whole`: with the parts that undo, which takes less time.

    Raises SchemaError when there is none, or one cannot be read.
    """
    places = [source.path] if source.path.is_file() else sql_files(source.path, source.kind)
    if not places:
        raise SchemaError(
            f'"{source.path}" holds no SQL files', "Name a file or directory of SQL with --schema sql:PATH."
        )
    tops = (root, source.path if source.path.is_dir() else source.path.parent)
    read = [tuple(pieces(place, tops, _read(whole=whole))) for place in places]
    included = {piece.path.resolve() for found in read for piece in found[1:] if piece.path != found[0].path}
    first = [found for found in read if found[0].path.resolve() not in included]  # none when they include each other
    return tuple(
        SourceFile(relative(piece.path, root), piece.text, piece.follows, piece.command)
        for found in first or read
        for piece in found
    )


def preamble(settings: Settings) -> tuple[SourceFile, ...]:
    """The file that is run before the source, if one is asked for. Raises SchemaError when it cannot be read."""
    if settings.preamble is None:
        return ()
    path = Path(settings.preamble)
    if not path.is_file():
        raise SchemaError(f'preamble "{settings.preamble}" does not exist', "Name a file of SQL with --preamble.")
    return (SourceFile(path.name, text_of(path)),)


def sql_files(directory: Path, kind: SourceKind = SourceKind.SQL) -> list[Path]:
    """The SQL files that a runner would apply from `directory`, in its order; those that undo are left out."""
    if listed := _journal(directory) or flyway(directory):
        return listed
    one_level = [path for path in directory.glob("*.sql") if path.is_file()]
    nested = [path for name in _STEPS for path in directory.glob(f"*/{name}")]
    if kind is SourceKind.SUPABASE and directory.resolve().parent.name == "supabase":
        return sorted(one_level, key=lambda path: path.name)
    return _in_order(directory, one_level + nested or filter(Path.is_file, directory.rglob("*.sql")))


def left_out(source: Source, files: Iterable[SourceFile], root: Path, *, whole: bool = False) -> tuple[SourceFile, ...]:
    """SQL files in deeper directories, which some runners apply and others do not; they are not loaded.

    `whole` as in `read_files`. What stands beside a migration.sql or up.sql in a directory of its own is never applied:
    `down.sql`, snapshots.
    """
    if source.kind.runs_code or not source.path.is_dir():
        return ()
    taken = {file.path for file in files}
    own = {Path(name).parent for name in taken if Path(name).name in _STEPS}
    deeper = ((relative(path, root), path) for path in source.path.glob("*/**/*.sql") if path.is_file())
    unread = [(name, path) for name, path in sorted(deeper) if name not in taken and Path(name).parent not in own]
    read = _read(whole=whole)
    return tuple(SourceFile(name, read(path)) for name, path in unread if not undoes(name))


def _read(*, whole: bool) -> Callable[[Path], str]:
    return text_of if whole else lambda path: up_part(text_of(path))


def _in_order(directory: Path, paths: Iterable[Path]) -> list[Path]:
    named = [(path.relative_to(directory).as_posix(), path) for path in paths]
    kept = [(name, path) for name, path in named if not undoes(name)]
    return since_checkpoint([path for name, path in sorted(kept, key=lambda item: version_key(item[0]))])


def _journal(directory: Path) -> list[Path]:
    """The files that drizzle's journal lists, in its order."""
    try:
        entries = json.loads((directory / "meta" / "_journal.json").read_text("utf-8"))["entries"]
        ordered: Sequence[dict[str, Any]] = sorted(entries, key=lambda entry: int(entry["idx"]))
        names = [str(entry["tag"]) for entry in ordered]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    # A tag is a file name of this directory; one that leads elsewhere is not drizzle's.
    return [
        directory / f"{name}.sql" for name in names if Path(name).name == name and (directory / f"{name}.sql").is_file()
    ]


def text_of(path: Path) -> str:
    """The text of a file of a source; raises SchemaError when it cannot be read or is too large."""
    try:
        if path.stat().st_size > _MAX_FILE:
            raise SchemaError(f'"{path}" is larger than {_MAX_FILE >> 20} MB')
        data = path.read_bytes()
    except OSError as error:
        raise SchemaError(f'could not read "{path}": {error.strerror}') from error
    return decoded(data)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else Latin-1. NUL, which no server takes, becomes a blank."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    return text.replace("\0", " ")
