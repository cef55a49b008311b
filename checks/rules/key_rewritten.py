"""DO UPDATE gives the row that is there another primary key.

The conflict target is another key, and the update sets the primary key to what the statement brings along. With
PostgREST that happens by itself: on a merge it sets every column that the call writes, so that an id which the client
makes up for a new row replaces the id of the row that is there. Every reference to that row breaks: a foreign key
without ON UPDATE refuses the update with 23503, as soon as a row references it; one with ON UPDATE CASCADE rewrites all
referencing rows; and an id that was given out, in a URL, a cache or another system, leads nowhere any more.

An identity column is rewritten in the same way. One that is GENERATED ALWAYS refuses any value (428C9), which
generated-column-written tells. Nothing is said where SET gives the column its stored value. In seeds and scripts it is
a note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..catalog.model import ConstraintKind
from ..model import Action, Mechanism, Scope
from ._by_hand import is_by_hand
from ._fed import arbiters_of
from ._names import columns_sql, is_postgrest, named
from ._owners import keeps, update_of
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Constraint, Relation

_FOLLOWS = {"c": "follows (ON UPDATE CASCADE)", "n": "is set to NULL", "d": "is set to its default"}
_SHOWN = 5


@rule(
    "PGA207",
    severity=Severity.WARNING,
    summary="the update on conflict gives the row that is there another primary key",
    effect="References to the row break: 23503 from each foreign key that does not follow, dead ids elsewhere.",
    remedy="Leave the key out of what is written, or out of SET.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Columns of the primary key, and identity columns, in SET while the target is another key."""
    write, relation, arbiters = bound.site.write, bound.base, arbiters_of(bound)
    if bound.site.mechanism is not Mechanism.ON_CONFLICT or write.action is not Action.UPDATE or not arbiters:
        return
    if relation is None or relation is not bound.relation or bound.verdict.outcome is not Outcome.MATCH:
        return
    if bound.site.scope in (Scope.TEST, Scope.GENERATED):
        return
    target = {column for index in arbiters for column in index.columns}
    keys = [c.name for c in relation.columns if c.name in relation.primary_key or c.identity == "d"]
    clause = update_of(bound)
    rewritten = [
        name
        for name in keys
        if name in (write.set_columns or ()) and name not in target and not (clause and keeps(clause, name))
    ]
    if not rewritten:
        return
    references = _references(relation, rewritten, context)
    yield Hit(
        message=f"{named(rewritten)} of the row that is there {'is' if len(rewritten) == 1 else 'are'} rewritten on "
        f'conflict, and {"is" if len(rewritten) == 1 else "are"} the key of "{relation.qualified_name}"',
        effect=_effect(references),
        remedy=_remedy(bound, rewritten),
        related=tuple(_told(child, key) for child, key in references[:_SHOWN]),
        severity=Severity.NOTE if is_by_hand(bound.site) or not set(rewritten) & set(relation.primary_key) else None,
    )


def _references(relation: Relation, names: Sequence[str], context: RuleContext) -> list[tuple[Relation, Constraint]]:
    """The foreign keys that reference one of the columns, those of partitions left out."""
    keys = {index.oid for index in relation.indexes if set(index.columns) & set(names)}
    found = context.loaded.catalog.referencing(relation.oid)
    return [
        (child, key)
        for child, key in found
        if key.kind is ConstraintKind.FOREIGN_KEY and key.index in keys and not child.is_partition
    ]


def _effect(references: list[tuple[Relation, Constraint]]) -> str:
    refusing = [key for _, key in references if key.on_update not in _FOLLOWS]
    if refusing:
        count = len(refusing)
        which = f'foreign key "{refusing[0].name}"' if count == 1 else f"{count} foreign keys"
        return f"Once a row is referenced, the upsert fails with 23503 ({which}); before that, its id changes silently."
    if references:
        return "The id changes silently, and all rows that reference it are rewritten with it."
    return "The id changes silently: whoever has kept it, in a URL, a cache or another system, does not find the row."


def _told(child: Relation, key: Constraint) -> str:
    follows = _FOLLOWS.get(key.on_update, "refuses the update")
    return f'foreign key "{key.name}": {columns_sql(key.columns)} of "{child.qualified_name}" {follows}'


def _remedy(bound: BoundSite, names: Sequence[str]) -> str:
    if is_postgrest(bound.site):
        return f"Do not write {named(names)}: a merge sets every column that is written. Let a default make new ids."
    return f"Leave {named(names)} out of SET; it is written for new rows all the same."
