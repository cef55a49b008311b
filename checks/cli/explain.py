"""`pgarbiter explain`: one statement, or the write site at FILE:LINE."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError
from .completing import files
from .options import ROLE, output_options, schema_options, settings_of, walk_options
from .output import exit_code, writer

if TYPE_CHECKING:
    from ..settings import Settings


@click.command("explain")
@click.argument("location", required=False, metavar="[FILE:LINE]", shell_complete=files)
@click.option("--sql", metavar="TEXT", help="The statement to explain, as PostgreSQL reads it ($1 for parameters).")
@schema_options
@ROLE
@walk_options
@output_options
@click.pass_context
def command(
    ctx: click.Context, /, location: str | None, sql: str | None, format_: str, output: Path | None, **options: Any
) -> None:
    """Explain why one statement does, or does not, find its arbiter index.

    Give either FILE:LINE of a write site or --sql. The catalog comes from where `check` takes it.
    """
    if (location is None) == (sql is None):
        raise click.UsageError("give either FILE:LINE or --sql")
    ctx.exit(_site(location, format_, output, options) if location else _statement(str(sql), format_, output, options))


def _site(location: str, format_: str, output: Path | None, options: dict[str, Any]) -> int:
    from .. import report
    from ..run import check

    name, _, number = location.rpartition(":")
    if not name or not number.isdecimal():
        raise SourceError(f'location "{location}" is not FILE:LINE')
    path, line = Path(name), int(number)
    if path.is_dir():
        raise SourceError(f'location "{location}" is not FILE:LINE: "{name}" is a directory')
    settings = settings_of((path,), options)
    found = check((path,), settings, only_line=line)
    if not found.sites:
        raise SourceError(
            f'there is no write site at line {line} of "{name}"',
            f"Run `pgarbiter scan {name}` to list its write sites.",
        )
    with writer(output) as stream:
        report.write(found, format_, stream, detailed=True)
    return exit_code(found, settings)


def _statement(sql: str, format_: str, output: Path | None, options: dict[str, Any]) -> int:
    from .. import report
    from ..access.whose import default_role
    from ..arbiter.explain import explain
    from ..arbiter.model import Outcome
    from ..rules import with_access
    from ..schema import open as open_schema
    from ..shares import narrowed

    settings: Settings = narrowed(settings_of((Path(),), options), Path())
    with open_schema(settings, Path()) as source, source.connection() as connection:
        explanation = explain(connection, sql, search_path=settings.search_path)
        if (role := default_role(settings)) is not None:
            explanation = with_access(connection, explanation, role, search_path=settings.search_path)
    with writer(output) as stream:
        report.write_explanation(explanation, format_, stream)
    return {Outcome.NO_MATCH: 1, Outcome.UNKNOWN: 2}.get(explanation.outcome, 0)
