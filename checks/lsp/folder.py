"""One folder of the workspace: its last check, and what was found where in its files."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..scan.files import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from ..arbiter.model import BoundSite
    from ..model import Span
    from ..report.model import Report
    from ..rules.model import Finding
    from ..settings import Settings
    from .work import Stop

    SettingsOf = Callable[[Path], Settings]


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with the place in a file that shows it, and its site: None for a finding about the catalog alone."""

    finding: Finding
    span: Span
    bound: BoundSite | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check came to. Files by their paths in the report; `texts` are those of all files with a write site."""

    settings: Settings
    report: Report
    findings: Mapping[str, tuple[Placed, ...]]
    sites: Mapping[str, tuple[BoundSite, ...]]
    texts: Mapping[str, str]
    elsewhere: int  # findings that no file shows: they are in a database, or about its catalog


@dataclass(slots=True)
class Folder:
    """A folder of the workspace; `path` as the client names it. `last` is what is known: None before the first check.

    `complaint` is what went wrong last time, so that the same is not said at every save.
    """

    path: Path
    last: Checked | None = None
    complaint: str | None = None

    def relative(self, path: Path) -> str | None:
        """A file's path in the report; None when it lies outside."""
        for own, other in ((self.path, path), (self.path.resolve(), path.resolve())):
            if other.is_relative_to(own) and other != own:
                return other.relative_to(own).as_posix()
        return None


def checked(path: Path, settings_of: SettingsOf, stop: Stop) -> Checked:
    """Check a folder as `pgarbiter check` in it does. Raises PgArbiterError for whatever keeps it from that."""
    from ..run import check  # noqa: PLC0415 - all that a check needs is imported in the thread that checks

    settings = settings_of(path)
    report = check((path,), settings, progress=stop.progress)
    sites = defaultdict(list)
    for bound in report.bound or ():
        if (span := _shown(bound.site.span, bound)) is not None:
            sites[str(span.path)].append(bound)
    findings, elsewhere = _placed(report)
    return Checked(
        settings,
        report,
        findings,
        {name: tuple(bounds) for name, bounds in sites.items()},
        dict(_read(path, {*sites, *findings})),
        elsewhere,
    )


def _placed(report: Report) -> tuple[dict[str, tuple[Placed, ...]], int]:
    """The findings by file, and how many of them no file shows."""
    bounds = {bound.site.id: bound for bound in report.bound or ()}
    found, elsewhere = defaultdict(list), 0
    for finding in report.findings:
        bound = bounds.get(finding.site) if finding.site is not None else None
        span = _shown(finding.span, bound)
        if span is None or span.path is None:
            elsewhere += 1
        else:
            found[span.path].append(Placed(finding, span, bound))
    return {path: tuple(placed) for path, placed in found.items()}, elsewhere


def _shown(span: Span | None, bound: BoundSite | None) -> Span | None:
    """The place of a file that shows it: of a statement inside a database, where a file holds the same one."""
    if span is not None and span.path is not None:
        return span
    return bound.site.defined if bound is not None else None


def _read(root: Path, paths: Iterable[str]) -> Iterable[tuple[str, str]]:
    for path in sorted(paths):
        try:
            yield path, decode((root / path).read_bytes())[0]
        except OSError:  # it has just gone; the change of it is told, and checked, next
            continue
