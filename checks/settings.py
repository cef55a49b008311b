"""Settings: the command line over pgarbiter.toml over [tool.pgarbiter] of pyproject.toml over the defaults."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run is told. Paths are relative to `root`; globs are those of .gitignore."""

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
