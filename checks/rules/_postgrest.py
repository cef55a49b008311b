"""The false trails of a PostgREST client, ruled in or out from catalog facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..wording import plural
from ._names import is_postgrest, named

if TYPE_CHECKING:
    from ..arbiter.model import BoundSite

RELOAD = "NOTIFY pgrst, 'reload schema'"


def table_trail(bound: BoundSite) -> tuple[str, ...]:
    """The table exists, so PGRST205 and a stale cache of tables are ruled out."""
    if not is_postgrest(bound.site) or bound.relation is None:
        return ()
    return (f'table "{bound.relation.qualified_name}" is there: not a missing table (PGRST205)',)


def column_trail(bound: BoundSite, absent: tuple[str, ...]) -> tuple[str, ...]:
    """The columns are absent from the table itself, so a reload of the schema cache cannot find them."""
    if not is_postgrest(bound.site):
        return ()
    verb = "is" if len(absent) == 1 else "are"
    return (f"{named(absent)} {verb} absent from the table itself: {RELOAD} changes nothing",)


def index_trail(bound: BoundSite) -> tuple[str, ...]:
    """What cannot help against 42P10: a reload of the cache, and a look at row security."""
    if not is_postgrest(bound.site):
        return ()
    return (
        f"unique indexes are never in PostgREST's schema cache: {RELOAD} cannot cure 42P10",
        _row_security(bound),
    )


def _row_security(bound: BoundSite) -> str:
    relation = bound.base
    if relation is None or not relation.row_security:
        return "row security is off on this table: it plays no part"
    policies = f" with {plural(len(relation.policies), 'policy')}" if relation.policies else " without a policy"
    passes = "inference does not look at it, and a role with BYPASSRLS (service_role) skips it"
    return f"row security is on{policies}, but {passes}"
