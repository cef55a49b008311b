"""The conflict target matches its index only through the value of a parameter.

`ON CONFLICT (b) WHERE st = $1` matches a partial index on `st = 'active'` while the server makes a custom plan, which
puts the value in. From the sixth execution of a prepared statement on (the eleventh with psycopg's default) it may
use a generic plan, where `$1` is not a constant: 42P10, on that connection, for ever. SQLAlchemy's
`index_where=(t.c.st == "active")` compiles to such a parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome, PredicateNotImplied
from ._cause import nearby
from ._mismatches import evidence
from ._names import bare, index_in_client
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index
    from ..model import WriteSite


@rule(
    "PGA103",
    severity=Severity.ERROR,
    summary="the target matches its index only through the value of a parameter",
    effect="It works at first and fails with 42P10 from the 6th execution of a prepared statement (psycopg: the 11th).",
    remedy="Write the value as a literal in the conflict target.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A target that a generic plan cannot match."""
    del context
    verdict = bound.verdict
    if not verdict.parameter_in_predicate or verdict.outcome is Outcome.MATCH or bound.relation is None:
        return
    partial = [
        (c.index, m)
        for c in verdict.candidates
        for m in c.mismatches
        if isinstance(m, PredicateNotImplied) and m.parametrised
    ]
    index = partial[0][0] if partial else None
    about = f' of index "{index.name}" (WHERE {bare(index.predicate)})' if index and index.predicate else ""
    yield Hit(
        message=f"the conflict target holds a parameter, and only its value could match the predicate{about}",
        effect="It works while plans are custom and fails with 42P10 once the server takes the generic one: "
        "from the 6th execution of a prepared statement, the 11th with psycopg's default.",
        remedy=_remedy(bound.site, index),
        related=tuple(evidence(c) for c in nearby(bound)),
    )


def _remedy(site: WriteSite, index: Index | None) -> str:
    """SQLAlchemy binds every value of a comparison, but not those of text()."""
    if index is None:
        return "Write the value as a literal in the conflict target."
    return f"Write the value as a literal: {index_in_client(site, index)}."
