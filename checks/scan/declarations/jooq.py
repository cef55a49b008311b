"""Tables, columns and keys as jOOQ's generator writes them (jOOQ 3: JavaGenerator, KotlinGenerator), and by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import called_name, path_of, text, told
from ..values import Call, Choice, Class, Import, Lambda, Member, Name, Sequence, Text
from .model import Undeclared

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_CONSTANT = re.compile(r"[A-Z_][A-Z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ALIASES = frozenset({"as", "as_", "rename", "where"})
_FIELDS = frozenset({"createField", "field", "qualified", "unqualified", "excluded", "coerce", "cast", "val"})


def read_table(value: Value, resolve: Resolve) -> tuple[QualifiedName | Undeclared, bool]:
    """The table that a value is, and whether its name is only told by that of a constant."""
    known = _unaliased(resolve(value))
    if isinstance(known, Call) and isinstance(known.callee, Class):
        known = known.callee
    if isinstance(known, Class):
        return _of_class(known, resolve), False
    if isinstance(known, Call) and called_name(known) == "table" and known.args:
        names = _names(known.args[0], resolve)
        *schema, name = names or ("", "", "")
        if len(schema) < 2:  # noqa: PLR2004 - a schema, or none
            return QualifiedName(schema[0] if schema else None, name), False
        return Undeclared(f"the table is {told(known)}"), False
    constant = _constant(known)
    if constant is not None:
        return QualifiedName(None, constant), True
    return Undeclared(f"the table is {told(known)}"), False


def read_column(value: Value, resolve: Resolve) -> str | None:
    """The name of the column that a value is."""
    known = resolve(value)
    if isinstance(known, Call) and called_name(known) in _FIELDS and known.args:
        inner = known.args[0]
        if called_name(known) in {"excluded", "coerce", "cast"}:
            return read_column(inner, resolve)
        names = _names(inner, resolve)
        return names[-1] if names else None if isinstance(resolve(inner), Text) else read_column(inner, resolve)
    if isinstance(known, Text):
        return None
    return _constant(known)


def read_key(value: Value, resolve: Resolve) -> str | None:
    """The name of a unique key or constraint; of a constant of Keys that is generated elsewhere the constant's own.

    DefaultGeneratorStrategy.getJavaIdentifier, which puts no table before the names of unique keys of PostgreSQL.
    """
    known = resolve(value)
    match known:
        case Text(name):
            return name
        case Call(args=args) if called_name(known) in {"createUniqueKey", "createPrimaryKey", "constraint", "name"}:
            given = args if called_name(known) in {"name", "constraint"} else args[1:2]
            names = (
                _names(known, resolve) if called_name(known) == "name" else _names(given[0], resolve) if given else None
            )
            return names[-1] if names else None
        case Import() | Member() | Name():
            owner = (path_of(known) or "").rpartition(".")[0]
            return _constant(known) if owner.rpartition(".")[2] == "Keys" else None
        case _:
            return None


def primary_key(value: Value, resolve: Resolve) -> tuple[str, ...] | None:
    """The columns of the primary key that a generated table declares."""
    known = _unaliased(resolve(value))
    owner = known.callee if isinstance(known, Call) and isinstance(known.callee, Class) else known
    given = next((one for key, one in owner.body if key == "getPrimaryKey"), None) if isinstance(owner, Class) else None
    key = resolve(given.result) if isinstance(given, Lambda) else None
    if not isinstance(key, Call):
        return None
    fields = [one for arg in key.args[1:] for one in (arg.items if isinstance(arg, Sequence) else (arg,))]
    names = [read_column(one, resolve) for one in fields if isinstance(one, Call) and called_name(one) in _FIELDS]
    found = tuple(name for name in names if name is not None)
    return found or None


def _unaliased(value: Value) -> Value:
    while isinstance(value, Call) and isinstance(value.callee, Member) and value.callee.name in _ALIASES:
        value = value.callee.object
    return value


def _of_class(owner: Class, resolve: Resolve) -> QualifiedName | Undeclared:
    """The name that the constructors of a generated table give to their base, and its schema."""
    for key, call in owner.body:
        if key == "()" and isinstance(call, Call) and call.args:
            names = _names(call.args[0], resolve)
            if names:
                return QualifiedName(_schema(owner, resolve), names[-1])
    return Undeclared(f'class "{owner.name}" does not tell the name of its table')


def _schema(owner: Class, resolve: Resolve) -> str | None:
    """The schema by the class that `getSchema` names: its constructor is given the name."""
    given = next((one for key, one in owner.body if key == "getSchema"), None)
    known = resolve(given.result) if isinstance(given, Lambda) else None
    options = known.options if isinstance(known, Choice) else (known,)
    for option in options:
        made = option.callee if isinstance(option, Call) and isinstance(option.callee, Class) else option
        for key, call in made.body if isinstance(made, Class) else ():
            if key == "()" and isinstance(call, Call) and call.args:
                names = _names(call.args[0], resolve)
                if names:
                    return names[-1]
    return None


def _names(value: Value, resolve: Resolve) -> tuple[str, ...] | None:
    """`name("s", "t")` as its parts, plain SQL when it is one name or two."""
    known = resolve(value)
    if isinstance(known, Call) and called_name(known) in {"name", "quotedName", "unquotedName"}:
        given = known.args[0].items if len(known.args) == 1 and isinstance(known.args[0], Sequence) else known.args
        names = tuple(text(one, resolve) for one in given)
        found = tuple(name for name in names if name is not None)
        return found if len(found) == len(names) and found else None
    plain = text(known, resolve)
    if plain is None:
        return None
    parts = plain.split(".")
    found = tuple(_written(part) for part in parts)
    return found if all(found) else None


def _written(part: str) -> str:
    """A name as the server reads it in plain SQL, "" for what is none."""
    if part.startswith('"') and part.endswith('"') and len(part) > 2:  # noqa: PLR2004 - more than its quotes
        return part[1:-1]
    return part.lower() if _PLAIN.fullmatch(part) else ""


def _constant(value: Value) -> str | None:
    """The name in the database that a constant of generated code has by jOOQ's own strategy."""
    if not isinstance(value, Import | Member | Name):
        return None
    path = path_of(value) or (value.name or "")
    last = path.rpartition(".")[2]
    return last.lower() if _CONSTANT.fullmatch(last) else None
