"""The access decision about a bound site: what its role may do with the statement that is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..access.model import Access
from ..model import Mechanism, Origin, Status
from ._names import is_postgrest
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from ..arbiter.explained import Explanation
    from ..arbiter.model import BoundSite
    from ._registry import RuleContext

_CALLED = (Origin.FUNCTION, Origin.TRIGGER)


def access_of(bound: BoundSite, context: RuleContext) -> Access | None:
    """The decision; None where nobody asks for it, where no role is known, or nothing of what is written."""
    site, relation = bound.site, bound.relation
    if (
        context.settings.role is None
        or site.runs_as is None
        or site.status is Status.NOT_POSTGRES
        or site.write.temporary
    ):
        return None
    if relation is None:
        return Access(site.runs_as, reason="the table is not known")
    if site.mechanism is Mechanism.MERGE:
        return Access(site.runs_as, reason="MERGE is not looked at")
    from ..access.decide import decide  # noqa: PLC0415 - the parser is wanted only where a role is named
    from ..access.returning import may_come_back  # noqa: PLC0415 - as the last
    from ..arbiter.bind import sent  # noqa: PLC0415 - as the last

    catalog = context.loaded.catalog
    write = sent(site, relation, catalog, context.settings.exposed_schema)
    if (unloaded := _unloaded(bound, context)) is not None:
        return Access(site.runs_as, reason=unloaded)
    return decide(write, relation, catalog, site.runs_as, merges=is_postgrest(site), comes_back=may_come_back(site))


def _unloaded(bound: BoundSite, context: RuleContext) -> str | None:
    """A statement of the schema source that did not load, and would have changed what the role may do."""
    from ..access.actor import actor_named  # noqa: PLC0415 - as above

    who = actor_named(context.loaded.catalog, bound.site.runs_as or "")
    roles = {*who.names, "public"} if who is not None else set[str]()
    reached = [one for one in (bound.relation, bound.base) if one is not None]
    found = (u for u in context.loaded.rights for one in reached if u.concerns(one.name, one.schema, roles))
    return next((u.reason for u in found), None)


def is_called(bound: BoundSite, context: RuleContext) -> tuple[str, ...]:
    """What must be said of a site in a function that runs with the rights of its caller; nothing of any other."""
    name = bound.site.object
    callers = (one for one in context.loaded.inside.stored if one.runs_as is None and one.origin in _CALLED)
    if name is None or all(one.object != name for one in callers):
        return ()
    return (f'"{name}" runs with the rights of whoever calls it: this holds where role "{bound.site.runs_as}" does',)


def softened(severity: Severity, bound: BoundSite, context: RuleContext) -> Severity:
    """An error no more than a warning where the role may never call the function that the site stands in."""
    return Severity.WARNING if severity is Severity.ERROR and is_called(bound, context) else severity


def with_access(
    connection: psycopg.Connection[Any],
    explanation: Explanation,
    role: str,
    *,
    search_path: Sequence[str] | None = None,
) -> Explanation:
    """An explained statement with what the role may do with each of its INSERTs; `connection` is in no transaction.

    Raises SchemaError for a role that the server does not have, ServerError when the catalog cannot be read.
    """
    from ..access.actor import require  # noqa: PLC0415 - as above
    from ..access.decide import decide  # noqa: PLC0415 - as above
    from ..catalog.read import read_catalog  # noqa: PLC0415 - as above

    tables = {one.parsed.write.table.name for one in explanation.sites if one.parsed.write.table is not None}
    catalog = read_catalog(connection, search_path=search_path, only=tables)
    require(catalog, role)
    sites = tuple(
        one
        if one.relation is None or one.parsed.mechanism is Mechanism.MERGE
        else replace(one, access=decide(one.parsed.write, one.relation, catalog, role))
        for one in explanation.sites
    )
    return replace(explanation, sites=sites)
