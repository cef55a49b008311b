"""`pgarbiter migrate`: plan, up, down, status and verify, over any alembic.ini."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError
from .options import apply, settings_of
from .output import writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_URL_NAMES = ("PGARBITER_DATABASE_URL", "DATABASE_URL")
_COMMON = (
    click.option(
        "--ini", "-c", type=click.Path(path_type=Path), default="alembic.ini", show_default=True, metavar="PATH"
    ),
    click.option(
        "--database-url",
        metavar="URL",
        help="The database to migrate [default: PGARBITER_DATABASE_URL, else DATABASE_URL].",
    ),
    click.option(
        "--python", metavar="PATH", help="Interpreter that runs env.py [default: the .venv beside alembic.ini]."
    ),
)
_NOTIFY = (
    click.option(
        "--notify-channel", metavar="NAME", default="pgrst", show_default=True, help="Channel of PostgREST's reload."
    ),
    click.option("--no-notify", is_flag=True, help="Do not tell PostgREST to reload its schema."),
)
_FORMAT = (click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True),)
_SERVER = (
    click.option(
        "--server", metavar="KIND", default="auto", help="Throwaway server: auto, embedded, local, docker, URL."
    ),
    click.option("--server-image", metavar="IMAGE", default="postgres:18-alpine", help="Image of --server docker."),
)


@click.group("migrate")
def command() -> None:
    """Apply the revisions of an alembic.ini to a live database, and say before what that will do.

    \b
    pgarbiter migrate plan      locks, sizes, data in the way, write sites: nothing is written
    pgarbiter migrate up        apply, with short locks, verified before each version is recorded
    pgarbiter migrate status    where the database is, and what was left half done

    Exit codes: 0 done or nothing in the way, 1 something is in the way, 2 could not run, 130 interrupted.
    """  # noqa: D301 - click reads the backspace as "do not wrap"


@command.command("plan")
@click.argument("revision", default="heads")
@apply(_COMMON)
@click.option(
    "--app",
    "apps",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Look for write sites here [default: this directory].",
)
@apply(_SERVER)
@apply(_FORMAT)
@click.pass_context
def plan(  # noqa: PLR0913 - as the command line has it
    ctx: click.Context,
    /,
    revision: str,
    *,
    ini: Path,
    database_url: str | None,
    python: str | None,
    apps: tuple[Path, ...],
    server: str,
    server_image: str,
    format_: str,
) -> None:
    """Show what the pending revisions up to REVISION would do: locks, sizes, data in the way, write sites.

    They run in a throwaway database; the live one is only read. Exit codes: 0 nothing in the way, 1 something is,
    2 could not run or could not plan a revision.
    """
    from ..migrate import text
    from ..migrate.plan import plan as planned
    from .output import progress

    paths = apps or (Path(),)
    settings = settings_of(paths, {"server": server, "server_image": server_image})
    with progress() as told:
        found = planned(_ini(ini), _url(database_url), paths, settings, revision=revision, python=python, progress=told)
    _write(found, format_, lambda stream: text.plan(found, stream))
    ctx.exit(1 if found.in_the_way else 0 if found.complete else 2)


@command.command("up")
@click.argument("revision", default="heads")
@apply(_COMMON)
@apply(_NOTIFY)
@apply(_FORMAT)
@click.pass_context
def up(ctx: click.Context, /, revision: str, **options: Any) -> None:
    """Apply the pending revisions up to REVISION (default: all).

    Locks are asked for in short tries; no version is recorded over an INVALID index. A run that was stopped anywhere
    goes on when it is run again. Exit codes: 0 done, 2 failed (the message says the state), 130 interrupted.
    """
    ctx.exit(_applied("up", revision, **options))


@command.command("down", context_settings={"ignore_unknown_options": True})
@click.argument("revision")
@apply(_COMMON)
@apply(_NOTIFY)
@apply(_FORMAT)
@click.pass_context
def down(ctx: click.Context, /, revision: str, **options: Any) -> None:
    """Take revisions back down to REVISION (base: all), or by a number: -1."""
    ctx.exit(_applied("down", revision, **options))


@command.command("status")
@apply(_COMMON)
@apply(_FORMAT)
def status(ini: Path, database_url: str | None, python: str | None, format_: str) -> None:
    """Show the database's revision, what is pending, what was left half done, and what was taken out."""
    from ..migrate import text
    from ..migrate.status import status as read

    found = read(_ini(ini), _url(database_url), python=python)
    _write(found, format_, lambda stream: text.status(found, stream))


@command.command("verify")
@apply(_COMMON)
@apply(_SERVER)
@apply(_FORMAT)
@click.pass_context
def verify(
    ctx: click.Context,
    /,
    *,
    ini: Path,
    database_url: str | None,
    python: str | None,
    server: str,
    server_image: str,
    format_: str,
) -> None:
    """Compare the database's tables, columns, indexes and constraints with what its revisions make.

    Exit codes: 0 as they should be, 1 differences, 2 could not run.
    """
    from ..migrate import text
    from ..migrate.verify import verify as verified

    settings = settings_of((), {"server": server, "server_image": server_image})
    found = verified(_ini(ini), _url(database_url), settings, python=python)
    _write(found, format_, lambda stream: text.verified(found, stream))
    ctx.exit(0 if found.clean else 1)


def _applied(
    direction: str,
    revision: str,
    *,
    ini: Path,
    database_url: str | None,
    python: str | None,
    notify_channel: str,
    no_notify: bool,
    format_: str,
) -> int:
    from ..migrate import text
    from ..migrate.apply import apply as run
    from ..migrate.model import Interrupted
    from ..server.signals import terminable
    from . import fail
    from .migration import audience

    try:
        with terminable(), writer(None) as stream, audience() as told:
            found = run(
                _ini(ini),
                _url(database_url),
                revision,
                direction,
                audience=told,
                python=python,
                channel=None if no_notify else notify_channel,
            )
            _show(found, format_, stream, lambda stream: text.applied(found, direction, stream))
    except Interrupted as error:
        return fail(error.message, error.hint, 130)
    return 0


def _write(found: Any, format_: str, write: Callable[[TextIO], None]) -> None:
    with writer(None) as stream:
        _show(found, format_, stream, write)


def _show(found: Any, format_: str, stream: TextIO, write: Callable[[TextIO], None]) -> None:
    if format_ == "json":
        stream.write(json.dumps(asdict(found), indent=2, ensure_ascii=False) + "\n")
    else:
        write(stream)


def _ini(path: Path) -> Path:
    found = path / "alembic.ini" if path.is_dir() else path
    if not found.is_file():
        raise SourceError(f'"{path}" does not exist', "Name the project's alembic.ini with --ini.")
    return found.resolve()


def _url(given: str | None) -> str:
    from ..server.conninfo import normal

    text = given or next((os.environ[name] for name in _URL_NAMES if os.environ.get(name)), None)
    if not text:
        raise SourceError(
            "no database is named", "Set PGARBITER_DATABASE_URL, which shows the password to nobody, or --database-url."
        )
    return normal(text)
