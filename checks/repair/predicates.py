"""Cures of a partial or expression index: its predicate or expression in the target, or a full index on columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import PredicateNotImplied
from ..model import InferenceClause
from ..quoting import quoted
from ..rules._cause import over_expression, single
from ..rules._names import is_postgrest, target_sql
from . import definitions as define
from .model import Change, InferIndex, NotOffered, Rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation
    from .circumstances import Circumstances
    from .model import Idea

_PREDICATE = "a PostgREST client can name columns, and neither a predicate nor an expression"


def partial(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA102: the predicate in the target, or a full index."""
    near = single(bound, PredicateNotImplied)
    if near is None:
        return
    same = _only_leaves_out_nulls(near.index)
    if same:
        yield _full(relation, near.index, known)
    if is_postgrest(bound.site):
        yield NotOffered("the predicate in the conflict target", _PREDICATE)
    else:
        yield _with_predicate(near.index)
    if not same:
        yield _full(relation, near.index, known)


def _with_predicate(index: Index) -> Rewrite:
    return Rewrite(
        "add-predicate",
        InferIndex(index),
        f"the predicate in the conflict target: {target_sql(index)}",
        "Nothing changes in the database; every statement that upserts by these columns must repeat the predicate, as "
        "a literal.",
    )


def _full(relation: Relation, index: Index, known: Circumstances) -> Change:
    operation = define.replace(relation, index, define.elements_of(index), known.policy)
    price = (
        "It lets the same rows in, since NULLs are distinct, and serves targets with and without the predicate."
        if _only_leaves_out_nulls(index)
        else "It is stricter: rows outside of the predicate become unique too, and duplicates among them must go first."
    )
    asks = not _only_leaves_out_nulls(index)
    return Change("full-index", (operation,), f'a full index in place of the partial "{index.name}"', price, asks=asks)


def _only_leaves_out_nulls(index: Index) -> bool:
    said = {f"{quoted(column)} IS NOT NULL" for column in index.columns}
    parts = set((define.predicate_of(index) or "").replace("(", "").replace(")", "").split(" AND "))
    return define.is_plain(index) and not index.nulls_not_distinct and parts <= said


def parameter(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA103: the value as a literal, or a full index."""
    found = (
        c.index
        for c in bound.verdict.candidates
        if any(isinstance(m, PredicateNotImplied) and m.parametrised for m in c.mismatches)
    )
    index = next(found, None)
    if index is None:
        yield NotOffered("the value as a literal", "which index is meant cannot be told")
        return
    yield Rewrite(
        "literal-predicate",
        InferIndex(index),
        f"the value as a literal: {target_sql(index)}",
        "The statement serves that one value only; where it upserts for several, it needs a full index.",
    )
    yield _full(relation, index, known)


def expression(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA104: the expression in the target, or a unique index on the columns."""
    index, target = over_expression(bound), bound.site.write.target
    if index is None:
        return
    if is_postgrest(bound.site):
        yield NotOffered("the expression in the conflict target", _PREDICATE)
    else:
        yield Rewrite(
            "name-expression",
            InferIndex(index),
            f"the expression of the index: {target_sql(index)}",
            "Rows are told apart as the index does, which is what it was made for.",
        )
    elements = define.asked_by(target) if isinstance(target, InferenceClause) else None
    if elements is not None:
        told = "Both indexes hold then: what differs only in what the expression leaves out is still refused (23505)."
        operation = define.add(relation, elements, known.policy)
        yield Change("unique-index", (operation,), f"a unique index on {define.shown(elements)}", told)


def postgrest(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA109: a full index on columns, since the client can name nothing else."""
    if single(bound, PredicateNotImplied):
        yield from partial(bound, relation, known)
    else:
        yield from expression(bound, relation, known)
