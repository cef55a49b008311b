"""A comment that is to leave findings out, and leaves none out.

`pgarbiter: ignore[RULE] because ...` says that somebody has looked at a finding, and why it is no fault. When the
finding is gone the comment stays, and would hide the next one of that rule that comes to the same place, which nobody
has looked at. A comment without a reason leaves nothing out: who reads it later could not tell whether the reason still
holds. Nor does one that names no rule, or a rule that does not exist.

What cannot be known is not said: whether there is something to leave out for rules that were not run, or in a run that
looks at one line, or at one of several databases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Span
from ._ignores import ignores
from ._registry import PlacedHit, source_rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..scan.model import Remark, ScanResult
    from ..settings import Settings

EFFECT = "Whoever reads the comment takes it for granted that a finding was looked at and left out here."


@source_rule(
    "PGA902",
    severity=Severity.WARNING,
    summary="a comment that is to leave findings out leaves none out",
    effect=EFFECT,
    remedy="Remove the comment, or write which rule it is about, and why: pgarbiter: ignore[RULE] because ...",
)
def find(scan: ScanResult, settings: Settings) -> Iterator[PlacedHit]:
    """Comments that cannot leave anything out by what they say; that others have nothing to do is known at the end."""
    del settings
    for ignore in ignores(scan.remarks):
        for fault, remedy in ignore.faults:
            yield PlacedHit(
                message=f"the comment leaves no finding out: {fault}",
                effect=EFFECT,
                remedy=remedy,
                span=place(ignore.remark),
            )


def place(remark: Remark) -> Span:
    """Where a comment stands."""
    return Span(remark.path, remark.line, 1, remark.line, remark.inside)
