"""`pgarbiter explain`: one statement, the write site at FILE:LINE, or an error that somebody has got."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError
from .completing import files
from .options import ROLE, output_options, schema_options, settings_of, walk_options
from .output import exit_code, writer
from .reports import seen

if TYPE_CHECKING:
    from ..settings import Settings


@click.command("explain")
@click.argument("location", required=False, metavar="[FILE:LINE]", shell_complete=files)
@click.option("--sql", metavar="TEXT", help="The statement to explain, as PostgreSQL reads it ($1 for parameters).")
@click.option("--error", metavar="TEXT", help="An error as a client or a server has printed it, in JSON or plain.")
@schema_options
@ROLE
@walk_options
@output_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    location: str | None,
    sql: str | None,
    error: str | None,
    format_: str,
    output: Path | None,
    **options: Any,
) -> None:
    """Explain why one statement does, or does not, find its arbiter index.

    Give either FILE:LINE of a write site, --sql or --error. The catalog comes from where `check` takes it.
    With --error the exit code is 0 when only PostgREST's schema cache is stale, 1 when that is not it, 2 when it
    cannot be told.
    """
    if sum(given is not None for given in (location, sql, error)) != 1:
        raise click.UsageError("give either FILE:LINE, --sql or --error")
    if error is not None:
        ctx.exit(_error(error, format_, output, options))
    ctx.exit(_site(location, format_, output, options) if location else _statement(str(sql), format_, output, options))


def _error(text: str, format_: str, output: Path | None, options: dict[str, Any]) -> int:
    from ..schema import open as open_schema
    from ..shares import narrowed
    from ..symptom import Situation, as_json, as_text, decide, read_symptom
    from ..symptom.asking import surroundings

    symptom = read_symptom(text)
    settings: Settings = narrowed(settings_of((Path(),), options), Path())
    with open_schema(settings, Path()) as source:
        loaded = source.loaded
        with source.connection() as connection:
            answer = decide(symptom, loaded, surroundings(connection), exposed_schema=settings.exposed_schema)
    with writer(output) as stream:
        stream.write(as_json(answer) if format_ == "json" else as_text(answer))
    return {Situation.CACHE: 0, Situation.UNKNOWN: 2}.get(answer.situation, 1)


def _site(location: str, format_: str, output: Path | None, options: dict[str, Any]) -> int:
    from .. import report
    from ..begun import root_of
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
        report.write(seen(found, format_, root_of((path,))), format_, stream, detailed=True)
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
