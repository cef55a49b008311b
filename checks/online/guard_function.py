"""The trigger function of a guard, in PL/pgSQL: which keys a statement adds, who else writes them, are they there."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from ..quoting import literal
from .journal import SCHEMA

if TYPE_CHECKING:
    from .key import Key
    from .model import Table
    from .shape import Shape

# A statement that adds more keys than _SMALL locks buckets of keys, so that its locks stay few. So does a transaction
# of many statements, beyond _MANY, as far as nobody else is in the bucket: all of them share one lock table, whose
# room is max_locks_per_transaction for each connection.
_SMALL, _MANY, _BUCKETS = 256, 1024, 256


def definition(function: str, table: Table, name: str, key: Key, shape: Shape) -> str:
    """CREATE FUNCTION for the guard of unique index `name`. Raises unique_violation as that index would.

    SECURITY DEFINER: whoever writes need not be able to see the rows that others wrote. All names in it are qualified.
    """
    names = ", ".join(shape.names)
    added = f"SELECT {shape.selected()} FROM pgarbiter_new WHERE {shape.counted}"
    before = f"SELECT {shape.selected()} FROM pgarbiter_old WHERE {shape.counted}"
    spaces = [zlib.crc32(f"{function} {part}".encode()) - 2**31 for part in ("buckets", "keys")]
    values = {
        "function": f"{SCHEMA}.{function}",
        "held": f"pgarbiter.{function.removeprefix('pgarbiter_')}",
        "hash": _hash(shape),
        "inserted": f"SELECT DISTINCT {names} FROM ({added}) a",
        # Keys that the statement's rows had before are nothing new: a duplicate's other columns can be updated.
        "updated": f"SELECT DISTINCT {names} FROM ({added} EXCEPT ALL {before}) a",
        "buckets": str(spaces[0]),
        "keys": str(spaces[1]),
        "shown": ", ".join(f"coalesce(g.{each}::text, 'null')" for each in shape.names),
        "twice": _twice(shape),
        "message": literal(f'duplicate key value violates unique constraint "{name}"'),
        "elements": literal(key.index_elements),
        "name": literal(name),
        "table": literal(table.name),
        "schema": literal(table.schema or ""),
    }
    # In one pass: an expression of a user may hold what looks like one of our places.
    return re.sub(r"<<(\w+)>>", lambda place: values[place[1]], _FUNCTION)


def _hash(shape: Shape) -> str:
    """A hash that equal keys share; of the values whose types have one."""
    known = [name for name, hashed in zip(shape.names, shape.hashed, strict=True) if hashed]
    return f"pg_catalog.hash_record_extended(ROW({', '.join(known)}), 0)" if known else "0::bigint"


def _twice(shape: Shape) -> str:
    """Whether the key in g stands in two rows; two are looked for and no more, by the index on the key."""
    found = f"SELECT 1 FROM {shape.rows} WHERE {shape.counted} AND {shape.matching('g')} LIMIT 2"
    return f"(SELECT count(*) FROM ({found}) f) > 1"


# The body's quoting tag is none that an expression of a user would hold. Statements of a VOLATILE function see what
# was committed before each of them (READ COMMITTED): the look after the locks sees what their former holders wrote.
_FUNCTION = f"""\
CREATE OR REPLACE FUNCTION <<function>>() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $pgarbiter_guard$
#variable_conflict use_column
DECLARE
    hashes bigint[];
    held integer := coalesce(nullif(current_setting('<<held>>', true), ''), '0')::integer;
    hash bigint;
    told text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT <<hash>>) INTO hashes FROM (<<inserted>>) g;
    ELSE
        SELECT array_agg(DISTINCT <<hash>>) INTO hashes FROM (<<updated>>) g;
    END IF;
    IF hashes IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(hashes) > {_SMALL} THEN
        PERFORM pg_advisory_xact_lock(<<buckets>>, b)
        FROM (SELECT DISTINCT (h & {_BUCKETS - 1})::integer AS b FROM unnest(hashes) h ORDER BY 1 OFFSET 0) s;
    ELSE
        PERFORM pg_advisory_xact_lock_shared(<<buckets>>, b)
        FROM (SELECT DISTINCT (h & {_BUCKETS - 1})::integer AS b FROM unnest(hashes) h ORDER BY 1 OFFSET 0) s;
        FOR hash IN SELECT h FROM unnest(hashes) h ORDER BY (h >> 32) LOOP
            IF held < {_MANY} OR NOT pg_try_advisory_xact_lock(<<buckets>>, (hash & {_BUCKETS - 1})::integer) THEN
                PERFORM pg_advisory_xact_lock(<<keys>>, (hash >> 32)::integer);
                held := held + 1;
            END IF;
        END LOOP;
        PERFORM set_config('<<held>>', held::text, true);
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT concat_ws(', ', <<shown>>) INTO told FROM (<<inserted>>) g WHERE <<twice>> LIMIT 1;
    ELSE
        SELECT concat_ws(', ', <<shown>>) INTO told FROM (<<updated>>) g WHERE <<twice>> LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE unique_violation USING MESSAGE = <<message>>,
            DETAIL = format('Key (%s)=(%s) already exists.', <<elements>>, told),
            HINT = 'The unique index of this key is being made; a guard keeps new duplicates out until it is valid.',
            CONSTRAINT = <<name>>, TABLE = <<table>>, SCHEMA = <<schema>>;
    END IF;
    RETURN NULL;
END
$pgarbiter_guard$"""
