"""`pgarbiter repair`: from findings to revisions and patches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError
from .completing import rules
from .options import OUTPUT, PATHS, ROLE, apply, schema_options, settings_of, walk_options
from .output import progress, writer

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHOICE = (
    click.option(
        "--rule",
        "rules",
        multiple=True,
        metavar="RULE",
        shell_complete=rules,
        help="Repair findings of these rules only.",
    ),
    click.option(
        "--choose",
        multiple=True,
        metavar="FINDING=CURE",
        help="Take this cure, or none. FINDING: PATH:LINE, PATH:LINE:CODE or CODE.",
    ),
    click.option(
        "--prefer", type=click.Choice(["schema", "code"]), help="Take revisions, or patches, where both cure."
    ),
)
_ROWS = (
    click.option(
        "--duplicates",
        type=click.Choice(["refuse", "quarantine"]),
        default="refuse",
        show_default=True,
        help="What the revisions do with rows that are duplicates.",
    ),
    click.option(
        "--keep", metavar="SQL", help="Order by which the first row of each group stays: 'updated_at DESC, id'."
    ),
    click.option(
        "--merge", multiple=True, metavar="COLUMN=POLICY", help="How the kept row gets this column, such as seen=sum."
    ),
    click.option(
        "--nulls",
        type=click.Choice(["refuse", "quarantine"]),
        default="refuse",
        show_default=True,
        help="What they do with rows that have no value where NOT NULL is set.",
    ),
)
_DELIVERY = (
    click.option(
        "--versions-of",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="ALEMBIC_INI",
        help="Write revisions for this project [default: that of --schema alembic:...].",
    ),
    click.option("--head", metavar="REVISION", help="The head to go on from, where there are several."),
    click.option("--dry-run", is_flag=True, help="Show the revisions and patches; write nothing."),
    click.option(
        "--patch", "patch_file", type=click.Path(path_type=Path), help="Write the chosen patches there, for git apply."
    ),
)


@click.command("repair")
@PATHS
@schema_options
@ROLE
@walk_options
@apply(_CHOICE)
@apply(_ROWS)
@apply(_DELIVERY)
@apply(OUTPUT)
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[Path, ...], format_: str, output: Path | None, **options: Any) -> None:
    """Repair what `check` finds below PATHS: revisions for the schema, patches to read for the code.

    Each cure is tried before it is offered, on a throwaway copy of the schema, and what it does to other write sites
    is said. Revisions go to the project's versions directory; files of the application are never changed, and a live
    database is only read.

    Exit codes: 0 nothing to repair, or a repair for all; 1 findings remain without one; 2 could not run.
    """
    from ..repair import document, text
    from ..repair.choice import Choice
    from ..repair.policy import Policy
    from ..repair.request import Request
    from ..repairing import repair

    policy = Policy(options.pop("duplicates"), options.pop("keep"), _pairs(options.pop("merge")), options.pop("nulls"))
    request = Request(
        rules=options.pop("rules"),
        policy=policy,
        choice=Choice.of(options.pop("prefer"), options.pop("choose")),
        ini=options.pop("versions_of"),
        head=options.pop("head"),
        dry_run=options.pop("dry_run"),
    )
    patch_file: Path | None = options.pop("patch_file")
    settings = settings_of(paths, options)
    with progress() as told:
        found = repair(paths, request, settings, progress=told)
    if patch_file is not None and not request.dry_run:
        with writer(patch_file) as stream:
            stream.write(found.patch)
    with writer(output) as stream:
        (document.write if format_ == "json" else text.write)(found, stream)
    ctx.exit(int(bool(found.uncured)))


def _pairs(texts: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        column, equals, policy = text.partition("=")
        if not equals or not column or not policy:
            raise SourceError(f'merge policy "{text}" is not COLUMN=POLICY', "Write --merge seen=sum, for example.")
        pairs[column] = policy
    return pairs
