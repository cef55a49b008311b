"""Everything but relations as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...quoting import literal, quoted
from ..definition import names, qualified, sequence_sql
from ..model import (
    Composite,
    Domain,
    DomainConstraint,
    Enum,
    EventTrigger,
    Extension,
    Kind,
    Publication,
    PublishedTable,
    Range,
    Routine,
    Schema,
    Sequence,
    Statistics,
)
from . import privileges
from .statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Object

_FIRED = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS", "origin": "ENABLE"}
_NOT_VALID = " NOT VALID"


def create(kind: Kind, found: Object) -> Iterator[Statement]:  # noqa: C901, PLR0912 - one line for each kind
    """What makes the object, without owner, privileges and comment. Nothing for a kind that is told by name only."""
    match found:
        case Schema():
            yield Statement(f"CREATE SCHEMA {quoted(found.name)}")
        case Extension():
            yield Statement(f"CREATE EXTENSION {quoted(found.name)} WITH SCHEMA {quoted(found.schema)}")
        case Enum():
            labels = ", ".join(map(literal, found.labels))
            yield Statement(f"CREATE TYPE {qualified(found[:2])} AS ENUM ({labels})", (found[:2],), "")
        case Domain():
            yield from _domain(found)
        case Composite():
            yield from _composite(found)
        case Range():
            yield Statement(_range(found), (found[:2],))
        case Sequence():
            yield _sequence(found)
        case Routine():
            yield from _routine(kind, found)
        case Statistics():
            yield Statement(found.definition, (found[:2],))
            if found.target is not None:
                yield statistics_target(found)
        case EventTrigger():
            yield Statement(_event_trigger(found), needs=f"{found.function}()")
            if found.enabled != "origin":
                yield event_trigger_state(found)
        case Publication():
            yield _publication(found)
        case _:
            return


def called(kind: Kind, found: Object) -> str:
    """The name as ALTER, DROP and COMMENT ON take it after the kind."""
    match found:
        case Schema() | Extension() | EventTrigger() | Publication():
            return quoted(found.name)
        case Routine():
            arguments = found.arguments or ("*" if kind is Kind.AGGREGATE else "")
            return f"{quoted(found.schema)}.{quoted(found.name)}({arguments})"
        case _:
            schema, name, *_ = found
            return qualified((str(schema), str(name)))


def word(kind: Kind) -> str:
    """The kind as ALTER, DROP and COMMENT ON call it."""
    return privileges.ALTERED[kind]


def attributes(kind: Kind, found: Object, version: int) -> Iterator[Statement]:
    """Owner, privileges and comment of a new object."""
    name = called(kind, found)
    if role := getattr(found, "owner", ""):
        yield privileges.owner(kind, name, role)
    if getattr(found, "acl", None) is not None:
        yield from acl(kind, None, found, version)
    if (text := getattr(found, "comment", None)) is not None:
        yield privileges.comment(f"{word(kind)} {name}", text)


def acl(kind: Kind, old: Object | None, new: Object, version: int) -> Iterator[Statement]:
    """What turns the privileges of the old object, or those of a new one, into those wanted."""
    name = called(kind, new).replace("(*)", "()") if kind is Kind.AGGREGATE else called(kind, new)
    owner = getattr(new, "owner", "")
    before, after = getattr(old, "acl", None), getattr(new, "acl", None)
    yield from privileges.grants(before, after, privileges.GRANTED[kind], name, owner, version=version)


def constraint(domain: Domain, found: DomainConstraint) -> Iterator[Statement]:
    """ALTER DOMAIN ... ADD CONSTRAINT with its comment."""
    name = qualified(domain[:2])
    yield Statement(f"ALTER DOMAIN {name} ADD CONSTRAINT {quoted(found.name)} {found.definition}")
    if found.comment is not None:
        yield constraint_comment(domain, found)


def constraint_comment(domain: Domain, found: DomainConstraint) -> Statement:
    """COMMENT ON CONSTRAINT ... ON DOMAIN."""
    return privileges.comment(f"CONSTRAINT {quoted(found.name)} ON DOMAIN {qualified(domain[:2])}", found.comment)


def _domain(found: Domain) -> Iterator[Statement]:
    text = f"CREATE DOMAIN {qualified(found[:2])} AS {found.type}"
    text += f" COLLATE {found.collation}" if found.collation else ""
    text += f" DEFAULT {found.default}" if found.default is not None else ""
    text += " NOT NULL" if found.not_null else ""
    late = tuple(each for each in found.constraints if each.definition.endswith(_NOT_VALID))
    for each in found.constraints:
        text += f"\n    CONSTRAINT {quoted(each.name)} {each.definition}" if each not in late else ""
    yield Statement(text, (found[:2],))
    for each in found.constraints:
        if each in late:
            yield from constraint(found, each)
        elif each.comment is not None:
            yield constraint_comment(found, each)


def _composite(found: Composite) -> Iterator[Statement]:
    listed = (
        f"{quoted(each.name)} {each.type}" + (f" COLLATE {each.collation}" if each.collation else "")
        for each in found.attributes
    )
    yield Statement(f"CREATE TYPE {qualified(found[:2])} AS ({', '.join(listed)})", (found[:2],))
    for each in found.attributes:
        if each.comment is not None:
            yield privileges.comment(f"COLUMN {qualified(found[:2])}.{quoted(each.name)}", each.comment)


def _range(found: Range) -> str:
    given = {
        "SUBTYPE": found.subtype,
        "SUBTYPE_OPCLASS": found.opclass,
        "COLLATION": found.collation,
        "CANONICAL": found.canonical,
        "SUBTYPE_DIFF": found.difference,
        "MULTIRANGE_TYPE_NAME": found.multirange,
    }
    listed = ", ".join(f"{name} = {value}" for name, value in given.items() if value is not None)
    return f"CREATE TYPE {qualified(found[:2])} AS RANGE ({listed})"


def _sequence(found: Sequence) -> Statement:
    unlogged = "UNLOGGED " if found.persistence == "unlogged" else ""
    options = sequence_sql(found.properties)
    text = f"CREATE {unlogged}SEQUENCE {qualified(found[:2])}" + (f" {options}" if options else "")
    return Statement(text, (found[:2],), "")


def owned(found: Sequence) -> Statement:
    """ALTER SEQUENCE ... OWNED BY."""
    by = ".".join(map(quoted, found.owned_by)) if found.owned_by else "NONE"
    return Statement(f"ALTER SEQUENCE {qualified(found[:2])} OWNED BY {by}")


def _routine(kind: Kind, found: Routine) -> Iterator[Statement]:
    text = found.definition
    if kind is Kind.AGGREGATE:
        text = f"CREATE AGGREGATE {called(kind, found)} ({found.definition})"
    yield Statement(text.strip(), ((found.schema, found.name),))


def statistics_target(found: Statistics) -> Statement:
    """ALTER STATISTICS ... SET STATISTICS."""
    target = -1 if found.target is None else found.target
    return Statement(f"ALTER STATISTICS {qualified(found[:2])} SET STATISTICS {target}")


def _event_trigger(found: EventTrigger) -> str:
    tags = f" WHEN TAG IN ({', '.join(map(literal, found.tags))})" if found.tags else ""
    return f"CREATE EVENT TRIGGER {quoted(found.name)} ON {found.event}{tags} EXECUTE FUNCTION {found.function}()"


def event_trigger_state(found: EventTrigger) -> Statement:
    """ENABLE or DISABLE."""
    return Statement(f"ALTER EVENT TRIGGER {quoted(found.name)} {_FIRED[found.enabled]}")


def published(found: Publication) -> str:
    """The tables and schemas of a publication, as FOR and SET take them; empty if there are none."""
    tables = [_published(table) for table in found.tables]
    schemas = [f"TABLES IN SCHEMA {quoted(schema)}" for schema in found.schemas]
    return ", ".join([*tables, *schemas])


def _published(table: PublishedTable) -> str:
    text = f"TABLE ONLY {qualified((table.schema, table.name))}"
    text += f" ({names(table.columns)})" if table.columns else ""
    return text + (f" WHERE ({table.predicate})" if table.predicate else "")


def publication_options(found: Publication, version: int) -> str:
    """What stands behind WITH and SET."""
    text = (
        f"publish = {literal(', '.join(found.operations))}, publish_via_partition_root = {str(found.via_root).lower()}"
    )
    return text + (f", publish_generated_columns = {found.generated_columns}" if version >= _GENERATED_COLUMNS else "")


_GENERATED_COLUMNS = 180000  # the first server that publishes them


def _publication(found: Publication) -> Statement:
    what = "ALL TABLES" if found.all_tables else published(found)
    version = _GENERATED_COLUMNS if found.generated_columns != "none" else 0
    text = f"CREATE PUBLICATION {quoted(found.name)}" + (f" FOR {what}" if what else "")
    return Statement(f"{text} WITH ({publication_options(found, version)})")
