"""Relations that cannot take an ON CONFLICT clause, whatever its target: views, rules, catalogs, sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.model import RelationKind
from ..model import AnyArbiter
from .stages import ON_CONFLICT, RELATION, REWRITE, START, Fault
from .views import is_instead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.model import Relation, RewriteRule
    from ..model import Write
    from .views import Reach

_FIRST_UNPINNED_OID = 12000  # system catalogs have lower ones (IsCatalogRelationOid)
_UPDATE, _INSERT = 2, 3  # pg_rewrite.ev_type


def faults(write: Write, relation: Relation, reach: Reach) -> tuple[Fault, ...]:
    """What the server says of the relation itself, in its order. A plain INSERT is refused for fewer reasons."""
    return tuple(_faults(write, relation, reach))


def swallows(relation: Relation) -> bool:
    """Whether an unconditional DO INSTEAD NOTHING rule takes every INSERT, so that no plan is made."""
    return any(
        _fires(rule) and rule.instead and not rule.has_action and not rule.conditional for rule in relation.rules
    )


def _faults(write: Write, relation: Relation, reach: Reach) -> Iterator[Fault]:
    on_conflict = write.action is not None or not isinstance(write.target, AnyArbiter)
    name = relation.name
    if relation.kind is RelationKind.SEQUENCE:
        yield Fault(RELATION, "42809", f'cannot change sequence "{name}"', name)
    if on_conflict:
        yield from _refusing(relation)
        if reach.base is not relation:
            yield from (fault for fault in _refusing(reach.base) if fault.stage == REWRITE)
    if relation.kind is RelationKind.VIEW and not relation.insertable and not is_instead(relation):
        yield Fault(REWRITE, "55000", f'cannot insert into view "{name}"', name)
    if reach.base.kind is RelationKind.MATERIALIZED_VIEW:
        yield Fault(START, "42809", f'cannot change materialized view "{reach.base.name}"', reach.base.name)


def _refusing(relation: Relation) -> Iterator[Fault]:
    """Faults of the ON CONFLICT clause (transformOnConflictArbiter, RewriteQuery)."""
    if relation.system and relation.oid < _FIRST_UNPINNED_OID:
        yield Fault(ON_CONFLICT, "0A000", "ON CONFLICT is not supported with system catalog tables", relation.name)
    if relation.user_catalog:
        message = f'ON CONFLICT is not supported on table "{relation.name}" used as a catalog table'
        yield Fault(ON_CONFLICT, "0A000", message, relation.name)
    if any(rule.event == _UPDATE or (_fires(rule) and rule.has_action) for rule in relation.rules):
        message = "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules"
        yield Fault(REWRITE, "0A000", message, relation.name)


def _fires(rule: RewriteRule) -> bool:
    return rule.event == _INSERT and rule.enabled in ("O", "A")
