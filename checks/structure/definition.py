"""Parts of a relation as SQL: what stands in CREATE TABLE, after ADD CONSTRAINT, and CREATE INDEX or POLICY whole.

The texts are those of pg_get_constraintdef() and pg_get_indexdef() (ruleutils.c), with all names qualified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..quoting import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .parts import Column, Constraint, Index, IndexKey, Name, Options, Policy, SequenceOptions

_IDENTITY = {"always": "ALWAYS", "by default": "BY DEFAULT"}
_SEQUENCE_LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def qualified(name: Name) -> str:
    """schema.name, quoted where it must be."""
    return ".".join(quoted(part) for part in name)


def names(columns: Iterable[str]) -> str:
    """Column names in a list."""
    return ", ".join(quoted(column) for column in columns)


def column_sql(column: Column, *, constraints: bool = True) -> str:
    """A column as in CREATE TABLE: type, collation, generation, default and, with `constraints`, NOT NULL."""
    return " ".join((quoted(column.name), column.type, *_clauses(column, constraints=constraints)))


def _clauses(column: Column, *, constraints: bool) -> Iterator[str]:
    if column.collation:
        yield f"COLLATE {column.collation}"
    if column.generated:
        yield f"GENERATED ALWAYS AS ({column.default}) {column.generated.upper()}"
    elif column.identity:
        yield f"GENERATED {_IDENTITY[column.identity]} AS IDENTITY"
        if column.identity_options and (options := sequence_sql(column.identity_options, of_identity=column.type)):
            yield f"({options})"
    elif column.default is not None:
        yield f"DEFAULT {column.default}"
    if constraints and column.not_null and (named := not_null_sql(column)):
        yield named


def not_null_sql(column: Column) -> str:
    """NOT NULL with its name and NO INHERIT; one that is not valid cannot be written in CREATE TABLE: then empty."""
    constraint = column.not_null_constraint
    if constraint is None:
        return "NOT NULL"
    if not constraint.validated:
        return ""
    no_inherit = " NO INHERIT" if constraint.no_inherit else ""
    return f"CONSTRAINT {quoted(constraint.name)} NOT NULL{no_inherit}"


def sequence_sql(options: SequenceOptions, *, of_identity: str | None = None) -> str:
    """The options of a sequence that are not as the server would choose them.

    `of_identity` is the type of the identity column that it belongs to, which decides the type.
    """
    return " ".join(_sequence_options(options, of_identity))


def _sequence_options(options: SequenceOptions, of_identity: str | None) -> Iterator[str]:
    up = options.increment > 0
    limit = _SEQUENCE_LIMITS.get(options.type, _SEQUENCE_LIMITS["bigint"])
    minimum, maximum = (1, limit) if up else (-limit - 1, -1)
    if of_identity is None and options.type != "bigint":
        yield f"AS {options.type}"
    if options.start != (options.minimum if up else options.maximum):
        yield f"START WITH {options.start}"
    if options.increment != 1:
        yield f"INCREMENT BY {options.increment}"
    if options.minimum != minimum:
        yield f"MINVALUE {options.minimum}"
    if options.maximum != maximum:
        yield f"MAXVALUE {options.maximum}"
    if options.cache != 1:
        yield f"CACHE {options.cache}"
    if options.cycle:
        yield "CYCLE"


def constraint_sql(constraint: Constraint) -> str:
    """What follows ADD CONSTRAINT name."""
    match constraint.kind:
        case "check":
            text = f"CHECK ({constraint.expression})" + (" NO INHERIT" if constraint.no_inherit else "")
        case "foreign key":
            text = _foreign_key(constraint)
        case "exclude":
            text = _exclusion(constraint)
        case _:
            text = _unique(constraint)
    return text + _state(constraint)


def _foreign_key(constraint: Constraint) -> str:
    own, referenced = list(constraint.columns), list(constraint.referenced_columns)
    period = "PERIOD " if constraint.period else ""
    mine = ", ".join([*map(quoted, own[:-1]), period + quoted(own[-1])])
    theirs = ", ".join([*map(quoted, referenced[:-1]), period + quoted(referenced[-1])])
    assert constraint.references is not None  # noqa: S101 - a foreign key references something
    text = f"FOREIGN KEY ({mine}) REFERENCES {qualified(constraint.references)}({theirs})"
    if constraint.match != "simple":
        text += f" MATCH {constraint.match.upper()}"
    if constraint.on_update != "no action":
        text += f" ON UPDATE {constraint.on_update.upper()}"
    if constraint.on_delete != "no action":
        text += f" ON DELETE {constraint.on_delete.upper()}"
        text += f" ({names(constraint.set_columns)})" if constraint.set_columns else ""
    return text


def _unique(constraint: Constraint) -> str:
    index, columns = constraint.using_index, [quoted(column) for column in constraint.columns]
    if constraint.period:
        columns[-1] += " WITHOUT OVERLAPS"
    distinct = " NULLS NOT DISTINCT" if index and index.nulls_not_distinct else ""
    return f"{constraint.kind.upper()}{distinct} ({', '.join(columns)})" + _index_tail(index)


def _exclusion(constraint: Constraint) -> str:
    index = constraint.using_index
    assert index is not None  # noqa: S101 - an exclusion constraint has an index
    elements = ", ".join(
        f"{key_sql(key)} WITH {operator.partition('(')[0]}"
        for key, operator in zip(index.keys, constraint.operators, strict=True)
    )
    where = f" WHERE ({index.predicate})" if index.predicate else ""
    return f"EXCLUDE USING {index.method} ({elements})" + _index_tail(index) + where


def _index_tail(index: Index | None) -> str:
    """INCLUDE, WITH and USING INDEX TABLESPACE of a constraint's index."""
    if index is None:
        return ""
    include = f" INCLUDE ({names(index.include)})" if index.include else ""
    space = f" USING INDEX TABLESPACE {quoted(index.tablespace)}" if index.tablespace else ""
    return include + options_sql(index.options, " WITH ") + space


def _state(constraint: Constraint) -> str:
    text = " DEFERRABLE" if constraint.deferrable else ""
    text += " INITIALLY DEFERRED" if constraint.deferred else ""
    text += "" if constraint.enforced else " NOT ENFORCED"
    return text + ("" if constraint.validated or not constraint.enforced else " NOT VALID")


def index_sql(index: Index, table: Name, *, only: bool = False) -> str:
    """CREATE INDEX; `only` for the index of a partitioned table that leaves the partitions alone."""
    unique = "UNIQUE " if index.unique else ""
    keys = ", ".join(key_sql(key) for key in index.keys)
    text = f"CREATE {unique}INDEX {quoted(index.name)} ON {'ONLY ' if only else ''}{qualified(table)}"
    text += f" USING {index.method} ({keys})"
    text += f" INCLUDE ({names(index.include)})" if index.include else ""
    text += " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    text += options_sql(index.options, " WITH ")
    text += f" TABLESPACE {quoted(index.tablespace)}" if index.tablespace else ""
    return text + (f" WHERE ({index.predicate})" if index.predicate else "")


def key_sql(key: IndexKey) -> str:
    """One key of an index with its collation, operator class and order."""
    text = f"({key.key})" if key.is_expression else quoted(key.key)
    text += f" COLLATE {key.collation}" if key.collation else ""
    if key.opclass or key.opclass_options:
        text += f" {key.opclass}" if key.opclass else ""
        text += options_sql(key.opclass_options, " ")
    if key.descending:
        return text + (" DESC" if key.nulls_first else " DESC NULLS LAST")
    return text + (" NULLS FIRST" if key.nulls_first else "")


def options_sql(options: Options, before: str) -> str:
    """`(name=value, ...)` after `before`; empty if there are none."""
    return f"{before}({', '.join(_option(option) for option in options)})" if options else ""


def _option(option: str) -> str:
    name, _, value = option.partition("=")
    prefix, dot, last = name.rpartition(".")
    written = f"{prefix}{dot}{quoted(last)}"
    plain = value.replace("_", "").replace(".", "").replace("-", "").isalnum()
    return f"{written}={value if plain else literal(value)}"


def policy_sql(policy: Policy, table: Name) -> str:
    """CREATE POLICY."""
    text = f"CREATE POLICY {quoted(policy.name)} ON {qualified(table)}"
    text += "" if policy.permissive else " AS RESTRICTIVE"
    text += "" if policy.command == "all" else f" FOR {policy.command.upper()}"
    text += f" TO {names(policy.roles)}" if policy.roles else ""
    text += f" USING ({policy.using})" if policy.using is not None else ""
    return text + (f" WITH CHECK ({policy.check})" if policy.check is not None else "")
