"""`pgarbiter check`: the gate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from .completing import rules
from .options import BASELINE, PATHS, ROLE, schema_options, settings_of, walk_options
from .output import exit_code, progress, tell_trouble
from .reports import below_repository, destinations, refuse_inputs, report_options, seen, write_each

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from ..settings import Settings
    from .reports import Wanted

FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html")


@click.command("check")
@PATHS
@schema_options
@walk_options
@click.option(
    "--select", multiple=True, metavar="RULE", shell_complete=rules, help="Only these rules, by code or name."
)
@click.option("--ignore", multiple=True, metavar="RULE", shell_complete=rules, help="Not these rules, by code or name.")
@ROLE
@BASELINE
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "note"]), help="Exit 1 from this severity on [default: error]."
)
@click.option(
    "--max-unresolved", type=click.IntRange(min=0), metavar="N", help="Exit 1 when more sites are unresolved."
)
@click.option("--max-unknown", type=click.IntRange(min=0), metavar="N", help="Exit 1 when more verdicts are unknown.")
@report_options(FORMATS)
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Show every site, every note and every candidate index in full; sarif: also what is left out.",
)
@click.option(
    "--changed",
    is_flag=True,
    help="PATHS are the files that a commit changes: judge these, or all if the schema is among them.",
)
@click.option(
    "--link-base",
    default="",
    metavar="URL",
    help="Where a host shows the repository's files, for links in Markdown: https://HOST/OWNER/NAME/blob/COMMIT.",
)
@click.option("--explain-skipped", is_flag=True, help="Also list every trigger hit that is no write site, and why.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    formats: tuple[Wanted, ...],
    output: Path | None,
    *,
    changed: bool,
    link_base: str,
    explain_skipped: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Check every write site below PATHS (default: this directory) against a real catalog.

    The catalog comes from --database-url, from --schema, or from the schema source that is detected here; the report
    names it. Sources are loaded into a throwaway server; a live database is only read.
    """
    from .. import report
    from ..begun import root_of
    from ..catalog.collector import paused
    from ..rules.model import Severity
    from ..run import check

    reports = destinations(formats, output)
    paths, settings = _of_commit(paths, options) if changed else (paths, settings_of(paths, options))
    refuse_inputs(reports, settings)
    with progress() as told:
        found = check(paths, settings, explain=explain_skipped, progress=told)
    tell_trouble(found)
    root = root_of(paths)

    def write(name: str, stream: TextIO) -> None:
        report.write(
            seen(found, name, root),
            name,
            stream,
            explain_skipped=explain_skipped,
            detailed=verbose,
            fail_on=Severity(settings.fail_on),
            below=below_repository(root),
            links=link_base,
        )

    with paused():
        write_each(reports, write)
    ctx.exit(exit_code(found, settings))


def _of_commit(paths: tuple[Path, ...], options: dict[str, Any]) -> tuple[tuple[Path, ...], Settings]:
    """The repository, and its settings with the files that are to be judged."""
    from ..changed import changed_files, ground

    if not paths:
        raise click.UsageError("--changed names no file.")
    root = ground()
    settings = settings_of((root,), options)
    files = changed_files(paths, root, settings)
    inside = bool(settings.in_database) if files is not None else settings.in_database
    return (root,), replace(settings, changed=files, in_database=inside)
