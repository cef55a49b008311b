"""Models of Objection: table, names of columns, and what a model adds to a row (objection 3.1.5, model/Model.js)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..clients.reading import called_name, is_absent
from ..values import Call, Choice, Class, Import, Member, Opaque, Record
from .casing import objection_snake_case

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_HOOK = b"$beforeInsert"
_MOST_BASES = 10


@dataclass(frozen=True, slots=True)
class Model:
    """`table` None: not declared. `unmapped`: why names of columns are not known; `adds` why there may be more."""

    table: Value | None
    snake: bool = False
    unmapped: str | None = None
    defaults: tuple[str, ...] = ()  # properties that the JSON schema fills in
    adds: str | None = None

    def column(self, name: str) -> str:
        """The column of a property."""
        return objection_snake_case(name) if self.snake else name


def model_of(owner: Class, resolve: Resolve) -> Model:
    """What a class declares, itself or in a base."""
    table, mappers, schema = (
        _attribute(owner, name, resolve) for name in ("tableName", "columnNameMappers", "jsonSchema")
    )
    snake = isinstance(mappers, Call) and called_name(mappers) == "snakeCaseMappers" and not mappers.args
    hooked = {file.path for file in resolve.holding(_HOOK)}
    adds = (
        f'class "{owner.name}" may set more columns before it inserts'
        if hooked & {one.path for one in _lineage(owner, resolve)}
        else None
    )
    return Model(
        table,
        snake,
        None if snake or mappers is None else f'the columns of class "{owner.name}" are named by mappers of its own',
        _defaults(schema),
        adds,
    )


def _attribute(owner: Class, name: str, resolve: Resolve) -> Value | None:
    known = resolve(Member(owner, name))
    return None if isinstance(known, Member) or is_absent(known) else known


def bound_to(owner: Class, resolve: Resolve) -> Value:
    """The instance of Knex that `Model.knex(instance)` gives the class, its base, or all models, if any."""
    own = {(one.path, one.offset) for one in _lineage(owner, resolve)}
    found: list[Value] = []
    for module in resolve.modules_holding(b".knex("):
        for call in module.calls(frozenset({"knex"})):
            bound = resolve(call.callee.object) if isinstance(call.callee, Member) and len(call.args) == 1 else None
            of_all = isinstance(bound, Import) and bound.module == "objection"
            if of_all or (isinstance(bound, Class) and (bound.path, bound.offset) in own):
                found.append(resolve(call.args[0]))
    return found[0] if len(found) == 1 else Choice(tuple(found)) if found else Opaque("the instance of knex")


def _lineage(owner: Class, resolve: Resolve) -> list[Class]:
    """The class and its bases."""
    found: list[Class] = []
    todo: list[Value] = [owner]
    while todo and len(found) < _MOST_BASES:
        known = resolve(todo.pop())
        if isinstance(known, Class) and known not in found:
            found.append(known)
            todo += known.bases
    return found


def _defaults(schema: Value | None) -> tuple[str, ...]:
    properties = schema.get("properties") if isinstance(schema, Record) else None
    given = properties.entries if isinstance(properties, Record) else ()
    return tuple(name for name, one in given if isinstance(one, Record) and one.get("default") is not None)
