"""Entities of MikroORM 6: classes with decorators, and EntitySchema objects.

Names follow @mikro-orm/core 6.6.16: naming-strategy/UnderscoreNamingStrategy and metadata/MetadataDiscovery.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import boolean, called_name, list_of_texts, text, told
from ..values import Call, Class, Record, Sequence, Text
from .casing import mikro_orm_underscore
from .decorated import decorators, lineage, made_by, members, referred
from .model import Undeclared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve
    from ..values import Value

_KEYS = frozenset({"PrimaryKey", "SerializedPrimaryKey"})
_SCALARS = frozenset({"Property", "Enum", *_KEYS})
_RELATIONS = frozenset({"ManyToOne", "OneToOne"})
_EMPTY = frozenset({"BaseEntity", "WrappedEntity"})
_DOUBT = "names are made by a naming strategy of the project"


@dataclass(frozen=True, slots=True)
class Property:
    """One property; `column` None: its name is not known. `unique`: by an option of its own, not by a decorator."""

    name: str
    column: str | None
    primary: bool = False
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """`uniques` are the properties of unique keys that decorators declare; `reason`: why there may be more."""

    table: QualifiedName
    properties: tuple[Property, ...]
    uniques: tuple[tuple[str, ...], ...] = ()
    reason: str | None = None

    def at(self, name: str) -> Property | None:
        """The property of that name."""
        return next((one for one in self.properties if one.name == name), None)

    def primary(self) -> tuple[str, ...]:
        """The properties of the primary key."""
        return tuple(one.name for one in self.properties if one.primary)


def entity_of(value: Value, resolve: Resolve) -> Entity | Undeclared:
    """The entity that a class, or an EntitySchema, declares."""
    known = resolve(value)
    named = _doubt(resolve)
    if isinstance(known, Class):
        return _of_class(known, resolve, named)
    if isinstance(known, Call) and called_name(known) == "EntitySchema" and known.args:
        options = resolve(known.args[0])
        if isinstance(options, Record):
            return _of_schema(options, resolve, named)
    return Undeclared(f"the entity is {told(known)}")


def _doubt(resolve: Resolve) -> str | None:
    texts = [file.text for file in resolve.holding(b"namingStrategy") if "mikro-orm" in file.text]
    return _DOUBT if any("UnderscoreNamingStrategy" not in text for text in texts) else None


def _options(call: Call | None, resolve: Resolve) -> Record:
    """The object among the arguments of a decorator."""
    args = [resolve(arg) for arg in call.args] if call is not None else []
    return next((arg for arg in args if isinstance(arg, Record)), Record(()))


def _named(options: Record, keys: tuple[str, ...], resolve: Resolve) -> tuple[bool, str | None]:
    """Whether one of these options is given, and its text."""
    given = next((options.get(key) for key in keys if options.get(key) is not None), None)
    return given is not None, text(given, resolve) if given is not None else None


def _of_class(owner: Class, resolve: Resolve, doubt: str | None) -> Entity | Undeclared:
    classes, reason = lineage(owner, resolve, _EMPTY)
    found = next(((one, call) for one in classes for name, call in decorators(one, "") if name == "Entity"), None)
    if found is None or not made_by(*found, "mikro-orm", resolve):
        return Undeclared(reason or f'class "{owner.name}" is not decorated as an entity')
    table = _table(found[0].name, _options(found[1], resolve), ("tableName", "collection"), resolve, doubt)
    if isinstance(table, Undeclared):
        return table
    properties = [one for each in reversed(classes) for one in _properties(each, resolve, doubt)]
    uniques = [one for each in reversed(classes) for one in _uniques(each, resolve)]
    embedded = any(name == "Embedded" for one in classes for key in members(one) for name, _ in decorators(one, key))
    unknown = next((one.name for one in properties if one.column is None), None)
    if unknown is not None or embedded:
        reason = (
            reason or doubt or (f'the column of "{unknown}" cannot be read' if unknown else "it embeds other classes")
        )
    return Entity(table, tuple(properties), tuple(uniques), reason)


def _table(
    name: str, options: Record, keys: tuple[str, ...], resolve: Resolve, doubt: str | None
) -> QualifiedName | Undeclared:
    given, own = _named(options, keys, resolve)
    with_schema, schema = _named(options, ("schema",), resolve)
    if (given and own is None) or not options.complete or (with_schema and schema is None):
        return Undeclared(f'the table of entity "{name}" is only known at run time')
    if own is None and doubt is not None:
        return Undeclared(doubt)
    return QualifiedName(None if schema in {None, "*"} else schema, own or mikro_orm_underscore(name))


def _properties(owner: Class, resolve: Resolve, doubt: str | None) -> Iterator[Property]:
    for name in members(owner):
        calls = dict(decorators(owner, name))
        kind = next((one for one in calls if one in _SCALARS | _RELATIONS), None)
        if kind is None:
            continue
        options = _options(calls[kind], resolve)
        if boolean(options.get("persist"), resolve, default=True) is False:
            continue
        relation = kind in _RELATIONS
        if kind == "OneToOne" and options.get("mappedBy") is not None:
            continue
        primary = kind in _KEYS or boolean(options.get("primary"), resolve, default=False) is True
        unique = boolean(options.get("unique"), resolve, default=False) is True or kind == "OneToOne"
        column = (
            _joined(name, calls[kind], options, resolve, doubt) if relation else _column(name, options, resolve, doubt)
        )
        yield Property(name, column, primary, unique)


def _column(name: str, options: Record, resolve: Resolve, doubt: str | None) -> str | None:
    given, own = _named(options, ("fieldName", "name"), resolve)
    if given or doubt is not None or not options.complete:
        return own
    return mikro_orm_underscore(name)


def _joined(name: str, call: Call | None, options: Record, resolve: Resolve, doubt: str | None) -> str | None:
    """The column of a relation to an entity with one key: of the relation's name and that of the key."""
    given, own = _named(options, ("joinColumn", "fieldName"), resolve)
    if given or doubt is not None:
        return own
    entity = options.get("entity") or (call.args[0] if call is not None and call.args else None)
    target = referred(entity, resolve) if entity is not None else None
    if not isinstance(target, Class):
        return None
    keys = [one for each in lineage(target, resolve, _EMPTY)[0] for one in _keys(each, resolve)]
    return f"{mikro_orm_underscore(name)}_{keys[0]}" if len(keys) == 1 and keys[0] is not None else None


def _keys(owner: Class, resolve: Resolve) -> Iterator[str | None]:
    for name in members(owner):
        calls = dict(decorators(owner, name))
        if "PrimaryKey" in calls:
            yield _column(name, _options(calls["PrimaryKey"], resolve), resolve, None)


def _uniques(owner: Class, resolve: Resolve) -> Iterator[tuple[str, ...]]:
    """The keys of `@Unique()`, those of members before those of the class."""
    for name in members(owner):
        if any(one == "Unique" for one, _ in decorators(owner, name)):
            yield (name,)
    for one, call in decorators(owner, ""):
        given = _options(call, resolve).get("properties") if one == "Unique" else None
        known = resolve(given) if given is not None else None
        if isinstance(known, Text):
            yield (known.text,)
        elif isinstance(known, Sequence) and (names := list_of_texts(known, resolve)):
            yield names


def _of_schema(options: Record, resolve: Resolve, doubt: str | None) -> Entity | Undeclared:
    """`new EntitySchema({name, tableName, properties})`."""
    owner = options.get("class")
    made = resolve(owner) if owner is not None else None
    named = options.get("name")
    name = made.name if isinstance(made, Class) else text(named, resolve) if named is not None else None
    table = _table(name or "", options, ("tableName", "collection"), resolve, doubt)
    given = options.get("properties")
    known = resolve(given) if given is not None else None
    if isinstance(table, Undeclared) or not isinstance(known, Record):
        return table if isinstance(table, Undeclared) else Undeclared("the properties of the entity cannot be read")
    properties = tuple(_of_option(key, resolve(one), resolve, doubt) for key, one in known.entries)
    more = options.get("extends") is not None or not known.complete or any(one.column is None for one in properties)
    return Entity(table, properties, (), f'entity "{name}" may have more columns' if more else None)


def _of_option(name: str, known: Value, resolve: Resolve, doubt: str | None) -> Property:
    options = known if isinstance(known, Record) else Record((), complete=False)
    relation = options.get("kind") is not None or options.get("reference") is not None
    return Property(
        name,
        None if relation else _column(name, options, resolve, doubt),
        primary=boolean(options.get("primary"), resolve, default=False) is True,
        unique=boolean(options.get("unique"), resolve, default=False) is True,
    )
