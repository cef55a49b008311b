"""Raw rows to indexes; keys that are alike are one object, see columns.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..catalog.codes import DEFAULT_COLLATION, DESCENDING, NULLS_FIRST, bare, numbers
from . import names as n
from .parts import Index, IndexKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .columns import Columns
    from .names import Names

    Rows = Mapping[str, Sequence[Any]]

_new: Callable[..., Any] = tuple.__new__
_USUAL = (None, None)  # operator class parameters and statistics target of nearly every key


class Indexes:
    """The indexes of one reading, by the relation that they are on."""

    def __init__(self, rows: Rows, names: Names, columns: Columns) -> None:
        self._names = names
        self._columns = columns
        self._rows = n.grouped(rows["indexes"])
        self._parents: dict[int, int] = dict(rows["parents"])
        self._by_oid = {row[1]: (row[0], row[2]) for row in rows["indexes"]} if self._parents else {}
        self._extras = {(row[0], row[1]): row[2:] for row in rows["keys"]}
        self._commented = names.commented("pg_class")
        self._alike: dict[tuple[Any, ...], IndexKey] = {}
        self._made = {oid: [(row[1], self._index(row)) for row in found] for oid, found in self._rows.items()}

    def of(self, relation: int, owners: set[int]) -> tuple[tuple[Index, ...], dict[int, Index]]:
        """The indexes that no constraint owns, by name, and those in `owners`, by OID."""
        found = self._made.get(relation, ())
        free = sorted([index for oid, index in found if oid not in owners])
        return tuple(free), {oid: index for oid, index in found if oid in owners}

    def relations(self) -> set[int]:
        """The relations that have an index."""
        return set(self._made)

    def replica_identity(self, relation: int) -> str | None:
        """The index that stands for the table's rows, if one was chosen."""
        return next((f"index {row[2]}" for row in self._rows.get(relation, ()) if row[17]), None)

    def _index(self, row: Any) -> Index:
        names = self._names
        (
            relation, oid, name, method, count, attnums, collations, opclasses, flags, expressions, predicate,
            unique, nulls_not_distinct, valid, ready, live, clustered, _, options, tablespace,
        ) = row  # fmt: skip
        columns, members = self._columns.rows(relation), numbers(attnums)
        packed = members[:count], numbers(collations), numbers(opclasses), numbers(flags)
        index: Index = _new(Index, (
            name, names.methods[method],
            self._keys(oid, columns, expressions, *packed),
            tuple([columns[member][2] for member in members[count:]]) if len(members) > count else (),
            bare(predicate) if predicate is not None else None,
            unique, nulls_not_distinct, valid, ready, live, clustered,
            n.options(options) if options else (),
            names.tablespaces.get(tablespace) if tablespace else None,
            self._parent(oid) if self._parents else None,
            names.comment("pg_class", oid) if oid in self._commented else None,
        ))  # fmt: skip
        return index

    def _parent(self, oid: int) -> tuple[str, str] | None:
        above = self._by_oid.get(self._parents.get(oid, 0))
        return None if above is None else (self._names.relations[above[0]][0], above[1])

    def _keys(
        self, oid: int, columns: Mapping[int, Any], expressions: Sequence[str] | None, *packed: tuple[int, ...]
    ) -> tuple[IndexKey, ...]:
        """The keys; `packed` are their attnums, collations, operator classes and flags."""
        texts = map(bare, expressions or ())
        alike, extras, types = self._alike, self._extras, self._names.types
        made: list[IndexKey] = []
        for number, collation, opclass, flags in zip(*packed, strict=False):
            if number:
                column = columns[number]
                kind = (column[2], collation, opclass, flags, column[9], types[column[3], column[4]][3])
            else:
                kind = (next(texts), collation, opclass, flags, DEFAULT_COLLATION, None)
            key = alike.get(kind)
            if key is None:
                key = alike[kind] = self._key(*kind)
            if extras:
                options, statistics = extras.get((oid, len(made) + 1), _USUAL)
                key = key._replace(opclass_options=n.options(options), statistics=statistics)
            made.append(key)
        return tuple(made)

    def _key(
        self, text: str | None, collation: int, opclass: int, flags: int, own: int, type_oid: int | None
    ) -> IndexKey:
        """A key; `own` and `type_oid` are collation and type of its column, None that of an expression."""
        return IndexKey(
            text or "",
            type_oid is None,
            self._names.collations.get(collation) if collation not in (0, own) else None,
            self._names.opclass(opclass, type_oid),
            descending=bool(flags & DESCENDING),
            nulls_first=bool(flags & NULLS_FIRST),
        )
