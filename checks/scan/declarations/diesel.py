"""Diesel's tables and structs: `table! { .. }`, `#[derive(Insertable)]`, `#[derive(AsChangeset)]`.

Source: diesel 2.2 diesel_derives table, insertable, as_changeset, model, field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..clients.payload import Payload
from ..clients.reading import told
from ..declared import distance
from ..values import Class, Import, Member, Name, Opaque, Sequence, Text
from .model import ColumnDeclaration, TableDeclaration, Undeclared
from .rust_structs import attribute, attributes_of, derives, fields_of, has_flag, plain, type_of

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_PRIMARY_KEY = re.compile(r"\bprimary_key\s*\(([^)]*)\)")
_DEEPEST = 4
_PATHS = (Name, Member, Import)


def table_of(value: Value, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table of `users::table`, or of `users` where all names of `users::dsl` are imported."""
    known = resolve(value)
    owner = known.object if isinstance(known, Member) and known.name == "table" else known
    if isinstance(owner, Class):
        return _declared(owner) if _is_table(owner) else Undeclared(f"the table is {told(owner)}")
    if not isinstance(owner, _PATHS):
        return Undeclared(f"the table is {told(known)}")
    is_path = owner is not known or (isinstance(known, Import) and _is_of_table(known))
    name = _last(owner)
    found = _named(name, value, resolve)
    if found is not None:
        return _declared(found)
    if name and is_path:  # Diesel names a table's module after the table
        return TableDeclaration(plain(name), None, complete=False)
    return Undeclared(f"the table is {told(known)}")


def _last(path: Name | Member | Import) -> str:
    """The last name of a path, "table" left out."""
    if isinstance(path, Import):
        return path.module.rpartition("::")[2] if path.name in {None, "table"} else path.name or ""
    return path.name


def _is_of_table(path: Import) -> bool:
    """`users::table`, or `users::dsl::users`."""
    return path.name == "table" or path.module.endswith(f"{path.name}::dsl")


def _is_table(owner: Class) -> bool:
    return any(key == "table!" for key, _ in owner.keywords)


def _named(name: str, near: Value, resolve: Resolve) -> Class | None:
    """The one table that is nearest of those that macros declare by that name."""
    found: list[Class] = []
    for module in resolve.modules_holding(b"table!"):
        known = module.exported(f"{name}!")
        found += [known] if isinstance(known, Class) else []
    here = next((one.path for one in _names(near) if one.path), None) or ""
    found.sort(key=lambda one: distance(one.path or "", here))
    alike = len({(one.body, one.keywords) for one in found}) == 1
    far = len(found) > 1 and distance(found[0].path or "", here) < distance(found[1].path or "", here)
    return found[0] if found and (alike or far) else None


def _names(value: Value) -> tuple[Name | Import, ...]:
    while isinstance(value, Member):
        value = value.object
    return (value,) if isinstance(value, (Name, Import)) else ()


def _declared(owner: Class) -> TableDeclaration:
    given = dict(owner.keywords)
    sql_names = {name[1:]: value.text for name, value in owner.body if name.startswith("@") and isinstance(value, Text)}
    name, schema, keys = given["table!"], given.get("schema"), given.get("key")
    key = [one.text for one in keys.items if isinstance(one, Text)] if isinstance(keys, Sequence) else []
    columns = tuple(
        ColumnDeclaration(plain(attr), sql_names.get(attr, plain(attr)), plain(attr), primary=attr in key)
        for attr, value in owner.body
        if isinstance(value, Opaque)
    )
    primary = tuple(sql_names.get(one, plain(one)) for one in key)
    return TableDeclaration(
        plain(name.text) if isinstance(name, Text) else owner.name,
        schema.text if isinstance(schema, Text) else None,
        columns,
        primary,
    )


def column_name(table: TableDeclaration, attribute_name: str) -> str | None:
    """The column that the table's module calls so; None when the table is known and has none of that name."""
    found = table.by_attribute(plain(attribute_name))
    return found.name if found is not None else None if table.complete else plain(attribute_name)


def columns_of(
    owner: Class, table: TableDeclaration, resolve: Resolve, *, changes: bool = False, depth: int = 0
) -> Payload:
    """The columns that a struct inserts, or with `changes` those that it sets; a changeset leaves its key out."""
    if not derives(owner, "AsChangeset" if changes else "Insertable"):
        wanted = "AsChangeset" if changes else "Insertable"
        return Payload(None, complete=False, reason=f'"{owner.name}" does not derive {wanted}')
    key = _key_of(owner) if changes else frozenset()
    columns: list[str] = []
    doubt: str | None = None
    for field in fields_of(owner):
        if has_flag(field.attributes, "skip_update" if changes else "skip_insertion"):
            continue
        if has_flag(field.attributes, "embed"):
            inner = type_of(field, owner, resolve) if depth < _DEEPEST else None
            more = columns_of(inner, table, resolve, changes=changes, depth=depth + 1) if inner is not None else None
            columns += (more.columns if more is not None else None) or ()
            if more is None or more.reason:
                doubt = f'the columns of "{field.name}", which is embedded, are not known'
            continue
        named = (attribute(field.attributes, "column_name") or field.name).rpartition("::")[2]
        if named not in key:
            columns.append(column_name(table, named) or named)
    if not columns and doubt is None and not fields_of(owner):
        doubt = f'the fields of "{owner.name}" have no names'
        return Payload(None, complete=False, reason=doubt)
    return Payload(tuple(dict.fromkeys(columns)), doubt is None, reason=doubt)


def _key_of(owner: Class) -> frozenset[str]:
    found = _PRIMARY_KEY.search(attributes_of(owner))
    return frozenset(plain(name.strip()) for name in found[1].split(",")) if found is not None else frozenset({"id"})
