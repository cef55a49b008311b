"""Entities of TypeORM: classes with decorators, and EntitySchema objects.

Names follow typeorm 1.1.1, naming-strategy/DefaultNamingStrategy and metadata-builder/EntityMetadataBuilder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import boolean, called_name, is_absent, text, told
from ..values import Call, Class, Record, Sequence, Text
from .decorated import class_named, decorators, lineage, made_by, members, referred
from .model import Undeclared
from .typeorm_naming import Naming, naming_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve
    from ..values import Value

_COLUMNS = frozenset({
    "Column", "PrimaryColumn", "PrimaryGeneratedColumn", "CreateDateColumn", "UpdateDateColumn", "DeleteDateColumn",
    "VersionColumn", "ObjectIdColumn",
})  # fmt: skip
_RELATIONS = frozenset({"ManyToOne", "OneToOne"})
_TREES = frozenset({"Tree", "TreeParent", "TreeLevelColumn", "TableInheritance"})
_NO_BASES = frozenset({"BaseEntity", "Object"})


@dataclass(frozen=True, slots=True)
class Property:
    """A column of an entity. `path` is the property, with those of embedded classes in front of it.

    `column` None: its name is not known. `increments`: filled in by the server and never inserted.
    """

    path: str
    column: str | None
    increments: bool = False
    inserts: bool = True
    updates: bool = True
    update_date: bool = False
    primary: bool = False
    relation: bool = False
    filled: bool = False  # the library has a value for it


@dataclass(frozen=True, slots=True)
class Entity:
    """`reason`: why there may be more columns, or columns of other names."""

    table: QualifiedName
    properties: tuple[Property, ...]
    reason: str | None = None

    def at(self, path: str) -> Property | None:
        """The property of that path."""
        return next((one for one in self.properties if one.path == path), None)


def entity_of(value: Value, resolve: Resolve) -> Entity | Undeclared:
    """The entity that a class, or an EntitySchema, declares."""
    known = resolve(value)
    if isinstance(known, Text):
        known = class_named(known.text, resolve) or known
    if isinstance(known, Class):
        return _of_class(known, resolve, naming_of(resolve))
    if isinstance(known, Call) and called_name(known) == "EntitySchema" and known.args:
        options = resolve(known.args[0])
        if isinstance(options, Record):
            return _of_schema(options, resolve, naming_of(resolve))
    return Undeclared(f"the entity is {told(known)}")


def _of_class(owner: Class, resolve: Resolve, naming: Naming) -> Entity | Undeclared:
    classes, reason = lineage(owner, resolve, _NO_BASES)
    found = next(((one, call) for one in classes for name, call in decorators(one, "") if name == "Entity"), None)
    if found is None or not made_by(*found, "typeorm", resolve):
        return Undeclared(reason or f'class "{owner.name}" is not decorated as an entity')
    own, call = found
    table = _table(call, own.name, resolve, naming)
    if isinstance(table, Undeclared):
        return table
    properties = [one for each in reversed(classes) for one in _properties(each, resolve, naming)]
    above = {name: given for one in classes for name, given in decorators(one, "")}
    if "TableInheritance" in above and "ChildEntity" in above:
        properties = _with_discriminator(properties, above["TableInheritance"], resolve)
    elif _TREES & set(above):
        reason = f'entity "{own.name}" has columns that its inheritance or its tree adds'
    return Entity(table, tuple(properties), reason or naming.doubt_of(properties))


def _with_discriminator(properties: list[Property], call: Call | None, resolve: Resolve) -> list[Property]:
    """The properties with the column that tells entities of one table apart, which the library fills in."""
    options = resolve(call.args[0]) if call is not None and call.args else Record(())
    column = options.get("column") if isinstance(options, Record) else None
    known = resolve(column) if column is not None else None
    given = known.get("name") if isinstance(known, Record) else known
    name = text(given, resolve) if given is not None else "type"
    if any(one.path == name for one in properties):
        return [replace(one, filled=one.filled or one.path == name) for one in properties]
    return [*properties, Property(name or "", name, filled=True)]


def _table(call: Call | None, class_name: str, resolve: Resolve, naming: Naming) -> QualifiedName | Undeclared:
    given = call.args[0] if call is not None and call.args else None
    known = resolve(given) if given is not None else None
    more = resolve(call.args[1]) if call is not None and len(call.args) > 1 else None
    options = known if isinstance(known, Record) else more if isinstance(more, Record) else Record(())
    named = options.get("name") if isinstance(known, Record) else given
    return _qualified(named, options.get("schema"), class_name, resolve, naming)


def _qualified(
    named: Value | None, schema: Value | None, class_name: str, resolve: Resolve, naming: Naming
) -> QualifiedName | Undeclared:
    own = text(named, resolve) if named is not None and not is_absent(resolve(named)) else None
    if own is None and named is not None and not is_absent(resolve(named)):
        return Undeclared(f'the table of entity "{class_name}" is {told(resolve(named))}')
    name = naming.table(class_name, own)
    if name is None:
        return Undeclared(naming.doubt or "")
    given = schema if schema is not None else naming.schema
    known = text(given, resolve) if given is not None else None
    if given is not None and known is None and not is_absent(resolve(given)):
        return Undeclared(f'the schema of entity "{class_name}" is {told(resolve(given))}')
    return QualifiedName(known, name)


def _properties(owner: Class, resolve: Resolve, naming: Naming) -> Iterator[Property]:
    for name in members(owner):
        calls = dict(decorators(owner, name))
        kind = next((one for one in calls if one in _COLUMNS), None)
        if kind is not None:
            yield from _column(name, kind, calls, resolve, naming)
        elif any(one in _RELATIONS for one in calls):
            yield from _relation(name, calls, resolve, naming)


def _column(
    name: str, kind: str, calls: dict[str, Call | None], resolve: Resolve, naming: Naming
) -> Iterator[Property]:
    call = calls[kind]
    args = [resolve(arg) for arg in call.args] if call is not None else []
    options = next((arg for arg in args if isinstance(arg, Record)), Record(()))
    embedded = _embedded(call, resolve) if kind == "Column" else None
    if embedded is not None:
        yield from _of_embedded(name, embedded, options, resolve, naming)
        return
    given = options.get("name")
    own = text(given, resolve) if given is not None else None
    uuid = Text("uuid") in [replace(arg, runs=(), path=None) for arg in args if isinstance(arg, Text)]
    generated = calls.get("Generated")
    by_uuid = uuid or (generated is not None and "uuid" in (text(arg, resolve) for arg in generated.args))
    yield Property(
        name,
        naming.column(name, own) if own is not None or given is None else None,
        increments=(kind == "PrimaryGeneratedColumn" or "Generated" in calls) and not by_uuid,
        inserts=boolean(options.get("insert"), resolve, default=True) is not False,
        updates=boolean(options.get("update"), resolve, default=True) is not False
        and options.get("generatedType") is None,
        update_date=kind == "UpdateDateColumn",
        filled=kind == "VersionColumn",
        primary=kind in {"PrimaryColumn", "PrimaryGeneratedColumn"}
        or boolean(options.get("primary"), resolve, default=False) is True,
    )


def _embedded(call: Call | None, resolve: Resolve) -> Class | None:
    """The class of `@Column(() => Address)`."""
    target = referred(call.args[0], resolve) if call is not None and call.args else None
    return target if isinstance(target, Class) else None


def _of_embedded(name: str, embedded: Class, options: Record, resolve: Resolve, naming: Naming) -> Iterator[Property]:
    given = options.get("prefix")
    known = resolve(given) if given is not None else None
    if known is None or boolean(known, resolve, default=False) is True:
        prefix: str | None = name
    elif isinstance(known, Text):
        prefix = known.text
    else:
        prefix = "" if boolean(known, resolve, default=True) is False else None
    for inner in _properties(embedded, resolve, naming):
        column = inner.column if prefix == "" else None if prefix is None else naming.embedded(prefix, inner.column)
        yield replace(inner, path=f"{name}.{inner.path}", column=column)


def _relation(name: str, calls: dict[str, Call | None], resolve: Resolve, naming: Naming) -> Iterator[Property]:
    """The join columns of a relation that holds them; a `@OneToOne` without `@JoinColumn` holds none."""
    join = calls.get("JoinColumn")
    if "ManyToOne" not in calls and "JoinColumn" not in calls:
        return
    given = resolve(join.args[0]) if join is not None and join.args else Record(())
    joined = given.items if isinstance(given, Sequence) else (given,)
    primary = "PrimaryColumn" in calls or _is_primary(calls, resolve)
    for one in joined:
        column = _join_column(name, one, calls, resolve, naming) if isinstance(one, Record) else None
        yield Property(name if len(joined) == 1 else f"{name}[]", column, primary=primary, relation=True)


def _is_primary(calls: dict[str, Call | None], resolve: Resolve) -> bool:
    relation = calls.get("ManyToOne") or calls.get("OneToOne")
    options = resolve(relation.args[-1]) if relation is not None and relation.args else None
    given = options.get("primary") if isinstance(options, Record) else None
    return boolean(given, resolve, default=False) is True


def _join_column(
    name: str, join: Record, calls: dict[str, Call | None], resolve: Resolve, naming: Naming
) -> str | None:
    """The name given, or one made of the relation and the property that it refers to."""
    if (given := join.get("name")) is not None:
        return text(given, resolve)
    referenced = join.get("referencedColumnName")
    if referenced is not None:
        known = text(referenced, resolve)
        return naming.join_column(name, known) if known is not None else None
    relation = calls.get("ManyToOne") or calls.get("OneToOne")
    target = referred(relation.args[0], resolve) if relation is not None and relation.args else None
    if isinstance(target, Text):
        target = class_named(target.text, resolve)
    keys = _keys(target, resolve) if isinstance(target, Class) else []
    return naming.join_column(name, keys[0]) if len(keys) == 1 else None


def _keys(target: Class, resolve: Resolve) -> list[str]:
    """The properties of the primary key, relations among them left out to end somewhere."""
    found: list[str] = []
    for one in lineage(target, resolve, _NO_BASES)[0]:
        for key in members(one):
            calls = dict(decorators(one, key))
            primary = {"PrimaryColumn", "PrimaryGeneratedColumn"} & set(calls) or _says_primary(calls, resolve)
            found += [key] if primary and key not in found else []
    return found


def _says_primary(calls: dict[str, Call | None], resolve: Resolve) -> bool:
    call = calls.get("Column")
    options = [resolve(arg) for arg in call.args] if call is not None else []
    given = next((one.get("primary") for one in options if isinstance(one, Record)), None)
    return boolean(given, resolve, default=False) is True


def _of_schema(options: Record, resolve: Resolve, naming: Naming) -> Entity | Undeclared:
    """`new EntitySchema({name, tableName, schema, columns, relations})`."""
    given = options.get("name")
    name = text(given, resolve) if given is not None else None
    table = _qualified(options.get("tableName"), options.get("schema"), name or "", resolve, naming)
    if isinstance(table, Undeclared) or (name is None and options.get("tableName") is None):
        return table if isinstance(table, Undeclared) else Undeclared("the entity has no name that can be read")
    columns = options.get("columns")
    listed = resolve(columns) if columns is not None else Record(())
    properties = tuple(_of_option(key, one, resolve, naming) for key, one in _entries(listed))
    known = options.complete and isinstance(listed, Record) and listed.complete
    more = any(options.get(key) is not None for key in ("relations", "embeddeds", "extends", "inheritance"))
    reason = None if known and not more else f'entity "{name}" may have more columns'
    return Entity(table, properties, reason or naming.doubt_of(properties))


def _entries(value: Value) -> tuple[tuple[str, Value], ...]:
    return value.entries if isinstance(value, Record) else ()


def _of_option(key: str, value: Value, resolve: Resolve, naming: Naming) -> Property:
    known = resolve(value)
    options = known if isinstance(known, Record) else Record((), complete=False)
    given = options.get("name")
    own = text(given, resolve) if given is not None else None
    generated = options.get("generated")
    strategy = resolve(generated) if generated is not None else None
    return Property(
        key,
        naming.column(key, own) if options.complete and (own is not None or given is None) else own,
        increments=strategy is not None
        and not (isinstance(strategy, Text) and strategy.text == "uuid")
        and boolean(strategy, resolve, default=False) is not False,
        inserts=boolean(options.get("insert"), resolve, default=True) is not False,
        updates=boolean(options.get("update"), resolve, default=True) is not False,
        update_date=boolean(options.get("updateDate"), resolve, default=False) is True,
        primary=boolean(options.get("primary"), resolve, default=False) is True,
    )
