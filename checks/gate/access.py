"""What the role that runs a statement may not do in a state of the schema, as a verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..access.actor import actor_named, require
from ..access.model import Moment, Result, Scenario
from ..access.whose import assigned, role_names
from ..access.wording import refusal
from ..arbiter.model import Outcome
from ..rules._access import access_of, is_called
from ..rules._registry import RuleContext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..access.model import Access
    from ..arbiter.model import BoundSite
    from ..catalog.catalog import Catalog
    from ..model import WriteSite
    from ..schema.model import Loaded
    from ..settings import Settings

_NO_LOGIN = "28000"  # invalid_authorization_specification
# The rows that an upsert meets whoever else has some: a new one of one's own, and one that is there.
_OWN = (Scenario.INSERTED_OWN, Scenario.CONFLICT_OWN)


def with_roles(sites: Sequence[WriteSite], settings: Settings, root: Path, loaded: Loaded) -> tuple[WriteSite, ...]:
    """The sites with the role that runs each, if the settings name one; the state need not have it yet."""
    return tuple(sites) if settings.role is None else assigned(sites, settings, root, loaded, required=False)


class Absent:
    """The roles that the settings name and no state had so far."""

    def __init__(self, settings: Settings) -> None:
        self._names = set(role_names(settings))

    def look(self, catalog: Catalog) -> None:
        """Leave out those of one more state; of one whose roles could not be read nothing is known."""
        self._names -= {role.name for role in catalog.roles.values()} if catalog.roles else self._names

    def refuse(self, last: Catalog) -> None:
        """Raise SchemaError, with the nearest name of the last state, for a role that none of the states has."""
        for name in sorted(self._names):
            require(last, name)


def allowed(bound: BoundSite, loaded: Loaded, settings: Settings) -> BoundSite:
    """The same, refused where the server takes the statement and its role may not run it, or not with its own rows.

    One of a function that runs with the rights of whoever calls it is left: who calls it is not known.
    """
    if bound.verdict.sqlstate is not None or settings.role is None:
        return bound
    context = RuleContext(loaded, settings)
    access = access_of(bound, context)
    if access is None or is_called(bound, context):
        return bound
    refused = _not_there(access, bound, loaded.catalog) or _refused(access)
    if refused is None:
        return bound
    sqlstate, message = refused
    return replace(bound, verdict=replace(bound.verdict, outcome=Outcome.NO_MATCH, sqlstate=sqlstate, message=message))


def _not_there(access: Access, bound: BoundSite, catalog: Catalog) -> tuple[str, str] | None:
    """What the server answers to who logs in as a role that it does not have (InitializeSessionUserId)."""
    if bound.relation is None or not catalog.roles or actor_named(catalog, access.role) is not None:
        return None
    return _NO_LOGIN, f'role "{access.role}" does not exist'


def _refused(access: Access) -> tuple[str, str] | None:
    first = min(access.missing, key=lambda need: [*Moment].index(need.when), default=None)
    if first is not None:
        return first.sqlstate, f'role "{first.role}" lacks {first.privilege} on {first.subject}'
    security = access.row_security
    outcomes = [security.outcome(each) for each in _OWN] if security is not None and security.exempt is None else []
    for outcome in outcomes:
        if outcome is not None and outcome.result is Result.REFUSED and outcome.check and not outcome.unless_left:
            role = security.role if security is not None else access.role
            return outcome.sqlstate or "42501", f"row security: {refusal(outcome.check, outcome.policy, role)}"
    return None
