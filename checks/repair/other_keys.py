"""Cures of a target that no index has: an index that exists, one of its own, or a wider key in place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import CollationDiffers, ColumnsDiffer, Exclusion, OpclassDiffers
from ..model import Action, InferenceClause
from ..rules._cause import single
from ..rules._names import is_postgrest, named
from . import definitions as define
from .model import Change, InferIndex, NameConstraint, NotOffered, Rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite, Candidate
    from ..catalog.model import Index, Relation
    from .circumstances import Circumstances
    from .model import Idea

_OTHER_KEYS = (ColumnsDiffer, CollationDiffers, OpclassDiffers)


def no_arbiter(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA101: the target of an index that exists, or an index for the target."""
    target = bound.site.write.target
    near = _usable(bound)
    elements = define.asked_by(target) if isinstance(target, InferenceClause) else None
    # A target that shares no column with the index means other rows: nobody but the author can say so.
    apart = near is not None and isinstance(target, InferenceClause) and set(near.columns).isdisjoint(target.columns)
    rewrite = [Rewrite("existing-index", InferIndex(near), *_told_existing(near), asks=apart)] if near else []
    narrower = near is not None and elements is not None and set(near.columns) < set(elements)
    if narrower:
        yield from rewrite
    if elements is None:
        yield NotOffered("a unique index", "what the target asks for is not known")
    else:
        yield from _added(relation, elements, near if narrower else None, known)
    if near is not None and narrower and elements is not None:
        yield _widened(relation, near, elements, known)
    if not narrower:
        yield from rewrite


def _added(
    relation: Relation, elements: tuple[str, ...], narrower: Index | None, known: Circumstances
) -> Iterator[Idea]:
    operation = define.add(relation, elements, known.policy)
    price = (
        f'Rows that differ in it are still refused by "{narrower.name}" with 23505, and every write pays for one more '
        "index."
        if narrower
        else "Rows that are duplicates by it must go first, and every write pays for one more index."
    )
    yield Change("unique-index", (operation,), f"a unique index on {define.shown(elements)}", price)


def _widened(relation: Relation, near: Index, elements: tuple[str, ...], known: Circumstances) -> Idea:
    price = f"Rows with equal {named(near.columns)} are let in, which until now were refused."
    if near.primary:
        return NotOffered("another key in place of the primary key", "foreign keys and clients go by the primary key")
    operation = define.replace(relation, near, elements, known.policy)
    return Change("wider-key", (operation,), f'{define.shown(elements)} in place of "{near.name}"', price, asks=True)


def _told_existing(near: Index) -> tuple[str, str]:
    return (
        f'the target of index "{near.name}"',
        f"Rows are then told apart by ({', '.join(near.columns)}) alone: right only if that is what identifies a row.",
    )


def _usable(bound: BoundSite) -> Index | None:
    """The nearest index on other columns whose key the statement writes."""
    target, write = bound.site.write.target, bound.site.write
    columns = target.columns if isinstance(target, InferenceClause) else ()
    written = set(write.columns or columns)
    for candidate in bound.verdict.candidates:
        keys = set(candidate.index.columns)
        shared = keys <= written or (not write.complete and keys & set(columns))
        if shared and define.is_plain(candidate.index) and _only(candidate, _OTHER_KEYS):
            return candidate.index
    return None


def _only(candidate: Candidate, kinds: tuple[type[object], ...]) -> bool:
    return all(isinstance(mismatch, kinds) for mismatch in candidate.mismatches)


def exclusion(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """PGA108: the constraint by its name, or a unique index on the columns."""
    near, target = single(bound, Exclusion), bound.site.write.target
    if near is not None and bound.site.write.action is Action.NOTHING and not is_postgrest(bound.site):
        told = "The constraint arbitrates for DO NOTHING only."
        yield Rewrite("name-constraint", NameConstraint(near.index.name), f'ON CONSTRAINT "{near.index.name}"', told)
    elements = define.asked_by(target) if isinstance(target, InferenceClause) else None
    if elements is None:
        yield NotOffered("a unique index", "the target names a constraint, not columns")
        return
    told = "The exclusion constraint stays: rows that it refuses fail with 23P01, which ON CONFLICT cannot catch then."
    yield Change(
        "unique-index",
        (define.add(relation, elements, known.policy),),
        f"a unique index on {define.shown(elements)}",
        told,
    )
