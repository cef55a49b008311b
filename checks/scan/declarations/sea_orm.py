"""SeaORM's entities and sea-query's names: which table and which columns they stand for.

Source: sea-orm 2.0 sea-orm-macros derives entity_model, derive_iden, column; sea-query 1.0 sea-query-derive; heck 0.5.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..clients.reading import text, told
from ..values import Call, Class, Import, Lambda, Member, Name, Sequence, Text
from .model import ColumnDeclaration, TableDeclaration, Undeclared
from .rust_structs import attribute, attributes_of, derives, fields_of, has_flag

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS = frozenset({"Entity", "Column", "ActiveModel", "Model", "PrimaryKey", "ActiveModelEx"})
_ENUM_DEF = "Iden"  # what `#[enum_def]` puts behind the name of a struct


def snake_case(name: str) -> str:
    """`to_snake_case` of heck: "UrlPath2Html" becomes "url_path2_html"."""
    return _HUMP.sub("_", name).lower()


def camel_case(name: str) -> str:
    """`to_upper_camel_case` of heck for a name in snake case."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def entity_of(value: Value, resolve: Resolve) -> TableDeclaration | None:
    """The table of an entity, of its ActiveModel, or of its Column; None when the value is no part of an entity."""
    known = resolve(value)
    if isinstance(value, Name) and value.name in _PARTS and isinstance(known, Import):
        known = value if known.name is None else known  # what a derive has made beside the Model of this file
    if isinstance(known, (Import, Member, Name)) and known.name in _PARTS:
        model, entity = (resolve(_beside(known, name)) for name in ("Model", "Entity"))
        if isinstance(model, Class) and attribute(attributes_of(model), "table_name") is not None:
            return _of_model(model, attributes_of(model))
        return _by_hand(model, entity)
    if isinstance(known, Class) and known.name in _PARTS:
        beside = Name("Model", known.offset, known.path), Name("Entity", known.offset, known.path)
        model, entity = (resolve(one) for one in beside)
        if isinstance(model, Class) and attribute(attributes_of(model), "table_name") is not None:
            return _of_model(model, attributes_of(model))
        return _by_hand(model, entity)
    return None


def _beside(path: Import | Member | Name, name: str) -> Value:
    """Another item of the same module."""
    match path:
        case Import(module=module, path=at):
            return Import(module, name, at)
        case Member(owner, offset=offset):
            return Member(owner, name, offset)
        case Name(offset=offset, path=at):
            return Name(name, offset, at)


def _by_hand(model: Value, entity: Value) -> TableDeclaration | None:
    """An entity that is written out: a struct Entity with its table's name as an attribute, or as a method."""
    if not isinstance(entity, Class):
        return None
    told_name = attribute(attributes_of(entity), "table_name")
    made = dict(entity.body).get("table_name")
    if told_name is None and isinstance(made, Lambda) and isinstance(made.result, Text):
        told_name = made.result.text
    if told_name is None:
        return None
    fields = _of_model(model, attributes_of(entity)).columns if isinstance(model, Class) else ()
    return TableDeclaration(told_name, attribute(attributes_of(entity), "schema_name"), fields, complete=bool(fields))


def _of_model(model: Class, attributes: str) -> TableDeclaration:
    renamed = attribute(attributes, "rename_all") not in {None, "snake_case"}
    columns = tuple(
        ColumnDeclaration(
            camel_case(field.name),
            attribute(field.attributes, "column_name") or snake_case(camel_case(field.name)),
            field.name,
            primary=has_flag(field.attributes, "primary_key"),
        )
        for field in fields_of(model)
        if not has_flag(field.attributes, "ignore") and not field.kind.startswith(("HasOne<", "HasMany<", "BelongsTo<"))
    )
    return TableDeclaration(
        attribute(attributes, "table_name") or "",
        attribute(attributes, "schema_name"),
        () if renamed else columns,
        tuple(column.name for column in columns if column.primary),
        complete=not renamed,
    )


def table_of(value: Value, resolve: Resolve) -> TableDeclaration | Undeclared:
    """What `into_table` is given: an entity, `Users::Table`, a text, `Alias::new(..)`, a pair with the schema."""
    known = resolve(value)
    if isinstance(known, Sequence) and len(known.items) == 2:  # noqa: PLR2004 - schema and table
        schema, inner = iden_of(known.items[0], resolve), table_of(known.items[1], resolve)
        if schema is None or isinstance(inner, Undeclared):
            return Undeclared("the schema is only known at run time") if schema is None else inner
        return TableDeclaration(inner.name, schema, inner.columns, inner.primary_key, complete=inner.complete)
    if isinstance(value, Call) and isinstance(value.callee, Member) and value.callee.name == "table_ref":
        return table_of(value.callee.object, resolve)
    entity = entity_of(value, resolve)
    if entity is not None:
        return entity
    name = iden_of(value, resolve)
    return TableDeclaration(name, None, complete=False) if name else Undeclared(f"the table is {told(known)}")


def iden_of(value: Value, resolve: Resolve) -> str | None:
    """The name in the database of `Users::Email`, `users::Column::Email`, `Alias::new("email")`, `"email"`."""
    known = resolve(value)
    if isinstance(known, Text):
        return known.text
    if isinstance(known, Call):
        made = isinstance(known.callee, (Member, Import)) and known.callee.name == "new" and len(known.args) == 1
        return text(known.args[0], resolve) if made else None
    if isinstance(value, Member) and (entity := entity_of(value.object, resolve)) is not None:
        return _column(entity, value.name)
    return _named(Member(resolve(value.object), value.name) if isinstance(value, Member) else known, resolve)


def _named(known: Value, resolve: Resolve) -> str | None:
    """The name that a variant of an enum, or a struct by itself, stands for."""
    if isinstance(known, Import) and known.name is not None:
        return _variant(resolve(_type_of(known)), known.name, resolve)
    if isinstance(known, Member):
        return _variant(known.object, known.name, resolve)
    if isinstance(known, Class) and derives(known, "Iden", "DeriveIden"):
        return _renamed(attributes_of(known)) or snake_case(known.name)
    return None


def _type_of(path: Import) -> Value:
    """The enum of a variant that is imported by its whole path: `crate::Users::Email`."""
    module, _, name = path.module.rpartition("::")
    return Import(module, name, path.path) if module else Import(name, None, path.path)


def _variant(owner: Value, name: str, resolve: Resolve) -> str | None:
    """The name of a variant of an enum of names, or of the columns of an entity."""
    entity = entity_of(owner, resolve)
    if entity is not None:
        return _column(entity, name)
    if isinstance(owner, Class):
        return _of_enum(owner, name)
    plain = owner.module.rpartition("::")[2] if isinstance(owner, Import) and owner.name is None else None
    plain = plain or (owner.name if isinstance(owner, (Name, Import, Member)) else None)
    if not plain or plain in _PARTS or not plain[:1].isupper() or not name[:1].isupper():
        return None
    if plain.endswith(_ENUM_DEF) and plain != _ENUM_DEF:  # of a struct with `#[enum_def]`
        plain = plain.removesuffix(_ENUM_DEF)
    return snake_case(plain if name == "Table" else name)


def _column(entity: TableDeclaration, name: str) -> str | None:
    found = entity.by_attribute(name)
    return found.name if found is not None else None if entity.complete else snake_case(name)


def _of_enum(owner: Class, name: str) -> str | None:
    """A variant of an enum that derives its names; those that are written by hand are only known when they are run."""
    if not derives(owner, "Iden", "DeriveIden", "IdenStatic", "EnumIter"):
        return None
    field = next((one for one in fields_of(owner) if one.name == name), None)
    if field is None:
        return None
    own = _renamed(field.attributes)
    if own is None and name == "Table":
        return _renamed(attributes_of(owner)) or snake_case(owner.name)
    return own or snake_case(name)


def _renamed(attributes: str) -> str | None:
    return attribute(attributes, "iden") or attribute(attributes, "rename")
