"""MikroORM's query builder: `em.createQueryBuilder(Entity).insert(data).onConflict(fields).merge()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Member

if TYPE_CHECKING:
    from ..values import Value

_BUILDERS = frozenset({"createQueryBuilder", "qb"})
_LONGEST = 40


def is_builder(value: Value) -> bool:
    """Whether a chain of calls starts with a query builder of MikroORM, which has the methods of Knex."""
    return builder_root(value) is not None


def builder_root(value: Value) -> Call | None:
    """The call that made the builder."""
    for _ in range(_LONGEST):
        if not (isinstance(value, Call) and isinstance(value.callee, Member)):
            return None
        if value.callee.name in _BUILDERS:
            return value
        value = value.callee.object
    return None


def inserted_rows(value: Value) -> Value | None:
    """What `.insert(..)` of the chain is given."""
    while isinstance(value, Call) and isinstance(value.callee, Member):
        if value.callee.name == "insert" and value.args:
            return value.args[0]
        value = value.callee.object
    return None
