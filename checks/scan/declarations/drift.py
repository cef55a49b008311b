"""Tables of drift: Dart classes that extend Table, whose names its generator puts into snake case.

Source: drift_dev 2, DartTableResolver and ColumnParser: `tableName` and `named(..)` win over the name of the class and
of the getter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import called_name
from ..values import Call, Class, Member, Name, Sequence, Text
from .model import Undeclared

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class DriftTable:
    """A table, and the columns of its getters; without a declaration in the tree by the name of its getter alone."""

    name: QualifiedName
    columns: dict[str, str]
    primary_key: tuple[str, ...] | None

    def column(self, getter: str) -> str:
        """The name of the column that a getter declares."""
        return self.columns.get(getter) or snake(getter)


def read_drift(value: Value | None, resolve: Resolve) -> DriftTable | Undeclared:
    """The table that a getter of the database stands for: `todoItems`, `db.todoItems`, of the class `TodoItems`."""
    if not isinstance(value, Name | Member):
        return Undeclared("the table is only known at run time")
    getter = value.name
    declared = resolve(Name(getter[:1].upper() + getter[1:], value.offset))
    if not isinstance(declared, Class):
        return DriftTable(QualifiedName(None, snake(getter)), {}, None)
    body = dict(declared.body)
    named = body.get("tableName")
    columns = {key: _named(made) or snake(key) for key, made in declared.body if _is_column(made)}
    name = named.text if isinstance(named, Text) else snake(declared.name)
    return DriftTable(QualifiedName(None, name), columns, _key(declared, columns))


def snake(name: str) -> str:
    """`dueDate` as `due_date`."""
    return _WORD.sub("_", name).lower()


def _is_column(made: Value) -> bool:
    return isinstance(made, Call) and isinstance(made.callee, Call)


def _calls(made: Value) -> list[Call]:
    """The calls of `text().named("a").unique()()`."""
    found: list[Call] = []
    while isinstance(made, Call):
        found.append(made)
        made = made.callee.object if isinstance(made.callee, Member) else made.callee
    return found


def _named(made: Value) -> str | None:
    given = next((call.args[0] for call in _calls(made) if called_name(call) == "named" and call.args), None)
    return given.text if isinstance(given, Text) else None


def _key(declared: Class, columns: dict[str, str]) -> tuple[str, ...] | None:
    """The columns of `primaryKey`, else the one that counts up by itself."""
    listed = dict(declared.body).get("primaryKey")
    if isinstance(listed, Sequence):
        names = tuple(columns[one.name] for one in listed.items if isinstance(one, Name) and one.name in columns)
        return names if len(names) == len(listed.items) and names else None
    counted = [key for key, made in declared.body if any(called_name(call) == "autoIncrement" for call in _calls(made))]
    return (columns[counted[0]],) if len(counted) == 1 and counted[0] in columns else None
