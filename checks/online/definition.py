"""The definition of an index: its statement, and whether an index of the catalog has just this definition."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal, quoted
from .index_state import PartitionedParent, Valid, state
from .key import Key
from .model import OnlineError, Table
from .session import sqlstate

if TYPE_CHECKING:
    from .session import Session

_SHAPE = "pgarbiter_shape"
_NULLS_NOT_DISTINCT = 150000
# What PostgreSQL itself made of an index: how it deparses each element tells equal ones, whatever way they were
# written. indnullsnotdistinct is read through jsonb, since it is no column before 15.
_QUERY = """\
SELECT ROW(
        i.indisunique, i.indimmediate, i.indisexclusion, m.amname, i.indnkeyatts, i.indcollation, i.indclass,
        i.indoption, ARRAY(
            SELECT pg_catalog.pg_get_indexdef(i.indexrelid, n, true)
            FROM pg_catalog.generate_series(1, i.indnatts) n ORDER BY n),
        pg_catalog.pg_get_expr(i.indpred, i.indrelid, true),
        COALESCE(pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct', 'false')
    )::text,
    i.indrelid = pg_catalog.to_regclass({table}), k.oid IS NOT NULL, i.indisprimary, i.indisunique,
    COALESCE(pg_catalog.pg_get_constraintdef(k.oid), pg_catalog.pg_get_indexdef(i.indexrelid))
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = c.relam
LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('u', 'p', 'x')
WHERE i.indexrelid = pg_catalog.to_regclass({index})"""


@dataclass(frozen=True, slots=True)
class Found:
    """An index of the catalog; `features`: all that decides what it enforces, to compare; `shown`: for people."""

    features: str
    on_table: bool
    constraint: bool
    primary: bool
    unique: bool
    shown: str


@dataclass(frozen=True, slots=True)
class Definition:
    """An index on `table`, without its name; elements as the directives spell them.

    `written`: all that follows the table in its statement, where there is more to say: the order of the elements.
    """

    table: Table
    elements: tuple[str, ...]
    unique: bool = True
    where: str | None = None
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    method: str = "btree"
    written: str | None = None

    @property
    def key(self) -> Key:
        """What the index makes unique."""
        return Key(self.elements, self.where, self.nulls_not_distinct)

    def statement(self, name: str, *, on: Table | None = None, how: str = "CONCURRENTLY") -> str:
        """CREATE INDEX; `how`: CONCURRENTLY, ONLY (of a partitioned table) or nothing."""
        create = f"CREATE{' UNIQUE' * self.unique} INDEX{' CONCURRENTLY' * (how == 'CONCURRENTLY')} {quoted(name)}"
        method = "" if self.method == "btree" else f" USING {quoted(self.method)}"
        only = " ONLY" * (how == "ONLY")
        if self.written is not None:
            return f"{create} ON{only} {on or self.table} {self.written}"
        return " ".join((f"{create} ON{only} {on or self.table}{method}", *self._clauses()))

    def constraint(self, name: str, *, on: Table | None = None) -> str:
        """ALTER TABLE ONLY ... ADD CONSTRAINT ... UNIQUE, which builds the index: for a partitioned table."""
        nulls = " NULLS NOT DISTINCT" if self.nulls_not_distinct else ""
        elements, *included = (each for each in self._clauses() if not each.startswith("NULLS"))
        listed = " ".join((elements, *included))
        return f"ALTER TABLE ONLY {on or self.table} ADD CONSTRAINT {quoted(name)} UNIQUE{nulls} {listed}"

    def _clauses(self) -> tuple[str, ...]:
        return tuple(
            clause
            for wanted, clause in (
                (True, f"({self.key.index_elements})"),
                (self.include, f"INCLUDE ({', '.join(quoted(each) for each in self.include)})"),
                (self.nulls_not_distinct, "NULLS NOT DISTINCT"),
                (self.where, f"WHERE {self.where}"),
            )
            if wanted
        )

    def features(self, session: Session, on: Table | None = None) -> str:
        """What PostgreSQL makes of this definition, by making it on an empty copy of the table that is rolled back.

        So the server checks the definition before anything is done: OnlineError with what it said.
        """
        if self.nulls_not_distinct and session.version < _NULLS_NOT_DISTINCT:
            raise OnlineError("NULLS NOT DISTINCT needs PostgreSQL 15 or later; nothing was changed")
        table = on or self.table
        shape = Table(table.name, "pg_temp")
        partitioning = session.value(
            f"SELECT pg_catalog.pg_get_partkeydef(pg_catalog.to_regclass({literal(str(table))})::oid)"
        )
        by = f" PARTITION BY {partitioning}" if partitioning else ""
        try:
            return _made_and_undone(session, shape, f"(LIKE {table}){by}", self.statement(_SHAPE, on=shape, how=""))
        except DBAPIError as error:
            if (sqlstate(error) or "")[:2] not in ("42", "0A", "22"):
                raise
            said = str(error.orig).splitlines()[0]
            raise OnlineError(
                f'such an index cannot be made on "{table}": {said}; nothing was changed',
                "Mend the columns, the predicate or what else the directive says of it.",
            ) from error


@dataclass(frozen=True, slots=True)
class Wanted:
    """A definition with what PostgreSQL makes of it (see `Definition.features`)."""

    definition: Definition
    features: str

    def made(
        self,
        session: Session,
        name: str,
        *,
        on: Table | None = None,
        constraint: bool | None = False,
        valid: bool = True,
    ) -> bool:
        """Whether the index of that name has this definition, and is valid unless `valid` is False.

        `constraint`: must it back one; None: either way. `on`: the partition where it lies, if not the table itself.
        """
        there = self._there(session, name, on, valid=valid)
        return there is not None and there.features == self.features and constraint in (None, there.constraint)

    def verify(
        self,
        session: Session,
        name: str,
        *,
        on: Table | None = None,
        constraint: bool | None = False,
        valid: bool = True,
    ) -> bool:
        """As `made`, but raises OnlineError when there is another index of that name."""
        there, table = self._there(session, name, on, valid=valid), on or self.definition.table
        if there is None:
            return False
        if not there.on_table or there.features != self.features:
            raise OnlineError(
                f'index "{table.beside(name)}" is there with another definition: found {there.shown}, wanted '
                f"{self.definition.statement(name, on=table, how='')}",
                "Choose another name, or replace that index by op.replace_unique_online.",
            )
        if there.constraint and constraint is False:
            raise OnlineError(
                f'"{table.beside(name)}" is a constraint already, wanted an index',
                "Write constraint=True, or choose another name.",
            )
        return constraint is not True or there.constraint

    def _there(self, session: Session, name: str, on: Table | None, *, valid: bool) -> Found | None:
        table = on or self.definition.table
        wanted = (Valid,) if valid else (Valid, PartitionedParent)
        return found(session, table, name) if isinstance(state(session, table.beside(name)), wanted) else None


def found(session: Session, table: Table, name: str) -> Found | None:
    """The index of that name in the table's schema, valid or not; None if there is none."""
    rows = session.rows(_QUERY.format(table=literal(str(table)), index=literal(table.beside(name))))
    return Found(*rows[0]) if rows else None


class _Undone(Exception):  # noqa: N818 - no error, but the way to roll a transaction back
    pass


def _made_and_undone(session: Session, shape: Table, columns: str, statement: str) -> str:
    made: list[str] = []
    with suppress(_Undone), session.transaction():
        session.run(f"CREATE TEMPORARY TABLE {shape} {columns}")
        session.run(statement)
        made.extend(each.features for each in (found(session, shape, _SHAPE),) if each)
        raise _Undone
    return made[0]
