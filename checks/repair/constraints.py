"""Cures of a constraint or index that is there but does not serve: named wrongly, deferrable, or invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import NotValid
from ..catalog.model import ConstraintKind
from ..model import NamedConstraint
from ..rules._cause import single
from ..rules._names import named, target_sql
from . import definitions as define
from .model import Change, InferIndex, NotOffered, Rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Relation
    from .circumstances import Circumstances
    from .model import Idea


def constraint_name(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA105: the columns instead of the name, or a constraint of that name."""
    target = bound.site.write.target
    index = next((i for i in relation.indexes if isinstance(target, NamedConstraint) and i.name == target.name), None)
    guessed = index is None or not (index.unique and index.valid)
    if index is None or guessed:
        usable = [i for i in relation.indexes if i.unique and i.valid and i.immediate and not i.exclusion]
        if len(usable) != 1:
            yield NotOffered("the columns of a unique index", "the table has none, or several, and none of that name")
            return
        index = usable[0]
        written = bound.site.write.columns
        if written is not None and not set(index.columns) <= set(written):
            yield NotOffered(
                target_sql(index), f'no index has that name, and the columns of "{index.name}" are not written'
            )
            return
    yield Rewrite(
        "name-columns",
        InferIndex(index),
        f"the columns instead of the name: {target_sql(index)}",
        f'No index has that name, and "{index.name}" is the only unique one: whether it is meant, you must say.'
        if guessed
        else "It works with an index as well as with a constraint, and survives a rename.",
        asks=guessed,
    )
    meant = isinstance(target, NamedConstraint) and index.name == target.name
    if meant and index.predicate is None and define.is_plain(index):
        operation = define.add(relation, define.elements_of(index), known.policy, name=index.name, constraint=True)
        told = "The index becomes a constraint under a short lock; its build is not done again."
        yield Change("make-constraint", (operation,), f'a constraint of the index "{index.name}"', told)


def deferrable(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA106: the constraint without DEFERRABLE."""
    deferrable = {c.index: c for c in relation.constraints if c.deferrable and c.kind is ConstraintKind.UNIQUE}
    meant = {c.index.oid for c in bound.verdict.candidates} | {
        i.oid for i in relation.indexes if i.name in bound.verdict.arbiters
    }
    chosen = [i for i in relation.indexes if i.oid in deferrable and i.oid in meant] or [
        i for i in relation.indexes if i.oid in deferrable
    ]
    if not chosen:
        yield NotOffered("the constraint without DEFERRABLE", "it is a primary key or an exclusion constraint")
        return
    yield Change(
        "not-deferrable",
        tuple(define.replace(relation, index, define.elements_of(index), known.policy) for index in chosen),
        f"{named(index.name for index in chosen)} without DEFERRABLE",
        "Transactions that rely on a check at COMMIT, such as swapping two keys, fail from then on; a downgrade does "
        "not make it deferrable again.",
        asks=True,
    )


def invalid(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA107: the index built anew."""
    near = single(bound, NotValid)
    if near is None:
        return
    index = near.index
    operation = define.add(
        relation,
        define.elements_of(index),
        known.policy,
        name=index.name,
        constraint=index.constraint is not None,
        where=define.predicate_of(index),
        nulls_not_distinct=index.nulls_not_distinct,
        include=index.include,
    )
    told = "What the failed build left behind goes; the duplicates that stopped it must go first."
    leftover = (f"DROP INDEX CONCURRENTLY {operation.table.beside(index.name)}",) if index.constraint is None else ()
    yield Change("rebuild", (operation,), f'"{index.name}" built anew', told, before=leftover)
