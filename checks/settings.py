"""Settings: the command line over pgarbiter.toml over [tool.pgarbiter] of pyproject.toml over the defaults."""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path  # noqa: TC003 - pydantic reads the annotations
from typing import TYPE_CHECKING, Any, Literal

from .errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Level = Literal["error", "warning", "note", "off"]
NoteScope = Literal["test", "generated", "migration"]

UNCOVERED = "no database of the settings covers this file"  # why a site is judged by none of several


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRole:
    """The role that runs the statements of some files; without `paths`, those of all that no other entry names."""

    name: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One of several databases: the files that write to it, and where its catalog comes from.

    `paths` are globs as in .gitignore. A `url_env` that is set in the environment stands before `schema`.
    """

    name: str
    paths: tuple[str, ...] = ()  # what lies inside of the schema source belongs to it in any case
    schema: str | None = None
    url_env: str | None = None  # the name of an environment variable, since a settings file holds no secrets
    dialect: str = "postgres"
    search_path: tuple[str, ...] | None = None
    exposed_schema: str | None = None
    role: str | None = None  # that runs its statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A read that needs an index: rows of a table by columns that are equal, then a range of one or an order.

    `order` are columns in order, each perhaps with DESC behind it.
    """

    table: str
    equal: tuple[str, ...] = ()
    range: str | None = None
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSettings:
    """What `pgarbiter diff` is told: rules that leave changes out, and the severity from which on it exits with 1."""

    ignore: tuple[str, ...] = ()
    fail_on: str = "cosmetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """What `pgarbiter gate` is told: the commit that runs now, and what a deploy does first."""

    base: str | None = None
    order: str = "migrations-first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run is told. Paths are relative to the root of the run; globs are those of .gitignore."""

    schema: str | None = None  # "sql:dir", "alembic:path", "supabase:dir", ...
    database_url: str | None = None
    server: str = "auto"  # auto, embedded, local, docker or a URL
    server_image: str = "postgres:18-alpine"
    python: str | None = None  # interpreter that runs alembic's env.py, or imports models
    platform: str | None = None  # supabase, plain, timescale; None: the one that the source tells
    preamble: str | None = None  # file of SQL that is run before a schema source
    sources: dict[str, str] = field(default_factory=dict)  # names for sources, as a command line may use them
    superuser: bool = False  # run migrations as superuser
    create_roles: bool = False  # with --server URL: roles may be created
    search_path: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    exposed_schema: str = "public"  # of PostgREST
    role: str | tuple[PathRole, ...] | None = None  # that runs the statements; None: nobody asks for access
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: dict[str, Level] = field(default_factory=dict)  # by code, name or family of rules ("PGA3")
    per_path_ignores: dict[str, tuple[str, ...]] = field(default_factory=dict)  # rules by glob, from the settings file
    note_scopes: tuple[NoteScope, ...] = ("test", "generated", "migration")  # where a finding is a note at most
    baseline: str | None = None  # file of findings that are known already
    fail_on: str = "error"
    max_unresolved: int | None = None
    max_unknown: int | None = None
    cache: bool = True
    cache_dir: Path | None = None  # where it is, in place of the user's cache directory
    jobs: int | None = None  # processes that read a large tree; None: one for each core
    in_database: bool | None = None  # also sites inside the database; None: unless only files are looked at
    read: tuple[Read, ...] = ()
    diff: DiffSettings = DiffSettings()
    gate: GateSettings = GateSettings()
    database: tuple[Database, ...] = ()  # where there are several; `schema` then is that of all other files
    only_database: str | None = None  # sites of no other; "": those that no database covers
    changed: tuple[str, ...] | None = None  # only these files of the project, by their paths from its root
    base: Path | None = None  # the directory of the settings file, which paths of `database` are relative to

    def __repr__(self) -> str:
        """No URL is shown: it may hold a password."""
        return f"Settings(schema={self.schema!r}, server={'URL' if '://' in self.server else self.server!r})"


# A repository is a stranger's: what its settings file says must not hold secrets, nor
# lift a guard; `schema = "alembic:..."` may stand there, since whoever wrote it asked for env.py to be run.
_ONLY_ON_THE_COMMAND_LINE = ("database_url", "cache_dir", "superuser", "create_roles", "jobs")
_NOT_TO_BE_SET = ("base", "only_database", "changed")
FOR_THE_COMMAND_LINE = tuple(name.replace("_", "-") for name in (*_ONLY_ON_THE_COMMAND_LINE, *_NOT_TO_BE_SET))
_KINDS = ("sql", "supabase", "alembic", "snapshot", "types")  # of sources, as they are named before a path
_URL = re.compile(r"postgres(?:ql)?(?:\+\w+)?://", re.ASCII)  # SQLAlchemy names its driver there
_ENVIRONMENT = "env:"
# The words that a connection string may begin with (PostgreSQL documentation, "Parameter Key Words").
_LIBPQ = frozenset({
    "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service", "servicefile", "options",
    "application_name", "client_encoding", "connect_timeout", "channel_binding", "require_auth", "keepalives",
    "gssencmode", "target_session_attrs", "load_balance_hosts", "sslmode", "sslnegotiation", "sslrootcert",
    "sslcert", "sslkey",
})  # fmt: skip
_SEVERITIES = ("error", "warning", "note")
ORDERS = ("migrations-first", "code-first", "any")
_DIFF_SEVERITIES = ("breaks", "destructive", "locks", "change", "cosmetic")
# A password in a connection string, as userinfo or as a parameter of libpq.
_SECRET = re.compile(r"://[^/@]*:[^/@]+@|password\s*=", re.IGNORECASE)
_PLATFORMS = ("supabase", "plain", "timescale")
_SERVERS = ("auto", "embedded", "local", "docker")
DIALECTS = ("postgres", "sqlite", "mysql", "sqlserver", "oracle", "other")


def load(start: Path, *, config: Path | None = None, overrides: Mapping[str, Any]) -> Settings:
    """Settings for a run that starts at `start` (a file or directory): the nearest settings file, then `overrides`.

    Raises SourceError for a file that cannot be read, an unknown key, or a value of the wrong type.
    """
    file, found = (config, _read(config, required=True)) if config else next(_found(start), (None, {}))
    base = file and file.parent
    settings = replace(_located(_of_file(found, file), base, start), base=base and base.resolve())
    if base is not None and settings.baseline:
        settings = replace(settings, baseline=str(base.resolve() / settings.baseline))
    return _live(_sound(replace(settings, **overrides)))


def _located(settings: Settings, base: Path | None, start: Path) -> Settings:
    """The settings of a file in `base`, sources that stand there named so that they are found from elsewhere."""
    directory = start if start.is_dir() else start.parent
    if base is None or base.resolve() == directory.resolve():
        return settings
    before = settings.preamble and base.resolve() / settings.preamble
    return replace(
        settings,
        schema=settings.schema and _source_at(settings.schema, base),
        preamble=str(before) if before and before.exists() else settings.preamble,
        sources={name: _source_at(source, base) for name, source in settings.sources.items()},
    )


def _source_at(source: str, base: Path) -> str:
    kind, colon, where = source.partition(":")
    if kind not in _KINDS:
        kind, colon, where = "", "", source
    place = base.resolve() / where
    there = place.exists() or (kind == "alembic" and (base / where.rpartition("@")[0]).exists() and "@" in where)
    return f"{kind}{colon}{place}" if there else source


def _live(settings: Settings) -> Settings:
    """A schema that is named by a URL, or by the environment, is a live database."""
    source = settings.schema and settings.sources.get(settings.schema, settings.schema)
    if not source or (source == settings.schema and not is_live(source)):
        return settings
    if not is_live(source):
        return replace(settings, schema=source)
    return replace(settings, schema=None, database_url=settings.database_url or url_of(source))


def is_live(source: str) -> bool:
    """Whether a source is a live database: a URL, libpq's key=value, or `env:NAME`."""
    key, equals, _ = source.partition("=")
    if source.startswith(_ENVIRONMENT) or _URL.match(source):
        return True
    return equals == "=" and key.strip() in _LIBPQ


def url_of(source: str) -> str:
    """The connection string of a live database; `env:NAME` is looked up, and must be a URL.

    Raises SourceError when it is not set, or holds something else.
    """
    if not source.startswith(_ENVIRONMENT):
        return source
    name = source.removeprefix(_ENVIRONMENT)
    value = os.environ.get(name, "")
    if not value:
        raise SourceError(f'environment variable "{name}" is not set', "Set it to the URL of the database.")
    if not _URL.match(value):  # it may be any secret: a settings file is a stranger's
        raise SourceError(f'environment variable "{name}" is no postgresql:// URL')
    return value


def _found(start: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    directory = start if start.is_dir() else start.parent
    for place in (directory, *directory.resolve().parents):
        for name in ("pgarbiter.toml", "pyproject.toml"):
            table = _read(place / name, required=False)
            if table is not None:
                yield place / name, table
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


def _of_file(table: dict[str, Any], file: Path | None) -> Settings:
    """The settings in a file, which each complaint about them names."""
    try:
        return _checked(table)
    except SourceError as error:
        raise SourceError(f"{file}: {error.message}", error.hint) from None


def _checked(table: dict[str, Any]) -> Settings:
    if not table:
        return Settings()
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - only where a settings file is

    values = _underscored(table)
    if refused := [key for key in _ONLY_ON_THE_COMMAND_LINE if key in values]:
        raise SourceError(
            f'setting "{_spelled(refused[0])}" is not allowed in a settings file',
            "Give it on the command line, or in the environment as PGARBITER_CHECK_" + refused[0].upper() + ".",
        )
    _refuse_unknown(values, [field.name for field in fields(Settings) if field.name not in _NOT_TO_BE_SET], "")
    if isinstance(differing := values.get("diff"), dict):
        values["diff"] = _underscored(differing)
        _refuse_unknown(values["diff"], [f.name for f in fields(DiffSettings)], "diff.")
    if isinstance(deploying := values.get("gate"), dict):
        _refuse_unknown(deploying, [f.name for f in fields(GateSettings)], "gate.")
    if isinstance(databases := values.get("database"), list):
        values["database"] = [_underscored(one) if isinstance(one, dict) else one for one in databases]
        for one in values["database"]:
            _refuse_unknown(one if isinstance(one, dict) else {}, [f.name for f in fields(Database)], "database.")
    _refuse_unknown_of_entries(values)
    try:
        # As JSON, strictly: a list is a tuple's only other spelling, and "no" is not false.
        return _without_secrets(TypeAdapter(Settings).validate_json(json.dumps(values, default=str), strict=True))
    except ValidationError as error:
        first = error.errors()[0]
        # Globs, rules and names of sources stay as they are.
        known = {each.name for kind in (Settings, DiffSettings, GateSettings, Database) for each in fields(kind)}
        where = ".".join(_spelled(str(part)) if part in known else str(part) for part in first["loc"])
        raise SourceError(f'setting "{where}": {first["msg"].lower()}') from None


def _underscored(table: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in table.items()}


def _spelled(key: str) -> str:
    """A key as the documentation spells it."""
    return key.replace("_", "-")


def _refuse_unknown_of_entries(values: dict[str, Any]) -> None:
    for key, kind in (("read", Read), ("role", PathRole)):
        if isinstance(entries := values.get(key), list):
            for one in entries:
                _refuse_unknown(one if isinstance(one, dict) else {}, [f.name for f in fields(kind)], f"{key}.")


def _refuse_unknown(values: dict[str, Any], known: list[str], where: str) -> None:
    if unknown := [key for key in values if key not in known]:
        near = get_close_matches(unknown[0], known, n=1)
        hint = f'Did you mean "{_spelled(near[0])}"?' if near else None
        if (where, unknown[0]) == ("", "tool"):
            hint = "In pgarbiter.toml settings stand without [tool.pgarbiter], and databases under [[database]]."
        raise SourceError(f'unknown setting "{where}{_spelled(unknown[0])}"', hint)


def _sound(settings: Settings) -> Settings:
    """The settings, once their values are known ones."""
    if settings.fail_on not in _SEVERITIES:
        raise SourceError(f'setting "fail-on": "{settings.fail_on}" is not one of {", ".join(_SEVERITIES)}')
    if settings.diff.fail_on not in _DIFF_SEVERITIES:
        known = ", ".join(_DIFF_SEVERITIES)
        raise SourceError(f'setting "diff.fail-on": "{settings.diff.fail_on}" is not one of {known}')
    if settings.gate.order not in ORDERS:
        raise SourceError(f'setting "gate.order": "{settings.gate.order}" is not one of {", ".join(ORDERS)}')
    if settings.server not in _SERVERS and "://" not in settings.server and "=" not in settings.server:
        raise SourceError(
            f'server "{settings.server}" is not known', f"Choose {', '.join(_SERVERS)}, or give the URL of a server."
        )
    if settings.platform not in (None, *_PLATFORMS):
        raise SourceError(f'platform "{settings.platform}" is not one of {", ".join(_PLATFORMS)}')
    for name in ("max_unresolved", "max_unknown"):
        if (limit := getattr(settings, name)) is not None and limit < 0:
            raise SourceError(f'setting "{_spelled(name)}": {limit} is less than 0')
    names = [database.name for database in settings.database]
    if settings.only_database and settings.only_database not in names:
        raise SourceError(
            f'database "{settings.only_database}" is not in the settings',
            f"They have {', '.join(names)}." if names else "They have none: see [[tool.pgarbiter.database]].",
        )
    _check_roles(settings)
    _check_reads(settings)
    for number, database in enumerate(settings.database):
        _check_database(database, names[:number])
    return settings


def _check_reads(settings: Settings) -> None:
    for read in settings.read:
        if not read.table or "" in (*read.equal, *read.order) or not (read.equal or read.range or read.order):
            raise SourceError(
                f'setting "read": the read of "{read.table}" is not complete',
                "Name its table, and in equal, range or order the columns that it looks up by.",
            )


def _check_roles(settings: Settings) -> None:
    given = settings.role
    entries = given if isinstance(given, tuple) else ()
    names = [given] if isinstance(given, str) else [entry.name for entry in entries]
    if "" in (*names, *(database.role for database in settings.database)):
        raise SourceError('setting "role": the name is empty')
    if len(rest := [entry.name for entry in entries if not entry.paths]) > 1:
        raise SourceError(
            f'setting "role": "{rest[0]}" and "{rest[1]}" have no paths', "One role can be that of all other files."
        )


def _without_secrets(settings: Settings) -> Settings:
    """The settings of a file, in which no source is named by a URL with a password."""
    for name, source in (("schema", settings.schema or ""), *settings.sources.items()):
        if name in settings.sources and (not name or ":" in name):
            raise SourceError(f'source "{name}": a name has no colon and is not empty')
        if is_live(source) and _SECRET.search(source):
            raise SourceError(
                f'source "{name}" holds a password, which a settings file must not',
                'Write "env:NAME", and set that environment variable to the URL.',
            )
    return settings


def _check_database(database: Database, names: list[str]) -> None:
    told = f'database "{database.name}"'
    if not database.name or database.name in names:
        raise SourceError(f"{told}: the name is {'used twice' if database.name else 'empty'}")
    if database.dialect not in DIALECTS:
        raise SourceError(f'{told}: dialect "{database.dialect}" is not one of {", ".join(DIALECTS)}')
    source = database.schema or database.url_env
    if database.dialect == "postgres" and not source:
        raise SourceError(
            f"{told} has no schema", 'Give it schema = "sql:DIR", or url-env = "NAME" for a live database.'
        )
    if database.dialect != "postgres" and not database.paths:
        raise SourceError(f"{told} has no paths, so that no file belongs to it")
