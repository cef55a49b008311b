"""A contract held against a catalog: which needs hold there, and why the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..quoting import quoted
from ..rules import clause_error
from .model import Kind, Verified
from .remedy import remedy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..arbiter.model import BoundSite
    from .model import Contract, Need


def verified(contract: Contract, judged: Iterable[Sequence[BoundSite]]) -> tuple[Verified, ...]:
    """Each need with its answer; `judged` are the sites of each need, in the order of `sites_of`, with verdicts."""
    return tuple(_verified(need, sites, own) for (need, sites), own in zip(contract.needs, judged, strict=True))


def _verified(need: Need, sites: int, bounds: Sequence[BoundSite]) -> Verified:
    """The need with the worst of its answers: one that is lost, else one that cannot be told."""
    lost = [bound for bound in bounds if _holds(bound) is False]
    if bounds[0] in lost:
        lost = [bounds[0]]  # what refuses the statement itself refuses each of its keys
    open_ = [bound for bound in bounds if _holds(bound) is None]
    arbiters = tuple(dict.fromkeys(name for bound in bounds for name in bound.verdict.arbiters))
    if not lost and not open_:
        changed = _changed(need, bounds[0])
        return Verified(need=need, sites=sites, holds=changed is None, reason=changed, arbiters=arbiters)
    first = (lost or open_)[0]
    remedies = (remedy(need, number, bound) for number, bound in enumerate(bounds) if bound in lost)
    return Verified(
        need=need,
        sites=sites,
        holds=False if lost else None,
        reason="; ".join(dict.fromkeys(_reason(need, bounds, bound) for bound in lost or open_)),
        sqlstate=_sqlstate(first),
        arbiters=arbiters,
        candidates=first.verdict.candidates,
        remedies=tuple(dict.fromkeys(text for text in remedies if text is not None)),
    )


def _holds(bound: BoundSite) -> bool | None:
    match bound.verdict.outcome:
        case Outcome.MATCH:
            return True
        case Outcome.UNKNOWN:
            return None
        case Outcome.NO_MATCH | Outcome.NOT_JUDGED:  # the second: no primary key, so that the INSERT is a plain one
            return False


def _sqlstate(bound: BoundSite) -> str | None:
    error = clause_error(bound.verdict)
    return error.sqlstate if error else None


def _reason(need: Need, bounds: Sequence[BoundSite], bound: BoundSite) -> str:
    """Why, with the key that it is about where there are several."""
    verdict = bound.verdict
    error = clause_error(verdict)
    if bound is bounds[0] or need.kind is not Kind.ANY:
        return error.message if error else verdict.reason or verdict.message or "the server refuses it"
    key = need.keys[bounds.index(bound) - 1]
    name = f'constraint "{key.constraint}"' if key.constraint else f"unique index on ({', '.join(key.elements)})"
    where = f" WHERE {key.predicate}" if key.predicate else ""
    told = f": {verdict.reason}" if _holds(bound) is None else ""
    return f"{'cannot tell whether there is' if told else 'there is no'} {name}{where} to stop a row{told}"


def _changed(need: Need, bound: BoundSite) -> str | None:
    """Why a key of the recorded name is not the recorded key: rows would merge by other columns."""
    if bound.relation is None or not need.elements:
        return None
    if need.kind is Kind.PRIMARY_KEY:
        columns = (bound.base or bound.relation).primary_key
        name = "the primary key"
    elif need.kind is Kind.CONSTRAINT:
        constraint = next((c for c in bound.relation.constraints if c.name == need.constraint), None)
        columns = constraint.columns if constraint else ()
        name = f'constraint "{need.constraint}"'
    else:
        return None
    now = tuple(sorted(map(quoted, columns)))
    if now == tuple(sorted(need.elements)):
        return None
    return f"{name} is on ({', '.join(now)}), wanted ({', '.join(need.elements)})"
