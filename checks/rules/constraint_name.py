"""`ON CONSTRAINT` names something that is no constraint of that table, or one without an index.

The name is looked up among the constraints of exactly that relation. A unique *index* made by CREATE UNIQUE INDEX has
none. A view has none either, nor has a partition those of its parent. CHECK, foreign key and NOT NULL constraints have
no index of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.model import ConstraintKind, RelationKind
from ..model import NamedConstraint
from ._cause import Cause, cause, clause_error
from ._names import constraint_in_client, index_in_client, named, nearest
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Constraint, Index, Relation
    from ..model import WriteSite

_ARBITERS = {ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE, ConstraintKind.EXCLUSION}


@rule(
    "PGA105",
    severity=Severity.ERROR,
    summary="ON CONSTRAINT names no unique constraint of the table",
    effect="Every execution fails with 42704, or with 42809 for a constraint that has no index.",
    remedy="Name the columns instead of the constraint: that works with an index as well, and survives a rename.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A constraint name that is an index, absent, of another table, or behind a view."""
    target = bound.site.write.target
    if cause(bound) is not Cause.CONSTRAINT_NAME or not isinstance(target, NamedConstraint) or bound.relation is None:
        return
    error = clause_error(bound.verdict)
    message, remedy = _explained(bound.site, bound.relation, bound.base or bound.relation, target.name)
    yield Hit(
        message=message,
        effect=f"Every execution fails with {error.sqlstate if error else '42704'}.",
        remedy=remedy,
        related=_evidence(bound.relation, target.name, context),
    )


def _explained(site: WriteSite, relation: Relation, base: Relation, name: str) -> tuple[str, str]:
    index = next((i for i in base.indexes if i.name == name), None)
    constraint = next((c for c in base.constraints if c.name == name), None)
    if relation.kind is RelationKind.VIEW and (index or constraint):
        where = f'"{name}" belongs to "{base.qualified_name}", and "{relation.qualified_name}" is a view of it'
        return f"{where}, through which no constraint can be named", _by_columns(
            site, index or _index_of(base, constraint)
        )
    if constraint and constraint.kind not in _ARBITERS:
        kind = constraint.kind.name.lower().replace("_", " ")
        return f'"{name}" is a {kind} constraint, which has no index of its own', "Name the columns of a unique index."
    if index:
        return f'"{name}" is a unique index, not a constraint', _by_columns(site, index)
    return f'"{relation.qualified_name}" has no constraint "{name}"', _other(site, base, name)


def _index_of(relation: Relation, constraint: Constraint | None) -> Index | None:
    return next((i for i in relation.indexes if constraint and i.oid == constraint.index), None)


def _by_columns(site: WriteSite, index: Index | None) -> str:
    return f"Name its columns: {index_in_client(site, index)}." if index else "Name the columns of a unique index."


def _other(site: WriteSite, relation: Relation, name: str) -> str:
    usable = [c for c in relation.constraints if c.kind in _ARBITERS]
    near = nearest(name, [c.name for c in usable]) or (usable[0].name if len(usable) == 1 else None)
    index = _index_of(relation, next((c for c in usable if c.name == near), None))
    if near is None or index is None:
        return "Name the columns of a unique index."
    return f"Did you mean {constraint_in_client(site, near)}? Better name its columns: {index_in_client(site, index)}."


def _evidence(relation: Relation, name: str, context: RuleContext) -> tuple[str, ...]:
    usable = [c.name for c in relation.constraints if c.kind in _ARBITERS]
    others = [
        r.qualified_name
        for r in context.loaded.catalog.relations()
        if r.oid != relation.oid and any(c.name == name for c in r.constraints)
    ]
    return (
        f"its constraints with an index: {named(usable)}" if usable else "it has no constraint with an index",
        *(f'"{other}" has a constraint of that name' for other in others[:3]),
    )
