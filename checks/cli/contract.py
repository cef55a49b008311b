"""`pgarbiter contract`: which arbiters an application needs, and whether a database has them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError
from .options import OUTPUT, PATHS, ROLE, apply, schema_options, settings_of, walk_options
from .output import is_incomplete, progress, tell_trouble, writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..arbiter.model import BoundSite
    from ..contract.model import Recorded

_SHOWN = 10


@click.group("contract")
def command() -> None:
    """Record which arbiters an application needs, and hold a database against that.

    The file that `write` makes names tables, conflict targets and how many statements need them, and nothing of the
    source. `verify` needs nothing but that file and a role that may connect.
    """


@command.command("write")
@PATHS
@schema_options
@ROLE
@walk_options
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the contract to this file.")
@click.option("--allow-broken", is_flag=True, help="Leave out the sites that no arbiter serves, and exit with 0.")
@click.pass_context
def write(
    ctx: click.Context, /, paths: tuple[Path, ...], output: Path | None, *, allow_broken: bool, **options: Any
) -> None:
    """Record the arbiters that the write sites below PATHS (default: this directory) need.

    With --role, or roles in the settings, it is also recorded what they must be allowed to.
    Tests and migrations are left out. A site that no arbiter serves is no need of anybody's: nothing is written then.

    Exit codes: 0 written, 1 a site has no arbiter now, 2 could not run.
    """
    from ..contract.document import dump
    from ..contract.record import record
    from ..judgements import judged

    with progress() as told:
        settings = settings_of(paths, options)
        report, loaded = judged(paths, settings, progress=told)
    tell_trouble(report)
    found = record(report.bound or (), loaded.catalog, exposed_schema=settings.exposed_schema)
    _tell(found)
    if found.broken and not allow_broken:
        click.echo("nothing is written; --allow-broken leaves these sites out", err=True)
        ctx.exit(1)
    told_of = found.contract.needs or found.broken
    if is_incomplete(report) or (not told_of and (found.unknown or found.unresolved)):
        raise SourceError(
            "it cannot be told what the application needs", "`pgarbiter check` says what stands in the way."
        )
    with writer(output) as stream:
        stream.write(dump(found.contract))
    ctx.exit(0)


@command.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@schema_options
@apply(OUTPUT)
@click.option("--config", type=click.Path(path_type=Path), help="Settings file [default: that of this directory].")
@click.option("--verbose", "-v", is_flag=True, help="Show the needs that hold, too.")
@click.pass_context
def verify(
    ctx: click.Context, /, file: Path, format_: str, output: Path | None, *, verbose: bool, **options: Any
) -> None:
    """Decide for each need in FILE whether the database, or a schema source, has an arbiter for it.

    Where the file says which roles write, it is decided too whether they may, by their privileges and row security.

    Nothing but the file is needed, and a role that may connect. Whether rows stand in the way of a missing index
    cannot be seen in a catalog.

    Exit codes: 0 all needs hold, 1 some do not, 2 could not run, or cannot tell of a need whether it holds.
    """
    from .. import __version__
    from ..contract import answer
    from ..contract.document import read
    from ..contract.roles import allowed
    from ..contract.sites import sites_of
    from ..contract.verify import verified
    from ..judgements import judge_sites

    contract = read(file)
    sites = sites_of(contract)
    bounds, loaded = judge_sites([site for own in sites for site in own], settings_of((), options), Path())
    judged = iter(bounds)
    found = verified(contract, [[next(judged) for _ in own] for own in sites])
    roles = allowed(contract, loaded) if contract.writes else ()
    with writer(output) as stream:
        if format_ == "json":
            answer.write_json(found, roles, loaded, stream, __version__)
        else:
            answer.write_text(found, roles, loaded, stream, detailed=verbose)
    answers = {one.holds for one in found} | {one.holds for one in roles}
    ctx.exit(1 if False in answers else 2 if None in answers else 0)


def _tell(found: Recorded) -> None:
    """Say on stderr which sites are not in the contract."""
    _list("no arbiter serves", found.broken, "error")
    _list("cannot tell whether an arbiter serves", found.unknown, "note")
    _list("what it writes is not known", found.unresolved, "note")


def _list(what: str, bounds: Sequence[BoundSite], kind: str) -> None:
    from . import visible

    for bound in bounds[:_SHOWN]:
        reason = bound.verdict.reason or bound.verdict.message or bound.site.reason or ""
        told = f"{bound.site.span.place}: {what}{f': {reason}' if reason else ''}"
        click.echo(f"{kind}: {visible(told)}", err=True)
    if len(bounds) > _SHOWN:
        click.echo(f"{kind}: and {len(bounds) - _SHOWN} more of the same", err=True)
