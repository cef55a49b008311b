"""The cures of a conflict target that may be NULL: the column NOT NULL, or the index NULLS NOT DISTINCT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..online.not_null import SetNotNull
from ..rules._names import named
from . import definitions as define
from .model import Change, NotOffered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Relation
    from .circumstances import Circumstances
    from .model import Idea

_NULLS_NOT_DISTINCT = 150000


def nullable_target(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """NOT NULL where a NULL is not meant; NULLS NOT DISTINCT where it is, and says which row."""
    arbiters = [i for i in relation.indexes if i.name in bound.verdict.arbiters]
    columns = {c.name: c for c in relation.columns}
    names = [name for i in arbiters[:1] for name in i.columns if name in columns and not columns[name].not_null]
    if not names:
        return
    single = len(arbiters[0].keys) == 1
    made = tuple(SetNotNull(define.table_of(relation), name, nulls=known.policy.nulls) for name in names)
    price = "Rows without a value are refused from then on; those that are there must get one, or go."
    yield Change("not-null", made, f"{named(names)} NOT NULL", price, asks=single)
    index = arbiters[0]
    if known.version < _NULLS_NOT_DISTINCT:
        yield NotOffered("the index with NULLS NOT DISTINCT", "that needs PostgreSQL 15 or newer")
    elif index.primary:
        yield NotOffered("the index with NULLS NOT DISTINCT", "it is the primary key")
    else:
        operation = define.replace(
            relation,
            index,
            define.elements_of(index),
            known.policy,
            nulls_not_distinct=True,
            where=define.predicate_of(index),
        )
        told = "One row per key can have a NULL then; rows that share one now are duplicates, and must go first."
        yield Change("nulls-not-distinct", (operation,), f'"{index.name}" NULLS NOT DISTINCT', told, asks=single)
