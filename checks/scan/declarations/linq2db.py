"""Tables of linq2db's mapping attributes, or of Entity Framework Core where a context knows the class.

Source: LinqToDB 6 TableAttribute, ColumnAttribute, EntityDescriptor, and LinqToDB.EntityFrameworkCore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clients.reading import argument, boolean, text, told
from ..values import Constant
from .csharp_classes import attribute_name, attributes_of, kind_of, properties_of
from .ef_core import declaration_of, model_of
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Call, Class, Value
    from .csharp_classes import Property

_FLUENT = b"FluentMappingBuilder"
_MAPPING = b"LinqToDB.Mapping"


def linq2db_table(owner: Class, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table of a class; columns that the database makes are `generated`, those left alone on UPDATE `key` ""."""
    model = model_of(resolve)
    mapped = any(file.path == owner.path for file in resolve.holding(_MAPPING))
    if not mapped and (model.sets or model.fluent.entities):  # linq2db then takes the names of the contexts
        return declaration_of(owner, model, resolve)
    named = next((one for one in attributes_of(owner) if attribute_name(one) == "Table"), None)
    if named is None and resolve.holding(_FLUENT):
        return Undeclared(f'"{owner.name}" may be mapped by code')
    given = _named(named, "Name", "tableName") if named is not None else None
    schema = _named(named, "Schema") if named is not None else None
    name = text(given, resolve) if given is not None else owner.name
    space = text(schema, resolve) if schema is not None else None
    if name is None or (schema is not None and space is None):
        return Undeclared(f'the table of "{owner.name}" is {told(given if given is not None else owner)}')
    properties, others = properties_of(owner, resolve)
    columns: list[ColumnDeclaration] = []
    complete = not others
    for one in properties:
        is_column = _is_mapped(one, resolve, required=named is not None)
        complete = complete and is_column is not None
        column = _column(one, resolve) if is_column else None
        complete = complete and (not is_column or column is not None)
        columns += [column] if column is not None else []
    keys = tuple(column.name for column in columns if column.primary)
    return TableDeclaration(name, space, tuple(columns), primary_key=keys or None, complete=complete, mapped=True)


def _named(attribute: Call, *names: str) -> Value | None:
    first = attribute.args[0] if attribute.args and "Name" in names else None
    return next((value for key, value in attribute.keywords if key in names), first)


def _is_mapped(one: Property, resolve: Resolve, *, required: bool) -> bool | None:
    """Whether a property is a column; None when that is not known."""
    if one.attribute("NotColumn", "Association") is not None or not one.public:
        return False
    if one.attribute("Column", "PrimaryKey", "Identity") is not None:
        return True
    if required or not one.settable:
        return False
    kind = kind_of(one, resolve)
    return True if kind in {"value", "values"} else None if not kind else False


def _column(one: Property, resolve: Resolve) -> ColumnDeclaration | None:
    attribute = one.attribute("Column")
    given = _named(attribute, "Name", "columnName") if attribute is not None else None
    name = text(given, resolve) if given is not None else one.name
    if name is None:
        return None
    primary = one.attribute("PrimaryKey") is not None or _is_set(attribute, "IsPrimaryKey", resolve)
    identity = one.attribute("Identity") is not None or _is_set(attribute, "IsIdentity", resolve)
    left = identity or _is_set(attribute, "SkipOnInsert", resolve)
    key = "" if _is_set(attribute, "SkipOnUpdate", resolve) else name
    return ColumnDeclaration(one.name, name, key, primary=primary, generated=left)


def _is_set(attribute: Call | None, option: str, resolve: Resolve) -> bool:
    given = argument(attribute, 99, option) if attribute is not None else None
    return boolean(given or Constant(value=False), resolve, default=False) is True
