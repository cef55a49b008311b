"""Run the rules over bound sites: all rungs of the ladder at once, each finding at its place, sorted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import Scope, Status
from ._registry import Hit, RuleContext, RuleInfo, named_rule, registry
from .model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..schema.model import Loaded
    from ..settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings, and those that the settings leave out, each sorted by (path, line, column, code)."""

    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...]


def check(bounds: Sequence[BoundSite], loaded: Loaded, settings: Settings) -> tuple[Finding, ...]:
    """The findings that the settings leave, sorted by (path, line, column, code).

    Raises SourceError for a `select` or `ignore` that names no rule.
    """
    return check_all(bounds, loaded, settings).findings


def check_all(bounds: Sequence[BoundSite], loaded: Loaded, settings: Settings) -> Checked:
    """The findings, and apart from them those that `select` and `ignore` leave out, which are counted, not dropped.

    Raises SourceError for a `select` or `ignore` that names no rule.
    """
    selected, ignored = _codes(settings.select) or set(registry()), _codes(settings.ignore)
    context = RuleContext(loaded, settings)
    found = sorted((f for bound in bounds for f in _findings(bound, context)), key=placed)
    kept = [f.code in selected and f.code not in ignored for f in found]
    return Checked(
        tuple(f for f, keep in zip(found, kept, strict=True) if keep),
        tuple(f for f, keep in zip(found, kept, strict=True) if not keep),
    )


def _findings(bound: BoundSite, context: RuleContext) -> Iterator[Finding]:
    if bound.site.status is Status.NOT_POSTGRES:
        return
    trusted = _trusted(bound, context)
    for info in registry().values():
        for hit in info.find(trusted, context):
            yield _finding(info, hit, bound)


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
        finding.message,
    )


def _codes(chosen: tuple[str, ...]) -> set[str]:
    return {named_rule(entry).code for entry in chosen}
