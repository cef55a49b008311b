"""The program knows that ON CONFLICT may find no arbiter, and then writes some other way.

`catch (error) { if (error.code === '42P10') ... }`, followed by a SELECT and an INSERT or UPDATE, is how a missing
unique index is worked around. The error comes from the plan and not from the rows: where the index is missing, each
execution fails, and what was meant as the exception is what always runs. It is a race (select-then-insert) without the
index that would tell when it is lost: two sessions at once both see no row, both insert, and both rows stay. Inside a
transaction it does not even get that far, since the failed statement has aborted it (25P02).

Nor does the answer go away by itself when the index comes: it hides from then on that a migration drops it again.

Code that logs the error, raises another one or answers a request with a status is no finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Scope
from ._registry import PlacedHit, source_rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..scan.model import ScanResult
    from ..settings import Settings


@source_rule(
    "PGA306",
    severity=Severity.WARNING,
    summary="the error of a missing arbiter (42P10) is answered by writing another way",
    effect="Without the index the other way is what always runs: a race, which leaves duplicates behind.",
    remedy="Create the unique index (or name the predicate of the partial one), and drop the other way.",
)
def find(scan: ScanResult, settings: Settings) -> Iterator[PlacedHit]:
    """Places that compare an error with 42P10, and then write."""
    del settings
    for one in scan.fallbacks:
        yield PlacedHit(
            span=one.span,
            message="a missing arbiter (42P10) is caught, and the row is written another way",
            effect="Where no unique index matches, each call fails first and then takes that way: two sessions at once "
            "both see no row and both insert, and no index forbids it.",
            remedy="Create the unique index that the conflict target names, or give the target the predicate of the "
            "partial one; then drop the other way.",
            severity=None if one.scope is Scope.APP else Severity.NOTE,
        )
