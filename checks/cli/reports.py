"""`--format FORMAT[:FILE]`, given as often as reports are wanted: what is asked for, and where each report goes."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError
from ..wording import plural
from .completing import words
from .options import Command, apply
from .output import writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    from ..report.model import Report
    from ..settings import Settings

_OF_SOURCE = ("sql", "alembic")  # formats that are source code themselves
_SETTINGS = (".toml", ".ini", ".prisma")
_OUTPUT = click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Write the report that has no file to this one."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that is asked for; no path: standard output."""

    format: str
    path: Path | None = None


def report_options(formats: Sequence[str]) -> Callable[[Command], Command]:
    """--format and --output, as the parameters `formats` (a tuple of Wanted) and `output`."""
    names = ", ".join(formats)

    def read(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Wanted, ...]:
        del ctx, param
        return tuple(_read(value, formats) for value in values)

    return apply(
        (
            click.option(
                "--format",
                "-f",
                "formats",
                multiple=True,
                metavar="FORMAT[:FILE]",
                callback=read,
                shell_complete=words(formats),
                help=f"A report: {names}; may be given several times, each but one with a file [default: text].",
            ),
            _OUTPUT,
        )
    )


def _read(value: str, formats: Sequence[str]) -> Wanted:
    """`FORMAT` or `FORMAT:FILE`; `-` is standard output."""
    name, colon, path = value.partition(":")
    if name not in formats:
        raise click.BadParameter(f'"{name}" is not one of {", ".join(formats)}')
    if colon and not path:
        raise click.BadParameter(f'"{value}" names no file')
    return Wanted(name, Path(path) if colon and path != "-" else None)


def destinations(formats: Sequence[Wanted], output: Path | None) -> tuple[Wanted, ...]:
    """The reports, each with its file; text if none is asked for.

    Raises UsageError for a format that is given twice, for two reports in one place, for an --output without one, and
    for one that would overwrite source code.
    """
    for name, times in Counter(each.format for each in formats).items():
        if times > 1:
            raise click.UsageError(f'--format "{name}" is given {"twice" if times == 2 else f"{times} times"}.')  # noqa: PLR2004 - twice
    if output is not None and formats and all(each.path for each in formats):
        raise click.UsageError("--output has no report: every --format names its file.")
    wanted = tuple(replace(each, path=each.path or output) for each in formats or (Wanted("text"),))
    places = [each.path and each.path.resolve() for each in wanted]
    if len(set(places)) < len(places):
        raise click.UsageError("several reports would go to the same place: write --format FORMAT:FILE.")
    for each in wanted:
        if each.path is not None and each.format not in _OF_SOURCE and _is_source(each.path):
            raise click.UsageError(f'"{each.path}" is a file of source code: a report would overwrite it.')
    return wanted


def _is_source(path: Path) -> bool:
    """Whether a file that is there is one that runs read, by its name; of XML by what it holds, as JUnit's is, too."""
    from ..scan.languages import language_of

    if not path.is_file() or (path.suffix not in _SETTINGS and language_of(path.name) is None):
        return False
    try:
        return path.suffix.lower() != ".xml" or b"<mapper" in path.read_bytes()
    except OSError:
        return True


def refuse_inputs(reports: Sequence[Wanted], settings: Settings, *sources: str | None) -> None:
    """Raise UsageError for a report that would overwrite what the run is told to read: sources, baseline, settings."""
    base = settings.base or Path()
    named = (
        settings.schema,
        settings.preamble,
        *settings.sources.values(),
        *(each.schema for each in settings.database),
    )
    texts = [text for text in (*named, settings.baseline, *sources) if text and "\0" not in text]
    paths = [path for text in texts for path in (text, text.partition(":")[2]) if path]
    places = {(start / path).resolve() for path in paths for start in (Path(), base)}
    for each in reports:
        if each.path is not None and each.path.is_file() and each.path.resolve() in places:
            raise click.UsageError(f'"{each.path}" is read by this run: a report would overwrite it.')


def write_each(reports: Sequence[Wanted], write: Callable[[str, TextIO], Any]) -> None:
    """Write all reports, `write` the one of a format; files first, since a reader of standard output may have gone.

    Raises the first error once every other report is written, and says how many more there were.
    """
    failures = list(_failures(sorted(reports, key=lambda each: each.path is None), write))
    if len(failures) > 1 and isinstance(first := failures[0], SourceError):
        told = plural(len(failures) - 1, "other report")
        raise SourceError(f"{first.message}; nor could {told} be written", first.hint)
    if failures:
        raise failures[0]


def _failures(reports: Sequence[Wanted], write: Callable[[str, TextIO], Any]) -> Iterator[Exception]:
    for each in reports:
        try:
            with writer(each.path, None if each.format == "text" else "utf-8") as stream:
                write(each.format, stream)
        except Exception as error:  # noqa: BLE001 - whatever befalls one, the others are somebody's, too
            yield error


def below_repository(root: Path) -> str:
    """The path of `root` below the root of its repository, by which CI hosts name files; "" if it is that itself.

    Without a repository (a copy of its files) it is the path below the working directory.
    """
    found = next((each for each in (root, *root.parents) if (each / ".git").exists()), Path.cwd())
    below = root.relative_to(found).as_posix() if root.is_relative_to(found) else "."
    return "" if below == "." else below


def seen(report: Report, format_: str, root: Path) -> Report:
    """The report as that format shows it: text names places as a terminal opens them, unless `root` is elsewhere."""
    from ..report.seen import seen_from

    here = Path.cwd()
    if format_ != "text" or root == here or not (root.is_relative_to(here) or here.is_relative_to(root)):
        return report
    return seen_from(report, f"{Path(os.path.relpath(root, here)).as_posix()}/")
