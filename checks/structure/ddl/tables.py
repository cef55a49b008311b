"""Tables as statements: CREATE TABLE and what it cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...quoting import default_name, literal, quoted
from ...sql.mentions import mentions
from ..definition import column_sql, constraint_sql, names, options_sql, qualified
from ..model import Kind
from ..parts import NotNull
from . import parts
from .statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model import Relation
    from ..parts import Column, Constraint, Name, Options

    Find = Callable[[Name], Relation | None]

NOT_NULL_ROWS = 180000  # the first server that has a constraint for NOT NULL


class Tables:
    """Makes the statements of tables that belong to one structure."""

    def __init__(self, find: Find, routines: frozenset[Name], version: int) -> None:
        """`find` gives a relation by its name; `routines` are the names of all functions: what calls one comes late."""
        self.find = find
        self.routines = routines
        self.version = version

    def create(self, table: Relation, kind: Kind) -> Iterator[Statement]:
        """The table with its columns and most of its constraints; without foreign keys, indexes and the like."""
        name = qualified(table[:2])
        unlogged = "UNLOGGED " if table.persistence == "unlogged" else ""
        head = f"CREATE {'FOREIGN ' if kind is Kind.FOREIGN_TABLE else unlogged}TABLE {name}"
        of_type = f" OF {qualified(table.of_type)}" if table.of_type else ""
        keys = (each for each in table.constraints if each.using_index and not self.apart(each))
        makes = (table[:2], *((table.schema, each.name) for each in keys))
        lines = [*self._columns(table, kind), *self._constraints(table)]
        body = "(\n    " + ",\n    ".join(lines) + "\n)" if lines else "" if of_type else "()"
        text = head + of_type + (f" {body}" if body else "") + self._tail(table)
        # A partition comes behind its parent, whose names for NOT NULL it has.
        yield Statement(text, makes, " ".join((text, *map(qualified, table.parents))))
        yield from self._late(table)

    def attached(self, table: Relation) -> Iterator[Statement]:
        """What makes it a partition, once all partitions have their indexes."""
        if table.bound is not None:
            yield attach(table)

    def _columns(self, table: Relation, kind: Kind) -> Iterator[str]:
        partition = table.bound is not None
        for column in table.columns:
            if table.of_type:
                clauses = column_sql(column._replace(type="WITH OPTIONS", collation=None))
                if clauses != f"{quoted(column.name)} WITH OPTIONS":
                    yield clauses
            elif column.local or partition or not table.parents:
                yield self._column(column, table, kind)

    def _column(self, column: Column, table: Relation, kind: Kind) -> str:
        if table.bound is not None:
            column = self._of_partition(column, table)
        if self.late(column):
            column = column._replace(default=None)
        text = column_sql(column)
        if kind is Kind.FOREIGN_TABLE and column.foreign_options:
            text += foreign_options(column.foreign_options)
        return text

    def _of_partition(self, column: Column, table: Relation) -> Column:
        """A partition has identity and the name of a NOT NULL constraint from its parent."""
        column = column._replace(identity="", identity_options=None)
        if column.not_null and column.not_null_constraint is None and self.version >= NOT_NULL_ROWS:
            column = column._replace(not_null_constraint=self._not_null_above(column, table))
        return column

    def _not_null_above(self, column: Column, table: Relation) -> NotNull | None:
        above = self._above(column, table)
        if above is None or not above[1].not_null:
            return None
        parent, its = above
        kept = its.not_null_constraint or (self._not_null_above(its, parent) if parent.bound is not None else None)
        return kept._replace(comment=None) if kept else NotNull(default_name(parent.name, column.name, "not_null"))

    def _above(self, column: Column, table: Relation) -> tuple[Relation, Column] | None:
        for parent in table.parents:
            if found := self.find(parent):
                for its in found.columns:
                    if its.name == column.name:
                        return found, its
        return None

    def _constraints(self, table: Relation) -> Iterator[str]:
        for constraint in table.constraints:
            if constraint.kind != "foreign key" and own(constraint, table) and not self.apart(constraint):
                yield f"CONSTRAINT {quoted(constraint.name)} {constraint_sql(constraint)}"

    def apart(self, constraint: Constraint) -> bool:
        """Whether the constraint has a statement of its own."""
        if constraint.enforced and not constraint.validated:
            return True
        return bool(mentions(constraint_sql(constraint)) & self.routines)

    def late(self, column: Column) -> bool:
        """Whether the default has a statement of its own, since it calls a function that may need the table."""
        return bool(column.default and not column.generated and mentions(column.default) & self.routines)

    def _late(self, table: Relation) -> Iterator[Statement]:
        """Defaults that come late, columns that are inherited and differ, and all that CREATE TABLE has no word for."""
        name = qualified(table[:2])
        for column in table.columns:
            above = self._above(column, table) if table.bound is None and not column.local else None
            if self.late(column) or (above and column.default != above[1].default and not column.generated):
                yield parts.default(column, name)
            if above and column.not_null and not above[1].not_null:
                yield parts.altered(name, column, "SET NOT NULL")
            if column.not_null_constraint and not column.not_null_constraint.validated and column.local:
                yield parts.add_not_null(column, name)
        for constraint in table.constraints:
            if constraint.kind != "foreign key" and own(constraint, table) and self.apart(constraint):
                yield parts.add_constraint(constraint, name, only=True)

    def _tail(self, table: Relation) -> str:
        """INHERITS, PARTITION BY, SERVER and storage."""
        text = ""
        if table.parents and table.bound is None:
            text += f"\nINHERITS ({', '.join(map(qualified, table.parents))})"
        text += f"\nPARTITION BY {table.partition_key}" if table.partition_key else ""
        text += f"\nSERVER {quoted(table.server)}" if table.server else ""
        text += foreign_options(table.foreign_options)
        text += f"\nUSING {quoted(table.access_method)}" if table.access_method else ""
        toast = tuple(f"toast.{option}" for option in table.toast_options)
        text += options_sql((*table.options, *toast), "\nWITH ")
        return text + (f"\nTABLESPACE {quoted(table.tablespace)}" if table.tablespace else "")


def attach(table: Relation) -> Statement:
    """ATTACH PARTITION."""
    parent = qualified(table.parents[0])
    return Statement(f"ALTER TABLE ONLY {parent} ATTACH PARTITION {qualified(table[:2])} {table.bound}")


def own(constraint: Constraint, table: Relation) -> bool:
    """Whether the table brings the constraint itself: a partition all that have an index, a child what is local."""
    if constraint.kind == "foreign key":
        return constraint.parent is None
    return constraint.local or table.bound is not None


def foreign_options(options: Options) -> str:
    """OPTIONS (name 'value') of a foreign table or column."""
    pairs = (option.partition("=") for option in options)
    listed = ", ".join(f"{quoted(name)} {literal(value)}" for name, _, value in pairs)
    return f" OPTIONS ({listed})" if listed else ""


def view(relation: Relation, kind: Kind, *, replace: bool = False) -> Statement:
    """CREATE VIEW or CREATE MATERIALIZED VIEW, which names its columns."""
    definition = (relation.definition or "").strip().removesuffix(";")
    columns = f" ({names(column.name for column in relation.columns)})" if relation.columns else ""
    text = f"CREATE {'OR REPLACE ' if replace else ''}{kind.upper()} {qualified(relation[:2])}{columns}"
    text += f" USING {quoted(relation.access_method)}" if relation.access_method else ""
    text += options_sql(relation.options, " WITH ")
    text += f" TABLESPACE {quoted(relation.tablespace)}" if relation.tablespace else ""
    text += f" AS\n{definition}"
    if kind is Kind.MATERIALIZED_VIEW and not relation.populated:
        text += "\nWITH NO DATA"
    return Statement(text, (relation[:2],))
