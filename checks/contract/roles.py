"""What roles must be allowed to: recorded of write sites, and decided on another catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..access.actor import actor_named
from ..access.decide import decide
from ..access.demand import demand
from ..access.model import REFUSED, Result, Scenario
from ..access.wording import refusal
from ..arbiter.bind import sent
from ..model import POSTGREST_CLIENTS, Action, AnyArbiter, ColumnReference, QualifiedName, Write
from ..rules.missing_privilege import grants, lacking
from .model import Allowed, Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..access.model import Access
    from ..arbiter.model import BoundSite
    from ..catalog.catalog import Catalog
    from ..catalog.model import Relation
    from ..schema.model import Loaded
    from .model import Contract

_OWN = (Scenario.INSERTED_OWN, Scenario.CONFLICT_OWN)


def asked_of(bound: BoundSite, catalog: Catalog, exposed_schema: str) -> Asked | None:
    """What a site asks for its role; None where nobody knows who runs it, or what it writes."""
    site, relation = bound.site, bound.relation
    if site.runs_as is None or relation is None:
        return None
    write = sent(site, relation, catalog, exposed_schema)
    merges = site.client in POSTGREST_CLIENTS
    wanted = demand(write, relation, merges=merges)
    sets = tuple(wanted.updated or ())
    return Asked(
        role=site.runs_as,
        table=QualifiedName(relation.schema, relation.name),
        action=write.action,
        columns=tuple(wanted.inserted),
        complete=(write.complete and not write.optional) if write.columns is not None else write.all_columns,
        defaulted=_among(write.defaulted, wanted.inserted),
        set=sets,
        set_complete=write.set_complete,
        set_default=_among(write.set_defaults, sets),
        carried=sets if merges else _among(write.set_excluded, sets),
        excluded=tuple(wanted.excluded),
        reads=tuple(wanted.selected),
        conditional=write.conditional,
    )


def _among(names: tuple[str, ...], known: dict[str, str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name in known)


def allowed(contract: Contract, loaded: Loaded) -> tuple[Allowed, ...]:
    """Each of the recorded writes with its answer."""
    return tuple(_allowed(asked, sites, loaded) for asked, sites in contract.writes)


def _allowed(asked: Asked, sites: int, loaded: Loaded) -> Allowed:
    catalog = loaded.catalog
    relation = catalog.resolve(asked.table)
    if relation is None:
        absent = f'table "{asked.table}" does not exist'
        return Allowed(asked=asked, sites=sites, holds=False if loaded.live else None, reason=absent)
    if (reason := _unsure(asked, relation, loaded)) is not None:
        return Allowed(asked=asked, sites=sites, holds=None, reason=reason)
    access = decide(_write(asked), relation, catalog, asked.role)
    refused = next(_refused(access), None)
    if access.missing or refused is not None:
        reasons = [lacking(access.needs)] if access.missing else []
        reasons += [refused] if refused is not None else []
        return Allowed(
            asked=asked,
            sites=sites,
            holds=False,
            reason="; ".join(reasons),
            sqlstate=access.missing[0].sqlstate if access.missing else REFUSED,
            remedies=tuple(f"{grant};" for grant in grants(access.needs)),
        )
    unknown = access.reason is not None
    gone = unknown and loaded.live and bool(catalog.roles) and actor_named(catalog, asked.role) is None
    holds = False if gone else None if unknown else True
    return Allowed(asked=asked, sites=sites, holds=holds, reason=access.reason)


def _unsure(asked: Asked, relation: Relation, loaded: Loaded) -> str | None:
    """A statement of a schema source about privileges, or policies, of the table that did not load."""
    who = actor_named(loaded.catalog, asked.role)
    roles = {*who.names, "public"} if who is not None else set[str]()
    return next((one.reason for one in loaded.rights if one.concerns(relation.name, relation.schema, roles)), None)


def _write(asked: Asked) -> Write:
    """A write that asks the same; what it reads is read by RETURNING, which makes no difference to the server."""
    return Write(
        table=asked.table,
        target=AnyArbiter(),
        action=asked.action,
        columns=asked.columns,
        complete=asked.complete,
        defaulted=asked.defaulted,
        set_columns=asked.set if asked.action is Action.UPDATE else None,
        set_complete=asked.set_complete,
        set_defaults=asked.set_default,
        set_excluded=asked.carried,
        references=tuple(ColumnReference("excluded", name) for name in asked.excluded),
        conditional=asked.conditional,
        returning=tuple(ColumnReference(None, name) for name in asked.reads) or None,
    )


def _refused(access: Access) -> Iterator[str]:
    """Why row security refuses one's own rows, the first time or each time after it."""
    security = access.row_security
    for scenario in _OWN if security is not None else ():
        outcome = security.outcome(scenario) if security is not None else None
        if security is not None and outcome is not None and outcome.result is Result.REFUSED and outcome.check:
            what = "lets no row in" if scenario is Scenario.INSERTED_OWN else "lets no row be updated"
            yield f"row security {what}: {refusal(outcome.check, outcome.policy, security.role)}"
