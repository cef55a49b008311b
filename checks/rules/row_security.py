"""Row security refuses what the statement writes.

Which policies count depends on the statement (CREATE POLICY, "Policies Applied by Command Type"). The row proposed for
insertion must pass the INSERT policies, and, since a conflict target and RETURNING read columns, the SELECT policies as
well: then an INSERT policy alone lets nothing in, and the server's message is the same for both. On a conflict DO
UPDATE needs a row that passes the UPDATE and SELECT policies before and after the update; a row that does not is an
error, never a silent skip, while DO NOTHING skips it. So with INSERT and SELECT policies and none for UPDATE, the first
upsert of a key works and the second one fails.

An error where every execution fails, a warning where each update fails, a note where only a row that is another
owner's is refused. What a policy says of the session (`auth.uid() IS NOT NULL`) is taken to hold, so that what is
reported fails in the best case. Silent unless a role is named: `role` in the settings, or `--role`. A superuser, a role
with BYPASSRLS (Supabase's service_role), and the owner of a table without FORCE ROW LEVEL SECURITY are not subject to
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..access.model import Result, Row, Scenario
from ..access.wording import refusal
from ..quoting import quoted
from ._access import is_called, softened
from ._fed import arbiters_of, never_meets
from ._names import is_postgrest, named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..access.model import Outcome, RowSecurity
    from ..access.policies import Check
    from ..arbiter.model import BoundSite

_LONGEST = 200  # characters of an expression that a remedy takes over
_READS = "SELECT policies count for it, since the conflict target or RETURNING reads columns"


@rule(
    "PGA402",
    severity=Severity.ERROR,
    summary="row security refuses what the role writes",
    effect="Executions fail with 42501, new row violates row-level security policy: all of them, or those that update.",
    remedy="Add the policy that the finding names, or let a role that bypasses row security run the statement.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """The worst of what happens to a row: always refused, refused when it is there, or when it is another owner's."""
    access = context.access.get(bound.site.id)
    security = access.row_security if access is not None else None
    if security is None or security.exempt is not None:
        return
    first, own, foreign = (
        security.outcome(scenario)
        for scenario in (Scenario.INSERTED_OWN, Scenario.CONFLICT_OWN, Scenario.CONFLICT_FOREIGN)
    )
    if first is not None and first.result is Result.REFUSED:
        yield _hit(bound, context, security, first, Severity.ERROR)
    elif _never_conflicts(bound):
        return
    elif own is not None and own.result is Result.REFUSED:
        yield _hit(bound, context, security, own, Severity.WARNING)
    elif foreign is not None and foreign.result is Result.REFUSED and _is_told(security, foreign):
        yield _hit(bound, context, security, foreign, Severity.NOTE)


def _never_conflicts(bound: BoundSite) -> bool:
    """Whether every key has a value that is new each time."""
    relation, arbiters = bound.base, arbiters_of(bound)
    if relation is None or relation is not bound.relation or not arbiters:
        return False
    return all(never_meets(index, relation, bound.site.write) for index in arbiters)


def _is_told(security: RowSecurity, foreign: Outcome) -> bool:
    """Not where the key keeps owners apart, nor where the statement itself leaves out what it must not update."""
    return security.foreign_conflicts and not foreign.unless_left


def _hit(bound: BoundSite, context: RuleContext, security: RowSecurity, outcome: Outcome, severity: Severity) -> Hit:
    check = outcome.check
    if check is None:
        raise ValueError("a refusal has a check")
    why = refusal(check, outcome.policy, security.role)
    table = f'"{security.subject}"'
    match severity:
        case Severity.ERROR:
            message = f'row security lets role "{security.role}" write no row into {table}: {why}'
            effect = f"Every execution fails with 42501{_http(bound)}: {outcome.message}."
        case Severity.WARNING:
            message = f'row security lets role "{security.role}" insert into {table}, and never update: {why}'
            left = ", unless the WHERE of DO UPDATE leaves the row as it is" if outcome.unless_left else ""
            effect = (
                f"The first write of a key works, the next fails with 42501{_http(bound)}{left}: {outcome.message}."
            )
        case Severity.NOTE:
            message = f"a conflict with another owner's row of {table} is refused: {why}"
            effect = (
                f"The execution fails with 42501{_http(bound)}, where a silent skip may be expected: {outcome.message}."
            )
    return Hit(
        message=message,
        effect=effect,
        remedy=_remedy(bound, security, check, severity),
        related=(*_related(bound, security, check), *is_called(bound, context)),
        severity=softened(severity, bound, context),
    )


def _http(bound: BoundSite) -> str:
    return ", HTTP 401 or 403" if is_postgrest(bound.site) else ""


def _remedy(bound: BoundSite, security: RowSecurity, check: Check, severity: Severity) -> str:
    if severity is Severity.NOTE:
        if is_postgrest(bound.site):
            return "Make the owner part of the key, so that owners never conflict, or read the error as a taken key."
        return "Make the owner part of the key, or leave rows of others alone: DO UPDATE SET ... WHERE <owner matches>."
    if check.permissive:
        named_ = named(condition.policy for condition in check.conditions)
        return f"Change {named_}, or write by a role that the policy is not for."
    table = ".".join(quoted(part) for part in security.table)
    expression = _model(security) or "..."
    clause = {"INSERT": f"WITH CHECK ({expression})"}.get(check.command, f"USING ({expression})")
    return f"CREATE POLICY <name> ON {table} FOR {check.command} TO {quoted(security.role)} {clause}."


def _model(security: RowSecurity) -> str | None:
    """The expression of another policy for writing, which tells whose row it is; who may read is another matter."""
    writing = (check for check in security.checks if check.command != "SELECT")
    found = {condition.text for check in writing for condition in check.permissive}
    own = sorted(text for text in found if text not in {"true", "false"})
    return own[0] if len(own) == 1 and len(own[0]) <= _LONGEST and own[0].isprintable() else None


def _related(bound: BoundSite, security: RowSecurity, check: Check) -> Iterator[str]:
    if check.command == "SELECT" and check.row is Row.PROPOSED:
        yield _READS
        if is_postgrest(bound.site) and bound.site.write.returning is None:
            yield "return=minimal does not lift that: an upsert reads the columns of its conflict target all the same"
    if check.apart:
        yield f"policies of the table for {check.command} that do not count: {named(check.apart)}"
    if security.role != bound.site.runs_as:
        yield f'the rights of "{security.role}" count, who owns what the statement goes through'
    yield "EXPLAIN shows none of this: policies are asked when rows are written"
    yield "a superuser, a role with BYPASSRLS and the table's owner (without FORCE) are not subject to it"
