"""Run the rules over bound sites: all rungs of the ladder at once, each finding at its place, sorted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..model import Status
from ._access import access_of
from ._registry import Hit, PlacedHit, RuleContext, RuleInfo, registry
from ._selection import selection
from .model import Finding, placed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..access.model import Access
    from ..arbiter.model import BoundSite
    from ..scan.model import ScanResult
    from ..schema.model import Loaded
    from ..settings import Settings
    from ._selection import Selection


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings, and those that the settings leave out, each sorted by (path, line, column, code)."""

    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...]
    access: Mapping[str, Access] = field(default_factory=dict)  # by the id of the site

    def joined(self, other: Checked) -> Checked:
        """The findings of both."""
        return Checked(
            tuple(sorted((*self.findings, *other.findings), key=placed)),
            tuple(sorted((*self.ignored, *other.ignored), key=placed)),
            {**self.access, **other.access},
        )


def check(bounds: Sequence[BoundSite], loaded: Loaded, settings: Settings) -> tuple[Finding, ...]:
    """The findings that the settings leave, sorted by (path, line, column, code).

    Raises SourceError for a setting that names a rule which does not exist.
    """
    return check_all(bounds, loaded, settings).findings


def check_all(bounds: Sequence[BoundSite], loaded: Loaded, settings: Settings) -> Checked:
    """The findings, and apart from them those of rules that are not chosen, which are counted, not dropped.

    Raises SourceError for a setting that names a rule which does not exist.
    """
    context, chosen = RuleContext(loaded, settings), selection(settings)
    judged = [bound for bound in bounds if bound.site.status is not Status.NOT_POSTGRES]
    trusted = [_trusted(bound, context) for bound in judged]
    decided = {bound.site.id: access_of(bound, context) for bound in trusted if bound.site.runs_as is not None}
    context = replace(context, access={site: access for site, access in decided.items() if access is not None})
    found = [f for pair in zip(judged, trusted, strict=True) for f in _of_site(*pair, context, chosen)]
    found += _of_catalog(trusted, context, chosen)
    return replace(_chosen(found, chosen), access=context.access)


def check_sources(scan: ScanResult, settings: Settings) -> Checked:
    """The findings about what the scan has seen, whichever database it is about; left-out ones as in `check_all`.

    Raises SourceError for a setting that names a rule which does not exist.
    """
    chosen = selection(settings)
    finds = ((info, info.find_in_sources) for info in registry().values())
    return _chosen([_placed(i, hit, chosen) for i, find in finds if find for hit in find(scan, settings)], chosen)


def _chosen(found: list[Finding], chosen: Selection) -> Checked:
    found = sorted(found, key=placed)
    kept = [f.code in chosen for f in found]
    return Checked(
        tuple(f for f, keep in zip(found, kept, strict=True) if keep),
        tuple(f for f, keep in zip(found, kept, strict=True) if not keep),
    )


def _of_site(bound: BoundSite, trusted: BoundSite, context: RuleContext, chosen: Selection) -> Iterator[Finding]:
    for info in registry().values():
        for hit in info.find(trusted, context) if info.find else ():
            yield _finding(info, hit, bound, chosen)


def _of_catalog(bounds: Sequence[BoundSite], context: RuleContext, chosen: Selection) -> Iterator[Finding]:
    for info in registry().values():
        for hit in info.find_in_catalog(bounds, context) if info.find_in_catalog else ():
            yield _placed(info, hit, chosen)


def _placed(info: RuleInfo, hit: PlacedHit, chosen: Selection) -> Finding:
    return Finding(
        rule=info.name,
        code=info.code,
        severity=chosen.severity(info.code, hit.severity or info.severity),
        site=None,
        span=hit.span,
        message=hit.message,
        effect=hit.effect,
        remedy=hit.remedy,
        related=hit.related,
        repair=hit.repair,
        object=hit.object,
    )


def _finding(info: RuleInfo, hit: Hit, bound: BoundSite, chosen: Selection) -> Finding:
    return Finding(
        rule=info.name,
        code=info.code,
        severity=chosen.severity(info.code, hit.severity or info.severity, bound),
        site=bound.site.id,
        span=bound.site.span,
        message=hit.message,
        effect=hit.effect,
        remedy=hit.remedy,
        related=hit.related,
        repair=hit.repair,
    )


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
