"""How a schema source is named: `supabase:DIR`, `sql:PATH`, `alembic:PATH[@REVISION]`, `models:...`, or a bare path."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..errors import SchemaError


class SourceKind(StrEnum):
    """What a schema source is made of."""

    SUPABASE = "supabase"
    SQL = "sql"
    ALEMBIC = "alembic"
    MODELS = "models"

    @property
    def runs_code(self) -> bool:
        """Whether a program of the project makes the schema."""
        return self in (SourceKind.ALEMBIC, SourceKind.MODELS)


_NOT_LOADED = ("snapshot", "types")


@dataclass(frozen=True, slots=True)
class Source:
    """A schema source: its kind, where it stands, and the name that reports give it.

    `revision` of Alembic; for models, whose `path` is the directory that they are imported from, "module:attribute".
    """

    kind: SourceKind
    path: Path
    name: str
    revision: str | None = None

    @property
    def directory(self) -> Path:
        """The directory in which its program runs."""
        return self.path if self.kind is SourceKind.MODELS else self.path.resolve().parent


def parse(text: str, root: Path) -> Source:
    """The source that `text` names; paths are relative to `root`, or else to the working directory.

    Raises SchemaError for a path that does not exist, or that is no schema source.
    """
    prefix, colon, rest = text.partition(":")
    if colon and prefix in set(SourceKind):
        kind, where = SourceKind(prefix), rest
        if kind is SourceKind.MODELS:
            return _models(rest, root)
        where, revision = _revision(where, root) if kind is SourceKind.ALEMBIC else (where, None)
        path = _find(where, root)
        path = _alembic_ini(path) if kind is SourceKind.ALEMBIC else _sql_place(path, kind)
        at = f"@{revision}" if revision else ""
        return Source(kind, path, f"{kind}:{relative(path, root)}{at}", revision)
    if colon and prefix == "git":
        raise SchemaError(f'source "{text}" lies in a commit, wanted one in the work tree')
    if colon and prefix in _NOT_LOADED:
        raise SchemaError(
            f'source "{prefix}:" has no statements that could be loaded', "Only `pgarbiter diff` and its like take it."
        )
    path = _find(text, root)
    kind = _kind_of(path)
    path = path if kind is SourceKind.ALEMBIC else _sql_place(path, kind)
    return Source(kind, path, f"{kind}:{relative(path, root)}")


def _models(rest: str, root: Path) -> Source:
    module, colon, attribute = rest.partition(":")
    if not all(name.isidentifier() for name in (*module.split("."), *attribute.split("."))) or not colon:
        raise SchemaError(
            f'schema source "models:{rest}" cannot be read',
            "Write models:package.module:Base.metadata, a module and the MetaData in it.",
        )
    return Source(SourceKind.MODELS, root, f"models:{rest}", rest)


def relative(path: Path, root: Path) -> str:
    """`path` as reports show it: posix, relative to `root`."""
    return Path(os.path.relpath(path.resolve(), root.resolve())).as_posix()


def _find(where: str, root: Path) -> Path:
    for path in (root / where, Path(where)):
        if path.exists():
            return path
    refuse_url(where)
    raise SchemaError(
        f'schema source "{where}" does not exist',
        f'It was looked for in "{root}" and in the working directory.',
    )


def refuse_url(where: str) -> None:
    """Raises SchemaError for a URL in place of a path, without showing it: a password may stand in it."""
    if "://" in where:
        raise SchemaError(
            "schema source is a URL, but not that of a PostgreSQL database", "Write postgresql://user@host:5432/name."
        )


def _revision(where: str, root: Path) -> tuple[str, str | None]:
    """`PATH@REVISION` taken apart, unless a path of that very name exists."""
    path, at, revision = where.rpartition("@")
    if at and path and not (root / where).exists():
        return path, revision or None
    return where, None


def _kind_of(path: Path) -> SourceKind:
    if path.name == "alembic.ini":
        return SourceKind.ALEMBIC
    resolved = path.resolve()
    if path.is_dir() and (resolved.name == "supabase" or resolved.parts[-2:] == ("supabase", "migrations")):
        return SourceKind.SUPABASE
    if path.is_dir() and (path / "supabase" / "migrations").is_dir():
        return SourceKind.SUPABASE
    if path.is_dir() and (path / "alembic.ini").is_file() and not any(path.glob("*.sql")):
        raise SchemaError(
            f'"{path}" holds an alembic.ini, which is not run without being asked for',
            "Name it with --schema alembic:PATH to run its env.py in a child process.",
        )
    return SourceKind.SQL


def _alembic_ini(path: Path) -> Path:
    if path.is_file():
        return path
    if (path / "alembic.ini").is_file():
        return path / "alembic.ini"
    raise SchemaError(f'"{path}" holds no alembic.ini')


def _sql_place(path: Path, kind: SourceKind) -> Path:
    """The directory that holds the migrations, for a directory somewhat above it."""
    if kind is SourceKind.SUPABASE:
        for inner in (path / "migrations", path / "supabase" / "migrations"):
            if inner.is_dir():
                return inner
    return path
