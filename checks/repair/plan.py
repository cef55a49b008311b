"""From findings to proposals: ideas, tried as changes and as patches, and the choice among them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..errors import PgArbiterError
from .circumstances import Circumstances
from .ideas import ideas
from .model import Change, NotOffered, Patch, Proposal, Rewrite
from .patching import Patcher, Wish
from .racing import race
from .trial import Judgement, Untried, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from ..online.model import Operation
    from ..rules.model import Finding
    from .model import Cure, Idea
    from .policy import Policy
    from .trial import Trial

_RACE = "PGA301"


@dataclass(slots=True)
class Planner:
    """Makes the proposals of one run.

    `now` is what check found, `judge` judges other sites on the same catalog, `trial` tries changes,
    `counted` counts the rows in the way of an operation in a live database.
    """

    now: Judgement
    judge: Callable[[Sequence[WriteSite]], Judgement]
    trial: Trial
    patcher: Patcher
    policy: Policy
    counted: Callable[[Operation], tuple[str, ...]] = lambda _: ()
    _tried: dict[str, Judgement | NotOffered | None] = field(default_factory=dict)

    def proposals(self, findings: Sequence[Finding]) -> tuple[Proposal, ...]:
        """One for each of these findings, nothing chosen yet."""
        bounds = {bound.site.id: bound for bound in self.now.bounds}
        known = Circumstances(self.now.loaded, self.policy)
        drafts = [(f, bounds[f.site], list(ideas(f.code, bounds[f.site], known))) for f in findings if f.site]
        made = [[self._made(finding, bound, idea) for idea in all_] for finding, bound, all_ in drafts]
        self.patcher.grant([each for row in made for each in row if isinstance(each, Wish)])
        return tuple(
            _proposal(finding, bound, [each.result if isinstance(each, Wish) else each for each in row])
            for (finding, bound, _), row in zip(drafts, made, strict=True)
        )

    def _made(self, finding: Finding, bound: BoundSite, idea: Idea) -> Change | Wish | NotOffered:
        if isinstance(idea, Change):
            return self._change(finding, idea)
        if isinstance(idea, NotOffered):
            return idea
        return self._wish(finding, bound, idea)

    def _change(self, finding: Finding, change: Change) -> Change | NotOffered:
        """The change with its effect; not offered where it cannot run, or does not cure its own finding."""
        after = self._after(change)
        if isinstance(after, NotOffered):
            return after
        if after and any((f.site, f.code) == (finding.site, finding.code) for f in after.findings):
            return NotOffered(change.says, f"tried, and {finding.code} would still be found")
        return self._told(change, after)

    def _told(self, change: Change, after: Judgement | None) -> Change:
        data = tuple(line for operation in change.operations for line in self.counted(operation))
        return replace(change, data=data, effect=self.trial.effect(after) if after else None)

    def _after(self, change: Change) -> Judgement | NotOffered | None:
        """All sites after the change; None where there is nothing to try it on."""
        key = repr(change.operations)
        if key not in self._tried:
            try:
                self._tried[key] = self.trial.run(change.operations)
            except Untried:
                self._tried[key] = None
            except PgArbiterError as error:
                self._tried[key] = NotOffered(change.says, f"tried, and {refusal(error)}")
        return self._tried[key]

    def _wish(self, finding: Finding, bound: BoundSite, rewrite: Rewrite) -> Wish | NotOffered:
        before = tuple(f for f in self.now.findings if f.site == finding.site)
        change = rewrite.needs
        if change is None:
            return Wish(bound, finding, rewrite, self.judge, before)
        after = self._after(change)
        if isinstance(after, NotOffered):
            return after
        if after is None:
            return NotOffered(rewrite.says, f"it needs {change.says}, which could not be tried here")
        told = replace(rewrite, needs=self._told(change, after))
        return Wish(bound, finding, told, lambda sites: self.trial.run(change.operations, sites), before)


def _proposal(finding: Finding, bound: BoundSite, found: Sequence[Cure | NotOffered | None]) -> Proposal:
    cures = tuple(each for each in found if isinstance(each, Change | Patch))
    not_offered = tuple(each for each in found if isinstance(each, NotOffered))
    return Proposal(finding, cures, not_offered, race=race(bound) if finding.code == _RACE else ())
