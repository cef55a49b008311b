"""The indexes that come near a conflict target, nearest first, each with all that speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.model import ConstraintKind, RelationKind
from ..model import InferenceClause, NamedConstraint
from .model import (
    Candidate,
    CollationDiffers,
    ColumnsDiffer,
    Deferrable,
    Exclusion,
    ExpressionsDiffer,
    Mismatch,
    NotAConstraint,
    NotUnique,
    NotValid,
    OnlyOnPartition,
    OpclassDiffers,
    OtherSchema,
    PredicateNotImplied,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.model import Index, Relation
    from ..catalog.read import Catalog
    from ..model import Write

Compared = tuple[tuple["Index", tuple[Mismatch, ...]], ...]
_SHOWN = 5


def nearest(write: Write, relation: Relation, catalog: Catalog, compared: Compared = ()) -> tuple[Candidate, ...]:
    """At most five candidates. `compared` are the relation's own indexes with their mismatches."""
    own = [Candidate(index, mismatches) for index, mismatches in compared if mismatches and _is_near(mismatches, write)]
    target = write.target
    if isinstance(target, NamedConstraint):
        own += [Candidate(ix, (NotAConstraint(),)) for ix in relation.indexes if ix.name == target.name]
    elsewhere = list(_elsewhere(write, relation, catalog))
    return tuple(sorted((*own, *elsewhere), key=_distance)[:_SHOWN])


def _is_near(mismatches: tuple[Mismatch, ...], write: Write) -> bool:
    """An index that is not unique is only worth a word when its columns are those of the target."""
    if NotUnique() in mismatches:
        return len(mismatches) == 1 and isinstance(write.target, InferenceClause)
    return True


def _distance(candidate: Candidate) -> tuple[int, int]:
    return sum(_weight(mismatch) for mismatch in candidate.mismatches), candidate.index.oid


def _weight(mismatch: Mismatch) -> int:
    """How far a mismatch is from a match, in columns to change."""
    match mismatch:
        case ColumnsDiffer(missing, extra):
            return 10 * (len(missing) + len(extra))
        case ExpressionsDiffer(missing, extra):
            return 8 * (len(missing) + len(extra))
        case PredicateNotImplied() | CollationDiffers() | OpclassDiffers() | Deferrable():
            return 3
        case NotValid() | NotAConstraint():
            return 2
        case OnlyOnPartition() | OtherSchema() | Exclusion():
            return 15
        case NotUnique():
            return 12


def _elsewhere(write: Write, relation: Relation, catalog: Catalog) -> Iterator[Candidate]:
    """Indexes that would fit, but stand on a partition, an inheritance child or a parent."""
    if relation.kind in (RelationKind.PARTITIONED_TABLE, RelationKind.TABLE):
        for child in catalog.children(relation.oid):
            yield from (Candidate(ix, (OnlyOnPartition(child.qualified_name),)) for ix in _serving(write, child))
    for parent in relation.parents:
        above = catalog.by_oid(parent)
        if above is not None and not relation.is_partition:
            yield from (Candidate(ix, (OnlyOnPartition(above.qualified_name),)) for ix in _serving(write, above))


def _serving(write: Write, relation: Relation) -> Iterator[Index]:
    """Total unique indexes on exactly the bare columns of the target, or those of the named constraint."""
    target = write.target
    if isinstance(target, NamedConstraint):
        owned = {
            c.index for c in relation.constraints if c.name == target.name and c.kind is not ConstraintKind.FOREIGN_KEY
        }
        yield from (ix for ix in relation.indexes if ix.oid in owned)
    elif isinstance(target, InferenceClause) and len(target.columns) == len(target.elements):
        named = set(target.columns)
        usable = (ix for ix in relation.indexes if ix.unique and ix.valid and ix.predicate is None)
        yield from (ix for ix in usable if {key.column for key in ix.keys} == named)
