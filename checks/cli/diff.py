"""`pgarbiter diff`: what is different between two schemas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import schema_options, settings_of
from .output import writer


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@schema_options
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the report to this file.")
@click.pass_context
def command(ctx: click.Context, /, old: str, new: str, output: Path | None, **options: Any) -> None:
    """Show what is different between two schemas, on the way from OLD to NEW.

    Each is postgresql://..., sql:PATH, supabase:DIR or alembic:PATH[@REV]. Sources are loaded into a throwaway server;
    a live database is only read.

    Exit codes: 0 the same, 1 different, 2 could not run.
    """
    from ..diff import difference
    from ..report.diff import text
    from ..schema.structures import structure_of

    settings = settings_of((Path(),), options)
    found = difference(*(structure_of(source, settings, Path()) for source in (old, new)))
    with writer(output) as stream:
        text.write(found, stream)
    ctx.exit(1 if found.changes else 0)
