"""`pgarbiter scan`: list the write sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .options import PATHS, settings_of, walk_options
from .output import is_incomplete, progress, tell_trouble
from .reports import destinations, refuse_inputs, report_options, seen, write_each

if TYPE_CHECKING:
    from pathlib import Path

    from .reports import Wanted

FORMATS = ("text", "json")


@click.command("scan")
@PATHS
@walk_options
@report_options(FORMATS)
@click.option("--explain-skipped", is_flag=True, help="Also list every trigger hit that is no write site, and why.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    formats: tuple[Wanted, ...],
    output: Path | None,
    *,
    explain_skipped: bool,
    **options: Any,
) -> None:
    """List the write sites below PATHS (default: this directory). No server is needed.

    Exit codes: 0, or 2 when a file or directory could not be read.
    """
    from .. import report
    from ..begun import root_of
    from ..run import scan

    reports = destinations(formats, output)
    settings = settings_of(paths, options)
    refuse_inputs(reports, settings)
    with progress() as told:
        found = scan(paths, settings, explain=explain_skipped, progress=told)
    tell_trouble(found)
    root = root_of(paths)
    write_each(
        reports, lambda name, to: report.write(seen(found, name, root), name, to, explain_skipped=explain_skipped)
    )
    ctx.exit(2 if is_incomplete(found) else 0)
