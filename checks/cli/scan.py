"""`pgarbiter scan`: list the write sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .options import PATHS, output_options, settings_of, walk_options
from .output import is_incomplete, progress, tell_trouble, writer

if TYPE_CHECKING:
    from pathlib import Path


@click.command("scan")
@PATHS
@walk_options
@output_options
@click.option("--explain-skipped", is_flag=True, help="Also list every trigger hit that is no write site, and why.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    format_: str,
    output: Path | None,
    *,
    explain_skipped: bool,
    **options: Any,
) -> None:
    """List the write sites below PATHS (default: this directory). No server is needed.

    Exit codes: 0, or 2 when a file or directory could not be read.
    """
    from .. import report
    from ..run import scan

    settings = settings_of(paths, options)
    with progress() as told:
        found = scan(paths, settings, explain=explain_skipped, progress=told)
    tell_trouble(found)
    with writer(output) as stream:
        report.write(found, format_, stream, explain_skipped=explain_skipped)
    ctx.exit(2 if is_incomplete(found) else 0)
