"""The statement writes a column that only the server may write.

A column GENERATED ALWAYS AS IDENTITY takes a value only with OVERRIDING SYSTEM VALUE (OVERRIDING USER VALUE ignores
the value), and in SET only DEFAULT. A column GENERATED ALWAYS AS (expression) takes DEFAULT and nothing else. A
PostgREST client that writes all keys back, the id included, runs into this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._names import is_postgrest, named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite

GENERATED_ALWAYS = "428C9"


@rule(
    "PGA201",
    severity=Severity.ERROR,
    summary="a generated or identity-always column is written",
    effect="Every execution fails with 428C9.",
    remedy="Leave the column out; for an identity column, OVERRIDING SYSTEM VALUE lets your value in.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Columns that only take DEFAULT."""
    del context
    errors = [e for e in bound.verdict.errors if e.sqlstate == GENERATED_ALWAYS and e.certain and e.subject]
    names = tuple(dict.fromkeys(e.subject for e in errors if e.subject))
    relation = bound.base or bound.relation
    if not names or relation is None:
        return
    columns = [(name, relation.column(name)) for name in names]
    identity = [name for name, column in columns if column is not None and column.identity]
    kinds = " and ".join(
        f'"{n}" is {"an identity column, GENERATED ALWAYS" if c is not None and c.identity else "a generated column"}'
        for n, c in columns
    )
    overriding = (
        identity and not is_postgrest(bound.site) and any(n in (bound.site.write.columns or ()) for n in identity)
    )
    yield Hit(
        message=f"{kinds}, and the statement writes it"
        if len(names) == 1
        else f"{kinds}, and the statement writes them",
        effect="Every execution fails with 428C9.",
        remedy=f"Leave {named(names)} out."
        + (" Or say OVERRIDING SYSTEM VALUE, if the value must be yours." if overriding else ""),
    )
