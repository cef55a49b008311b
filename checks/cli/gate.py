"""`pgarbiter gate`: whether a deploy can go on while old code runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .options import PATHS, ROLE, schema_options, settings_of, walk_options
from .output import progress
from .reports import Wanted, below_repository, destinations, refuse_inputs, report_options, write_each

if TYPE_CHECKING:
    from pathlib import Path

    from ..gate.model import Gate
    from ..settings import Settings

_FORMATS = ("text", "json", "markdown", "github")
_ORDERS = ("migrations-first", "code-first", "any")


def _named(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A revision that is not empty: an unset variable in a script must not mean the default."""
    del ctx, param
    if value == "":
        raise click.BadParameter("the revision is empty")
    return value


@click.command("gate")
@PATHS
@click.option(
    "--base",
    metavar="REV",
    callback=_named,
    help="The commit that runs now [default: what HEAD and the default branch have in common].",
)
@click.option("--head", metavar="REV", callback=_named, help="The commit that is deployed [default: the work tree].")
@click.option(
    "--order",
    type=click.Choice(_ORDERS),
    help="What goes first; any: whichever is safe, also some revisions, then the code [default: migrations-first].",
)
@schema_options
@walk_options
@ROLE
@click.option("--max-unknown", type=click.IntRange(min=0), metavar="N", help="Exit 1 when more upserts are unknown.")
@report_options(_FORMATS)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    formats: tuple[Wanted, ...],
    output: Path | None,
    **options: Any,
) -> None:
    """Judge old and new code below PATHS against the schema before, after each pending revision, and at the end.

    Old code is that of --base, new code the work tree; both are taken from git, and nothing in the repository is
    touched. Pending revisions are those that the base does not have, or, with --database-url, those that the live
    database has not had, which is only read.

    Exit codes: 0 safe in that order, 1 something breaks, 2 could not run.
    """
    from ..begun import root_of
    from ..gate.model import Order
    from ..gate.pipeline import Asked, gate
    from ..gate.reports import write

    reports = destinations(formats, output)
    base, head, order = (options.pop(name) for name in ("base", "head", "order"))
    settings = settings_of(paths, options)
    refuse_inputs(reports, settings)
    asked = Asked(base or settings.gate.base, head, Order(order or settings.gate.order))
    root = root_of(paths)
    with progress() as told:
        found = gate(paths, root, asked, settings, told)
    write_each(reports, lambda name, stream: write(found, name, stream, below=below_repository(root)))
    ctx.exit(_exit_code(found, settings))


def _exit_code(found: Gate, settings: Settings) -> int:
    if not found.is_safe:
        return 1
    if found.incomplete or found.is_untold:
        return 2
    return int(settings.max_unknown is not None and found.unknown() > settings.max_unknown)
