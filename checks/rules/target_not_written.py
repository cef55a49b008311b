"""An upsert whose conflict target is never written, so that no row is ever in conflict.

The key comes from its default (a sequence, an identity, a random uuid, the time of day) and is new each time: the
statement says ON CONFLICT, and only ever inserts. Mostly the client took the primary key, because nobody named a
target; when another unique index holds what the caller thinks of as the key, the call answers 23505 for each row that
exists. Otherwise rows pile up without any error.

A target that is written counts as well when an identity column ignores what is written (OVERRIDING USER VALUE). A
BEFORE INSERT trigger may put something else into the key: then this is a note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import AnyArbiter, DefaultKey, Mechanism
from ._fed import arbiters_of, is_fed, never_meets
from ._names import columns_sql, named, target_in_client
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation


@rule(
    "PGA204",
    severity=Severity.WARNING,
    summary="the conflict target of an upsert is never written, and new each time",
    effect="No row is ever in conflict: each call inserts, or fails with 23505 on another unique index.",
    remedy="Name the columns that identify the row as conflict target, or write those of the target.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Keys whose value is made anew by the server."""
    del context
    site, relation, arbiters = bound.site, bound.base, arbiters_of(bound)
    if site.mechanism is not Mechanism.ON_CONFLICT or isinstance(site.write.target, AnyArbiter) or relation is None:
        return
    if relation is not bound.relation or bound.verdict.outcome is not Outcome.MATCH or not arbiters:
        return  # a view renames columns
    fresh = [never_meets(index, relation, site.write) for index in arbiters]
    if not all(fresh):
        return
    other = next((i for i in relation.indexes if i not in arbiters and _is_target(i, relation, bound)), None)
    effect = (
        f'a row that exists is refused by "{other.name}" (23505)' if other else "rows that exist are inserted again"
    )
    triggers = [t.name for t in relation.triggers if t.before and t.row and t.insert and t.enabled != "D"]
    unless = f", unless a BEFORE INSERT trigger fills the key ({named(triggers)})" if triggers else ""
    yield Hit(
        message=_message(bound, relation, arbiters[0], fresh[0]),
        effect=f"The key is new each time, so the call never updates{unless}: {effect}.",
        remedy=_remedy(bound, arbiters[0], other),
        severity=Severity.NOTE if triggers else None,
    )


def _message(bound: BoundSite, relation: Relation, arbiter: Index, fresh: tuple[str, ...]) -> str:
    what = "the primary key" if isinstance(bound.site.write.target, DefaultKey) else columns_sql(arbiter.columns)
    return f'the target is {what} of "{relation.qualified_name}", and {named(fresh)} is not written'


def _is_target(index: Index, relation: Relation, bound: BoundSite) -> bool:
    usable = index.unique and index.valid and index.immediate and index.predicate is None and not index.exclusion
    return usable and is_fed(index, relation, bound.site.write) and all(k.column is not None for k in index.keys)


def _remedy(bound: BoundSite, arbiter: Index, other: Index | None) -> str:
    if other:
        return f"Name the unique index: {target_in_client(bound.site, other.columns)}."
    return f"Write {named(arbiter.columns)}, or create a unique index on what identifies a row and name it."
