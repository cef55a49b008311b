"""`pgarbiter baseline`: findings that are known already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import BASELINE, PATHS, schema_options, settings_of, walk_options
from .output import exit_code, progress, tell_trouble, writer


@click.group("baseline")
def command() -> None:
    """Start today with an old code base: what is known stays out of reports, what is new does not."""


# The same environment as that of `check`, whose findings these are.
@command.command("update", context_settings={"auto_envvar_prefix": "PGARBITER_CHECK"})
@PATHS
@schema_options
@walk_options
@BASELINE
@click.pass_context
def update(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Write what `check` finds below PATHS (default: this directory) to the baseline.

    That is the file of --baseline, else of the settings, else pgarbiter-baseline.json in this directory. Entries
    about files that are not below PATHS stay as they are. A run that could not judge the project writes nothing.

    Exit codes: 0 written, 2 could not run.
    """
    from dataclasses import replace

    from ..run import update_baseline
    from ..suppress import NAME, read

    settings = settings_of(paths, options)
    named = settings.baseline
    place = Path(named or NAME) if options.get("baseline") else _from_here(Path(named or NAME))
    entries = read(place) if place.exists() else ()
    with progress() as told:
        found, report = update_baseline(paths, replace(settings, baseline=str(place)), entries, progress=told)
    tell_trouble(report)
    if exit_code(replace(report, findings=()), replace(settings, max_unresolved=None, max_unknown=None)) != 0:
        click.echo(f'error: the project could not be judged, and baseline "{place}" is as it was', err=True)
        click.echo("hint: `pgarbiter check` tells why.", err=True)
        ctx.exit(2)
    with writer(place) as stream:
        stream.write(found.text)
    click.echo(f"{place}: {found.known} known, +{found.new} -{found.gone}")
    if named is None:
        click.echo(f'check takes it by --baseline, or by the settings: baseline = "{NAME}"')


def _from_here(place: Path) -> Path:
    """A file of the settings as it is called in the working directory, if it is below that."""
    here = Path.cwd()
    return place.relative_to(here) if place.is_relative_to(here) else place
