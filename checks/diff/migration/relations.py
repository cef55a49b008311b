"""Changes of a relation itself, and of its constraints, indexes, triggers, rules and policies, as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...quoting import quoted
from ...structure.ddl import parts, privileges, tables
from ...structure.ddl.statement import Statement
from ...structure.definition import names as listed
from ...structure.definition import qualified
from ...structure.model import Kind, Relation
from ...structure.parts import Constraint, Index, Part, Policy
from .columns import foreign_option_changes, option_changes
from .model import EXCLUSIVE, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...structure.parts import Name
    from ..model import Change

_SHARED = "SHARE UPDATE EXCLUSIVE"


def table(change: Change) -> Iterator[Step]:
    """Changes of a table, foreign table or materialized view, but for owner, privileges, comment and parents."""
    old, new = change.old, change.new
    name = qualified(new[:2])
    word = "MATERIALIZED VIEW" if change.subject.kind is Kind.MATERIALIZED_VIEW else "TABLE"
    for text, lock in _storage(old, new):
        yield Step(Statement(f"ALTER {word} {name} {text}"), change.subject, lock)
    if old.populated != new.populated:
        text = f"REFRESH MATERIALIZED VIEW {name}{'' if new.populated else ' WITH NO DATA'}"
        destroys = None if new.populated else "empties the materialized view"
        yield Step(Statement(text), change.subject, EXCLUSIVE, destroys)
    if old.foreign_options != new.foreign_options:
        text = f"ALTER FOREIGN TABLE {name} {foreign_option_changes(old.foreign_options, new.foreign_options)}"
        yield Step(Statement(text), change.subject, EXCLUSIVE)


def _storage(old: Relation, new: Relation) -> Iterator[tuple[str, str]]:
    if old.persistence != new.persistence:
        yield f"SET {'UNLOGGED' if new.persistence == 'unlogged' else 'LOGGED'}", EXCLUSIVE
    if old.access_method != new.access_method:
        yield f"SET ACCESS METHOD {quoted(new.access_method or 'heap')}", EXCLUSIVE
    if old.tablespace != new.tablespace:
        yield f"SET TABLESPACE {quoted(new.tablespace or 'pg_default')}", EXCLUSIVE
    for what in (
        *option_changes(old.options, new.options),
        *option_changes(old.toast_options, new.toast_options, "toast."),
    ):
        yield what, _SHARED
    if old.row_security != new.row_security:
        yield f"{'ENABLE' if new.row_security else 'DISABLE'} ROW LEVEL SECURITY", EXCLUSIVE
    if old.force_row_security != new.force_row_security:
        yield f"{'FORCE' if new.force_row_security else 'NO FORCE'} ROW LEVEL SECURITY", EXCLUSIVE
    if old.of_type != new.of_type:
        yield (f"OF {qualified(new.of_type)}" if new.of_type else "NOT OF"), EXCLUSIVE


def view_options(change: Change) -> Iterator[Step]:
    """ALTER VIEW ... SET."""
    for what in option_changes(change.old.options, change.new.options):
        yield Step(Statement(f"ALTER VIEW {qualified(change.new[:2])} {what}"), change.subject, EXCLUSIVE)


def left(change: Change) -> Iterator[Step]:
    """DETACH PARTITION and NO INHERIT, which come before everything else."""
    old, new = change.old, change.new
    name = qualified(new[:2])
    if old.bound is not None and (old.parents, old.bound) != (new.parents, new.bound):
        text = f"ALTER TABLE {qualified(old.parents[0])} DETACH PARTITION {name}"
        yield Step(Statement(text), change.subject, EXCLUSIVE)
    elif old.bound is None:
        for parent in _beyond(old.parents, new.parents if new.bound is None else ()):
            yield Step(Statement(f"ALTER TABLE {name} NO INHERIT {qualified(parent)}"), change.subject, EXCLUSIVE)


def joined(change: Change) -> Iterator[Step]:
    """ATTACH PARTITION and INHERIT."""
    old, new = change.old, change.new
    if new.bound is not None and (old.parents, old.bound) != (new.parents, new.bound):
        yield Step(tables.attach(new), change.subject, EXCLUSIVE)
    elif new.bound is None:
        for parent in _beyond(new.parents, old.parents if old.bound is None else ()):
            text = f"ALTER TABLE {qualified(new[:2])} INHERIT {qualified(parent)}"
            yield Step(Statement(text), change.subject, EXCLUSIVE)


def _beyond(one: tuple[Name, ...], other: tuple[Name, ...]) -> list[Name]:
    """Parents that only the first has, and all from where their order differs."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return list(one[same:])


def constraint(change: Change) -> Iterator[Step]:
    """What ALTER and VALIDATE CONSTRAINT change in place."""
    old, new = change.old, change.new
    table, name = _table(change), quoted(new.name)
    altered = f"ALTER TABLE {table} ALTER CONSTRAINT {name}"
    if (old.deferrable, old.deferred) != (new.deferrable, new.deferred):
        text = "DEFERRABLE" if new.deferrable else "NOT DEFERRABLE"
        text += " INITIALLY DEFERRED" if new.deferred else ""
        yield Step(Statement(f"{altered} {text}"), change.subject, EXCLUSIVE)
    if old.enforced != new.enforced:
        text = "ENFORCED" if new.enforced else "NOT ENFORCED"
        yield Step(Statement(f"{altered} {text}"), change.subject, EXCLUSIVE)
    elif new.validated and not old.validated:
        text = f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
        yield Step(Statement(text), change.subject, _SHARED)
    if old.comment != new.comment:
        yield Step(parts.constraint_comment(new.name, table, new.comment), change.subject, _SHARED)
    if old.using_index and new.using_index:
        yield from _index(change, old.using_index, new.using_index)


def index(change: Change) -> Iterator[Step]:
    """What ALTER INDEX and the like change in place."""
    yield from _index(change, change.old, change.new)


def _index(change: Change, old: Index, new: Index) -> Iterator[Step]:
    schema = change.subject.identity[0]
    own = f"{quoted(schema)}.{quoted(new.name)}"
    for what in option_changes(old.options, new.options):
        yield Step(Statement(f"ALTER INDEX {own} {what}"), change.subject, _SHARED)
    if old.tablespace != new.tablespace:
        text = f"ALTER INDEX {own} SET TABLESPACE {quoted(new.tablespace or 'pg_default')}"
        yield Step(Statement(text), change.subject, EXCLUSIVE)
    for place, (one, two) in enumerate(zip(old.keys, new.keys, strict=False), 1):
        if one.statistics != two.statistics:
            target = -1 if two.statistics is None else two.statistics
            text = f"ALTER INDEX {own} ALTER COLUMN {place} SET STATISTICS {target}"
            yield Step(Statement(text), change.subject, _SHARED)
    if new.clustered and not old.clustered:
        text = f"ALTER TABLE {_table(change)} CLUSTER ON {quoted(new.name)}"
        yield Step(Statement(text), change.subject, _SHARED)
    elif old.clustered and not new.clustered:
        yield Step(Statement(f"ALTER TABLE {_table(change)} SET WITHOUT CLUSTER"), change.subject, _SHARED)
    if old.comment != new.comment:
        yield Step(privileges.comment(f"INDEX {own}", new.comment), change.subject, _SHARED)


def guard(change: Change) -> Iterator[Step]:
    """State and comment of a trigger or rule; a policy's roles and expressions."""
    part, new = change.subject.part, change.new
    table = _table(change)
    if part is Part.POLICY:
        yield from _policy(change)
    elif change.old.enabled != new.enabled:
        for statement in parts.firing(str(part).upper(), new, table, always=True):
            yield Step(statement, change.subject, EXCLUSIVE)
    if change.old.comment != new.comment:
        what = f"{str(part).upper()} {quoted(new.name)} ON {table}"
        yield Step(privileges.comment(what, new.comment), change.subject)


def _policy(change: Change) -> Iterator[Step]:
    old: Policy = change.old
    new: Policy = change.new
    text = ""
    if old.roles != new.roles:
        text += f" TO {listed(new.roles) if new.roles else 'PUBLIC'}"
    if old.using != new.using:
        text += f" USING ({new.using})"
    if old.check != new.check:
        text += f" WITH CHECK ({new.check})"
    if text:
        statement = Statement(f"ALTER POLICY {quoted(new.name)} ON {_table(change)}{text}")
        yield Step(statement, change.subject, EXCLUSIVE)


def made(part: Part, found: Any, relation: Relation, *, joins: bool = False) -> Iterator[tuple[Statement, str]]:
    """A part of a table that is there already: (statement, lock). Empty for what comes with the parent's.

    `joins`: the table gets another parent, which then takes what is there.
    """
    table = qualified(relation[:2])
    match part:
        case Part.CONSTRAINT:
            yield from _constraint_made(found, relation, table, joins=joins)
        case Part.INDEX:
            yield index_made(found, relation), "SHARE"
            yield from ((each, _SHARED) for each in parts.index_attributes(found, relation[:2], table))
            if found.parent is not None and not joins:
                yield parts.attach_index(found, relation[:2]), EXCLUSIVE
        case Part.TRIGGER if not found.inherited:
            yield from ((each, "SHARE ROW EXCLUSIVE") for each in parts.trigger(found, table))
        case Part.RULE:
            yield from ((each, EXCLUSIVE) for each in parts.rule(found, table))
        case Part.POLICY:
            yield from ((each, EXCLUSIVE) for each in parts.policy(found, relation[:2], table))
        case _:
            return


def index_made(found: Index, relation: Relation) -> Statement:
    """CREATE INDEX; a unique one is part of what makes the table complete: a foreign key may reference it."""
    statement = parts.add_index(found, relation[:2], only=relation.partition_key is not None)
    return statement._replace(makes=(*statement.makes, relation[:2])) if found.unique else statement


def _constraint_made(
    found: Constraint, relation: Relation, table: str, *, joins: bool
) -> Iterator[tuple[Statement, str]]:
    handed_down = found.kind == "check" and not found.local and not joins
    if handed_down or not (tables.own(found, relation) or joins) or (found.kind == "foreign key" and found.parent):
        return
    indexed = found.using_index is not None
    statement = parts.add_constraint(found, table, only=indexed and relation.partition_key is not None)
    makes = (relation[:2], (relation.schema, found.name)) if indexed else ()
    yield statement._replace(makes=makes), "SHARE ROW EXCLUSIVE" if found.kind == "foreign key" else EXCLUSIVE
    yield from ((each, _SHARED) for each in parts.constraint_attributes(found, relation[:2], table))
    if found.using_index is not None and found.using_index.parent is not None and not joins:
        yield parts.attach_index(found.using_index, relation[:2]), EXCLUSIVE


def _table(change: Change) -> str:
    return qualified((change.subject.identity[0], change.subject.identity[1]))
