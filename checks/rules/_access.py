"""The access decision about a bound site: what its role may do with the statement that is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..access import Access, decide
from ..arbiter.bind import sent
from ..model import Mechanism, Status
from ._names import is_postgrest

if TYPE_CHECKING:
    from ..arbiter.model import BoundSite
    from ._registry import RuleContext


def access_of(bound: BoundSite, context: RuleContext) -> Access | None:
    """The decision; None where nobody asks for it, where no role is known, or nothing of what is written."""
    site, relation = bound.site, bound.relation
    if context.settings.role is None or site.runs_as is None or site.status is Status.NOT_POSTGRES or site.write.temporary:
        return None
    if relation is None:
        return Access(site.runs_as, reason="the table is not known")
    if site.mechanism is Mechanism.MERGE:
        return Access(site.runs_as, reason="MERGE is not looked at")
    catalog = context.loaded.catalog
    write = sent(site, relation, catalog, context.settings.exposed_schema)
    return decide(write, relation, catalog, site.runs_as, merges=is_postgrest(site))
