"""`pgarbiter impact`: which write sites die if an index or a table changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .options import OUTPUT, PATHS, apply, schema_options, settings_of, walk_options
from .output import is_incomplete, progress, tell_trouble, writer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..arbiter.model import BoundSite

_CHANGES = ("drop", "partial", "deferrable")


@click.command("impact")
@click.argument("name", metavar="TABLE|INDEX")
@PATHS
@schema_options
@walk_options
@click.option(
    "--change", "changes", multiple=True, type=click.Choice(_CHANGES), help="Only this change [default: all three]."
)
@click.option("--where", "predicate", metavar="SQL", help="The predicate of the partial index [default: any].")
@apply(OUTPUT)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    name: str,
    paths: tuple[Path, ...],
    changes: tuple[str, ...],
    predicate: str | None,
    format_: str,
    output: Path | None,
    **options: Any,
) -> None:
    """Tell which write sites below PATHS die if TABLE or INDEX is dropped, made partial or deferrable.

    The name is written as in SQL: public.users, '"Users"'. Of a table each of its unique indexes is looked at, and the
    table itself. Each site is decided on the catalog as it would be then; no server is asked about what does not
    exist, and what the catalog cannot decide is said to be unknown.

    Exit codes: 0 nothing dies, 1 a site dies or lets in what it stopped, 2 could not run, or cannot tell of a site.
    """
    from .. import __version__
    from ..arbiter.without import Change
    from ..consequence import answer
    from ..consequence.judge import consequences
    from ..consequence.subject import checked_predicate, find
    from ..judgements import judged

    where = checked_predicate(predicate) if predicate is not None else None
    settings = settings_of(paths, options)
    with progress() as told:
        report, loaded = judged(paths, settings, progress=told)
    tell_trouble(report)
    bounds = report.bound or ()
    chosen = [Change(change) for change in dict.fromkeys(changes or _CHANGES)]
    found = consequences(
        find(name, loaded.catalog),
        bounds,
        loaded,
        changes=chosen,
        predicate=where,
        exposed_schema=settings.exposed_schema,
    )
    with writer(output) as stream:
        if format_ == "json":
            answer.write_json(found, loaded, stream, __version__)
        else:
            answer.write_text(found, loaded, stream, predicate=where)
    _tell_open(bounds)
    untold = answer.has_unknown(found) or is_incomplete(report)
    ctx.exit(1 if answer.hurts(found) else 2 if untold else 0)


def _tell_open(bounds: Sequence[BoundSite]) -> None:
    """Say beside the answer how many sites it leaves out, since nobody knows what they write."""
    count = sum(bound.site.is_open and bound.site.write.table is None for bound in bounds)
    if count:
        from ..wording import plural

        told = f"of {plural(count, 'write site')} the table is not known"
        click.echo(f"note: {told}: {'it' if count == 1 else 'they'} may be affected, too", err=True)
