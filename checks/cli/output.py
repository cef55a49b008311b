"""Where reports go, what progress looks like, and which exit code a report earns."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import TextIO

    from ..report.model import Report
    from ..settings import Settings


@contextmanager
def writer(path: Path | None, encoding: str | None = None) -> Iterator[TextIO]:
    """Standard output, or a file that appears only when it is complete; a device or pipe is written as it is.

    A file is UTF-8; standard output has the encoding of the locale, unless one is named, as for what programs read.
    Raises SourceError for a file or a standard output that cannot be written.
    """
    if path is None:
        yield from _standard_output(encoding)
        return
    if path.exists() and not path.is_file():  # taking its place would put a file where /dev/null was
        yield from _device(path)
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as stream:
            yield stream
        partial.replace(path)
    except OSError as error:
        raise SourceError(f'could not write "{path}": {error.strerror}') from error
    finally:
        partial.unlink(missing_ok=True)


def _device(path: Path) -> Iterator[TextIO]:
    try:
        with path.open("w", encoding="utf-8") as stream:
            yield stream
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SourceError(f'could not write "{path}": {error.strerror}') from error


def _standard_output(encoding: str | None) -> Iterator[TextIO]:
    if sys.stdout is None:  # closed by the caller: `>&-`
        raise SourceError("standard output is closed", "Write the report to a file with --output.")
    try:
        with _encoded(sys.stdout, encoding) as stream:
            yield stream
            stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SourceError(f"could not write the report: {error.strerror}") from error


@contextmanager
def _encoded(stream: TextIO, encoding: str | None) -> Iterator[TextIO]:
    if encoding is None or not isinstance(stream, TextIOWrapper):
        yield stream
        return
    before = stream.encoding
    stream.reconfigure(encoding=encoding)
    try:
        yield stream
    finally:
        stream.reconfigure(encoding=before)


def progress() -> AbstractContextManager[Callable[[str, int, int], None] | None]:
    """A progress bar on stderr for long work; nothing when stderr is not a terminal."""
    return _bar() if sys.stderr.isatty() else nullcontext()


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield show


def tell_trouble(report: Report) -> None:
    """Say on stderr, beside the report, that what earlier runs have kept was not used."""
    if report.scan.trouble is not None:
        click.echo(f"note: {report.scan.trouble}", err=True)


def exit_code(report: Report, settings: Settings) -> int:
    """0 clean, 1 findings at or above --fail-on or too many unknown, 2 when there is no telling.

    That is when sites were found and none was judged (unless only what a commit changes was looked at), or when a file
    could not be read that may hold others.
    """
    from ..arbiter.model import Outcome
    from ..model import Mechanism, Status
    from ..rules.model import Severity

    bound = report.bound or ()
    upserts = [
        b for b in bound if b.site.mechanism is Mechanism.ON_CONFLICT and b.site.status is not Status.NOT_POSTGRES
    ]
    outcomes = [b.verdict.outcome for b in upserts]
    limit = Severity(settings.fail_on).rank
    if any(finding.severity.rank <= limit for finding in report.findings):
        return 1
    if upserts and settings.changed is None and not {Outcome.MATCH, Outcome.NO_MATCH} & set(outcomes):
        return 2
    if is_incomplete(report):
        return 2
    unresolved = sum(b.site.is_open for b in bound)
    return int(
        _exceeds(unresolved, settings.max_unresolved) or _exceeds(outcomes.count(Outcome.UNKNOWN), settings.max_unknown)
    )


def is_incomplete(report: Report) -> bool:
    """Whether a file could not be read that may hold other write sites."""
    return any(failed.unforeseen for failed in report.scan.failed)


def _exceeds(count: int, limit: int | None) -> bool:
    return limit is not None and count > limit
