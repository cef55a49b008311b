"""An upsert feeds another unique index, which its conflict target does not cover.

ON CONFLICT takes care of the indexes that its target infers, and of no other: a row that is new by the target and there
already by another unique key ends the statement with 23505, although it is an upsert. With DO UPDATE that happens as
well when the update moves an existing row onto the other key of a third one. DO NOTHING without a target is the only
clause that covers all of them.

Often this is what is meant: the upsert goes by an id, and a name that is taken is to be refused. Hence a note. What
matters is that the caller knows, and tells this 23505 from a success. Nothing is said of an index whose keys contain
those of the target, since a row that is equal there is equal in the target too; of one that the statement leaves empty
(NULL, a sequence, a random uuid); of a primary key that the client makes up while the target is another key; and of one
whose predicate leaves the proposed row out; nor in tests, seeds and scripts (`seed.ts`, `db/seeds.rb`, `scripts/`),
whose 23505 is seen by whoever runs them. An invalid index counts as long as it takes entries: it refuses duplicates,
though no target infers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..catalog.model import RelationKind
from ..model import AnyArbiter, Mechanism, Scope
from ._by_hand import is_by_hand
from ._fed import arbiters_of, is_fed, never_meets
from ._names import columns_sql, is_postgrest, named, target_in_client
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, IndexKey, Relation


@rule(
    "PGA206",
    severity=Severity.NOTE,
    summary="an upsert feeds another unique index, which its conflict target does not cover",
    effect="A row that is new by the target and there by the other key is refused with 23505.",
    remedy="Name the key that identifies the row, or expect 23505 and answer it.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Unique indexes that the proposed row gets an entry in, besides the arbiters."""
    del context
    relation, others = bound.base, other_indexes(bound)
    if relation is None or not others:
        return
    covered = arbiters_of(bound)[0]
    it = "it" if len(others) == 1 else "them"
    http = ", HTTP 409" if is_postgrest(bound.site) else ""
    yield Hit(
        message=f"unique {'index' if len(others) == 1 else 'indexes'} {_listed(others)} of "
        f'"{relation.qualified_name}" {"is" if len(others) == 1 else "are"} fed and not covered by the conflict target',
        effect=f"A row that is new by {columns_sql(covered.columns)} and there already by {_keys(others)} is refused "
        f"with 23505{http}: the target does not catch {it}.",
        remedy=_remedy(bound, others),
        related=tuple(f'index "{i.name}" is invalid: it infers nothing, but refuses' for i in others if not i.valid),
    )


def other_indexes(bound: BoundSite) -> tuple[Index, ...]:
    """The unique indexes that can refuse the row of an upsert which has found its arbiter."""
    relation, write, arbiters = bound.base, bound.site.write, arbiters_of(bound)
    if relation is None or relation is not bound.relation or bound.site.scope is not Scope.APP or not arbiters:
        return ()
    if bound.site.mechanism is not Mechanism.ON_CONFLICT or bound.verdict.outcome is not Outcome.MATCH:
        return ()
    if is_by_hand(bound.site):
        return ()
    if isinstance(write.target, AnyArbiter) or all(never_meets(i, relation, write) for i in arbiters):
        return ()
    others = (i for i in relation.indexes if i.unique and i.ready and i.live and i not in arbiters and not i.exclusion)
    return tuple(
        other
        for other in others
        if is_fed(other, relation, write)
        and not any(
            _contains(other, arbiter, relation) or _is_made_up(other, arbiter, relation) for arbiter in arbiters
        )
    )


def _contains(other: Index, arbiter: Index, relation: Relation) -> bool:
    """Whether rows that are equal in the other index are equal in the arbiter too, which then catches them."""
    if arbiter.predicate is not None or not {_key(k) for k in arbiter.keys} <= {_key(k) for k in other.keys}:
        return False
    if other.nulls_not_distinct and not arbiter.nulls_not_distinct:
        columns = [relation.column(key.column or "") for key in arbiter.keys]
        return all(column is not None and column.not_null for column in columns)
    return True


def _is_made_up(other: Index, arbiter: Index, relation: Relation) -> bool:
    """Whether the other index has the primary key, which the client makes up for each row, and the target has not."""
    key = set(relation.primary_key)
    return bool(key) and key <= set(other.columns) and not key <= set(arbiter.columns)


def _key(key: IndexKey) -> tuple[object, ...]:
    return (key.column, key.expression, key.collation, key.opfamily)


def _listed(indexes: Sequence[Index]) -> str:
    shown = [f'"{i.name}" {columns_sql(i.columns)}' for i in indexes]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _keys(indexes: Sequence[Index]) -> str:
    return " or ".join(columns_sql(i.columns) for i in indexes)


def _remedy(bound: BoundSite, others: Sequence[Index]) -> str:
    usable = [
        i for i in others if i.valid and i.immediate and not i.predicate and all(k.column is not None for k in i.keys)
    ]
    answer = (
        f"Expect 23505 and answer it, if {named(dict.fromkeys(c for i in others for c in i.columns))} must be free."
    )
    if not usable or (bound.base and bound.base.kind is RelationKind.PARTITIONED_TABLE):
        return answer
    key = usable[0].columns
    return f"{answer} If the row is known by {columns_sql(key)}, let that be the target: " + (
        target_in_client(bound.site, key) + "."
    )
