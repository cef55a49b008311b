"""What in the database depends on a table or an index, as far as its catalog and its functions say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.views import reach
from ..catalog.model import ConstraintKind, RelationKind
from ..model import NamedConstraint, Origin
from .model import Dependent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.catalog import Catalog
    from ..catalog.model import Index, Relation
    from .model import Subject

_OWNERS = {
    ConstraintKind.PRIMARY_KEY: "primary key",
    ConstraintKind.UNIQUE: "unique constraint",
    ConstraintKind.EXCLUSION: "exclusion constraint",
}


def dependents(subject: Subject, sites: Sequence[BoundSite], catalog: Catalog) -> tuple[Dependent, ...]:
    """Its constraint, foreign keys that refer to it, statements in the database that name it; of a table its views.

    `sites` are those of the application and of the database, bound to `catalog`.
    """
    relation, index = subject.relation, subject.index
    found = _of_table(relation, catalog) if index is None else _of_index(relation, index, sites, catalog)
    return tuple(dict.fromkeys(found))


def _of_index(relation: Relation, index: Index, sites: Sequence[BoundSite], catalog: Catalog) -> Iterator[Dependent]:
    for constraint in relation.constraints:
        if constraint.index == index.oid and constraint.kind in _OWNERS:
            yield Dependent(_OWNERS[constraint.kind], constraint.name, relation.qualified_name)
    for other in catalog.relations():
        for constraint in other.constraints:
            if constraint.kind is ConstraintKind.FOREIGN_KEY and constraint.index == index.oid:
                yield Dependent("foreign key", constraint.name, other.qualified_name)
    for bound in sites:
        site, target = bound.site, bound.site.write.target
        named = isinstance(target, NamedConstraint) and target.name == index.constraint
        if named and site.origin is not Origin.SOURCE and site.object and _oid(bound) == relation.oid:
            yield Dependent(site.origin.value, site.object)


def _oid(bound: BoundSite) -> int:
    return bound.relation.oid if bound.relation is not None else 0


def _of_table(relation: Relation, catalog: Catalog) -> Iterator[Dependent]:
    for other in catalog.relations():
        if other.oid == relation.oid:
            continue
        for constraint in other.constraints:
            if constraint.kind is ConstraintKind.FOREIGN_KEY and constraint.references == relation.oid:
                yield Dependent("foreign key", constraint.name, other.qualified_name)
        if other.kind is RelationKind.VIEW and reach(other, catalog).base.oid == relation.oid:
            yield Dependent("view", other.qualified_name)
        if relation.oid in other.parents:
            yield Dependent("partition" if other.is_partition else "child table", other.qualified_name)
    for trigger in relation.triggers:
        yield Dependent("trigger", trigger.name, relation.qualified_name)
