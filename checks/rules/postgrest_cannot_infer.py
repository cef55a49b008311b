"""A PostgREST client names columns, but only a partial or an expression index has them.

PostgREST puts the names of `on_conflict` between quotes and sends nothing else: neither a predicate nor an expression
can be said. So only a full unique index on plain columns can serve such a client. A stored generated column carries
an expression into a plain index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import PredicateNotImplied
from ._cause import Cause, cause, nearby, over_expression, single
from ._mismatches import evidence
from ._names import bare, named, unique_index_sql
from ._postgrest import index_trail, table_trail
from ._registry import Hit, RuleContext, rule
from .model import Severity
from .partial_index import full_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index


@rule(
    "PGA109",
    severity=Severity.ERROR,
    summary="only a partial or expression index could serve, and a PostgREST client cannot name one",
    effect="Every call fails with 42P10, HTTP 400, whatever columns the client names.",
    remedy="Create a full unique index on plain columns, or move the statement into a database function called by rpc.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A client call whose nearest index needs a predicate or an expression."""
    del context
    partial = single(bound, PredicateNotImplied)
    index = partial.index if partial else over_expression(bound)
    if cause(bound) is not Cause.POSTGREST or index is None or bound.base is None:
        return
    yield Hit(
        message=f'unique index "{index.name}" is {_kind(index)}, and a PostgREST client can only name columns',
        effect="Every call fails with 42P10, HTTP 400.",
        remedy=_remedy(bound, index),
        related=(*table_trail(bound), *(evidence(c) for c in nearby(bound)), *index_trail(bound)),
        repair="full-unique-index",
    )


def _kind(index: Index) -> str:
    if index.predicate:
        return f"partial (WHERE {bare(index.predicate)})"
    return f"on the expression {named(k.expression for k in index.keys if k.expression is not None)}"


def _remedy(bound: BoundSite, index: Index) -> str:
    rpc = "or move the statement into a function and call it by rpc()"
    columns = getattr(bound.site.write.target, "columns", ())
    if bound.base is None or any(key.column is None for key in index.keys):
        full = unique_index_sql(bound.base, columns) if bound.base else ""
        return f"Create a full unique index on the plain columns: {full}, {rpc}."
    return full_index(bound.base, index).replace("Or replace", "Replace").replace("Or, if", "If")[:-1] + f", {rpc}."
