"""A client of PostgREST writes into a schema that PostgREST does not expose.

PostgREST looks only into the schemas of its setting `db-schemas`; a request names one of them, or gets the first. For
another one it answers PGRST106 (HTTP 406, "Invalid schema") without asking the database, whatever tables and grants
there are. No reload of the schema cache helps: the setting has to name the schema, and its role needs USAGE on it.

It is known which schemas are exposed where a `config.toml` of Supabase's CLI says so (`[api] schemas`). A hosted
project has the setting in its dashboard, which may say something else: hence a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Scope
from ._names import is_postgrest, named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite


@rule(
    "PGA208",
    severity=Severity.WARNING,
    summary="a client of PostgREST writes into a schema that is not exposed",
    effect="Every request is refused with PGRST106, HTTP 406, before the database is asked.",
    remedy="Expose the schema, or write through a view or a function in one that is exposed.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Sites whose schema is known and not among the exposed ones."""
    told, write = context.loaded.schema, bound.site.write
    if told.exposed is None or not is_postgrest(bound.site) or write.table is None or write.schema_open:
        return
    schema = write.table.schema or context.settings.exposed_schema
    if schema in told.exposed or bound.site.scope is not Scope.APP:
        return
    yield Hit(
        message=f'schema "{schema}" of table "{write.table.name}" is not exposed by {told.exposed_by}',
        effect="Every request is refused with PGRST106, HTTP 406, before the database is asked.",
        remedy=f'Add "{schema}" to [api] schemas of {told.exposed_by}, and to those that the hosted project exposes.',
        related=(f"exposed: {named(told.exposed)}", f"{bound.site.client} names the schema by itself or by default"),
    )
