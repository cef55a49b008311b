"""What of the live data a revision meets, derived from what it changes in the catalog; the data is only read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..catalog.model import ConstraintKind, RelationKind
from ..errors import PgArbiterError
from ..online import preflight
from ..online.key import Key
from ..online.model import Table
from ..online.type_name import is_safe
from .model import DataFinding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..catalog.model import Column, Constraint, Index, Relation
    from ..catalog.read import Catalog
    from ..online.preflight import Found
    from ..online.session import Session
    from .live import Connection

_TABLES = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)
_CLASSES = """
SELECT n.nspname, o.opcname, o.opcdefault FROM pg_catalog.pg_index i
CROSS JOIN LATERAL unnest(i.indclass::oid[]) WITH ORDINALITY k (class, at)
JOIN pg_catalog.pg_opclass o ON o.oid = k.class JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
WHERE i.indexrelid = %s AND k.at <= i.indnkeyatts ORDER BY k.at
"""
_REFERENCED = """
SELECT a.attname FROM pg_catalog.pg_constraint c CROSS JOIN LATERAL unnest(c.confkey) WITH ORDINALITY k (attnum, at)
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum WHERE c.oid = %s ORDER BY k.at
"""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a revision asks of the rows: a question to the live database. `policy` names its argument."""

    relation: Relation
    what: str
    policy: str
    ask: Callable[[Session, Table], Found]


def needs(before: Catalog, after: Catalog, connection: Connection, *, online: bool) -> Iterator[Need]:
    """What a revision between the two catalogs asks of the rows of tables that were there before.

    `connection` is to the database of `after`. `online`: an online operation, which fills a new column from the one
    whose name it takes.
    """
    for new in after.relations():
        old = before.by_oid(new.oid)
        if old is None or new.kind not in _TABLES:
            continue
        yield from _unique(old, new, connection)
        yield from _columns(old, new, filled=online)
        yield from _constraints(old, new, after, connection)


def asked(
    need: Need, session: Session, *, changed: bool, arguments: Mapping[str, object], there: Callable[[Table], bool]
) -> DataFinding:
    """The answer of the live database.

    `changed`: a pending statement changes rows of the table before; `arguments` are those of the online operation.
    """
    table = Table(need.relation.name, need.relation.schema)
    if not there(table):
        return DataFinding(need.what, "not asked", note="the live database does not have the table yet")
    try:
        found = need.ask(session, table)
    except (DBAPIError, PgArbiterError) as error:
        reason = str(getattr(error, "orig", error)).partition("\n")[0]
        return DataFinding(need.what, "not asked", note=reason)
    if not found:
        return DataFinding(need.what, "clean")
    policy = arguments.get(need.policy, "refuse")
    if policy != "refuse":
        state, note = "taken out", f'{need.policy}="{policy}"'
    elif changed:
        state, note = "unclear", "pending statements change rows of the table before"
    else:
        state, note = "fails", None
    return DataFinding(found.what, state, found.groups, found.rows, found.samples, note)


def _unique(old: Relation, new: Relation, connection: Connection) -> Iterator[Need]:
    had = {index.oid for index in old.indexes if index.valid}
    held = {_compared(index) for index in old.indexes if index.unique and index.valid}
    for index in new.indexes:
        if index.unique and index.valid and index.oid not in had and _compared(index) not in held:
            yield _duplicates(new, index, _key(index, connection))


def _duplicates(relation: Relation, index: Index, key: Key) -> Need:
    return Need(
        relation,
        f"duplicates of {relation.name} {key}, for unique index {index.name}",
        "duplicates",
        lambda session, table: preflight.duplicates(session, table, key),
    )


def _compared(index: Index) -> tuple[object, ...]:
    """Indexes that are alike in this refuse the same rows."""
    keys = frozenset((key.column, key.expression, key.collation, key.opfamily) for key in index.keys)
    return keys, index.predicate, index.nulls_not_distinct


def _key(index: Index, connection: Connection) -> Key:
    classes = connection.execute(_CLASSES.encode(), (index.oid,)).fetchall()
    elements = []
    for key, (schema, name, default) in zip(index.keys, classes, strict=True):
        text = key.column if key.column is not None else f"({key.expression})"
        if key.collation_name is not None or not default:
            text = text if key.column is None else f'("{text.replace(chr(34), chr(34) * 2)}")'
            text += f' COLLATE "{key.collation_name}"' if key.collation_name is not None else ""
            text += "" if default else f" {schema}.{name}"
        elements.append(text)
    return Key(tuple(elements), index.predicate, index.nulls_not_distinct)


def _columns(old: Relation, new: Relation, *, filled: bool) -> Iterator[Need]:
    before = {column.attnum: column for column in old.columns}
    named = {column.name: column for column in old.columns} if filled else {}
    for column in new.columns:
        was = before.get(column.attnum) or named.get(column.name)
        if was is not None and was.type != column.type:
            yield _values(new, was, column)
        if was is not None and column.not_null and not was.not_null:
            yield _nulls(new, column, was.name)
        elif was is None and column.not_null and not (column.has_default or column.identity or column.generated):
            yield Need(
                new,
                f'rows of {new.name}, for which new column "{column.name}" has no value but must not be NULL',
                "nulls",
                lambda session, table: preflight.violations(session, table, "false"),
            )


def _values(relation: Relation, was: Column, column: Column) -> Need:
    """What a change of type meets is not asked: only the conversion itself can tell, and the run asks it first."""
    what = f'values of {relation.name}, column "{column.name}", that are {was.type} but no {column.type}'

    def ask(session: Session, table: Table) -> Found:
        del table
        if not is_safe(session, was.type, column.type):
            raise PgArbiterError("only the conversion can tell; it refuses what it cannot convert")
        return preflight.Found(what, 0, 0, ())

    return Need(relation, what, "unparsable", ask)


def _nulls(relation: Relation, column: Column, name: str) -> Need:
    return Need(
        relation,
        f'NULLs in {relation.name}, column "{column.name}"',
        "nulls",
        lambda session, table: preflight.nulls(session, table, name),
    )


def _constraints(old: Relation, new: Relation, after: Catalog, connection: Connection) -> Iterator[Need]:
    had = {each.oid for each in old.constraints if each.validated}
    for each in new.constraints:
        if each.oid in had or not each.validated:
            continue
        if each.kind is ConstraintKind.CHECK and each.expression:
            yield _check(new, each, each.expression)
        elif each.kind is ConstraintKind.FOREIGN_KEY and (parent := after.by_oid(each.references)) is not None:
            columns = tuple(row[0] for row in connection.execute(_REFERENCED.encode(), (each.oid,)))
            yield _orphans(new, each, Table(parent.name, parent.schema), columns)


def _check(relation: Relation, constraint: Constraint, condition: str) -> Need:
    return Need(
        relation,
        f"rows of {relation.name} that break CHECK {constraint.name}",
        "violations",
        lambda session, table: preflight.violations(session, table, condition),
    )


def _orphans(relation: Relation, constraint: Constraint, parent: Table, columns: tuple[str, ...]) -> Need:
    return Need(
        relation,
        f"rows of {relation.name} whose ({', '.join(constraint.columns)}) is not in {parent.name}",
        "orphans",
        lambda session, table: preflight.orphans(session, table, constraint.columns, parent, columns),
    )
