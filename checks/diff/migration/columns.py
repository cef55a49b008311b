"""Changes of a column as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...quoting import default_name, literal, quoted
from ...structure.ddl import parts, privileges, tables
from ...structure.ddl.statement import Statement
from ...structure.definition import options_sql, qualified, sequence_sql
from ...structure.model import Kind
from ...structure.parts import Column, NotNull
from ..type_change import Loss, type_change
from .model import EXCLUSIVE, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...structure.parts import Name, SequenceOptions
    from ..model import Change

_SHARED = "SHARE UPDATE EXCLUSIVE"
_NOT_NULL_ROWS = tables.NOT_NULL_ROWS
# Types between which the server casts on assignment (pg_cast): no USING, which would cut values without a word.
_ASSIGNED = (
    frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"}),
    frozenset({"text", "character varying", "character", "name"}),
    frozenset({"timestamp without time zone", "timestamp with time zone", "date"}),
    frozenset({"json", "jsonb"}),
    frozenset({"inet", "cidr"}),
)
_TEXTS = _ASSIGNED[1]


def altered(
    change: Change, version: int, *, default: bool, not_null: bool = True, joins: bool = False
) -> Iterator[Step]:
    """What turns the old column into the new one.

    `default`: the default was dropped before, and is to be set. `not_null`: NOT NULL is this column's own matter.
    `joins`: the table gets the parent from which the column is inherited.
    """
    yield from (
        Step(statement, change.subject, lock, destroys)
        for statement, lock, destroys in _altered(change, version, default=default, not_null=not_null, joins=joins)
    )


def _altered(
    change: Change, version: int, *, default: bool, not_null: bool, joins: bool
) -> Iterator[tuple[Statement, str, str | None]]:
    old, new = change.old, change.new
    name: Name = (change.subject.identity[0], change.subject.identity[1])
    table = qualified(name)
    if change.subject.kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW):
        yield from ((statement, "", None) for statement in _of_view(old, new, table, change.subject.kind))
        return
    handed_down = new.inherited and not new.local and not joins
    if not handed_down:
        number = "drops the sequence of the column, and with it the last number given"
        yield from ((each._replace(makes=(name,)), EXCLUSIVE, number) for each in _unidentified(old, new, table))
    if (old.type, old.collation) != (new.type, new.collation) and not handed_down:
        destroys = "values that the new type has no room for are cut, rounded or refused"
        lost = type_change(old.type, new.type).loss is Loss.SOME
        yield retyped(old, new, table)._replace(makes=(name,)), EXCLUSIVE, destroys if lost else None
    for statement in (
        *(_generation(old, new, table) if not handed_down else ()),
        *(_not_null(old, new, name, version) if not_null else ()),
        *_default(old, new, table, dropped=default),
    ):
        yield statement, EXCLUSIVE, None
    for statement in _properties(old, new, table, version):
        yield statement, _SHARED, None


def retyped(old: Column, new: Column, table: str, *, by_text: bool = False) -> Statement:
    """ALTER COLUMN ... TYPE, without the default while the values are cast."""
    column = quoted(new.name)
    collation = f" COLLATE {new.collation}" if new.collation else ""
    using = _using(old.type, new.type, column, by_text=by_text)
    actions = [f"ALTER COLUMN {column} TYPE {new.type}{collation}{using}"]
    if old.default is not None and not old.generated and old.type != new.type:
        actions.insert(0, f"ALTER COLUMN {column} DROP DEFAULT")
        if new.default is not None and not new.generated:
            actions.append(f"ALTER COLUMN {column} SET DEFAULT {new.default}")
    return Statement(f"ALTER TABLE {table} " + ", ".join(actions))


def _using(old: str, new: str, column: str, *, by_text: bool) -> str:
    """USING, where the server would not cast by itself. By way of text a value that does not fit is an error."""
    one, two = _without_modifier(old), _without_modifier(new)
    if by_text:
        return f" USING {column}::text{'[]' if new.endswith('[]') else ''}::{new}"
    if one == two or two in _TEXTS or any({one, two} <= group for group in _ASSIGNED):
        return ""
    if new == f"{old}[]":
        return f" USING ARRAY[{column}]"
    return f" USING {column}::{new}" if one in _TEXTS else f" USING {column}::text::{new}"


def _without_modifier(written: str) -> str:
    head, bracket, rest = written.partition("(")
    return head.strip() + rest.partition(")")[2] if bracket and '"' not in written else written


def ungenerated(change: Change) -> Iterator[Step]:
    """DROP EXPRESSION, which comes before everything that the expression depends on."""
    old, new = change.old, change.new
    if old.generated and not new.generated and (new.local or not new.inherited):
        table = qualified((change.subject.identity[0], change.subject.identity[1]))
        yield Step(parts.altered(table, new, "DROP EXPRESSION", only=False), change.subject, EXCLUSIVE)


def _unidentified(old: Column, new: Column, table: str) -> Iterator[Statement]:
    """DROP IDENTITY, which comes before another type."""
    if old.identity and not new.identity:
        yield parts.altered(table, new, "DROP IDENTITY", only=False)


def _generation(old: Column, new: Column, table: str) -> Iterator[Statement]:
    """SET EXPRESSION; properties of identity."""
    if old.generated and new.generated and old.default != new.default:
        yield parts.altered(table, new, f"SET EXPRESSION AS ({new.default})", only=False)
    if old.identity and new.identity and old.identity != new.identity:
        yield parts.altered(table, new, f"SET GENERATED {new.identity.upper()}", only=False)
    if old.identity and new.identity and old.identity_options and new.identity_options:
        for option in sequence_changes(old.identity_options, new.identity_options):
            if not option.startswith("AS "):
                yield parts.altered(table, new, f"SET {option}", only=False)


def sequence_changes(old: SequenceOptions, new: SequenceOptions) -> Iterator[str]:
    """The options of ALTER SEQUENCE."""
    words = {"increment": "INCREMENT BY", "minimum": "MINVALUE", "maximum": "MAXVALUE", "start": "START WITH"}
    if old.type != new.type:
        yield f"AS {new.type}"
    for field, word in {**words, "cache": "CACHE"}.items():
        if old.type != new.type or getattr(old, field) != getattr(new, field):
            yield f"{word} {getattr(new, field)}"
    if old.cycle != new.cycle:
        yield "CYCLE" if new.cycle else "NO CYCLE"


def _default(old: Column, new: Column, table: str, *, dropped: bool) -> Iterator[Statement]:
    if new.generated or new.identity:
        if new.identity and not old.identity:
            options = sequence_sql(new.identity_options, of_identity=new.type) if new.identity_options else ""
            written = f" ({options})" if options else ""
            if old.default is not None and not dropped:
                yield parts.altered(table, new, "DROP DEFAULT")
            yield parts.altered(table, new, f"ADD GENERATED {new.identity.upper()} AS IDENTITY{written}", only=False)
        return
    before = None if dropped or old.generated else old.default
    set_with_type = old.type != new.type and before is not None
    if before != new.default and not set_with_type:
        yield parts.default(new, table)


def _not_null(old: Column, new: Column, table: Name, version: int) -> Iterator[Statement]:
    name = qualified(table)
    if not new.not_null:
        if old.not_null:
            yield parts.altered(name, new, "DROP NOT NULL", only=False)
        return
    before, after = (_constraint(each, table, version) for each in (old, new))
    if not old.not_null:
        if new.not_null_constraint is not None:
            yield parts.add_not_null(new, name)
        else:
            yield parts.altered(name, new, "SET NOT NULL", only=False)
    elif before is not None and after is not None and before != after:
        yield from _same_not_null(before, after, old, new, name)


def _constraint(column: Column, table: Name, version: int) -> NotNull | None:
    """The constraint behind NOT NULL with its name, where the server has one."""
    if not column.not_null or version < _NOT_NULL_ROWS:
        return None
    return column.not_null_constraint or NotNull(default_name(table[1], column.name, "not_null"))


def _same_not_null(before: NotNull, after: NotNull, old: Column, column: Column, table: str) -> Iterator[Statement]:
    if before.validated and not after.validated:
        yield parts.altered(table, column, "DROP NOT NULL", only=False)
        yield parts.add_not_null(column._replace(not_null_constraint=after), table)
        return
    inherited = not old.local and old.not_null_constraint is None  # its name, which is often the parent's, is not read
    if before.name != after.name and after.local and not inherited:
        yield Statement(f"ALTER TABLE {table} RENAME CONSTRAINT {quoted(before.name)} TO {quoted(after.name)}")
    if before.no_inherit != after.no_inherit:
        word = "NO INHERIT" if after.no_inherit else "INHERIT"
        yield Statement(f"ALTER TABLE {table} ALTER CONSTRAINT {quoted(after.name)} {word}")
    if after.validated and not before.validated:
        yield Statement(f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(after.name)}")
    if before.comment != after.comment:
        yield parts.constraint_comment(after.name, table, after.comment)


def _properties(old: Column, new: Column, table: str, version: int) -> Iterator[Statement]:
    if old.storage != new.storage:
        yield parts.storage(new, table, version)
    if old.compression != new.compression:
        yield parts.altered(table, new, f"SET COMPRESSION {new.compression or 'default'}")
    if old.statistics != new.statistics:
        yield parts.altered(table, new, f"SET STATISTICS {-1 if new.statistics is None else new.statistics}")
    for what in option_changes(old.options, new.options):
        yield parts.altered(table, new, what)
    if old.foreign_options != new.foreign_options:
        changed = foreign_option_changes(old.foreign_options, new.foreign_options)
        yield Statement(f"ALTER FOREIGN TABLE {table} ALTER COLUMN {quoted(new.name)} {changed}")
    if old.comment != new.comment:
        yield privileges.comment(f"COLUMN {table}.{quoted(new.name)}", new.comment)
    yield from privileges.column_grants(old.acl, new.acl, new.name, table)


def option_changes(old: tuple[str, ...], new: tuple[str, ...], prefix: str = "") -> Iterator[str]:
    """SET (...) and RESET (...) that turn the storage parameters into others."""
    names = {option.partition("=")[0] for option in new}
    gone = sorted(name for option in old if (name := option.partition("=")[0]) not in names)
    come = tuple(prefix + option for option in new if option not in old)
    if gone:
        yield f"RESET ({', '.join(prefix + quoted(name) for name in gone)})"
    if come:
        yield "SET" + options_sql(come, " ")


def foreign_option_changes(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    """OPTIONS (...) of a foreign table or of its column."""
    before, after = (dict(_pair(option) for option in options) for options in (old, new))
    said = [f"DROP {quoted(name)}" for name in before if name not in after]
    for name, value in after.items():
        if before.get(name) != value:
            said.append(f"{'SET' if name in before else 'ADD'} {quoted(name)} {literal(value)}")
    return f"OPTIONS ({', '.join(said)})"


def _pair(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, value


def _of_view(old: Column, new: Column, view: str, kind: Kind) -> Iterator[Statement]:
    if kind is Kind.VIEW and old.default != new.default:
        what = "DROP DEFAULT" if new.default is None else f"SET DEFAULT {new.default}"
        yield Statement(f"ALTER VIEW {view} ALTER COLUMN {quoted(new.name)} {what}")
    if old.comment != new.comment:
        yield privileges.comment(f"COLUMN {view}.{quoted(new.name)}", new.comment)
    if kind is Kind.MATERIALIZED_VIEW:
        for statement in _properties(old._replace(comment=new.comment, acl=new.acl), new, view, 0):
            yield statement._replace(sql=statement.sql.replace("ALTER TABLE ONLY", "ALTER MATERIALIZED VIEW", 1))
    yield from privileges.column_grants(old.acl, new.acl, new.name, view)
