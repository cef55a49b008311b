"""What can be done in the application's statements about findings: patches, each tried, nothing written."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .. import rules, schema
from ..arbiter.judge import judge
from ..binding import bind_all
from ..catalog.collector import paused
from ..proposal import parts
from ..repair.model import Patch
from ..repair.patching import Patcher
from ..repair.plan import Planner
from ..repair.policy import Policy
from ..repair.trial import Judgement, Trial, Untried
from ..scan import scan
from ..shares import narrowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..model import Span, WriteSite
    from ..rules.model import Finding
    from ..settings import Settings
    from .folder import Placed
    from .work import Stop


@dataclass(frozen=True, slots=True)
class Offer:
    """A patch of the file that a finding stands in."""

    finding: Finding
    patch: Patch


def offers(folder: Path, path: str, placed: Sequence[Placed], settings: Settings, stop: Stop) -> tuple[Offer, ...]:
    """The patches for these findings of one file, each by itself: what needs a change of the schema is not among them.

    Raises SourceError, SchemaError or ServerError when sources, schema or server cannot be had.
    """
    names: dict[str | None, list[Finding]] = defaultdict(list)
    for one in placed:
        if one.bound is not None and one.finding.span is not None and one.finding.span.path == path:
            names[one.bound.site.database].append(one.finding)
    root = folder.resolve()
    found: list[Offer] = []
    for name, findings in names.items():
        found += _offers(root, path, findings, _of_database(settings, name, root), stop)
    return tuple(found)


def _of_database(settings: Settings, name: str | None, root: Path) -> Settings:
    """The settings by which check has judged the sites of that database."""
    if not settings.database and settings.schema is None and settings.database_url is None:
        default, found = parts(root)
        settings = replace(settings, schema=default, database=found, base=root) if found else settings
    return replace(narrowed(replace(settings, only_database=name or settings.only_database), root), in_database=False)


def _offers(root: Path, path: str, findings: Sequence[Finding], settings: Settings, stop: Stop) -> Iterator[Offer]:
    keys = {_key(finding) for finding in findings}
    with paused(), schema.open(settings, root, judge=judge, progress=stop.progress) as source:

        def judged(sites: Sequence[WriteSite]) -> Judgement:
            stop.progress("judge", 0, 0)
            bounds = bind_all(sites, source, settings)
            return Judgement(source.loaded, bounds, rules.check(bounds, source.loaded, settings))

        now = judged(
            scan([root], settings, progress=lambda done, total: stop.progress("scan", done, total), whole=True).sites
        )
        patcher = Patcher([root], root, settings)
        planner = Planner(now, judged, Trial(now, settings, _nothing), patcher, Policy())
        for proposal in planner.proposals([one for one in now.findings if one.site and _key(one) in keys]):
            patches = (cure for cure in proposal.cures if isinstance(cure, Patch) and cure.path == path)
            yield from (Offer(proposal.finding, patch) for patch in patches if patch.needs is None)


def _key(finding: Finding) -> tuple[Span | None, str, str]:
    return finding.span, finding.code, finding.message


@contextmanager
def _nothing() -> Iterator[str]:
    """No copy of the schema to try changes on: only statements are to be changed here."""
    raise Untried("no change of the schema is tried")
    yield ""
