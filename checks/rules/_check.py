"""Run the rules over bound sites: all rungs of the ladder at once, each finding at its place, sorted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import Scope, Status
from ._registry import Hit, PlacedHit, RuleContext, RuleInfo, named_rule, registry
from .model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..scan.model import ScanResult
    from ..schema.model import Loaded
    from ..settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings, and those that the settings leave out, each sorted by (path, line, column, code)."""

    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...]

    def joined(self, other: Checked) -> Checked:
        """The findings of both."""
        return Checked(
            tuple(sorted((*self.findings, *other.findings), key=placed)),
            tuple(sorted((*self.ignored, *other.ignored), key=placed)),
        )


def check(bounds: Sequence[BoundSite], loaded: Loaded, settings: Settings) -> tuple[Finding, ...]:
    """The findings that the settings leave, sorted by (path, line, column, code).

    Raises SourceError for a `select` or `ignore` that names no rule.
    """
    return check_all(bounds, loaded, settings).findings


def check_all(bounds: Sequence[BoundSite], loaded: Loaded, settings: Settings) -> Checked:
    """The findings, and apart from them those that `select` and `ignore` leave out, which are counted, not dropped.

    Raises SourceError for a `select` or `ignore` that names no rule.
    """
    context = RuleContext(loaded, settings)
    judged = [bound for bound in bounds if bound.site.status is not Status.NOT_POSTGRES]
    trusted = [_trusted(bound, context) for bound in judged]
    found = [f for pair in zip(judged, trusted, strict=True) for f in _of_site(*pair, context)]
    found += _of_catalog(trusted, context)
    return _chosen(found, settings)


def check_sources(scan: ScanResult, settings: Settings) -> Checked:
    """The findings about what the scan has seen, whichever database it is about; left-out ones as in `check_all`.

    Raises SourceError for a `select` or `ignore` that names no rule.
    """
    finds = ((info, info.find_in_sources) for info in registry().values())
    return _chosen([_placed(i, hit) for i, find in finds if find for hit in find(scan, settings)], settings)


def _chosen(found: list[Finding], settings: Settings) -> Checked:
    selected, ignored = _codes(settings.select) or set(registry()), _codes(settings.ignore)
    found = sorted(found, key=placed)
    kept = [f.code in selected and f.code not in ignored for f in found]
    return Checked(
        tuple(f for f, keep in zip(found, kept, strict=True) if keep),
        tuple(f for f, keep in zip(found, kept, strict=True) if not keep),
    )


def _of_site(bound: BoundSite, trusted: BoundSite, context: RuleContext) -> Iterator[Finding]:
    for info in registry().values():
        for hit in info.find(trusted, context) if info.find else ():
            yield _finding(info, hit, bound)


def _of_catalog(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[Finding]:
    for info in registry().values():
        for hit in info.find_in_catalog(bounds, context) if info.find_in_catalog else ():
            yield _placed(info, hit)


def _placed(info: RuleInfo, hit: PlacedHit) -> Finding:
    return Finding(
        rule=info.name,
        code=info.code,
        severity=hit.severity or info.severity,
        site=None,
        span=hit.span,
        message=hit.message,
        effect=hit.effect,
        remedy=hit.remedy,
        related=hit.related,
        repair=hit.repair,
        object=hit.object,
    )


def _finding(info: RuleInfo, hit: Hit, bound: BoundSite) -> Finding:
    return Finding(
        rule=info.name,
        code=info.code,
        severity=_severity(hit.severity or info.severity, bound),
        site=bound.site.id,
        span=bound.site.span,
        message=hit.message,
        effect=hit.effect,
        remedy=hit.remedy,
        related=hit.related,
        repair=hit.repair,
    )


def _severity(severity: Severity, bound: BoundSite) -> Severity:
    """The severity at this place.

    Tests and generated code do not run in production. A statement of a migration ran against the schema as it was
    then; judged against the final one it is no more than a hint, unless it was judged when it ran.
    """
    match bound.site.scope:
        case Scope.APP:
            return severity
        case Scope.MIGRATION if bound.when_run:
            return severity
        case Scope.TEST | Scope.GENERATED | Scope.MIGRATION:
            return Severity.NOTE


def _trusted(bound: BoundSite, context: RuleContext) -> BoundSite:
    """The site without its relation when a failed statement left that incomplete: no rule may speak of it.

    A verdict from when the migration ran stands: it was asked before its own failure could leave anything incomplete.
    """
    if bound.when_run:
        return bound
    incomplete = dict(context.loaded.incomplete)
    if not any(r is not None and r.qualified_name in incomplete for r in (bound.relation, bound.base)):
        return bound
    return replace(bound, relation=None, base=None, verdict=replace(bound.verdict, errors=()))


def placed(finding: Finding) -> tuple[str, int, int, str, str]:
    """Where a finding stands in a report."""
    span = finding.span
    return (
        (span.path or "") if span else "",
        span.line if span else 0,
        span.column if span else 0,
        finding.code,
        f"{finding.object or ''} {finding.message}",
    )


def _codes(chosen: tuple[str, ...]) -> set[str]:
    return {named_rule(entry).code for entry in chosen}
