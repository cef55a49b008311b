"""The only unique index is on an expression, and the target names a column or another expression.

A target `(email)` never matches an index on `lower(email)`. The same expression must be named, in parentheses unless it
is a function call: `ON CONFLICT (lower(email))`. Expressions are compared after constants are folded, not by meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import InferenceClause
from ._cause import Cause, cause, nearby, over_expression
from ._mismatches import evidence
from ._names import (
    element_sql,
    index_in_client,
    looks_for_index,
    named,
    refused_without_index,
    unique_index_on,
)
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite


@rule(
    "PGA104",
    severity=Severity.ERROR,
    summary="the only unique index is on an expression that the target does not name",
    effect="Every execution fails with 42P10.",
    remedy="Name the expression of the index in the conflict target, or create the index that the target asks for.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A target of plain columns beside an index on expressions of them."""
    del context
    index = over_expression(bound)
    if cause(bound) is not Cause.EXPRESSION or index is None or bound.base is None:
        return
    expressions = [key.expression for key in index.keys if key.expression is not None]
    target = bound.site.write.target
    keys = [element_sql(element) for element in target.elements] if isinstance(target, InferenceClause) else []
    other = f" Or create the index that the target asks for: {unique_index_on(bound.base, keys)}." if keys else ""
    named_by = "index" if looks_for_index(bound.site) else "expression"
    yield Hit(
        message=f'unique index "{index.name}" is on the expression {named(expressions)}, not named in the target',
        effect=refused_without_index(bound.site),
        remedy=f"Name the {named_by}: {index_in_client(bound.site, index)}.{other}",
        related=tuple(evidence(c) for c in nearby(bound)),
        repair="unique-index",
    )
