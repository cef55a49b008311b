"""Models of Sequelize 6: what `define()`, `init()` or the decorators of sequelize-typescript declare.

Names and keys follow sequelize 6.37.8, model.js (`init`, `_addDefaultAttributes`, `refreshAttributes`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import boolean, called_name, list_of_texts, path_of, text, told
from ..values import Call, Constant, Member, Record, Sequence, Text
from .casing import sequelize_underscored
from .model import Undeclared
from .sequelize_plural import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Resolve
    from ..values import Value
    from .sequelize_settings import Settings

_TIMESTAMPS = ("createdAt", "updatedAt")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column. `unique` is the name of its unique key, "" for none; `defaults`: the library has a value for it.

    `field` None: named by convention, or not known.
    """

    name: str
    field: str | None
    unique: str = ""
    primary: bool = False
    counts: bool = False
    defaults: bool = False
    virtual: bool = False  # no column


@dataclass(frozen=True, slots=True)
class Index:
    """A unique index; `fields` None: they are not plain names."""

    fields: tuple[str, ...] | None
    partial: bool


@dataclass(frozen=True, slots=True)
class SequelizeModel:
    """`reason`: why there may be other attributes or keys. `created` and `updated` are attributes, or None."""

    table: QualifiedName | Undeclared
    attributes: tuple[Attribute, ...]
    indexes: tuple[Index, ...] = ()
    created: str | None = None
    updated: str | None = None
    reason: str | None = None
    underscored: bool = False

    def at(self, name: str) -> Attribute | None:
        """The attribute of that name."""
        return next((one for one in self.attributes if one.name == name), None)

    def unique_keys(self) -> tuple[tuple[str | None, ...], ...]:
        """The fields of each unique key, in the order of the attributes."""
        found: dict[str, list[str | None]] = {}
        for one in self.attributes:
            if one.unique:
                found.setdefault(one.unique, []).append(one.field)
        return tuple(tuple(fields) for fields in found.values())

    def primary(self) -> tuple[str | None, ...]:
        """The fields of the primary key."""
        return tuple(one.field for one in self.attributes if one.primary)


class Options:
    """The options of a model over those of its instance."""

    def __init__(self, own: Record, settings: Settings, resolve: Resolve) -> None:
        self.own, self.settings, self._resolve = own, settings, resolve

    def value(self, name: str) -> Value | None:
        """The option, of the model itself or of all models."""
        own = self.own.get(name)
        return own if own is not None else self.settings.define.get(name)

    def true(self, name: str, *, default: bool) -> bool | None:
        """An option that is on or off; None when that is not known."""
        given = self.value(name)
        if given is None and (self.settings.doubt is not None or not self.own.complete):
            return None
        return boolean(given, self._resolve, default=default)

    def text(self, name: str) -> str | None:
        """An option that is a text."""
        given = self.value(name)
        return text(given, self._resolve) if given is not None else None


def declared(
    name: str | None, own: Iterable[Attribute], options: Options, resolve: Resolve, reason: str | None = None
) -> SequelizeModel:
    """The model of these attributes, with those that the library adds."""
    underscored = options.true("underscored", default=False)
    timestamps = options.true("timestamps", default=True)
    created, updated = (_timestamp(key, options, resolve) if timestamps else None for key in _TIMESTAMPS)
    deleted = (
        _timestamp("deletedAt", options, resolve) if timestamps and options.true("paranoid", default=False) else None
    )
    listed = list(own)
    if not any(one.primary for one in listed):
        listed.insert(0, Attribute("id", None, primary=True, counts=True))
    known = {one.name for one in listed}
    listed += [Attribute(one, None) for one in (created, updated, deleted) if one is not None and one not in known]
    found = tuple(_with_field(one, underscored=underscored) for one in listed)
    if timestamps is None or any(one.field is None and not one.virtual for one in found):
        reason = reason or options.settings.doubt or "the options of the model are not known"
    table = _table(name, options, underscored=underscored)
    return SequelizeModel(
        table, found, tuple(_indexes(options, resolve)), created, updated, reason, underscored=underscored is True
    )


def _with_field(one: Attribute, *, underscored: bool | None) -> Attribute:
    """The attribute with the column that it has by convention, unless it has one of its own."""
    if one.virtual:
        return one
    if one.field is not None:
        return replace(one, field=one.field or None)
    if underscored is None and sequelize_underscored(one.name) != one.name:
        return one
    return replace(one, field=sequelize_underscored(one.name) if underscored else one.name)


def _timestamp(key: str, options: Options, resolve: Resolve) -> str | None:
    """The attribute of `createdAt` or `updatedAt`; False leaves it out."""
    given = options.value(key)
    if given is None:
        return key
    known = resolve(given)
    if isinstance(known, Text):
        return known.text
    return None if isinstance(known, Constant) and known.value is False else key


def _table(name: str | None, options: Options, *, underscored: bool | None) -> QualifiedName | Undeclared:
    schema = options.text("schema")
    if schema is None and options.value("schema") is not None:
        return Undeclared("the schema of the model is only known at run time")
    given = options.value("tableName")
    if given is not None:
        own = options.text("tableName")
        return QualifiedName(schema, own) if own is not None else Undeclared(f"the table of the model is {told(given)}")
    frozen = options.true("freezeTableName", default=False)
    if name is None or frozen is None or (underscored is None and not frozen):
        return Undeclared(options.settings.doubt or "the name of the model, or its options, are not known")
    made = name if frozen else sequelize_underscored(plural(name)) if underscored else plural(name)
    return QualifiedName(schema, made)


def _indexes(options: Options, resolve: Resolve) -> Iterator[Index]:
    given = options.own.get("indexes")
    listed = resolve(given) if given is not None else None
    for item in listed.items if isinstance(listed, Sequence) else ():
        known = resolve(item)
        if not isinstance(known, Record):
            continue
        kind = known.get("type")
        unique = boolean(known.get("unique"), resolve, default=False)
        if unique or (kind is not None and (text(kind, resolve) or "").lower() == "unique"):
            fields = known.get("fields")
            yield Index(list_of_texts(fields, resolve) if fields is not None else None, known.get("where") is not None)


def attributes_of(value: Value | None, resolve: Resolve) -> tuple[tuple[Attribute, ...], str | None]:
    """The attributes of an object of them, and why there may be more."""
    known = resolve(value) if value is not None else None
    if not isinstance(known, Record):
        return (), f"the attributes of the model are {told(known)}" if known is not None else "it has no attributes"
    found = tuple(attribute_of(key, resolve(given), resolve) for key, given in known.entries)
    return found, None if known.complete else "the attributes of the model hold a spread or a computed key"


def attribute_of(name: str, known: Value, resolve: Resolve) -> Attribute:
    """One attribute: a data type, or an object with a type."""
    if not isinstance(known, Record):
        return Attribute(name, None, virtual=_is_virtual(known))
    kind = known.get("type")
    if kind is not None and _is_virtual(resolve(kind)):
        return Attribute(name, None, virtual=True)
    given = known.get("field")
    field = text(given, resolve) if given is not None else None
    default = known.get("defaultValue")
    return Attribute(
        name,
        field if given is None or field is not None else "",
        unique_name(known.get("unique"), name, resolve),
        primary=boolean(known.get("primaryKey"), resolve, default=False) is True,
        counts=boolean(known.get("autoIncrement"), resolve, default=False) is True,
        defaults=default is not None and not is_undefined(default),
    )


def is_undefined(value: Value) -> bool:
    """Whether it is the literal `undefined`."""
    return isinstance(value, Constant) and value.undefined


def unique_name(value: Value | None, attribute: str, resolve: Resolve) -> str:
    """The unique key that an attribute is a part of: its own one, or the one named."""
    known = resolve(value) if value is not None else None
    if isinstance(known, Record) and (given := known.get("name")) is not None:
        known = resolve(given)
    if isinstance(known, Text):
        return known.text
    return f"\0{attribute}" if known is not None and boolean(known, resolve, default=False) is not False else ""


def _is_virtual(kind: Value) -> bool:
    named = called_name(kind) if isinstance(kind, Call) else (path_of(kind) or "").rpartition(".")[2]
    return named == "VIRTUAL" or (isinstance(kind, Member) and kind.name == "VIRTUAL")
