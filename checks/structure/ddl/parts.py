"""Parts of relations as statements: columns' properties, constraints, indexes, triggers, rules and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...quoting import quoted
from ..definition import constraint_sql, index_sql, options_sql, policy_sql
from . import privileges
from .statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..parts import Column, Constraint, Index, Name, Policy, Rule, Trigger

# Types of the server that are not stored as text is (typstorage of pg_type.dat).
_MAIN = {"numeric", "inet", "cidr"}
_PLAIN = {
    "smallint", "integer", "bigint", "oid", "boolean", "real", "double precision", "money", "date", "timestamp",
    "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone",
    "interval", "uuid", "name", "macaddr", "macaddr8", "point", "lseg", "box", "line", "circle", "pg_lsn", "tid", "xid",
}  # fmt: skip
_FIRED = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS", "origin": "ENABLE"}
_STORAGE_DEFAULT = 160000  # the first server that has SET STORAGE DEFAULT


def altered(table: str, column: Column, what: str, *, only: bool = True) -> Statement:
    """ALTER TABLE ... ALTER COLUMN."""
    return Statement(f"ALTER TABLE {'ONLY ' if only else ''}{table} ALTER COLUMN {quoted(column.name)} {what}")


def default(column: Column, table: str) -> Statement:
    """SET DEFAULT or DROP DEFAULT."""
    return altered(table, column, "DROP DEFAULT" if column.default is None else f"SET DEFAULT {column.default}")


def add_not_null(column: Column, table: str) -> Statement:
    """ADD CONSTRAINT ... NOT NULL, with all that it may have."""
    constraint = column.not_null_constraint
    assert constraint is not None  # noqa: S101 - the caller has looked
    text = f"ALTER TABLE {table} ADD CONSTRAINT {quoted(constraint.name)} NOT NULL {quoted(column.name)}"
    text += " NO INHERIT" if constraint.no_inherit else ""
    return Statement(text + ("" if constraint.validated else " NOT VALID"))


def storage(column: Column, table: str, version: int) -> Statement:
    """SET STORAGE; servers before 16 must be told what the type has."""
    wanted = column.storage or ("default" if version >= _STORAGE_DEFAULT else _usual_storage(column.type))
    return altered(table, column, f"SET STORAGE {wanted.upper()}")


def _usual_storage(type_: str) -> str:
    known = type_.partition("(")[0] if not type_.endswith("[]") else type_
    return "main" if known in _MAIN else "plain" if known in _PLAIN else "extended"


def attributes(column: Column, table: str, version: int, word: str = "COLUMN") -> Iterator[Statement]:
    """What a new column has besides its definition."""
    if column.storage:
        yield storage(column, table, version)
    if column.compression:
        yield altered(table, column, f"SET COMPRESSION {column.compression}")
    if column.statistics is not None:
        yield altered(table, column, f"SET STATISTICS {column.statistics}")
    if column.options:
        yield altered(table, column, "SET" + options_sql(column.options, " "))
    if column.comment is not None:
        yield privileges.comment(f"{word} {table}.{quoted(column.name)}", column.comment)
    if column.not_null_constraint and column.not_null_constraint.comment is not None:
        yield constraint_comment(column.not_null_constraint.name, table, column.not_null_constraint.comment)
    yield from privileges.column_grants(None, column.acl, column.name, table)


def constraint_comment(name: str, table: str, text: str | None) -> Statement:
    """COMMENT ON CONSTRAINT."""
    return privileges.comment(f"CONSTRAINT {quoted(name)} ON {table}", text)


def add_constraint(constraint: Constraint, table: str, *, only: bool = False) -> Statement:
    """ALTER TABLE ... ADD CONSTRAINT; `only` leaves partitions and children alone."""
    text = f"ALTER TABLE {'ONLY ' if only else ''}{table} ADD CONSTRAINT {quoted(constraint.name)}"
    return Statement(f"{text} {constraint_sql(constraint)}")


def constraint_attributes(constraint: Constraint, table: Name, name: str) -> Iterator[Statement]:
    """Comments, and what its index has besides."""
    if constraint.comment is not None:
        comment = constraint_comment(constraint.name, name, constraint.comment)
        yield comment._replace(needs=f"{name} {constraint_sql(constraint)}")
    if constraint.using_index:
        yield from index_attributes(constraint.using_index, table, name)


def add_index(index: Index, table: Name, *, only: bool = False) -> Statement:
    """CREATE INDEX, which makes the index and completes the table."""
    return Statement(index_sql(index, table, only=only), ((table[0], index.name),))


def index_attributes(index: Index, table: Name, name: str) -> Iterator[Statement]:
    """Comment, statistics of expressions, and whether the table is clustered by it."""
    own = f"{quoted(table[0])}.{quoted(index.name)}"
    if index.comment is not None:
        yield privileges.comment(f"INDEX {own}", index.comment)
    for place, key in enumerate(index.keys, 1):
        if key.statistics is not None:
            yield Statement(f"ALTER INDEX {own} ALTER COLUMN {place} SET STATISTICS {key.statistics}")
    if index.clustered:
        yield Statement(f"ALTER TABLE {name} CLUSTER ON {quoted(index.name)}", needs=f"{name} {own}")


def attach_index(index: Index, table: Name) -> Statement:
    """ALTER INDEX ... ATTACH PARTITION."""
    assert index.parent is not None  # noqa: S101 - the caller has looked
    parent = ".".join(map(quoted, index.parent))
    return Statement(f"ALTER INDEX {parent} ATTACH PARTITION {quoted(table[0])}.{quoted(index.name)}")


def trigger(found: Trigger, table: str) -> Iterator[Statement]:
    """CREATE TRIGGER with its state and comment."""
    yield Statement(found.definition)
    yield from _behind(found.definition, firing("TRIGGER", found, table))
    if found.comment is not None:
        comment = privileges.comment(f"TRIGGER {quoted(found.name)} ON {table}", found.comment)
        yield comment._replace(needs=found.definition)


def rule(found: Rule, table: str) -> Iterator[Statement]:
    """CREATE RULE with its state and comment."""
    yield Statement(found.definition.strip().removesuffix(";"))
    yield from _behind(found.definition, firing("RULE", found, table))
    if found.comment is not None:
        yield privileges.comment(f"RULE {quoted(found.name)} ON {table}", found.comment)._replace(
            needs=found.definition
        )


def firing(word: str, found: Trigger | Rule, table: str, *, always: bool = False) -> Iterator[Statement]:
    """ENABLE or DISABLE, where it is not as usual."""
    if always or found.enabled != "origin":
        yield Statement(f"ALTER TABLE {table} {_FIRED[found.enabled]} {word} {quoted(found.name)}")


def _behind(text: str, statements: Iterator[Statement]) -> Iterator[Statement]:
    """The statements as needing what the text names, of whatever it makes."""
    return (statement._replace(needs=text) for statement in statements)


def policy(found: Policy, table: Name, name: str) -> Iterator[Statement]:
    """CREATE POLICY with its comment."""
    made = policy_sql(found, table)
    yield Statement(made)
    if found.comment is not None:
        yield privileges.comment(f"POLICY {quoted(found.name)} ON {name}", found.comment)._replace(needs=made)
