"""A catalog as it would be with one index dropped, partial or deferrable; what only a planner knows is not asked."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ..catalog.model import ConstraintKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..catalog.catalog import Catalog
    from ..catalog.model import Index, Relation

_OWNERS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE, ConstraintKind.EXCLUSION)
_NO_ROW = "false"  # a predicate that no WHERE of a statement implies


class Change(StrEnum):
    """What becomes of the index."""

    DROP = "drop"
    PARTIAL = "partial"
    DEFERRABLE = "deferrable"


def impossible(index: Index, change: Change) -> str | None:
    """Why the server does not allow this change of this index, if it does not."""
    if change is not Change.DEFERRABLE or index.exclusion:
        return None
    if index.predicate is not None:
        return "no constraint can be made of a partial index"
    if any(key.column is None for key in index.keys):
        return "no constraint can be made of an index on expressions"
    return None if index.unique else "no constraint can be made of an index that is not unique"


def with_change(
    catalog: Catalog, parts: Sequence[tuple[Relation, Index]], change: Change, predicate: str | None = None
) -> Catalog:
    """The catalog in which an index has changed; `parts` are those of `parts_of`.

    `predicate` None: one that is implied by no WHERE.
    """
    for relation, index in parts:
        catalog = catalog.with_relation(_changed(relation, index, change, predicate or _NO_ROW))
    return catalog


def parts_of(catalog: Catalog, relation: Relation, index: Index) -> Iterator[tuple[Relation, Index]]:
    """The index with its table, and its parts on the partitions, which change with it.

    Each partition has one with the same keys; of several it does not matter to inference which one it is.
    """
    yield relation, index
    for child in catalog.children(relation.oid):
        own = next((other for other in child.indexes if is_alike(index, other)), None)
        if child.is_partition and own is not None:
            yield from parts_of(catalog, child, own)


def is_alike(index: Index, other: Index) -> bool:
    """Whether both have the same keys and let the same rows in."""
    keys = [[(key.column, key.expression, key.opclass) for key in one.keys] for one in (index, other)]
    kinds = [(one.unique, one.exclusion, one.immediate, one.predicate) for one in (index, other)]
    return keys[0] == keys[1] and kinds[0] == kinds[1]


def _changed(relation: Relation, index: Index, change: Change, predicate: str) -> Relation:
    if change is Change.DEFERRABLE:
        return _with(relation, replace(index, immediate=False))
    constraints = tuple(c for c in relation.constraints if not (c.kind in _OWNERS and c.index == index.oid))
    plain = replace(index, primary=False, constraint=None)
    if change is Change.PARTIAL:
        made = replace(plain, predicate=predicate)
    else:
        # It stays as one that arbitrates nothing: what reads like its expressions is known to be accepted.
        made = replace(plain, unique=False, exclusion=False)
    return replace(_with(relation, made), constraints=constraints)


def _with(relation: Relation, changed: Index) -> Relation:
    return replace(relation, indexes=tuple(changed if ix.oid == changed.oid else ix for ix in relation.indexes))
