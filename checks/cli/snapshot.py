"""`pgarbiter snapshot`: a schema as a file that is kept in a repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import schema_options, settings_of
from .output import writer


@click.command("snapshot")
@click.argument("source")
@schema_options
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the snapshot to this file.")
@click.pass_context
def command(ctx: click.Context, /, source: str, output: Path | None, **options: Any) -> None:
    """Write the structure of SOURCE as JSON that `pgarbiter diff` compares later, as snapshot:FILE.

    SOURCE is what `pgarbiter diff` takes. The same structure gives the same bytes, each column, constraint and index on
    a line of its own. It holds names and definitions, no rows and no passwords.

    Exit codes: 0 written, 2 could not run.
    """
    from ..schema.structures import structure_of
    from ..structure import snapshot

    found = structure_of(source, settings_of((Path(),), options), Path())
    with writer(output) as stream:
        stream.write(snapshot.dump(found[1]))
    ctx.exit(0)
