"""Changes of objects that are no relations as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...quoting import literal, quoted
from ...structure import ddl
from ...structure.ddl import others, privileges
from ...structure.ddl.statement import Statement
from ...structure.definition import qualified
from ...structure.model import (
    Composite,
    DefaultPrivileges,
    Domain,
    Enum,
    EventTrigger,
    Extension,
    Kind,
    Publication,
    Routine,
    Sequence,
    Statistics,
)
from .columns import sequence_changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Change


def altered(change: Change, version: int) -> Iterator[Statement]:
    """What turns the old object into the new one, but for owner, privileges and comment."""
    old, new = change.old, change.new
    match new:
        case Extension():
            yield from _extension(old, new)
        case Domain():
            yield from _domain(old, new)
        case Composite():
            yield from _composite(old, new)
        case Sequence():
            yield from _sequence(old, new)
        case Routine() if old.definition != new.definition:
            yield from others.create(change.subject.kind, new)
        case Statistics() if old.target != new.target:
            yield others.statistics_target(new)
        case EventTrigger() if old.enabled != new.enabled:
            yield others.event_trigger_state(new)
        case Publication():
            yield from _publication(old, new, version)
        case DefaultPrivileges():
            yield from ddl.default_privileges(old, new, version)
        case _:
            return


def attributes(kind: Kind, old: Any, new: Any, version: int) -> Iterator[Statement]:
    """Owner, privileges and comment that differ."""
    name = others.called(kind, new)
    if getattr(old, "owner", "") != getattr(new, "owner", "") and new.owner:
        yield privileges.owner(kind, name, new.owner)
        if getattr(old, "acl", None) is not None:
            old = _owned_by(old, new.owner)
    if kind in privileges.GRANTED and getattr(old, "acl", None) != getattr(new, "acl", None):
        yield from others.acl(kind, old, new, version)
    if getattr(old, "comment", None) != getattr(new, "comment", None):
        yield privileges.comment(f"{others.word(kind)} {name}", new.comment)


def _owned_by(found: Any, owner: str) -> Any:
    """The object's privileges as ALTER ... OWNER TO leaves them, with the new owner for the old one (aclnewowner)."""

    def renamed(role: str) -> str:
        return owner if role == found.owner else role

    acl = tuple(
        grant._replace(grantee=renamed(grant.grantee), grantor=renamed(grant.grantor)) for grant in found.acl or ()
    )
    return found._replace(acl=acl)


def _extension(old: Extension, new: Extension) -> Iterator[Statement]:
    name = quoted(new.name)
    if old.schema != new.schema:
        yield Statement(f"ALTER EXTENSION {name} SET SCHEMA {quoted(new.schema)}")
    if old.version != new.version:
        yield Statement(f"ALTER EXTENSION {name} UPDATE TO {literal(new.version)}")


def added_labels(old: Enum, new: Enum) -> list[Statement] | None:
    """ADD VALUE and RENAME VALUE; None when the type has to be made again. One other label is taken for renamed."""
    name = qualified(new[:2])
    if [label for label in new.labels if label in old.labels] == list(old.labels):
        return list(_grown(old, new, name))
    other = [(one, two) for one, two in zip(old.labels, new.labels, strict=False) if one != two]
    if len(old.labels) == len(new.labels) and len(other) == 1 and other[0][1] not in old.labels:
        before, after = map(literal, other[0])
        return [Statement(f"ALTER TYPE {name} RENAME VALUE {before} TO {after}")]
    return None


def _grown(old: Enum, new: Enum, name: str) -> Iterator[Statement]:
    there = set(old.labels)
    for place, label in enumerate(new.labels):
        if label in there:
            continue
        if place:
            where = f" AFTER {literal(new.labels[place - 1])}" if there - set(new.labels[:place]) else ""
        else:
            where = f" BEFORE {literal(old.labels[0])}" if old.labels else ""
        there.add(label)
        yield Statement(f"ALTER TYPE {name} ADD VALUE {literal(label)}{where}")


def _domain(old: Domain, new: Domain) -> Iterator[Statement]:
    name = qualified(new[:2])
    if old.default != new.default:
        yield Statement(
            f"ALTER DOMAIN {name} " + ("DROP DEFAULT" if new.default is None else f"SET DEFAULT {new.default}")
        )
    if old.not_null != new.not_null:
        yield Statement(f"ALTER DOMAIN {name} {'SET' if new.not_null else 'DROP'} NOT NULL")
    before, after = ({each.name: each for each in domain.constraints} for domain in (old, new))
    for each in old.constraints:
        if each.name not in after or after[each.name].definition != each.definition:
            yield Statement(f"ALTER DOMAIN {name} DROP CONSTRAINT {quoted(each.name)}")
    for each in new.constraints:
        known = before.get(each.name)
        if known is None or known.definition != each.definition:
            yield from others.constraint(new, each)
        elif known.comment != each.comment:
            yield others.constraint_comment(new, each)


def same_order(old: Composite, new: Composite) -> bool:
    """Whether attributes only went, came at the end, or changed: ADD ATTRIBUTE puts them nowhere else."""
    names = [each.name for each in new.attributes]
    kept = [each.name for each in old.attributes if each.name in names]
    return names[: len(kept)] == kept


def destroyed(change: Change) -> str | None:
    """What of values that are stored is lost with the alteration, None where nothing is."""
    if not isinstance(change.new, Composite):
        return None
    kept = {each.name for each in change.new.attributes}
    gone = [f'"{each.name}"' for each in change.old.attributes if each.name not in kept]
    return f"drops {', '.join(gone)} of every value of the type" if gone else None


def _composite(old: Composite, new: Composite) -> Iterator[Statement]:
    if not same_order(old, new):
        return
    name = qualified(new[:2])
    before = {each.name: each for each in old.attributes}
    after = {each.name for each in new.attributes}
    for gone in before:
        if gone not in after:
            yield Statement(f"ALTER TYPE {name} DROP ATTRIBUTE {quoted(gone)}")
    for each in new.attributes:
        known = before.get(each.name)
        collation = f" COLLATE {each.collation}" if each.collation else ""
        column = quoted(each.name)
        if known is None:
            yield Statement(f"ALTER TYPE {name} ADD ATTRIBUTE {column} {each.type}{collation}", (new[:2],))
        elif (known.type, known.collation) != (each.type, each.collation):
            yield Statement(f"ALTER TYPE {name} ALTER ATTRIBUTE {column} TYPE {each.type}{collation}", (new[:2],))
        if (known.comment if known else None) != each.comment:
            yield privileges.comment(f"COLUMN {name}.{column}", each.comment)


def _sequence(old: Sequence, new: Sequence) -> Iterator[Statement]:
    name = qualified(new[:2])
    if old.persistence != new.persistence:
        word = "UNLOGGED" if new.persistence == "unlogged" else "LOGGED"
        yield Statement(f"ALTER SEQUENCE {name} SET {word}")
    if changes := list(sequence_changes(old.properties, new.properties)):
        yield Statement(f"ALTER SEQUENCE {name} {' '.join(changes)}")
    if old.owned_by != new.owned_by:
        yield others.owned(new)


def _publication(old: Publication, new: Publication, version: int) -> Iterator[Statement]:
    name = quoted(new.name)
    if (old.operations, old.via_root, old.generated_columns) != (new.operations, new.via_root, new.generated_columns):
        yield Statement(f"ALTER PUBLICATION {name} SET ({others.publication_options(new, version)})")
    if (old.tables, old.schemas) == (new.tables, new.schemas) or new.all_tables:
        return
    if what := others.published(new):
        yield Statement(f"ALTER PUBLICATION {name} SET {what}")
        return
    tables = [f"TABLE ONLY {qualified((table.schema, table.name))}" for table in old.tables]
    schemas = [f"TABLES IN SCHEMA {quoted(schema)}" for schema in old.schemas]
    yield Statement(f"ALTER PUBLICATION {name} DROP {', '.join([*tables, *schemas])}")
