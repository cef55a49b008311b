"""Options that commands share, and the settings they make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from typing_extensions import override

if TYPE_CHECKING:
    from ..settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


class _SourcePath(click.Path):
    """A path that is not empty: an unset variable in a script must not mean this directory."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("path is empty", param, ctx)
        return super().convert(value, param, ctx)


PATHS = click.argument("paths", nargs=-1, type=_SourcePath(path_type=Path))

_WALK = (
    click.option("--include", multiple=True, metavar="GLOB", help="Look at these files only (as in .gitignore)."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="Leave these files out."),
    click.option(
        "--config", type=click.Path(path_type=Path), help="Settings file [default: pgarbiter.toml or pyproject.toml]."
    ),
    click.option(
        "--cache-dir",
        type=click.Path(path_type=Path),
        envvar="PGARBITER_CACHE_DIR",
        show_envvar=True,
        help="Keep what was read of sources and schemas there [default: pgarbiter in the user's cache directory].",
    ),
    click.option("--no-cache", is_flag=True, help="Read everything anew, and keep nothing."),
    click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Processes that read a large tree [default: one for each core, at most 8].",
    ),
)

_SCHEMA = (
    click.option(
        "--schema",
        metavar="SOURCE",
        help="Schema source: supabase:DIR, sql:PATH, alembic:PATH[@REV], models:MODULE:METADATA, git:REV:SOURCE, "
        "env:NAME, or a path.",
    ),
    click.option(
        "--database-url",
        metavar="URL",
        show_envvar=True,
        help="A live database, read only (best given in the environment).",
    ),
    click.option(
        "--database", "only_database", metavar="NAME", help="Of several databases in the settings file, only this one."
    ),
    click.option(
        "--server",
        metavar="KIND",
        help="Server for schema sources: auto, embedded, local, docker or a URL with CREATEDB.",
    ),
    click.option("--server-image", metavar="IMAGE", help="Image of --server docker."),
    click.option(
        "--python",
        metavar="PATH",
        help="Interpreter that runs Alembic's env.py or imports models [default: the .venv beside them].",
    ),
    click.option(
        "--platform",
        metavar="NAME",
        help="What the schema stands on: supabase, plain, timescale [default: as the source tells].",
    ),
    click.option("--preamble", metavar="FILE", help="SQL that is run before a schema source."),
    click.option(
        "--superuser", is_flag=True, default=None, help="Run migrations as superuser of the throwaway server."
    ),
    click.option(
        "--create-roles", is_flag=True, default=None, help="Let a schema source create roles on --server URL."
    ),
    click.option(
        "--search-path", metavar="SCHEMAS", help="search_path of the application's sessions, separated by commas."
    ),
    click.option(
        "--exposed-schema", metavar="SCHEMA", help="Schema that PostgREST clients reach by default [default: public]."
    ),
    click.option(
        "--in-database/--no-in-database",
        default=None,
        help="Also check functions, triggers, rules, jobs and executed statements inside the database "
        "[default: unless only files are given].",
    ),
)

OUTPUT = (
    click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True),
    click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the report to this file."),
)


BASELINE = click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Leave out the findings in this file, which `pgarbiter baseline update` writes.",
)


ROLE = click.option(
    "--role",
    metavar="NAME",
    show_envvar=True,
    help="The role that runs the statements: also check its privileges, and row security.",
)


def walk_options(command: Command) -> Command:
    """--include, --exclude, --config."""
    return _apply(command, _WALK)


def schema_options(command: Command) -> Command:
    """Where the catalog comes from."""
    return _apply(command, _SCHEMA)


def output_options(command: Command) -> Command:
    """--format, --output."""
    return _apply(command, OUTPUT)


def apply(options: tuple[Callable[[Command], Command], ...]) -> Callable[[Command], Command]:
    """A decorator that adds `options` in their order."""
    return lambda command: _apply(command, options)


def _apply(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def settings_of(paths: tuple[Path, ...], options: dict[str, Any]) -> Settings:
    """The settings file near the first path, with the command line laid over it.

    Raises SourceError for a settings file that cannot be read or holds an unknown key.
    """
    from ..settings import load

    chosen = {key: value for key, value in options.items() if value is not None and value is not False and value != ()}
    chosen.pop("config", None)
    if chosen.pop("no_cache", False):
        chosen["cache"] = False
    if (inside := options.get("in_database")) is not None:
        chosen["in_database"] = inside
    if known := chosen.get("baseline"):
        chosen["baseline"] = str(known)
    if path := chosen.get("search_path"):
        chosen["search_path"] = tuple(part.strip() for part in path.split(",") if part.strip())
    return load(paths[0] if paths else Path(), config=options.get("config"), overrides=chosen)
