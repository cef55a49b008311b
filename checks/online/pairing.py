"""Whether a foreign key can be at all when a column of it changes its type: the server says so, by two empty tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal
from .attributes import regclass
from .model import OnlineError
from .session import sqlstate

if TYPE_CHECKING:
    from .conversion import Conversion
    from .session import Session

_PARENT, _CHILD = "pg_temp.pgarbiter_parent", "pg_temp.pgarbiter_child"
_SIDE = """\
pg_catalog.string_agg(pg_catalog.format('c%s %s', u.place, CASE WHEN {side}.attrelid = {table}
    AND {side}.attnum = {number} THEN {type} ELSE pg_catalog.format_type({side}.atttypid, {side}.atttypmod)
    || COALESCE((SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, l.collname) FROM pg_catalog.pg_collation l
        JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = {side}.attcollation), '') END), ', ')"""
_PAIRS = """\
SELECT {child}, {parent}, pg_catalog.string_agg('c' || u.place, ', ') FROM pg_catalog.pg_constraint k
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY u (own, theirs, place)
JOIN pg_catalog.pg_attribute o ON o.attrelid = k.conrelid AND o.attnum = u.own
JOIN pg_catalog.pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = u.theirs
WHERE k.oid = {key}"""


def refuse_unpaired(session: Session, conversion: Conversion, number: int, key: int, what: str) -> None:
    """Raise OnlineError when the foreign key with oid `key` has no equality for the types that it would have.

    `number`: that of the column which changes its type. `what`: the foreign key, for the message.
    """
    changed = {"table": regclass(conversion.table), "number": number, "type": literal(conversion.type)}
    child, parent = (_SIDE.format(side=side, **changed) for side in ("o", "t"))
    ((ours, theirs, names),) = session.rows(_PAIRS.format(child=child, parent=parent, key=key))
    try:
        with session.transaction():
            session.run(f"CREATE TEMPORARY TABLE pgarbiter_parent ({theirs}, UNIQUE ({names}))")
            session.run(
                f"CREATE TEMPORARY TABLE pgarbiter_child ({ours}, FOREIGN KEY ({names}) REFERENCES {_PARENT} ({names}))"
            )
            session.run(f"DROP TABLE {_CHILD}, {_PARENT}")
    except DBAPIError as error:
        if session.lost or (sqlstate(error) or "")[:2] not in ("0A", "42"):
            raise
        raise OnlineError(
            f'{what} cannot be kept when column "{conversion.column}" of "{conversion.table}" is {conversion.type}:'
            f" {_detail(error)}; nothing was changed",
            "Drop it in a revision before, change the types of both columns, and add it again by"
            " op.add_foreign_key_online.",
        ) from error


def _detail(error: DBAPIError) -> str:
    """The reason, which is in the detail, with the names of columns that nobody knows left out."""
    said = str(error.orig).splitlines()
    types = next((line.partition(" are of incompatible types: ")[2] for line in said if "incompatible" in line), "")
    return f"no equality between {types.rstrip('.')}" if types else said[0]
