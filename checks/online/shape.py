"""What the server itself makes of a key: qualified expressions, collations, equality operators, off a real index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal
from .relation import rows_of

if TYPE_CHECKING:
    from .key import Key
    from .model import Table
    from .session import Session

_NAME = "pg_temp.pgarbiter_shape"


@dataclass(frozen=True, slots=True)
class Shape:
    """A key with every name qualified, so that it means the same under any search_path.

    `rows`: the relation whose rows the index holds, with ONLY where tables inherit from it. `values`: one expression
    over its columns for each element, COLLATE included. `equals`: the operators that compare them, as
    OPERATOR(schema.=). `hashed`: which of the values have a hash that agrees with their equality. `counted`: the
    predicate of Key, qualified.
    """

    rows: str
    values: tuple[str, ...]
    equals: tuple[str, ...]
    hashed: tuple[bool, ...]
    counted: str
    nulls_not_distinct: bool

    def selected(self) -> str:
        """The values for a SELECT list, named pgarbiter_k1 and so on."""
        return ", ".join(f"{value} AS {name}" for value, name in zip(self.values, self.names, strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that `selected` gives."""
        return tuple(f"pgarbiter_k{number}" for number, _ in enumerate(self.values, 1))

    def matching(self, alias: str) -> str:
        """Condition: a row of the table has the key that `alias` holds under `names`."""
        return " AND ".join(
            f"({self.is_equal(number, alias)} OR {self.is_null(number, alias)})"
            if self.nulls_not_distinct
            else self.is_equal(number, alias)
            for number, _ in enumerate(self.values)
        )

    def matching_nulls(self, alias: str, nulls: int) -> str:
        """The same for keys whose NULLs are known, bit by bit: an index and a hash join can be used."""
        return " AND ".join(
            self.is_null(number, alias) if nulls >> number & 1 else self.is_equal(number, alias)
            for number, _ in enumerate(self.values)
        )

    def is_equal(self, number: int, alias: str) -> str:
        """Condition: both have the same value at that place."""
        return f"{self.values[number]} {self.equals[number]} {alias}.{self.names[number]}"

    def is_null(self, number: int, alias: str) -> str:
        """Condition: both have NULL at that place. IS NULL is for the index, num_nulls for composite values."""
        value = self.values[number]
        return (
            f"{value} IS NULL AND pg_catalog.num_nulls({value}) = 1"
            f" AND pg_catalog.num_nulls({alias}.{self.names[number]}) = 1"
        )


def shape(session: Session, table: Table, key: Key) -> Shape:
    """Read the shape off an empty index on an empty temporary copy of the table, which is gone afterwards.

    Wants an open transaction. Raises DBAPIError for what no unique index can be made of.
    """
    session.run(f"CREATE TEMPORARY TABLE pgarbiter_shape (LIKE {table})")
    where = f" WHERE {key.where}" if key.where else ""
    session.run(f"CREATE UNIQUE INDEX ON {_NAME} ({key.index_elements}){where}")
    index = session.value(f"SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = {literal(_NAME)}::regclass")
    found = shape_of_index(session, rows_of(session, table), index, nulls_not_distinct=key.nulls_not_distinct)
    hashed = tuple(_is_hashed(session, value) for value in found.values)
    session.run(f"DROP TABLE {_NAME}")
    return replace(found, hashed=hashed)


def shape_of_index(session: Session, rows: str, index: int, *, nulls_not_distinct: bool) -> Shape:
    """The shape of an index, by its oid; `rows` as in Shape, `hashed` unknown. Wants an open transaction."""
    path = session.value("SELECT pg_catalog.current_setting('search_path')")
    session.rows("SELECT pg_catalog.set_config('search_path', '', true)")  # names that are found are not qualified
    predicate = session.value(
        f"SELECT pg_catalog.pg_get_expr(indpred, indrelid) FROM pg_catalog.pg_index WHERE indexrelid = {index}"
    )
    elements = session.rows(f"{_ELEMENTS} AND i.indexrelid = {index} ORDER BY e.n")
    session.rows(f"SELECT pg_catalog.set_config('search_path', {literal(path)}, true)")
    values = tuple(value + collation for value, collation, _ in elements)
    counted = f"({predicate})" if predicate else "true"
    if not nulls_not_distinct:
        counted += f" AND pg_catalog.num_nulls({', '.join(value for value, *_ in elements)}) = 0"
    return Shape(rows, values, tuple(equal for _, _, equal in elements), (), counted, nulls_not_distinct)


_ELEMENTS = """\
SELECT '(' || pg_catalog.pg_get_indexdef(i.indexrelid, e.n::int, true) || ')',
       coalesce(' COLLATE ' || pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(c.collname), ''),
       'OPERATOR(' || pg_catalog.quote_ident(pn.nspname) || '.' || p.oprname || ')'
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL unnest(i.indclass::oid[], i.indcollation::oid[]) WITH ORDINALITY e(class, collation_, n)
JOIN pg_catalog.pg_opclass o ON o.oid = e.class
JOIN pg_catalog.pg_amop a ON a.amopfamily = o.opcfamily AND a.amopstrategy = 3
     AND a.amoplefttype = o.opcintype AND a.amoprighttype = o.opcintype
JOIN pg_catalog.pg_operator p ON p.oid = a.amopopr
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.oprnamespace
LEFT JOIN pg_catalog.pg_collation c ON c.oid = e.collation_
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace
WHERE e.n <= i.indnkeyatts"""


def _is_hashed(session: Session, value: str) -> bool:
    """Whether the type of the value has a hash function; asked in a savepoint, since the answer no is an error."""
    session.run("SAVEPOINT pgarbiter_hashed")
    try:
        session.value(
            f"SELECT pg_catalog.hash_record_extended(ROW(s.v), 0) FROM (SELECT NULL) n"
            f" LEFT JOIN (SELECT {value} AS v FROM {_NAME}) s ON true"
        )
    except DBAPIError:
        if session.lost:
            raise
        session.run("ROLLBACK TO SAVEPOINT pgarbiter_hashed")
        return False
    session.run("RELEASE SAVEPOINT pgarbiter_hashed")
    return True
