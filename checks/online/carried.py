"""What depends on a column and can be carried over to the column that takes its place; what cannot is refused.

How an index or a CHECK reads over the new column and its type is not worked out here: the server says so, by an empty
copy of the table on which the column is retyped and renamed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from ..quoting import literal, quoted
from .attributes import regclass
from .model import OnlineError, Table
from .pairing import refuse_unpaired
from .session import sqlstate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conversion import Conversion
    from .session import Session

_COPY = "pg_temp.pgarbiter_copy"


@dataclass(frozen=True, slots=True)
class Index:
    """An index of the column. `rest`: USING and on, over the shadow column. `constraint`: PRIMARY KEY, UNIQUE or "".

    `elements`, `include` and `where` as the directives spell them, over the shadow column; `deferrable` as in SQL.
    """

    name: str
    unique: bool
    rest: str
    constraint: str
    elements: tuple[str, ...]
    include: tuple[str, ...]
    where: str | None
    nulls_not_distinct: bool
    deferrable: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A CHECK or foreign key over the column; `definition` is over the shadow column, without NOT VALID.

    `referenced`: the table that the foreign key references, quoted and qualified.
    """

    name: str
    definition: str
    validated: bool
    referenced: str | None


_INDEXES = """\
SELECT c.relname, i.indisunique,
    pg_catalog.substr(pg_catalog.pg_get_indexdef(c.oid), pg_catalog.length(p.prefix) + 1),
    CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' ELSE '' END,
    CASE WHEN k.condeferrable THEN ' DEFERRABLE' || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
        ELSE '' END,
    pg_catalog.starts_with(pg_catalog.pg_get_indexdef(c.oid), p.prefix), i.indisreplident, c.oid
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = c.oid AND k.conrelid = t.oid AND k.contype IN ('p', 'u', 'x')
CROSS JOIN LATERAL pg_catalog.format('CREATE %sINDEX %I ON %I.%I ',
    CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, c.relname, n.nspname, t.relname) p (prefix)
WHERE i.indrelid = {table} AND i.indisvalid AND k.contype IS DISTINCT FROM 'x' AND ({number} = ANY (i.indkey)
    OR EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
        AND d.refobjid = t.oid AND d.refobjsubid = {number}))
ORDER BY c.relname"""

_PARTS = """\
SELECT ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, n, false)
        FROM pg_catalog.generate_series(1, i.indnkeyatts) n ORDER BY n),
    ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place),
    i.indnkeyatts, pg_catalog.pg_get_expr(i.indpred, i.indrelid),
    COALESCE(pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct', 'false') = 'true',
    NOT EXISTS (SELECT FROM unnest(i.indclass) o (oid) JOIN pg_catalog.pg_opclass USING (oid) WHERE NOT opcdefault)
        AND NOT EXISTS (SELECT FROM unnest(i.indkey, i.indcollation) k (number, own)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE k.own <> 0 AND k.own <> a.attcollation),
    pg_catalog.pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index i WHERE i.indexrelid = 'pg_temp.pgarbiter_index'::regclass"""

_RULES = """\
SELECT k.conname, k.contype::text, k.convalidated,
    pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY c (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.number ORDER BY c.place),
    (SELECT pg_catalog.format('%I.%I', n.nspname, r.relname) FROM pg_catalog.pg_class r
        JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = k.confrelid)
FROM pg_catalog.pg_constraint k
WHERE k.conrelid = {table} AND k.contype IN ('c', 'f') AND {number} = ANY (k.conkey)
AND NOT (k.confrelid = k.conrelid AND EXISTS (
    SELECT FROM pg_catalog.pg_index i WHERE i.indexrelid = k.conindid AND {number} = ANY (i.indkey)))
AND k.conname <> {proof} ORDER BY k.conname"""

_OUTGOING = """\
SELECT k.oid, k.conname, EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgconstraint = k.oid AND tgenabled <> 'O')
FROM pg_catalog.pg_constraint k WHERE k.conrelid = {table} AND k.contype = 'f' AND {number} = ANY (k.conkey)
ORDER BY k.conname"""

# What else depends on the column: generated columns, triggers that name it, publications, statistics. Carried are its
# own default, sequence, NOT NULL, indexes and constraints, policies, views, and foreign keys that reference it.
_OTHERS = """\
SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
FROM pg_catalog.pg_depend d
WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = {table} AND d.refobjsubid = {number}
AND d.classid NOT IN ('pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_rewrite'::regclass)
AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef x WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass
    AND x.oid = d.objid AND x.adrelid = {table} AND x.adnum = {number})
AND NOT EXISTS (SELECT FROM pg_catalog.pg_class x WHERE d.classid = 'pg_catalog.pg_class'::regclass AND x.oid = d.objid
    AND (x.relkind = 'S' OR x.relkind = 'i'))
AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint x WHERE d.classid = 'pg_catalog.pg_constraint'::regclass
    AND x.oid = d.objid AND (x.contype = 'f' OR x.conrelid = {table} AND x.contype IN ('c', 'u', 'p', 'n')))
ORDER BY 1"""

_TABLE = """\
SELECT CASE WHEN c.relkind <> 'r' THEN 'it is partitioned' WHEN c.relispartition THEN 'it is a partition'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE c.oid IN (inhrelid, inhparent))
        THEN 'it inherits, or is inherited'
    WHEN c.reloftype <> 0 THEN 'it is a typed table'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid) THEN 'it has rules' END
FROM pg_catalog.pg_class c WHERE c.oid = {table}"""


def indexes(session: Session, conversion: Conversion, number: int) -> tuple[Index, ...]:
    """The indexes over column `number`, as they have to be over the shadow column. Raises OnlineError for others."""
    found = session.rows(_INDEXES.format(table=regclass(conversion.table), number=number))
    return tuple(_index(session, conversion, row) for row in found)


def rules(session: Session, conversion: Conversion, number: int) -> tuple[Rule, ...]:
    """The checks and foreign keys over column `number`, as they have to be over the shadow column."""
    found = session.rows(
        _RULES.format(table=regclass(conversion.table), number=number, proof=literal(conversion.proof))
    )
    return tuple(_rule(session, conversion, row) for row in found)


def refuse_rules(session: Session, conversion: Conversion, number: int) -> None:
    """Raise OnlineError for a foreign key of the column that could not be one with the new type, or as it is now."""
    for key, name, odd in session.rows(_OUTGOING.format(table=regclass(conversion.table), number=number)):
        what = f'constraint "{name}"'
        if odd:
            raise _not_carried(conversion, what, "its triggers are disabled, or not enabled as usual")
        refuse_unpaired(session, conversion, number, key, f'foreign key "{name}" of "{conversion.table}"')


def refuse_others(session: Session, table: Table, column: str, number: int) -> None:
    """Raise OnlineError, which names them, when things depend on the column that cannot be carried over."""
    reason = session.value(_TABLE.format(table=regclass(table)))
    if reason is not None:
        raise OnlineError(
            f'the type of a column of "{table}" cannot be changed online: {reason}; nothing was changed',
            "Use ALTER TABLE ... ALTER COLUMN ... TYPE in a maintenance window.",
        )
    if found := others(session, table, number):
        raise OnlineError(
            f'on column "{column}" of "{table}" depends what cannot be carried over: {"; ".join(found)};'
            " nothing was changed",
            "Drop these in a revision before, and make them again in one behind.",
        )


def others(session: Session, table: Table, number: int) -> tuple[str, ...]:
    """What depends on the column and is not carried over, as the server describes it."""
    return tuple(name for (name,) in session.rows(_OTHERS.format(table=regclass(table), number=number)))


def names(session: Session, conversion: Conversion, number: int) -> set[str]:
    """The names of the indexes and rules that are carried over, read by plain queries."""
    table = regclass(conversion.table)
    queries = (
        _INDEXES.format(table=table, number=number),
        _RULES.format(table=table, number=number, proof=literal(conversion.proof)),
    )
    return {name for query in queries for name, *_ in session.rows(query)}


def _index(session: Session, conversion: Conversion, row: tuple[Any, ...]) -> Index:
    name, unique, rest, constraint, deferrable, plain, identity, _ = row
    what = f'index "{name}"'
    if not plain or identity:
        raise _not_carried(
            conversion, what, "it is the replica identity" if identity else "its definition is not known"
        )
    with _copy(session, conversion, what) as copy:
        session.run(f"CREATE {'UNIQUE ' if unique else ''}INDEX pgarbiter_index ON {_COPY} {rest}")
        copy()
        ((elements, names, keys, where, nulls_not_distinct, default, text),) = session.rows(_PARTS)
    if unique and not default:
        raise _not_carried(conversion, what, "it is unique with an operator class or collation of its own")
    return Index(
        name,
        unique,
        "USING " + text.split(" USING ", 1)[1],
        constraint,
        tuple(own or f"({element})" for own, element in zip(names, elements, strict=False)),
        tuple(names[keys:]),
        where,
        nulls_not_distinct,
        deferrable,
    )


def _rule(session: Session, conversion: Conversion, row: tuple[Any, ...]) -> Rule:
    name, kind, validated, text, columns, referenced = row
    what = f'constraint "{name}"'
    if kind == "f":
        own = f"FOREIGN KEY ({', '.join(quoted(each) for each in columns)})"
        if not text.startswith(own) or " SET NULL (" in text or " SET DEFAULT (" in text:
            raise _not_carried(conversion, what, "its definition is not known")
        moved = (conversion.shadow if each == conversion.column else each for each in columns)
        return Rule(name, f"FOREIGN KEY ({', '.join(map(quoted, moved))}){text[len(own) :]}", validated, referenced)
    with _copy(session, conversion, what) as copy:
        session.run(f"ALTER TABLE {_COPY} ADD CONSTRAINT pgarbiter_rule {text}")
        copy()
        definition = session.value(
            "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint"
            f" WHERE conrelid = '{_COPY}'::regclass AND conname = 'pgarbiter_rule'"
        )
    return Rule(name, definition, validated, referenced)


@contextmanager
def _copy(session: Session, conversion: Conversion, what: str) -> Iterator[Callable[[], None]]:
    """An empty copy of the table; the function that it gives retypes and renames the column there."""
    column, shadow = quoted(conversion.column), quoted(conversion.shadow)

    def retype() -> None:
        session.run(f"ALTER TABLE {_COPY} ALTER COLUMN {column} TYPE {conversion.type} USING NULL")
        session.run(f"ALTER TABLE {_COPY} RENAME COLUMN {column} TO {shadow}")

    try:
        with session.transaction():
            session.run(f"CREATE TEMPORARY TABLE pgarbiter_copy (LIKE {conversion.table})")
            session.run(f"ALTER TABLE {_COPY} DROP COLUMN IF EXISTS {shadow}")
            yield retype
            session.run(f"DROP TABLE {_COPY}")
    except DBAPIError as error:
        if session.lost or (sqlstate(error) or "")[:2] not in ("0A", "22", "42"):
            raise
        raise _not_carried(conversion, what, str(error.orig).splitlines()[0]) from error


def _not_carried(conversion: Conversion, what: str, reason: str) -> OnlineError:
    return OnlineError(
        f'{what} of "{conversion.table}" cannot be carried over to type {conversion.type}: {reason};'
        " nothing was changed",
        "Drop it in a revision before, and make it again in one behind.",
    )
