"""ON CONFLICT DO NOTHING without a target drops rows that any of several unique constraints refuses.

Without a target every unique index and exclusion constraint of the table is an arbiter. That is right where a row that
is there by one key is the same row by all of them. Where the keys are independent (an external id and an email
address), a new row is dropped because another row, of somebody else, has one of its values: no error, no row count that
anybody looks at, and what follows works with a row that is not there. A target says which repetition is meant; a
conflict with another key is an error (23505) then, and can be seen.

Counted are unique indexes that the statement certainly feeds and of which none contains another; those with a primary
key of one column are left out, since whoever writes it makes it up. It is a note: only the author knows what was meant.
Seeds and scripts are left out, where DO NOTHING is there so that they can run again, and a function is told where it is
in force, and not where a later migration or a dump has it once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Action, AnyArbiter, Mechanism, Scope
from ._by_hand import is_by_hand
from ._fed import is_fed
from ._names import columns_sql, is_postgrest, target_sql
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation

_SEVERAL = 2


@rule(
    "PGA311",
    severity=Severity.NOTE,
    summary="DO NOTHING without a target drops rows that any of several unique constraints refuses",
    effect="A row that has one key of another row is dropped without an error.",
    remedy="Name the key by which a row is known as the conflict target.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Independent unique indexes that one DO NOTHING covers."""
    del context
    relation, write = bound.base, bound.site.write
    if bound.site.mechanism is not Mechanism.ON_CONFLICT or not isinstance(write.target, AnyArbiter):
        return
    if write.action is not Action.NOTHING or bound.verdict.outcome is not Outcome.MATCH:
        return
    if relation is None or relation is not bound.relation or bound.site.scope is not Scope.APP:
        return
    if is_by_hand(bound.site):
        return  # to run it again is what DO NOTHING is for
    fed = _independent([i for i in relation.indexes if _counts(i, relation) and is_fed(i, relation, write)])
    if len(fed) < _SEVERAL:
        return
    shown = " or ".join(f'"{i.name}" {columns_sql(i.columns)}' for i in fed)
    keys = " or ".join(columns_sql(i.columns) for i in fed)
    yield Hit(
        message=f'DO NOTHING on "{relation.qualified_name}" names no target, and {shown} may refuse the row',
        effect=f"A row that has {keys} of any other row is dropped without an error, though it may be new by the rest.",
        remedy=_remedy(bound, fed),
    )


def _counts(index: Index, relation: Relation) -> bool:
    key = relation.primary_key
    made_up = len(key) == 1 and key[0] in index.columns
    return index.unique and index.valid and index.ready and index.live and not made_up


def _independent(indexes: list[Index]) -> list[Index]:
    """Those that do not contain another: a row that is equal in one that does is equal in that other as well."""

    def contains(one: Index, other: Index) -> bool:
        mine, its = set(one.columns), set(other.columns)
        return other.predicate is None and its <= mine and (its < mine or other.oid < one.oid)

    return [one for one in indexes if not any(contains(one, other) for other in indexes if other is not one)]


def _remedy(bound: BoundSite, fed: list[Index]) -> str:
    if is_postgrest(bound.site):
        return "Name the key by which a row is known as conflict target: the other then answers 23505."
    targets = " or ".join(f"{target_sql(index)} DO NOTHING" for index in fed)
    return f"Say which repetition is meant: {targets}; a conflict with another key is an error (23505) then."
