"""A generated database: tables of 12 columns and 5 indexes, partial and expression ones among them."""

from __future__ import annotations

import psycopg

# Tables per transaction: each holds a lock on itself and on its indexes until the end.
_BATCH = 100

_TABLE = """
CREATE TABLE %1$I.%2$I (
    id bigint GENERATED %3$s AS IDENTITY PRIMARY KEY,
    account_%4$s bigint NOT NULL%5$s,
    email varchar(%6$s) NOT NULL,
    name text,
    status text NOT NULL DEFAULT %7$L,
    amount numeric(12, %8$s) CHECK (amount >= %9$s),
    active boolean NOT NULL DEFAULT true,
    tags text[],
    payload jsonb DEFAULT '{}',
    size_%4$s integer CHECK (size_%4$s <> %9$s),
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
)
"""

_INDEXES = (
    "ALTER TABLE %1$I.%2$I ADD UNIQUE (account_%4$s, email)",
    "CREATE UNIQUE INDEX ON %1$I.%2$I (lower(email)) WHERE deleted_at IS NULL",
    "CREATE UNIQUE INDEX ON %1$I.%2$I (account_%4$s, name) WHERE status = %7$L",
    "CREATE INDEX ON %1$I.%2$I (created_at DESC, size_%4$s)",
)

_BATCH_OF_TABLES = """
DO $do$
DECLARE
    n int;
    parent text;
    statement text;
BEGIN
    FOR n IN {first}..{last} LOOP
        parent := CASE WHEN n > 1 THEN format(' REFERENCES %I.%I', 'app_' || (n / 2 + 3) % 4, 't' || n / 2) ELSE '' END;
        FOREACH statement IN ARRAY {statements} LOOP
            EXECUTE format(
                statement, 'app_' || (n - 1) % 4, 't' || n, CASE n % 2 WHEN 0 THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                n % 97, parent, 50 + n % 200, 'state ' || n % 13, n % 5, n % 11
            );
        END LOOP;
    END LOOP;
END
$do$
"""


def generate(conninfo: str, tables: int) -> None:
    """Fill an empty database with that many tables, in four schemas; each but the first references an older one."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        for schema in range(4):
            connection.execute(f"CREATE SCHEMA app_{schema}".encode())
        quoted = "ARRAY[" + ", ".join(f"$s${text}$s$" for text in (_TABLE, *_INDEXES)) + "]"
        for first in range(1, tables + 1, _BATCH):
            last = min(first + _BATCH - 1, tables)
            connection.execute(_BATCH_OF_TABLES.format(first=first, last=last, statements=quoted).encode())
        connection.execute("VACUUM (ANALYZE)")
