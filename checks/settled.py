"""A report with what settings, comments and the baseline leave of its findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .suppress import Seen, applied, dumped, read, updated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .report.model import Report
    from .settings import Settings
    from .suppress import Entry


@dataclass(frozen=True, slots=True)
class Asked:
    """What was looked at: `paths` as they were given, to which those of the report's root belong.

    `in_part`: only some of the sites below them.
    """

    paths: tuple[Path, ...]
    root: Path
    settings: Settings
    in_part: bool = False


@dataclass(frozen=True, slots=True)
class Updated:
    """The text of a baseline of today, how many findings it has, and how many came and went since the last one."""

    text: str
    known: int
    new: int
    gone: int


def baseline_of(settings: Settings) -> tuple[Entry, ...] | None:
    """The entries of the baseline that the settings name, None if they name none. Raises SourceError."""
    return None if settings.baseline is None else read(Path(settings.baseline))


def settled(report: Report, asked: Asked, entries: Sequence[Entry] | None) -> Report:
    """The report of all findings as one of those that are left; `entries` are of the baseline, if there is one.

    Raises SourceError for a setting that names a rule which does not exist.
    """
    left = applied(_seen(report, asked), entries)
    return replace(report, findings=left.findings, suppressed=left.suppressed, reasons=left.reasons, gone=left.gone)


def update(report: Report, asked: Asked, entries: Sequence[Entry]) -> Updated:
    """The baseline that takes the place of one with these entries, from the report of all findings."""
    today, new, gone = updated(_seen(report, asked), entries)
    return Updated(dumped(today), len(today), new, gone)


def _seen(report: Report, asked: Asked) -> Seen:
    settings = asked.settings
    unread = any(failed.unforeseen for failed in report.scan.failed)
    return Seen(
        findings=report.findings,
        ignored=tuple(finding for finding, _ in report.suppressed),
        bounds=report.bound or (),
        remarks=report.scan.remarks,
        settings=settings,
        root=asked.root,
        reach=tuple(path.resolve() for path in asked.paths) or (asked.root.resolve(),),
        whole=not (asked.in_part or unread or settings.only_database is not None),
    )
