"""The conflict target matches its index only through the value of a parameter.

`ON CONFLICT (b) WHERE st = $1` matches a partial index on `st = 'active'` while the server makes a custom plan, which
puts the value in. From the sixth execution of a prepared statement on (the eleventh with psycopg's default) it may
use a generic plan, where `$1` is not a constant: 42P10, on that connection, for ever. SQLAlchemy's
`index_where=(t.c.st == "active")` compiles to such a parameter.

When that is depends on what prepares statements. pgx (Go), asyncpg, sqlx and postgres.js prepare each one, so the sixth
execution on a connection fails; pgjdbc does from the fifth execution on (`prepareThreshold`), so the tenth fails;
psycopg from the sixth on, so the eleventh fails; Npgsql and node-postgres only when they are told to. psycopg2 puts the
values into the text and is never concerned. `plan_cache_mode = force_generic_plan` makes the first one fail,
`force_custom_plan` none. A pooler that gives out another connection each time only puts it off.
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


# What prepares statements, by language: documentation of the drivers.
_JDBC = "pgjdbc prepares a statement from its 5th execution on (prepareThreshold): the 10th fails"
_PREPARED = {
    "go": "pgx prepares each statement: the 6th execution on a connection fails",
    "rust": "sqlx prepares each statement: the 6th execution on a connection fails",
    "python": "asyncpg prepares each statement, so the 6th execution on a connection fails; psycopg's 11th does; "
    "psycopg2 puts values into the text and is not concerned",
    "java": _JDBC,
    "kotlin": _JDBC,
    "scala": _JDBC,
    "csharp": "Npgsql prepares with Prepare() or Max Auto Prepare, and then the 6th execution fails",
    "javascript": "postgres.js prepares each statement, node-postgres those with a name: the 6th execution fails",
}
_PREPARED["typescript"] = _PREPARED["javascript"]


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
        related=(*(evidence(c) for c in nearby(bound)), *_prepared(bound.site)),
    )


def _remedy(site: WriteSite, index: Index | None) -> str:
    """SQLAlchemy binds every value of a comparison, but not those of text()."""
    if index is None:
        return "Write the value as a literal in the conflict target."
    return f"Write the value as a literal: {index_in_client(site, index)}."


def _prepared(site: WriteSite) -> tuple[str, ...]:
    """When the drivers of its language take a generic plan."""
    told = _PREPARED.get(site.language)
    return (told,) if told else ()
