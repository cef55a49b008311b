"""Verdicts of statements that a program puts together in one of several ways, not all of which may ever be taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from .model import Outcome, Verdict

if TYPE_CHECKING:
    from .model import BoundSite


def hedged(bounds: tuple[BoundSite, ...]) -> tuple[BoundSite, ...]:
    """The sites, unknown where the server refuses one way to put a statement together and takes another.

    Whether the program goes that way with that table nobody can tell. A statement that is refused in every way is.
    """
    outcomes: defaultdict[str, dict[str, set[Outcome]]] = defaultdict(dict)
    for bound in bounds:
        for one in bound.site.ways:
            outcomes[one.fork].setdefault(one.way, set()).add(bound.verdict.outcome)
    return tuple(_hedged(bound, outcomes) for bound in bounds)


def _hedged(bound: BoundSite, outcomes: dict[str, dict[str, set[Outcome]]]) -> BoundSite:
    verdict = bound.verdict
    if verdict.outcome is not Outcome.NO_MATCH or not any(
        way != one.way and Outcome.NO_MATCH not in found
        for one in bound.site.ways
        for way, found in outcomes[one.fork].items()
    ):
        return bound
    reason = f"the program decides at run time what it sends, and not all of it fails; this way: {verdict.reason}"
    return replace(bound, verdict=Verdict(outcome=Outcome.UNKNOWN, reason=reason))
