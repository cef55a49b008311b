"""Asks a database for what a catalog does not hold: its functions by parameter names, and what reloads PostgREST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.rows import tuple_row

if TYPE_CHECKING:
    from psycopg import Connection

# Functions that an API could call, with the names of their input parameters and how many of those have a default.
_FUNCTIONS = """
SELECT n.nspname, p.proname,
       ARRAY(SELECT coalesce(p.proargnames[place], '')
             FROM generate_series(1, coalesce(array_length(p.proallargtypes, 1), p.pronargs)) AS place
             WHERE p.proargmodes IS NULL OR p.proargmodes[place] IN ('i', 'b', 'v')
             ORDER BY place),
       p.pronargdefaults
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  AND p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
ORDER BY 1, 2, 3
"""
# Event triggers whose function speaks to PostgREST, as its documentation has them (Automatic Schema Cache Reloading).
_WATCHING = """
SELECT e.evtname
FROM pg_catalog.pg_event_trigger e
JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
WHERE e.evtenabled <> 'D' AND p.prosrc ~* 'pgrst'
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Function:
    """A function with the names of its input parameters, the last `defaults` of which may be left out."""

    schema: str
    name: str
    parameters: tuple[str, ...]
    defaults: int = 0

    @property
    def signature(self) -> str:
        """schema.name(parameters)."""
        return f"{self.schema}.{self.name}({', '.join(self.parameters)})"

    def takes(self, given: tuple[str, ...]) -> bool:
        """Whether PostgREST could call it with parameters of these names."""
        needed = self.parameters[: len(self.parameters) - self.defaults]
        return set(needed) <= set(given) <= set(self.parameters) or (not given and not needed)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The functions of a database, and the event triggers that ask PostgREST for a reload."""

    functions: tuple[Function, ...] = ()
    watching: tuple[str, ...] = ()


def surroundings(connection: Connection[Any]) -> Surroundings:
    """What `connection`, which is in no transaction or in one of the caller's, says of its database."""
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        functions = cursor.execute(_FUNCTIONS.encode(), prepare=False).fetchall()
        watching = cursor.execute(_WATCHING.encode(), prepare=False).fetchall()
    return Surroundings(
        tuple(Function(schema, name, tuple(names), defaults) for schema, name, names, defaults in functions),
        tuple(name for (name,) in watching),
    )
