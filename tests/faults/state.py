"""What a run leaves in a database, to be compared with what another leaves; and whether every row is still there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from .scenarios import Scenario

# Each object as one line. What has no lasting name (oids, sequence values, the rows of the journal) is left out.
_OBJECTS = """
WITH n AS (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
c AS (SELECT * FROM pg_class WHERE relnamespace IN (SELECT oid FROM n))
SELECT format('relation %s %s %s %s %s %s', oid::regclass, relkind, relpersistence, relowner::regrole, reloptions,
    obj_description(oid, 'pg_class')) FROM c
UNION ALL
SELECT format('column %s %s %I %s %s %s %s %s', c.oid::regclass, row_number() OVER (PARTITION BY c.oid ORDER BY attnum),
    attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid))
    FROM c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p')
    LEFT JOIN pg_attrdef d ON adrelid = c.oid AND adnum = attnum
UNION ALL
SELECT format('constraint %s %I %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated,
    obj_description(oid, 'pg_constraint')) FROM pg_constraint WHERE connamespace IN (SELECT oid FROM n)
UNION ALL
SELECT format('index %s %s %s %s %s', pg_get_indexdef(indexrelid), indisvalid, indisready, indislive, indisreplident)
    FROM pg_index JOIN c ON c.oid = indexrelid
UNION ALL
SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), tgenabled)
    FROM pg_trigger t JOIN c ON c.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT format('policy %s %I %s %s %s', polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid),
    pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
UNION ALL
SELECT format('view %s %s', oid::regclass, pg_get_viewdef(oid)) FROM c WHERE relkind IN ('v', 'm')
UNION ALL
SELECT format('function %s %s', oid::regprocedure, prosrc) FROM pg_proc WHERE pronamespace IN (SELECT oid FROM n)
UNION ALL
SELECT format('schema %s', oid::regnamespace) FROM n
"""
_TABLES = """
SELECT n.nspname, c.relname, array_agg(a.attname ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'pgarbiter_data') GROUP BY 1, 2
"""
_QUARANTINED = "SELECT kind, row_data, restored_at IS NULL FROM pgarbiter_data.quarantine"
_KEY = """
SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
WHERE indrelid = %s::regclass AND indisprimary
"""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """Lines that say all there is, with how often; equal states have equal lines."""

    objects: Counter[str]
    rows: Counter[str]

    def differences(self, other: State) -> list[str]:
        """What is here and not there (+), and there and not here (-)."""
        return [
            f"{sign} {line}"
            for mine, theirs in ((self.objects, other.objects), (self.rows, other.rows))
            for sign, only in (("+", mine - theirs), ("-", theirs - mine))
            for line in sorted(only.elements())
        ]


def read_state(connection: Connection[Any], volatile: Sequence[str] = ()) -> State:
    """The objects and rows of the database, and what is in quarantine; columns named `volatile` count as equal."""
    objects = Counter(line for (line,) in connection.execute(_OBJECTS))
    return State(objects, Counter([*_rows(connection, volatile), *_quarantined(connection, volatile)]))


def _rows(connection: Connection[Any], volatile: Sequence[str]) -> Iterator[str]:
    for schema, table, columns in connection.execute(_TABLES).fetchall():
        kept = SQL(", ").join(Identifier(column) for column in columns if column not in volatile)
        name = Identifier(schema, table)
        for (line,) in connection.execute(SQL("SELECT ROW({})::text FROM {}").format(kept, name)):
            yield f"row of {schema}.{table} {line}"


def _quarantined(connection: Connection[Any], volatile: Sequence[str]) -> Iterator[str]:
    if not _exists(connection, "pgarbiter_data.quarantine"):
        return
    kept = "SELECT rule, reason, source, kind, primary_key, row_data - %s::text[], kept_key, restored_at IS NULL"
    for row in connection.execute(f"{kept} FROM pgarbiter_data.quarantine", [list(volatile)]):
        yield f"quarantined {row}"


def _exists(connection: Connection[Any], table: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return bool(found and found[0])


def read_accounts(connection: Connection[Any], scenario: Scenario) -> dict[str, list[Row]]:
    """The rows of each accounted table, as to_jsonb shows them."""
    return {
        table: [row for (row,) in connection.execute(f"SELECT to_jsonb(t) FROM {table} t")]  # type: ignore[call-overload]
        for table in scenario.tables
    }


def lost(connection: Connection[Any], scenario: Scenario, before: dict[str, list[Row]]) -> list[str]:
    """The rows of `before` that are neither in their table nor in quarantine, by content and by primary key."""
    there = _exists(connection, "pgarbiter_data.quarantine")
    kept = connection.execute(_QUARANTINED).fetchall() if there else []
    former = [row for _, row, _ in kept]
    removed = [row for kind, row, out in kept if kind == "removed" and out]
    found: list[str] = []
    for table, rows in before.items():
        after = read_accounts(connection, scenario)[table]
        found += [f"lost from {table}: {row}" for row in _without_content(rows, after, former, scenario.rewritten)]
        key = [name for (name,) in connection.execute(_KEY, [table])]
        keys = Counter(_key(row, key) for row in [*after, *removed])
        gone = Counter(_key(row, key) for row in rows) - keys if key else Counter()
        found += [f"lost from {table} by key {each}" for each in gone]
    return found


def _key(row: Row, key: list[str]) -> str:
    return repr([row.get(name) for name in key])


def _without_content(rows: list[Row], after: list[Row], former: list[Row], rewritten: Sequence[str]) -> Iterator[Row]:
    """Rows that are not there as they were, and not kept as they were either."""
    for row in rows:
        compared = [name for name in row if name not in rewritten]
        if not any(all(name in other and other[name] == row[name] for name in compared) for other in after):
            if row in former:
                former.remove(row)
            else:
                yield row
