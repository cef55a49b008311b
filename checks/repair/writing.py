"""Cures of what a statement leaves out or takes over: its target, a value, the owner."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.model import IndexKey
from ..online.not_null import DropNotNull
from ..rules._names import named, target_sql
from ..rules.tenant_takeover import taken_over, target_of
from . import definitions as define
from .model import Change, InferIndex, NotOffered, Rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Relation
    from .circumstances import Circumstances
    from .model import Idea


def missing_target(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA111: the unique indexes whose columns are written."""
    del known
    written = set(bound.site.write.columns or ())
    usable = [i for i in relation.indexes if i.unique and i.valid and i.immediate and not i.exclusion]
    fitting = [i for i in usable if define.is_plain(i) and set(i.columns) <= written]
    for index in fitting:
        told = "It is the only unique index whose columns are written."
        if len(fitting) > 1:
            told = "Several unique indexes have their columns written: which one identifies a row, you must say."
        yield Rewrite(f"target-{index.name}", InferIndex(index), target_sql(index), told, asks=len(fitting) > 1)
    if not fitting:
        yield NotOffered("a conflict target", "no unique index has all its columns written")


def client_default(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA203, PGA204: an upsert that names no target, where the primary key is absent or never written."""
    del known
    written = bound.site.write.columns
    fitting = [
        i
        for i in relation.indexes
        if i.unique and i.valid and i.immediate and not (i.exclusion or i.primary or i.predicate) and define.is_plain(i)
        if written is not None and set(i.columns) <= set(written)
    ]
    for index in fitting:
        told = "Rows that exist are then updated instead of being inserted again or refused."
        says = f"({', '.join(index.columns)}) as target"
        yield Rewrite(f"target-{index.name}", InferIndex(index), says, told, asks=len(fitting) > 1)
    if not fitting:
        yield NotOffered("a unique index", "the statement does not say which columns identify a row")


def not_null(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA202: NULL allowed, since the right value is not known."""
    del known
    yield NotOffered("a value in the statement", "which one is right only its author knows")
    errors = [e for e in bound.verdict.errors if e.sqlstate == "23502" and e.subject and e.certain]
    names = [n for n in dict.fromkeys(e.subject for e in errors if e.subject) if n not in relation.primary_key]
    if names:
        told = "Rows without a value are let in from then on, and every reader must expect that."
        made = tuple(DropNotNull(define.table_of(relation), name) for name in names)
        yield Change("drop-not-null", made, f"{named(names)} without NOT NULL", told, asks=True)


def owner(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA302: the owner as part of the key."""
    keys, owners = target_of(bound), [taken.column for taken in taken_over(bound)]
    arbiters = [i for i in relation.indexes if i.name in bound.verdict.arbiters and not i.primary]
    if not owners or len(arbiters) != 1 or arbiters[0].predicate:
        yield NotOffered("the owner in the key", "the arbiter is the primary key, partial, or one of several")
        return
    index = arbiters[0]
    elements = (*owners, *define.elements_of(index))
    needed = Change(
        "owner-in-key",
        (define.replace(relation, index, elements, known.policy),),
        f'{define.shown(elements)} in place of "{index.name}"',
        "Every statement must name the owner in its target, from that moment on.",
    )
    keyed = replace(index, keys=(*(IndexKey(owner, None, 0, None, "", 0, 0) for owner in owners), *index.keys))
    yield Rewrite(
        "owner-in-key",
        InferIndex(keyed),
        f"the owner in the target: {target_sql(keyed)}",
        f"Two owners can then have a row each with the same {named(keys)}.",
        needed,
        asks=True,
    )
