"""`pgarbiter diff`: what is different between two schemas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import schema_options, settings_of
from .output import writer

if TYPE_CHECKING:
    from ..arbiter.model import BoundSite
    from ..diff.model import Diff
    from ..settings import Settings

_FORMATS = ("text", "json", "markdown", "html", "junit", "sarif", "sql", "alembic")
_SEVERITIES = ("breaks", "destructive", "locks", "change", "cosmetic")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that is asked for; no path: standard output."""

    format: str
    path: Path | None = None


def _wanted(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Each `FORMAT` or `FORMAT:FILE`; `-` is standard output."""
    del ctx, param
    found = []
    for value in values:
        name, colon, path = value.partition(":")
        if name not in _FORMATS:
            raise click.BadParameter(f'"{name}" is not one of {", ".join(_FORMATS)}')
        if colon and not path:
            raise click.BadParameter(f'"{value}" names no file')
        found.append(Wanted(name, Path(path) if colon and path != "-" else None))
    return tuple(found)


@click.command("diff")
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@schema_options
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    metavar="FORMAT[:FILE]",
    callback=_wanted,
    help=f"A report: {', '.join(_FORMATS)}; may be given several times, each but one with a file [default: text].",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the report that has no file to this one.")
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

    reports = _reports(formats, output)
    way = {name: options.pop(name) for name in ("online", "allow_destructive", "revises")}
    apps: tuple[Path, ...] = options.pop("apps")
    renamed, detect = read_renames(options.pop("renames")), not options.pop("no_renames")
    settings = settings_of((Path(),), options)
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

    from ..impact import with_breaks
    from ..run import judge_by, root_of

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


def _reports(formats: tuple[Wanted, ...], output: Path | None) -> tuple[Wanted, ...]:
    """The reports, each with its file. Raises UsageError where two would go to one place."""
    wanted = [Wanted(each.format, each.path or output) for each in formats or (Wanted("text"),)]
    places = [each.path and each.path.resolve() for each in wanted]
    if len(set(places)) < len(places):
        raise click.UsageError("several reports would go to the same place: write --format FORMAT:FILE.")
    if output is not None and all(each.path for each in formats) and formats:
        raise click.UsageError("--output has no report: every --format names its file.")
    return tuple(wanted)


def _write(found: Diff, reports: tuple[Wanted, ...], fail_on: Any, way: dict[str, Any]) -> None:
    from ..report import diff as report

    for each in reports:
        with writer(each.path) as stream:
            report.write(found, each.format, stream, fail_on=fail_on, way=report.Way(**way))
