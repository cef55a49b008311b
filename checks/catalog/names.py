"""The order in which PostgreSQL looks through schemas for a name that has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMP = "pg_temp"
SYSTEM = "pg_catalog"


def schemas_searched(path: Sequence[str], *, user: str, temp: str | None) -> tuple[str, ...]:
    """The schemas of a search path in the order of search, with the temporary schema spelled `pg_temp`.

    The temporary schema and pg_catalog are searched first unless the path names them (recomputeNamespacePath of
    namespace.c); `$user` is the schema of that user. `temp` is the real name of the session's temporary schema.
    """
    named = [TEMP if schema == temp else user if schema == "$user" else schema for schema in path]
    implicit = [schema for schema in (TEMP, SYSTEM) if schema not in named]
    return tuple(dict.fromkeys([*implicit, *named]))
