"""Entities of Entity Framework Core: what attributes, OnModelCreating and naming conventions say of their tables.

Source: EF Core 9 (RelationalEntityTypeExtensions.GetTableName, KeyDiscoveryConvention, ValueGenerationConvention) and
EFCore.NamingConventions (SnakeCaseNameRewriter.RewriteName).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.chain import name_of, own_links
from ..clients.reading import argument, text, told
from ..values import Call, Class, Member, Name, Opaque, Param, Sequence
from .csharp_classes import (
    attribute_name,
    attributes_of,
    chosen,
    class_of,
    kind_of,
    properties_of,
    type_argument,
)
from .ef_fluent import fluent_of
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Resolve, SourceFile
    from ..values import Value
    from .csharp_classes import Property
    from .ef_fluent import Fluent, FluentEntity

_SET = re.compile(r"^[^/\n]*\bDbSet<\s*(?:[\w.]+\.)?(\w+)\s*>\??\s+(\w+)\s*(?:\{|=>|=|;)", re.MULTILINE)
_NUMBERS = frozenset({"int", "long", "short", "uint", "ulong", "Guid", "Int32", "Int64", "decimal"})
_CUSTOM = (b".SetTableName(", b".SetColumnName(")


def snake_case(name: str) -> str:
    """`UserHTTPLog2Id` becomes "user_http_log2id", as SnakeCaseNameRewriter has it."""
    out, previous = "", ""
    for index, char in enumerate(name):
        if char == "_":
            out, previous = out + "_", ""
            continue
        after_lower = previous.islower()
        ends_capitals = previous.isupper() and name[index + 1 : index + 2].islower()
        out += "_" if char.isupper() and (after_lower or ends_capitals) else ""
        out += char.lower()
        previous = char
    return out


_CONVENTIONS: dict[str, Callable[[str], str]] = {
    "UseSnakeCaseNamingConvention": snake_case,
    "UseLowerCaseNamingConvention": str.lower,
    "UseCamelCaseNamingConvention": lambda name: name[:1].lower() + name[1:],
    "UseUpperCaseNamingConvention": str.upper,
    "UseUpperSnakeCaseNamingConvention": lambda name: snake_case(name).upper(),
}
_SETS = frozenset({"DbSet", "ITable"})
_OTHERS = frozenset({"UseSqlServer", "UseSqlite", "UseMySql", "UseMySQL", "UseOracle", "UseInMemoryDatabase"})


@dataclass(frozen=True, slots=True)
class EfModel:
    """What a project says of all its entities. `sets`: entity by the name of a DbSet, and each name of its sets."""

    fluent: Fluent
    rename: Callable[[str], str] | None
    entities: dict[str, frozenset[str]] = field(default_factory=dict)
    sets: dict[str, frozenset[str]] = field(default_factory=dict)
    doubt: str | None = None

    def default(self, name: str) -> str:
        """The name that a table or column has which nothing names."""
        return self.rename(name) if self.rename is not None else name


_kept: dict[int, tuple[tuple[SourceFile, ...], EfModel]] = {}  # by the identity of the files, the same for a project


def model_of(resolve: Resolve) -> EfModel:
    """The model of the project, read once."""
    files = resolve.holding(b"DbSet<")
    known = _kept.get(id(files))
    if known is not None and known[0] is files:
        return known[1]
    model = _model(resolve, files)
    if files:
        _kept.clear()
        _kept[id(files)] = files, model
    return model


def _model(resolve: Resolve, files: tuple[SourceFile, ...]) -> EfModel:
    found = [rule for name, rule in _CONVENTIONS.items() if _is_used(name, resolve)]
    custom = any(resolve.holding(word) for word in _CUSTOM)
    entities: dict[str, set[str]] = {}
    sets: dict[str, set[str]] = {}
    for file in files:
        for entity, name in _SET.findall(file.text) if file.language == "csharp" else ():
            entities.setdefault(name, set()).add(entity)
            sets.setdefault(entity, set()).add(name)
    doubt = "tables or columns are renamed by the code that makes the model" if custom else None
    doubt = "several naming conventions are in use" if len(found) > 1 else doubt
    return EfModel(
        fluent_of(resolve),
        found[0] if found else None,
        {name: frozenset(known) for name, known in entities.items()},
        {name: frozenset(known) for name, known in sets.items()},
        doubt,
    )


def _is_used(convention: str, resolve: Resolve) -> bool:
    """Whether a naming convention is put on anything but another database."""
    for module in resolve.modules_holding(f"{convention}(".encode()):
        for call in module.calls(frozenset({convention})):
            names = {name_of(link) for link in own_links(call)[1]}
            if names.isdisjoint(_OTHERS):
                return True
    return False


def table_of(name: str, owner: Class | None, model: EfModel, resolve: Resolve) -> QualifiedName | Undeclared:
    """The table of the entity of that class name."""
    if model.doubt is not None:
        return Undeclared(model.doubt)
    told_by = model.fluent.entities.get(name)
    schema = model.fluent.schema
    if isinstance(schema, Undeclared):
        return schema
    if told_by is not None and told_by.table is not None:
        if isinstance(told_by.table, Undeclared):
            return told_by.table
        return QualifiedName(told_by.table.schema or schema, told_by.table.name)
    named = next((one for one in attributes_of(owner) if attribute_name(one) == "Table"), None) if owner else None
    if named is not None:
        return _attributed(named, name, schema, resolve)
    sets = model.sets.get(name, frozenset())
    return QualifiedName(schema, model.default(min(sets) if len(sets) == 1 else name))


def _attributed(attribute: Call, name: str, schema: str | None, resolve: Resolve) -> QualifiedName | Undeclared:
    """`[Table("name", Schema = "schema")]`."""
    given, own = argument(attribute, 0, "name") or attribute, argument(attribute, 9, "Schema")
    known = text(given, resolve)
    if known is None:
        return Undeclared(f'the table of "{name}" is {told(given)}')
    return QualifiedName((text(own, resolve) if own is not None else None) or schema, known)


def declaration_of(owner: Class, model: EfModel, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table of an entity with its columns; those that the database makes are `generated`."""
    told_by = model.fluent.entities.get(owner.name)
    name = table_of(owner.name, owner, model, resolve)
    if isinstance(name, Undeclared):
        return name
    properties, others = properties_of(owner, resolve)
    keys = _keys(owner, properties, told_by, resolve)
    columns: list[ColumnDeclaration] = []
    complete = not others and (told_by is None or told_by.doubt is None)
    for one in properties:
        mapped = _is_mapped(one, told_by, resolve)
        complete = complete and mapped is not None
        if mapped:
            column = _column(one, told_by, model, resolve)
            complete = complete and column is not None
            if column is not None:
                generated = _is_generated(one, keys, told_by, model)
                columns.append(
                    ColumnDeclaration(
                        one.name, column, column, primary=one.name in keys, generated=generated is True,
                        client_default=generated is None,
                    )
                )  # fmt: skip
    known = tuple(column.name for key in keys for column in columns if column.attribute == key)
    primary = known if known and len(known) == len(keys) else None
    return TableDeclaration(name.name, name.schema, tuple(columns), primary_key=primary, complete=complete, mapped=True)


def _is_mapped(one: Property, told_by: FluentEntity | None, resolve: Resolve) -> bool | None:
    """Whether a property is a column; None when that is not known."""
    if not one.settable or not one.public or one.attribute("NotMapped") is not None:
        return False
    if told_by is not None and one.name in told_by.ignored:
        return False
    if told_by is not None and one.name in told_by.owned:
        return None
    named = one.attribute("Column") is not None or (told_by is not None and one.name in told_by.mapped)
    kind = kind_of(one, resolve)
    if kind in {"value", "values"} or named:
        return True
    if not kind:
        return False if one.attribute("ForeignKey", "InverseProperty") is not None else None
    inner = one.kind.items[0] if isinstance(one.kind, Sequence) else one.kind
    known = resolve(inner.callee) if isinstance(inner, Call) else inner
    owned = isinstance(known, Class) and any(
        attribute_name(value) in {"Owned", "ComplexType"} for value in attributes_of(known)
    )
    return None if owned else False


def _column(one: Property, told_by: FluentEntity | None, model: EfModel, resolve: Resolve) -> str | None:
    fluent = told_by.columns.get(one.name) if told_by is not None else None
    if fluent is not None:
        return fluent or None
    named = one.attribute("Column")
    given = argument(named, 0, "name") if named is not None else None
    return text(given, resolve) if given is not None else model.default(one.name)


def _keys(
    owner: Class, properties: tuple[Property, ...], told_by: FluentEntity | None, resolve: Resolve
) -> tuple[str, ...]:
    """The properties of the primary key; none when that is not known."""
    if told_by is not None and told_by.key is not None:
        return told_by.key
    whole = next((one for one in attributes_of(owner) if attribute_name(one) == "PrimaryKey"), None)
    if whole is not None:
        names = [text(arg, resolve) for arg in whole.args]
        return tuple(name for name in names if name is not None) if None not in names else ()
    marked = tuple(one.name for one in properties if one.attribute("Key") is not None)
    if marked:
        return marked
    usual = [one.name for one in properties if one.name.lower() in {"id", f"{owner.name}id".lower()}]
    return tuple(sorted(usual, key=len)[:1])


def _is_generated(one: Property, keys: tuple[str, ...], told_by: FluentEntity | None, model: EfModel) -> bool | None:
    """Whether the database makes the value, so that it is not written; None when it may."""
    option = one.attribute("DatabaseGenerated")
    word = option.args[0].name if option is not None and option.args and isinstance(option.args[0], Member) else ""
    if told_by is not None and one.name in told_by.generation:
        return told_by.generation[one.name]
    if word:
        return word == "Computed" or (word == "Identity" and one.name in keys)
    if keys != (one.name,) or not isinstance(one.kind, Opaque):
        return False
    plain = one.kind.source.removeprefix(":").strip().rstrip("?").rpartition(".")[2]
    if plain not in _NUMBERS:
        return False
    is_foreign = one.name in model.fluent.foreign or one.attribute("ForeignKey") is not None
    return None if is_foreign else True


def picked(value: Value, table: TableDeclaration | None, resolve: Resolve) -> tuple[str, ...] | None:
    """The columns that a lambda picks properties of; None when one of them is not known."""
    names = chosen(value, resolve)
    if names is None or table is None:
        return names
    found = [table.by_attribute(name) for name in names]
    known = tuple(column.name for column in found if column is not None)
    return known if len(known) == len(names) else None


def entity_of(receiver: Value, model: EfModel, resolve: Resolve) -> Value | None:
    """`T` of a value that is a `DbSet<T>`, by its type or by the name of the set."""
    kind: Value = receiver
    if isinstance(receiver, Member):
        owner = class_of(receiver.object, resolve)
        own = properties_of(owner, resolve)[0] if isinstance(owner, Class) else ()
        kind = next((one.kind for one in own if one.name == receiver.name), receiver)
    known = resolve(kind)
    declared = known.type if isinstance(known, Param) and known.type is not None else known
    if isinstance(declared, Call) and attribute_name(declared) in _SETS:
        return type_argument(declared)
    if isinstance(declared, Sequence) and declared.items and isinstance(declared.items[0], Call):  # an IQueryable<T>
        return declared.items[0].callee
    entities = model.entities.get(receiver.name, frozenset()) if isinstance(receiver, Member) else frozenset()
    return Name(min(entities), 0) if len(entities) == 1 else None
