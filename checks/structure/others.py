"""Raw rows to the objects that are no relations: types, sequences, routines, publications and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import names as n
from .model import (
    Attribute,
    Composite,
    DefaultPrivileges,
    Domain,
    DomainConstraint,
    Enum,
    EventTrigger,
    Extension,
    Kind,
    Other,
    Publication,
    PublishedTable,
    Range,
    Routine,
    Schema,
    Sequence,
    Statistics,
)
from .parts import SequenceOptions
from .written import statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Sequence as Rowed

    from .model import Object
    from .names import Names
    from .relations import Relations

    Rows = Mapping[str, Rowed[Any]]
    Found = Iterator[tuple[Kind, Object]]

_ROUTINES = {"f": Kind.FUNCTION, "w": Kind.FUNCTION, "p": Kind.PROCEDURE, "a": Kind.AGGREGATE}
_OPERATIONS = ("insert", "update", "delete", "truncate")
_PUBLIC = "standard public schema"  # the comment that initdb gives it


def others(rows: Rows, names: Names, relations: Relations) -> Found:
    """Every object of a database but its relations."""
    system = set(rows["system"])
    yield from _schemas(rows, names, system)
    yield from _extensions(rows, names)
    yield from _types(rows, names)
    yield from _composites(rows, names)
    yield from _sequences(rows, names, relations)
    yield from _routines(rows, names)
    yield from _statistics(rows, names, relations)
    yield from _event_triggers(rows, names)
    yield from _publications(rows, names, relations)
    yield from _default_privileges(rows, names)
    yield from _told_by_name(rows, names)


def _schemas(rows: Rows, names: Names, system: set[int]) -> Found:
    for oid, name, owner, acl in rows["schemas"]:
        if oid not in system and not names.of_extension("pg_namespace", oid):
            comment = names.comment("pg_namespace", oid)
            known = comment if (name, comment) != ("public", _PUBLIC) else None
            yield Kind.SCHEMA, Schema(name, names.role(owner), n.acl(acl), known)


def _extensions(rows: Rows, names: Names) -> Found:
    for oid, name, schema, version in rows["extensions"]:
        yield Kind.EXTENSION, Extension(name, names.schemas[schema], version, names.comment("pg_extension", oid))


def _types(rows: Rows, names: Names) -> Found:
    checks = n.grouped(rows["domainchecks"])

    def enum(row: Any) -> Object:
        return Enum(*_named(row, names), tuple(row[5]), **_owned(row, names))

    def domain(row: Any) -> Object:
        constraints = tuple(
            DomainConstraint(name, definition, names.comment("pg_constraint", oid))
            for _, oid, name, definition in checks.get(row[0], ())
        )
        type_, not_null, default, collation = row[5:]
        text_collation = names.collations.get(collation)
        return Domain(*_named(row, names), type_, not_null, default, text_collation, constraints, **_owned(row, names))

    def range_(row: Any) -> Object:
        subtype, opclass, collation, *rest = row[5:]
        properties: tuple[Any, ...] = (subtype, names.opclasses[opclass][0], names.collations.get(collation), *rest)
        return Range(*_named(row, names), *properties, **_owned(row, names))

    made: tuple[tuple[str, Kind, Callable[[Any], Object]], ...] = (
        ("enums", Kind.ENUM, enum), ("domains", Kind.DOMAIN, domain), ("ranges", Kind.RANGE, range_),
    )  # fmt: skip
    for statement, kind, make in made:
        yield from ((kind, make(row)) for row in rows[statement] if not names.of_extension("pg_type", row[0]))


def _composites(rows: Rows, names: Names) -> Found:
    columns = n.grouped(rows["columns"] if rows["composites"] else ())
    for relation, oid, owner, acl in rows["composites"]:
        if names.of_extension("pg_type", oid):
            continue
        attributes = tuple(
            Attribute(
                row[2],
                names.types[row[3], row[4]][0],
                names.collations.get(row[9]) if row[9] != names.types[row[3], row[4]][1] else None,
                names.comment("pg_class", relation, row[1]),
            )
            for row in sorted(columns[relation], key=lambda row: row[1])
        )
        schema, name = names.relations[relation]
        comment = names.comment("pg_type", oid)
        yield Kind.COMPOSITE, Composite(schema, name, attributes, names.role(owner), n.acl(acl), comment)


def _sequences(rows: Rows, names: Names, relations: Relations) -> Found:
    for row in rows["sequences"]:
        oid, schema, name, persistence, owner, acl = row[:6]
        table, column, dependency = row[13:]
        if dependency == "i" or names.of_extension("pg_class", oid):
            continue
        column_name = next(iter(relations.column_names(table, str(column))), None) if table else None
        yield (
            Kind.SEQUENCE,
            Sequence(
                names.schemas[schema],
                name,
                SequenceOptions(*row[6:13]),
                None if column_name is None else (*names.relations[table], column_name),
                n.PERSISTENCES[persistence],
                names.role(owner),
                n.acl(acl),
                names.comment("pg_class", oid),
            ),
        )


def _routines(rows: Rows, names: Names) -> Found:
    aggregates: dict[int, str] = dict(rows["aggregates"])
    for oid, schema, name, owner, acl, kind, arguments, result, language, definition in rows["routines"]:
        if not names.of_extension("pg_proc", oid):
            text = aggregates.get(oid, "") if definition is None else definition
            comment = names.comment("pg_proc", oid)
            where = names.schemas[schema]
            privileges = (names.role(owner), n.acl(acl), comment)
            yield _ROUTINES[kind], Routine(where, name, arguments, text, result, language, *privileges)


def _statistics(rows: Rows, names: Names, relations: Relations) -> Found:
    for oid, schema, name, owner, table, kinds, keys, text, target in rows["statistics"]:
        own, where = (names.schemas[schema], name), names.relations[table]
        definition = text or statistics(own, where, relations.column_names(table, keys), kinds)
        comment = names.comment("pg_statistic_ext", oid)
        yield Kind.STATISTICS, Statistics(*own, where, definition, target, names.role(owner), comment)


def _event_triggers(rows: Rows, names: Names) -> Found:
    for oid, name, event, function, tags, enabled, owner in rows["eventtriggers"]:
        if not names.of_extension("pg_event_trigger", oid):
            comment = names.comment("pg_event_trigger", oid)
            listed = tuple(tags or ())
            yield (
                Kind.EVENT_TRIGGER,
                EventTrigger(name, event, function, listed, n.FIRING[enabled], names.role(owner), comment),
            )


def _publications(rows: Rows, names: Names, relations: Relations) -> Found:
    tables, schemas = n.grouped(rows["publishedtables"]), n.grouped(rows["publishedschemas"])
    for row in rows["publications"]:
        oid, name, owner, all_tables = row[:4]
        published = sorted(
            PublishedTable(*names.relations[table], relations.column_names(table, columns), predicate)
            for _, table, columns, predicate in tables.get(oid, ())
            if table in names.relations
        )
        yield (
            Kind.PUBLICATION,
            Publication(
                name,
                all_tables,
                tuple(word for word, does in zip(_OPERATIONS, row[4:8], strict=True) if does),
                row[8],
                "stored" if row[9] == "s" else "none",
                tuple(published),
                tuple(sorted(names.schemas[schema] for _, schema in schemas.get(oid, ()))),
                names.role(owner),
                names.comment("pg_publication", oid),
            ),
        )


def _default_privileges(rows: Rows, names: Names) -> Found:
    for role, schema, objects, acl in rows["defaultprivileges"]:
        where = names.schemas.get(schema, "")
        yield (
            Kind.DEFAULT_PRIVILEGES,
            DefaultPrivileges(names.role(role), where, n.PRIVILEGED.get(objects) or str(objects), n.acl(acl)),
        )


def _told_by_name(rows: Rows, names: Names) -> Found:
    for catalog, oid, kind, identity in rows["others"]:
        if (catalog, oid) not in names.members:
            yield Kind.OTHER, Other(kind, identity)
    for (identity,) in rows["labels"]:
        yield Kind.OTHER, Other("security label", identity)


def _named(row: Any, names: Names) -> tuple[str, str]:
    return names.schemas[row[1]], row[2]


def _owned(row: Any, names: Names) -> dict[str, Any]:
    """Owner, privileges and comment of a type."""
    return {"owner": names.role(row[3]), "acl": n.acl(row[4]), "comment": names.comment("pg_type", row[0])}
