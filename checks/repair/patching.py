"""Patches of the application's statements, each tried: the edited files are scanned and judged again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Mechanism, Scope
from ..rules.model import Severity
from ..scan import scan
from ..scan.sites import lines_of
from .edits import Source
from .model import Elsewhere, NotOffered, Patch
from .rewriting import spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from ..rules.model import Finding
    from ..settings import Settings
    from .model import Edit, Rewrite
    from .trial import Judgement

    Judge = Callable[[Sequence[WriteSite]], Judgement]


@dataclass(slots=True)
class Wish:
    """A rewrite of one site: `judge` says what would be found of it, `before` what is found of it now."""

    bound: BoundSite
    finding: Finding
    rewrite: Rewrite
    judge: Judge
    before: tuple[Finding, ...]
    result: Patch | NotOffered | None = None
    left: Iterator[tuple[Edit, ...]] | None = None
    tries: int = 0


@dataclass(slots=True)
class Patcher:
    """Makes patches of files below `root`, where reports count paths from. `paths` and `settings` as for a scan."""

    paths: Sequence[Path]
    root: Path
    settings: Settings
    _sources: dict[str, Source] = field(default_factory=dict)

    def grant(self, wishes: Sequence[Wish]) -> None:
        """Set the result of each wish. One scan tries one spelling for every site, as many times as there are more."""
        for wish in wishes:
            self._begin(wish)
        while pending := [wish for wish in wishes if wish.result is None]:
            self._round(list({wish.bound.site.id: wish for wish in reversed(pending)}.values()))

    def source(self, path: str) -> Source:
        """A file, read once."""
        if path not in self._sources:
            self._sources[path] = Source.of(path, (self.root / path).read_bytes())
        return self._sources[path]

    def scanned(self, edits: Mapping[str, Sequence[Edit]]) -> tuple[WriteSite, ...]:
        """The write sites of the project with these edits made, by path."""
        edited = {path: self.source(path).edited(made) for path, made in edits.items()}
        return scan(self.paths, self.settings, edited=edited, whole=True).sites

    def _begin(self, wish: Wish) -> None:
        site = wish.bound.site
        if site.scope is Scope.MIGRATION:
            wish.result = _refused(wish, "the statement stands in a migration, which may have run already")
        elif site.span.path is None:
            wish.result = _refused(wish, "the statement stands in the database")
        else:
            wish.left = spellings(wish.bound, self.source(site.span.path), wish.rewrite.wanted)

    def _round(self, wishes: Sequence[Wish]) -> None:
        tried: list[tuple[Wish, tuple[Edit, ...]]] = []
        taken: dict[str, list[Edit]] = {}
        for wish in wishes:
            edits = next(wish.left, None) if wish.left is not None else None
            if edits is None:
                pieces = "the clause does not stand in the file in one piece that could be edited"
                wish.result = _refused(wish, "tried, and it would not do" if wish.tries else pieces)
                continue
            wish.tries += 1
            tried.append((wish, edits))
            taken.setdefault(str(wish.bound.site.span.path), []).extend(edits)
        if not tried:
            return
        sites = {(s.span.path, s.span.line, s.span.column): s for s in self.scanned(taken)}
        for wish, edits in tried:
            site = sites.get(self._place(wish, edits, taken[str(wish.bound.site.span.path)]))
            if site is not None and site.mechanism is Mechanism.ON_CONFLICT:
                wish.result = self._patch(wish, site, edits)

    def _place(self, wish: Wish, own: Sequence[Edit], every: Sequence[Edit]) -> tuple[str | None, int, int]:
        """Where the site stands once every edit of its file is made: where the clause begins, if it gets one."""
        span = wish.bound.site.span
        source = self.source(str(span.path))
        offset, lead = source.offset(span.line, span.column), 0
        if wish.bound.site.mechanism is not Mechanism.ON_CONFLICT:
            offset = own[0].start
            lead = len(own[0].text) - len(own[0].text.lstrip())
        shift = sum(len(edit.text) - (edit.end - edit.start) for edit in every if edit.start < offset)
        text = Source.of(source.path, source.edited(every)).text
        return (span.path, *lines_of(text).at(offset + shift + lead))

    def _patch(self, wish: Wish, site: WriteSite, edits: tuple[Edit, ...]) -> Patch | None:
        """The patch if it cures the finding; None to try the next spelling."""
        site = replace(site, id=wish.bound.site.id)
        judged = wish.judge((site,))
        known = {finding.code for finding in wish.before}
        new = [finding for finding in judged.findings if finding.code not in known]
        failing = any(finding.severity is Severity.ERROR for finding in new)
        # An error that was found before, in SET for example, may keep the clause from a match: no fault of the patch.
        outcomes = (Outcome.MATCH,) if failing else (Outcome.MATCH, Outcome.NO_MATCH)
        if judged.bounds[0].verdict.outcome not in outcomes or wish.finding.code in {f.code for f in judged.findings}:
            return None
        then = tuple(Elsewhere(f.span, f.code, f.message) for f in new)
        source, rewrite = self.source(str(wish.bound.site.span.path)), wish.rewrite
        diff, asks = source.diff(edits), rewrite.asks or failing
        return Patch(rewrite.name, source.path, edits, rewrite.says, rewrite.tradeoff, diff, then, asks, rewrite.needs)


def _refused(wish: Wish, why: str) -> NotOffered:
    return NotOffered(wish.rewrite.says, why)
