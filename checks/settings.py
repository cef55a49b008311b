"""Settings: the command line over pgarbiter.toml over [tool.pgarbiter] of pyproject.toml over the defaults."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from .errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run is told. Paths are relative to the root of the run; globs are those of .gitignore."""

    schema: str | None = None  # "sql:dir", "alembic:path", "supabase:dir", ...
    database_url: str | None = None
    server: str = "auto"  # auto, embedded, local, docker or a URL
    server_image: str = "postgres:18-alpine"
    python: str | None = None  # interpreter that runs alembic's env.py
    superuser: bool = False  # run migrations as superuser
    create_roles: bool = False  # with --server URL: roles may be created
    search_path: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    exposed_schema: str = "public"  # of PostgREST
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "error"
    max_unresolved: int | None = None
    max_unknown: int | None = None
    cache: bool = True

    def __repr__(self) -> str:
        """No URL is shown: it may hold a password."""
        return f"Settings(schema={self.schema!r}, server={'URL' if '://' in self.server else self.server!r})"


# A repository is a stranger's: what its settings file says must not hold secrets, nor
# lift a guard; `schema = "alembic:..."` may stand there, since whoever wrote it asked for env.py to be run.
_ONLY_ON_THE_COMMAND_LINE = ("database_url", "superuser", "create_roles")
_SEVERITIES = ("error", "warning", "note")
_SERVERS = ("auto", "embedded", "local", "docker")


def load(start: Path, *, config: Path | None = None, overrides: Mapping[str, Any]) -> Settings:
    """Settings for a run that starts at `start` (a file or directory): the nearest settings file, then `overrides`.

    Raises SourceError for a file that cannot be read, an unknown key, or a value of the wrong type.
    """
    found = _read(config, required=True) if config else next(_found(start), {})
    return _sound(replace(_checked(found), **overrides))


def _found(start: Path) -> Iterator[dict[str, Any]]:
    directory = start if start.is_dir() else start.parent
    for place in (directory, *directory.resolve().parents):
        for name in ("pgarbiter.toml", "pyproject.toml"):
            table = _read(place / name, required=False)
            if table is not None:
                yield table
        if (place / ".git").exists():
            return


def _read(path: Path, *, required: bool) -> Any:
    text = ""
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except FileNotFoundError:
        if required:
            raise SourceError(f'settings file "{path}" does not exist') from None
        return None
    except (OSError, ValueError) as error:
        if not required and path.name == "pyproject.toml" and "tool.pgarbiter" not in text:
            return None  # another tool's file, and another tool's complaint
        raise SourceError(f'could not read settings file "{path}": {error}') from error
    return document.get("tool", {}).get("pgarbiter") if path.name == "pyproject.toml" else document


def _checked(table: dict[str, Any]) -> Settings:
    if not table:
        return Settings()
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - only where a settings file is

    values = {key.replace("-", "_"): value for key, value in table.items()}
    if refused := [key for key in _ONLY_ON_THE_COMMAND_LINE if key in values]:
        raise SourceError(
            f'setting "{refused[0]}" is not allowed in a settings file',
            "Give it on the command line, or in the environment as PGARBITER_CHECK_" + refused[0].upper() + ".",
        )
    known = [field.name for field in fields(Settings)]
    if unknown := [key for key in values if key not in known]:
        near = get_close_matches(unknown[0], known, n=1)
        raise SourceError(f'unknown setting "{unknown[0]}"', f'Did you mean "{near[0]}"?' if near else None)
    try:
        # As JSON, strictly: a list is a tuple's only other spelling, and "no" is not false.
        return TypeAdapter(Settings).validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SourceError(f'setting "{where}": {first["msg"].lower()}') from None


def _sound(settings: Settings) -> Settings:
    """The settings, once their values are known ones."""
    if settings.fail_on not in _SEVERITIES:
        raise SourceError(f'setting "fail_on": "{settings.fail_on}" is not one of {", ".join(_SEVERITIES)}')
    if settings.server not in _SERVERS and "://" not in settings.server and "=" not in settings.server:
        raise SourceError(
            f'server "{settings.server}" is not known', f"Choose {', '.join(_SERVERS)}, or give the URL of a server."
        )
    for name in ("max_unresolved", "max_unknown"):
        if (limit := getattr(settings, name)) is not None and limit < 0:
            raise SourceError(f'setting "{name}": {limit} is less than 0')
    return settings
