"""Databases of ours on a server that stays: marked, so that what a killed run left can be told from what lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Identifier, Literal

if TYPE_CHECKING:
    from psycopg import Connection

# The random part of the name is the key of an advisory lock that the run holds; pg_locks shows those of all databases.
# The age guards against poolers, which lend their sessions, and with them such locks, to others.
_LEFT = SQL("""
    SELECT d.datname FROM pg_catalog.pg_database AS d
    WHERE d.datname ~ '^pgarbiter_[0-9a-f]{16}$'
      AND pg_catalog.pg_get_userbyid(d.datdba) = current_user
      AND pg_catalog.shobj_description(d.oid, 'pg_database') ~ '^throwaway of pgarbiter, [0-9]+$'
      AND pg_catalog.substring(pg_catalog.shobj_description(d.oid, 'pg_database'), '[0-9]+$')::bigint
          < pg_catalog.date_part('epoch', pg_catalog.now()) - 3600
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a WHERE a.datid = d.oid)
      AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_locks AS l
          WHERE l.locktype = 'advisory' AND l.objsubid = 1
            AND (l.classid::bigint << 32) | l.objid::bigint
                = ('x' || pg_catalog.substr(d.datname::text, 11))::bit(64)::bigint)
""")


def mark_session(connection: Connection[Any], name: str) -> None:
    """Hold the lock of database `name` for as long as this session lives."""
    key = int.from_bytes(bytes.fromhex(name.removeprefix("pgarbiter_")), signed=True)
    connection.execute("SELECT pg_catalog.pg_advisory_lock(%s)", [key])


def mark_database(connection: Connection[Any], name: str) -> None:
    """Say on the database itself what it is, and since when (seconds since 1970, by the server's clock)."""
    cursor = connection.execute("SELECT pg_catalog.date_part('epoch', pg_catalog.now())::bigint")
    ((now,),) = cursor.fetchall()
    told = Literal(f"throwaway of pgarbiter, {now}")
    connection.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(name), told))


def sweep(connection: Connection[Any]) -> None:
    """Drop our role's databases of runs that were killed more than an hour ago. Raises psycopg.Error."""
    for (name,) in connection.execute(_LEFT).fetchall():
        connection.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
