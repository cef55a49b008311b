"""Changes of a live database that has no schema source beside it, tried on its table rebuilt in an empty database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg

from ..arbiter.twin import NoTwinError, column_sql, index_sql
from ..catalog.model import ConstraintKind, RelationKind
from ..catalog.read import read_catalog
from ..errors import PgArbiterError
from ..online.execute import execute
from ..quoting import quoted
from ..rules._names import columns_sql, table_sql
from .trial import Trial, Untried, session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..catalog.catalog import Catalog
    from ..catalog.model import Constraint, Index, Relation
    from ..model import WriteSite
    from ..online.model import Operation, Table
    from .trial import Judgement

_KEYS = {ConstraintKind.PRIMARY_KEY: "PRIMARY KEY", ConstraintKind.UNIQUE: "UNIQUE"}


@dataclass(slots=True)
class Rebuilt(Trial):
    """Tries operations on copies of the tables that they are about. `copied` gives an empty database."""

    def run(self, operations: Sequence[Operation], sites: Sequence[WriteSite] | None = None) -> Judgement:
        """As of a copy of the whole schema. Raises Untried for a table that cannot be rebuilt."""
        live = self.before.loaded.catalog
        tables = {operation.table: _relation(live, operation.table) for operation in operations}
        with self.copied() as conninfo:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                for relation in tables.values():
                    _build(connection, relation)
            with session(conninfo) as opened:
                for operation in operations:
                    _refuse_referenced(live, operation, tables[operation.table])
                    execute(operation, opened)
            with psycopg.connect(conninfo, autocommit=True) as connection:
                changed = read_catalog(connection)
        for relation in tables.values():
            live = live.with_relation(_merged(relation, changed.relation(relation.schema, relation.name) or relation))
        return self.judged(replace(self.before.loaded, catalog=live), sites, None)


def _relation(catalog: Catalog, table: Table) -> Relation:
    relation = catalog.relation(table.schema or "public", table.name)
    if relation is None or relation.kind is not RelationKind.TABLE or relation.parents or relation.is_partition:
        raise Untried(f'"{table}" is no plain table, so it cannot be rebuilt')
    return relation


def _build(connection: psycopg.Connection[object], relation: Relation) -> None:
    try:
        for statement in _statements(relation):
            connection.execute(statement.encode(connection.info.encoding), prepare=False)
    except (NoTwinError, psycopg.Error) as error:
        said = str(error).splitlines()[0]
        raise Untried(f'"{relation.qualified_name}" cannot be rebuilt: {said}') from error


def _statements(relation: Relation) -> Iterator[str]:
    table = table_sql(relation)
    columns = (f"{column_sql(column)}{' NOT NULL' if column.not_null else ''}" for column in relation.columns)
    yield f"CREATE SCHEMA IF NOT EXISTS {quoted(relation.schema)}"
    yield f"CREATE TABLE {table} ({', '.join(columns)})"
    constraints = {constraint.index: constraint for constraint in relation.constraints if constraint.kind in _KEYS}
    for index in relation.indexes:
        if not _is_built(index):
            continue
        constraint = constraints.get(index.oid)
        yield index_sql(index, table) if constraint is None else _constraint(constraint, index, table)


def _is_built(index: Index) -> bool:
    return index.unique and index.valid and index.live and not index.exclusion


def _constraint(constraint: Constraint, index: Index, table: str) -> str:
    nulls = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    deferrable = " DEFERRABLE" if constraint.deferrable else ""
    kind = f"{_KEYS[constraint.kind]}{nulls} {columns_sql(constraint.columns)}{deferrable}"
    return f"ALTER TABLE {table} ADD CONSTRAINT {quoted(constraint.name)} {kind}"


def _refuse_referenced(catalog: Catalog, operation: Operation, relation: Relation) -> None:
    """What hangs on the index is not rebuilt, and keeps it from being dropped."""
    old = next((index.oid for index in relation.indexes if index.name == getattr(operation, "old", None)), None)
    if old is None:
        return
    for other in catalog.relations():
        for constraint in other.constraints:
            if constraint.kind is ConstraintKind.FOREIGN_KEY and constraint.index == old:
                raise PgArbiterError(
                    f'foreign key "{constraint.name}" of "{other.qualified_name}" needs it, so it cannot be replaced'
                )


def _merged(relation: Relation, changed: Relation) -> Relation:
    """The live relation with what became other on the rebuilt one."""
    after = {index.name: index for index in changed.indexes}
    kept = [i for i in relation.indexes if (_same(i, after[i.name]) if i.name in after else not _is_built(i))]
    names = {index.name for index in kept}
    new = [replace(index, oid=-index.oid) for index in changed.indexes if index.name not in names]
    oids = {index.oid for index in kept}
    constraints = [c for c in relation.constraints if c.kind not in _KEYS or c.index in oids]
    made = [
        replace(c, oid=-c.oid, index=-c.index)
        for c in changed.constraints
        if c.kind in _KEYS and -c.index in {i.oid for i in new}
    ]
    columns = tuple(replace(c, not_null=(changed.column(c.name) or c).not_null) for c in relation.columns)
    return replace(relation, columns=columns, indexes=(*kept, *new), constraints=(*constraints, *made))


def _same(one: Index, other: Index) -> bool:
    def told(index: Index) -> tuple[object, ...]:
        flags = (index.unique, index.valid, index.immediate, index.nulls_not_distinct)
        return index.columns, index.predicate, index.include, index.constraint, flags

    return told(one) == told(other)
