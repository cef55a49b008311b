"""Models of Objection: table, names of columns, and what a model adds to a row (objection 3.1.5, model/Model.js)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..clients.reading import called_name, is_absent
from ..values import Call, Class, Member, Record
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
    adds = f'class "{owner.name}" may set more columns before it inserts' if hooked & _paths(owner, resolve) else None
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


def _paths(owner: Class, resolve: Resolve) -> set[str]:
    """The files of the class and of its bases."""
    found: set[str] = set()
    todo: list[Value] = [owner]
    while todo and len(found) < _MOST_BASES:
        known = resolve(todo.pop())
        if isinstance(known, Class) and known.path is not None and known.path not in found:
            found.add(known.path)
            todo += known.bases
    return found


def _defaults(schema: Value | None) -> tuple[str, ...]:
    properties = schema.get("properties") if isinstance(schema, Record) else None
    given = properties.entries if isinstance(properties, Record) else ()
    return tuple(name for name, one in given if isinstance(one, Record) and one.get("default") is not None)
