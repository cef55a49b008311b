"""Raw rows to columns; columns that are alike in all but the table are one object.

A named tuple is made by `tuple.__new__`, which costs a third of calling its class: a large database has 100,000
columns. Most of them are of a few hundred kinds (`id bigint`, `created_at timestamptz`), and looked up.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..catalog.codes import bare
from ..quoting import default_name
from . import names as n
from .parts import Column, NotNull, SequenceOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .names import Names

    Rows = Mapping[str, Sequence[Any]]
    Row = Any  # of columns.sql

_new: Callable[..., Any] = tuple.__new__
_number = itemgetter(1)


class Columns:
    """The columns of one reading, by relation and number."""

    def __init__(self, rows: Rows, names: Names) -> None:
        self._names = names
        self._rows: dict[int, list[Row]] = n.grouped(rows["columns"])
        for found in self._rows.values():
            found.sort(key=_number)
        self._by_number = {oid: {row[1]: row for row in found} for oid, found in self._rows.items()}
        self._not_nulls = n.grouped(rows["notnulls"])
        self._identities = {(row[13], row[14]): row for row in rows["sequences"] if row[15] == "i"}
        self._commented = names.commented("pg_class")
        self._alike: dict[tuple[Any, ...], Column] = {}
        self._made = {oid: self._of(oid, names.relations[oid][1]) for oid in self._rows}

    def rows(self, relation: int) -> Mapping[int, Row]:
        """The rows of columns.sql, by attnum."""
        return self._by_number.get(relation, {})

    def named(self, relation: int, numbers: Sequence[int]) -> tuple[str, ...]:
        """The names of columns of a relation."""
        rows = self._by_number.get(relation, {})
        return tuple([rows[number][2] for number in numbers if number in rows])

    def of(self, relation: int) -> tuple[Column, ...]:
        """The columns of a relation in their order."""
        return self._made.get(relation, ())

    def _of(self, relation: int, table: str) -> tuple[Column, ...]:
        rows = self._rows[relation]
        if relation in self._commented or relation in self._not_nulls:
            return tuple(self._own(rows, table))
        alike, made = self._alike, []
        for row in rows:
            kind = row[2:]
            try:
                column = alike.get(kind)
            except TypeError:  # a list among the values, which is an ACL or options, cannot be looked up
                made.append(self._column(row))
                continue
            if column is None:
                column = self._column(row)
                if not column.identity:  # the sequence's properties stand in another row
                    alike[kind] = column
            made.append(column)
        return tuple(made)

    def _own(self, rows: Sequence[Row], table: str) -> Iterator[Column]:
        """The columns of a relation that has comments or constraints behind NOT NULL, each made by itself."""
        for row in rows:
            oid, number, name = row[:3]
            not_nulls = (self._not_null(one, table, name) for one in self._not_nulls.get(oid, ()) if one[2] == number)
            comment = self._names.comment("pg_class", oid, number)
            yield self._column(row)._replace(not_null_constraint=next(not_nulls, None), comment=comment)

    def _column(self, row: Row) -> Column:
        names = self._names
        (
            oid, number, name, type_oid, typmod, required, default, identity, generated, collation, storage,
            compression, statistics, options, foreign_options, inherited, local, privileges,
        ) = row  # fmt: skip
        text, own_collation, own_storage, _ = names.types[type_oid, typmod]
        column: Column = _new(Column, (
            name, text, required, bare(default) if generated else default,
            n.IDENTITIES[identity],
            self._identity(oid, number) if identity else None,
            n.GENERATED[generated],
            names.collations.get(collation) if collation != own_collation else None,
            n.STORAGES[storage] if storage != own_storage else None,
            n.COMPRESSIONS[compression], statistics,
            n.options(options), n.options(foreign_options), inherited, local,
            None, n.acl(privileges), None,
        ))  # fmt: skip
        return column

    def _identity(self, oid: int, number: int) -> SequenceOptions | None:
        row = self._identities.get((oid, number))
        return None if row is None else SequenceOptions(*row[6:13])

    def _not_null(self, row: Any, table: str, column: str) -> NotNull | None:
        """None for a constraint as the server itself would make it, which is how older servers have all of them."""
        _, name, _, oid, validated, no_inherit, local = row
        comment = self._names.comment("pg_constraint", oid)
        if validated and not no_inherit and comment is None:
            as_usual = name == default_name(table, column, "not_null") if local else True  # else it is the parent's
            if as_usual:
                return None
        return NotNull(name, validated, no_inherit, local, comment)
