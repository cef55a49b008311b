"""What the role that runs a statement may not do in a state of the schema, as a verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..access.model import Moment, Result, Scenario
from ..access.whose import assigned
from ..access.wording import refusal
from ..arbiter.model import Outcome
from ..rules._access import access_of, is_called
from ..rules._registry import RuleContext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..access.model import Access
    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from ..schema.model import Loaded
    from ..settings import Settings

# The rows that an upsert meets whoever else has some: a new one of one's own, and one that is there.
_OWN = (Scenario.INSERTED_OWN, Scenario.CONFLICT_OWN)


def with_roles(sites: Sequence[WriteSite], settings: Settings, root: Path, loaded: Loaded) -> tuple[WriteSite, ...]:
    """The sites with the role that runs each in that state, if the settings name one.

    Raises SchemaError for a role that the state does not have.
    """
    return tuple(sites) if settings.role is None else assigned(sites, settings, root, loaded)


def allowed(bound: BoundSite, loaded: Loaded, settings: Settings) -> BoundSite:
    """The same, refused where the server takes the statement and its role may not run it, or not with its own rows.

    One of a function that runs with the rights of whoever calls it is left: who calls it is not known.
    """
    if bound.verdict.sqlstate is not None or settings.role is None:
        return bound
    context = RuleContext(loaded, settings)
    access = access_of(bound, context)
    refused = _refused(access) if access is not None and not is_called(bound, context) else None
    if refused is None:
        return bound
    sqlstate, message = refused
    return replace(bound, verdict=replace(bound.verdict, outcome=Outcome.NO_MATCH, sqlstate=sqlstate, message=message))


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
