"""Tables of Exposed (exposed-core 1.0: Table, IdTable, IdentifierManagerApi): objects whose properties are columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..clients.chain import own_links
from ..clients.reading import called_name, path_of, text
from ..values import Call, Class, Import, Member, Name, Param, Text
from .lineage import columns_of, lineage_of
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve
    from ..values import Value
    from .lineage import Lineage

_IDS = frozenset({"IntIdTable", "LongIdTable", "UIntIdTable", "ULongIdTable", "UUIDTable", "UuidTable"})
_TABLES = _IDS | {"Table", "IdTable", "CompositeIdTable"}
_FILLED = frozenset({"default", "clientDefault", "autoGenerate"})  # by the library, in each INSERT
_GENERATED = frozenset({"autoIncrement", "autoinc", "defaultExpression", "databaseGenerated", "withDefinition"})
_NO_COLUMNS = frozenset({"PrimaryKey", "uniqueIndex", "index", "foreignKey", "check", "listOf", "lazy"})


@dataclass(frozen=True, slots=True)
class ExposedTable:
    """A table; `unique` are the columns of its first unique index, None when it declares none."""

    declared: TableDeclaration
    unique: tuple[str, ...] | None


def read_exposed(value: Value, resolve: Resolve) -> ExposedTable | Undeclared | None:
    """The table that a resolved value is; None for a class of another kind."""
    owner = value.callee if isinstance(value, Call) and isinstance(value.callee, Class) else value
    if not isinstance(owner, Class):
        return None
    lineage = lineage_of(owner, resolve)
    base = next((base for other in lineage.others if (base := _base(other)) is not None), None)
    if base is None:
        return None
    name = _name(lineage, base, resolve)
    if name is None:
        return Undeclared(f'the name of table "{owner.name}" is only known at run time')
    columns = columns_of(lineage, resolve, partial(_column, lineage))
    if base in _IDS:
        columns = (_id(lineage, base, resolve), *columns)
    known = all(_base(other) is not None or _is_foreign(other) for other in lineage.others)
    schema, _, plain = _spelled(name)
    keys = _primary(lineage, base, columns)
    table = TableDeclaration(plain, schema, columns, primary_key=keys, complete=known, mapped=True)
    return ExposedTable(table, _unique(lineage, table))


def _base(value: Value) -> str | None:
    """The class of Exposed that a base is."""
    path = path_of(value) or ""
    name = path.rpartition(".")[2]
    own = not isinstance(value, Import) or "exposed" in path
    return name if name in _TABLES and own else None


def _is_foreign(value: Value) -> bool:
    """Whether a base is of a library that declares no columns: an interface, as far as its package tells."""
    return isinstance(value, Import) and "exposed" not in value.module and value.module.startswith(("java", "kotlin"))


def _given(lineage: Lineage, base: str, index: int, keyword: str) -> Value | None:
    """What the constructor of a base is given, by the class nearest to it; a parameter passed on is looked up above."""
    made = [call for one in lineage.classes for key, call in one.keywords if key == base and isinstance(call, Call)]
    for call in made[-1:]:
        named = dict(call.keywords)
        found = named.get(keyword, call.args[index] if index < len(call.args) else None)
        if isinstance(found, Name) and len(lineage.classes) > 1:
            return _passed(lineage, found)
        return found
    return None


def _passed(lineage: Lineage, name: Name) -> Value | None:
    """What a class of the project passes to a parameter of its base, which passes it on."""
    for one in lineage.classes:
        for key, call in one.keywords:
            if isinstance(call, Call) and any(other.name == key for other in lineage.classes):
                named = dict(call.keywords)
                return named.get(name.name, call.args[0] if call.args else None)
    return name


def _name(lineage: Lineage, base: str, resolve: Resolve) -> str | None:
    """The table's name: what the constructor is given, what overrides it, or that of the class."""
    given = lineage.attribute("tableName") or _given(lineage, base, 0, "name")
    if given is None:
        return lineage.classes[0].name.removesuffix("Table")
    return text(given, resolve)


def spelled(name: str) -> str:
    """A name as the server gets it: in lower case unless it is mixed, and then quoted as it is."""
    if name.startswith('"') and name.endswith('"') and len(name) > 1:
        return name[1:-1].replace('""', '"')
    return name.lower() if name == name.upper() else name


def _spelled(name: str) -> tuple[str | None, str, str]:
    """Schema and name of a table, which is sent in lower case unless it is quoted."""
    if name.startswith('"'):
        return None, "", spelled(name)
    schema, dot, plain = name.rpartition(".")
    return (schema.lower() if dot else None), dot, spelled(plain) if plain.startswith('"') else plain.lower()


def _column(lineage: Lineage, attribute: str, call: Call, resolve: Resolve) -> ColumnDeclaration | None:
    """`val a = integer("a_column").default(0)`."""
    root, links = own_links(call)
    if isinstance(root, Name) and isinstance(other := lineage.attribute(root.name), Call):  # `other.entityId()`
        root, more = own_links(other)
        links = (*more, *links)
    if not isinstance(root, Call):
        root, links = (links[0], links[1:]) if links else (call, ())
    if attribute.startswith(("@", ":", "=")) or attribute in {"primaryKey", "init"} or called_name(root) in _NO_COLUMNS:
        return None
    given = dict(root.keywords).get("name", root.args[0] if root.args else None)
    name = _text(lineage, given, resolve) if given is not None else None
    if name is None:
        return None
    steps = {called_name(link) for link in links}
    filled = not steps.isdisjoint(_FILLED) and "defaultExpression" not in steps
    generated = not steps.isdisjoint(_GENERATED)
    primary = "primaryKey" in steps
    return ColumnDeclaration(attribute, spelled(name), attribute, primary, filled, call.offset, generated=generated)


def _text(lineage: Lineage, given: Value, resolve: Resolve) -> str | None:
    """A name; one that a constructor takes is what a class passes to it, or else its default."""
    known = resolve(given)
    if not isinstance(known, Param):
        return text(known, resolve)
    for one in lineage.classes:
        for _, call in one.keywords:
            if not isinstance(call, Call) or one.name == known.function:
                continue
            named = [value for key, value in call.keywords if key == known.name]
            passed = [*named, *call.args[known.index : known.index + 1]]
            if passed:
                return text(passed[0], resolve)
    return text(known.default, resolve) if known.default is not None else None


def _id(lineage: Lineage, base: str, resolve: Resolve) -> ColumnDeclaration:
    given = _given(lineage, base, 1, "columnName")
    name = text(given, resolve) if given is not None else None
    made = base in {"UUIDTable", "UuidTable"}
    return ColumnDeclaration("id", spelled(name or "id"), "id", primary=True, client_default=made, generated=not made)


def _primary(lineage: Lineage, base: str, columns: tuple[ColumnDeclaration, ...]) -> tuple[str, ...] | None:
    given = lineage.attribute("primaryKey")
    if isinstance(given, Call) and called_name(given) == "PrimaryKey":
        return _names(given.args, columns)
    return tuple(column.name for column in columns if column.primary) or (("id",) if base in _IDS else None)


def _names(args: tuple[Value, ...], columns: tuple[ColumnDeclaration, ...]) -> tuple[str, ...] | None:
    by_name = {column.attribute: column.name for column in columns}
    found = [by_name.get(one.name) for one in args if isinstance(one, Name | Member)]
    known = tuple(name for name in found if name is not None)
    return known if known and len(known) == len([one for one in args if not isinstance(one, Text)]) else None


def _unique(lineage: Lineage, table: TableDeclaration) -> tuple[str, ...] | None:
    """The columns of the first unique index, in the order in which the class and its bases declare them."""
    return next(_uniques(lineage, table), None)


def _uniques(lineage: Lineage, table: TableDeclaration) -> Iterator[tuple[str, ...]]:
    for one in reversed(lineage.classes):
        for attribute, value in one.body:
            if not isinstance(value, Call):
                continue
            if attribute == "init" and called_name(value) == "uniqueIndex":
                found = _names(value.args, table.columns)
                if found is not None:
                    yield found
            elif any(called_name(link) == "uniqueIndex" for link in own_links(value)[1]):
                column = table.by_attribute(attribute)
                if column is not None:
                    yield (column.name,)
