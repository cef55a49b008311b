"""`pgarbiter erd`: a diagram of the tables of a schema."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError
from .options import schema_options, settings_of
from .output import progress, tell_trouble, writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..settings import Settings
    from ..structure.model import Structure
    from ..structure.parts import Name


@click.command("erd")
@click.argument("source")
@click.option(
    "--app",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Only the tables that the application below PATH writes to (repeatable).",
)
@click.option(
    "--tables",
    "patterns",
    multiple=True,
    metavar="GLOB",
    help='Only the tables whose name, or "schema.name", matches (repeatable).',
)
@click.option("--format", "format_", type=click.Choice(["svg", "mermaid"]), default="svg", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the diagram to this file.")
@schema_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    source: str,
    app: tuple[Path, ...],
    patterns: tuple[str, ...],
    format_: str,
    output: Path | None,
    **options: Any,
) -> None:
    """Draw the tables of SOURCE and their foreign keys, as an SVG file or as text for Mermaid.

    SOURCE is what `pgarbiter diff` takes. The SVG follows the reader's choice of light or dark. A partition is not
    drawn beside what it is part of.

    Exit codes: 0 drawn, 2 could not run.
    """
    from ..report.erd import schema
    from ..report.erd.mermaid import mermaid
    from ..report.erd.svg import svg
    from ..schema.structures import structure_of

    settings = settings_of((Path(),), options)
    name, structure = structure_of(source, settings, Path())
    for note in structure.notes:
        click.echo(f"note: {note}", err=True)
    chosen = _written(app, structure, settings) if app else None
    found = schema.of_structure(structure, _matching(structure, patterns, chosen) if patterns else chosen)
    if not found.boxes:
        raise SourceError("there is no table to draw", _hint(app, patterns))
    text = mermaid(found) if format_ == "mermaid" else svg(found, f"tables of {name}")
    with writer(output, "utf-8") as stream:
        stream.write(text)
    ctx.exit(0)


def _written(app: Sequence[Path], structure: Structure, settings: Settings) -> frozenset[Name]:
    """The tables that the application writes to; what is not known of them is said."""
    from ..report.erd.written import written
    from ..run import scan

    with progress() as told:
        scanned = scan(app, settings, progress=told)
    tell_trouble(scanned)
    found = written(scanned.sites, structure, settings.search_path)
    for note in found.notes():
        click.echo(f"note: {note}", err=True)
    return found.tables


def _matching(structure: Structure, patterns: tuple[str, ...], chosen: frozenset[Name] | None) -> frozenset[Name]:
    from ..report.erd.relations import tables

    names = tables(structure).keys() if chosen is None else chosen
    return frozenset(
        name
        for name in names
        for pattern in patterns
        if fnmatchcase(".".join(name), pattern) or fnmatchcase(name[1], pattern)
    )


def _hint(app: tuple[Path, ...], patterns: tuple[str, ...]) -> str:
    if app or patterns:
        return "No table of the schema is what --app and --tables ask for; without them all tables are drawn."
    return "The schema has no tables."
