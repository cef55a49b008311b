"""`pgarbiter diff`: what is different between two schemas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import schema_options, settings_of
from .reports import destinations, refuse_inputs, report_options, write_each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..arbiter.model import BoundSite
    from ..diff.model import Diff, Severity
    from ..settings import Settings
    from .reports import Wanted

_FORMATS = ("text", "json", "markdown", "html", "junit", "sarif", "sql", "alembic")
_SEVERITIES = ("breaks", "destructive", "locks", "change", "cosmetic")


@click.command("diff")
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@schema_options
@report_options(_FORMATS)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="RULE",
    help="Leave out KIND, KIND:GLOB, property:NAME, comment, owner or grants.",
)
@click.option("--rename", "renames", multiple=True, metavar="OLD=NEW", help="What a table or column was renamed to.")
@click.option("--no-renames", is_flag=True, help="Take nothing for renamed that --rename does not name.")
@click.option(
    "--app",
    "apps",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Name the write sites of the application there that a change breaks; may be given several times.",
)
@click.option("--online", is_flag=True, help="sql and alembic: steps that leave tables in use, where there are such.")
@click.option("--allow-destructive", is_flag=True, help="sql and alembic: write what destroys data, too.")
@click.option("--revises", metavar="REVISION", help="alembic: the revision that the new one follows.")
@click.option("--fail-on", type=click.Choice(_SEVERITIES), help="Exit 1 from this severity on [default: cosmetic].")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    old: str | None,
    new: str | None,
    formats: tuple[Wanted, ...],
    output: Path | None,
    ignored: tuple[str, ...],
    fail_on: str | None,
    **options: Any,
) -> None:
    """Show what is different between two schemas, on the way from OLD to NEW.

    \b
    postgresql://..., env:NAME          a live database, which is only read
    sql:PATH  supabase:DIR  PATH        SQL files, in the order of their runner
    alembic:PATH[@REV]                  revisions, run by the project's interpreter
    models:MODULE:Base.metadata         SQLAlchemy models, compiled by it
    snapshot:FILE.json                  what `pgarbiter snapshot` has written
    types:database.types.ts             generated Supabase types
    git:REV:SOURCE                      a source as of a commit
    NAME                                of [tool.pgarbiter.sources]

    Sources are loaded into a throwaway server. Without NEW it is the database of --database-url; without OLD as well,
    OLD is the schema source of the settings or the one that is found here.

    Exit codes: 0 the same, 1 different, 2 could not run.
    """  # noqa: D301 - click reads the backspace as "do not wrap"
    from ..diff import difference
    from ..diff.ignore import read_rule
    from ..diff.model import Severity
    from ..diff.named import read_renames
    from ..schema.structures import sides_of, structures_of
    from ..shares import narrowed

    reports = destinations(formats, output)
    way = {name: options.pop(name) for name in ("online", "allow_destructive", "revises")}
    apps: tuple[Path, ...] = options.pop("apps")
    renamed, detect = read_renames(options.pop("renames")), not options.pop("no_renames")
    settings = settings_of((Path(),), options)
    refuse_inputs(reports, settings, old, new)
    rules = [read_rule(text) for text in (*settings.diff.ignore, *ignored)]
    sources = sides_of(old, new, narrowed(settings, Path()) if old is None else settings)
    sides = structures_of(sources, settings, Path())
    found = difference(*sides, detect_renames=detect, renamed=renamed, ignore=rules)
    if apps:
        found = _judged(found, apps, sources, settings)
    severity = Severity(fail_on or settings.diff.fail_on)
    _write(found, reports, severity, way)
    ctx.exit(int(any(change.severity.rank <= severity.rank for change in found.changes)))


def _judged(found: Diff, apps: tuple[Path, ...], sources: tuple[str, str], settings: Settings) -> Diff:
    """The diff with what it breaks of the applications."""
    import os

    from ..begun import root_of
    from ..impact import with_breaks
    from ..judgements import judge_by

    before, after = judge_by(apps, sources, settings, Path())
    if before is None or after is None:
        note = "Write sites were not judged: no statement can run in a snapshot or in generated types."
        return replace(found, notes=(*found.notes, note))
    root = os.path.relpath(root_of(apps))

    def place(bound: BoundSite) -> str:
        """From here, as editors open it; from the application, where that is elsewhere."""
        span = bound.site.span
        return (
            span.place
            if root.startswith("..") or span.path is None
            else f"{(root / Path(span.path)).as_posix()}:{span.line}"
        )

    return with_breaks(found, before, after, place)


def _write(found: Diff, reports: Sequence[Wanted], fail_on: Severity, way: dict[str, Any]) -> None:
    from ..report import diff as report

    chosen = report.Way(**way)
    write_each(reports, lambda format_, stream: report.write(found, format_, stream, fail_on=fail_on, way=chosen))
