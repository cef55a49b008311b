"""The statement names a relation that the database does not have.

Only a live database can say so. In a schema source the table may be made elsewhere (a dashboard, another repository),
so there the verdict is `unknown`, never this finding. A PostgREST client sees PGRST205 instead of 42P01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._names import is_postgrest, nearest
from ._postgrest import RELOAD
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite


UNDEFINED_TABLE = "42P01"


@rule(
    "PGA001",
    severity=Severity.ERROR,
    summary="the table does not exist in the database",
    effect="Every execution fails with 42P01 (PGRST205 through PostgREST).",
    remedy="Write the name as the catalog has it, or apply the migration that creates the table.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A relation that a live catalog lacks."""
    table = bound.site.write.table
    if bound.relation is not None or table is None or all(e.sqlstate != UNDEFINED_TABLE for e in bound.verdict.errors):
        return
    relations = [r for r in context.loaded.catalog.relations() if not r.system]
    elsewhere = [r.qualified_name for r in relations if r.name == table.name]
    near = nearest(table.name, [r.name for r in relations])
    hints = elsewhere or [r.qualified_name for r in relations if r.name == near]
    asked = f' Did you mean "{hints[0]}"?' if hints else ""
    postgrest = is_postgrest(bound.site)
    unseen = bool(elsewhere) and table.schema is None and not postgrest
    yield Hit(
        message=f'relation "{table}" does not exist',
        effect=f"Every execution fails with {'PGRST205, HTTP 404' if postgrest else '42P01'}.",
        remedy=_not_searched(elsewhere[0])
        if unseen
        else f"Write the table's name as the catalog has it, or apply the migration that creates it.{asked}",
        related=(f"the table is absent from the database itself: {RELOAD} changes nothing",) if postgrest else (),
    )


def _not_searched(name: str) -> str:
    """A schema that the role has no USAGE on is passed over like one that the path does not name."""
    return (
        f'"{name}" is there, but its schema is not in the search_path of this session, or its role has no USAGE on it. '
        "If the application's sessions see it, say --search-path; otherwise write the schema before the name."
    )
