"""The access decision of a site: as lines for people, and as a part of the JSON of its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..access.wording import SCENARIOS, told

if TYPE_CHECKING:
    from ..access.model import Access, Need, Outcome, RowSecurity
    from . import document
    from .page import Page

_INDENT = 11
_WIDEST = 60  # of what stands beside its giver; longer ones stand above it


def access_of(access: Access) -> document.Access:
    """The whole decision."""
    security = access.row_security
    return {
        "role": access.role,
        "reason": access.reason,
        "privileges": [_privilege(need) for need in access.needs],
        "row_security": None if security is None else _row_security(security),
    }


def _privilege(need: Need) -> document.NeededPrivilege:
    return {
        "privilege": need.privilege.value,
        "kind": need.kind,
        "object": ".".join(need.object),
        "column": need.column,
        "role": need.role,
        "why": need.why,
        "given_by": need.given_by,
    }


def _row_security(security: RowSecurity) -> document.RowSecurity:
    return {
        "table": security.subject,
        "role": security.role,
        "exempt": security.exempt,
        "foreign_conflicts": security.foreign_conflicts,
        "outcomes": [_outcome(outcome, security.role) for outcome in security.outcomes],
    }


def _outcome(outcome: Outcome, role: str) -> document.RowOutcome:
    return {
        "scenario": outcome.scenario.value,
        "result": outcome.result.value,
        "sqlstate": outcome.sqlstate,
        "message": outcome.message,
        "policy": outcome.policy,
        "told": told(outcome, role),
    }


def write(page: Page, access: Access) -> None:
    """A small table: each privilege with what gives it, and what becomes of a row in each case."""
    page.line(f'role "{access.role}"', indent=2, label="access   ", label_style="dim")
    if access.reason is not None:
        page.line(f"cannot tell: {access.reason}", indent=_INDENT)
    rows = [(what, need.given_by or "MISSING", need.given_by is None) for what, need in grouped(access)]
    width = max((len(what) for what, *_ in rows if len(what) <= _WIDEST), default=0)
    for what, given, missing in rows:
        style = "bold red" if missing else "dim"
        if len(what) <= _WIDEST:
            page.line(given, indent=_INDENT, label=f"{what:{width}}  ", style=style)
        else:
            page.line(what, indent=_INDENT)
            page.line(given, indent=_INDENT, label=" " * (width + 2), style=style)
    if (security := access.row_security) is not None:
        _write_security(page, security)


def grouped(access: Access) -> list[tuple[str, Need]]:
    """`SELECT (a, b) on public.t`, with one of the needs that this stands for, which have the same giver."""
    groups: dict[tuple[object, ...], list[Need]] = {}
    for need in access.needs:
        groups.setdefault((need.privilege, need.object, need.role, need.given_by), []).append(need)
    found = []
    for group in groups.values():
        need = group[0]
        columns = [one.column for one in group if one.column is not None]
        listed = f" ({', '.join(columns)})" if columns else ""
        on = f"{need.privilege}{listed} on {'.'.join(need.object)}"
        found.append((on if need.role == access.role else f'{on} for "{need.role}"', need))
    return found


def _write_security(page: Page, security: RowSecurity) -> None:
    if security.exempt is not None:
        page.line(f"row security does not apply: {security.exempt}", indent=_INDENT)
        return
    role = "" if not security.role else f' for "{security.role}"'
    page.line(f"row security of {security.subject}{role}", indent=_INDENT)
    width = max(map(len, SCENARIOS.values()))
    for outcome in security.outcomes:
        label = f"{SCENARIOS[outcome.scenario]:{width}}  "
        style = "bold red" if outcome.message is not None else "dim"
        page.line(told(outcome, security.role), indent=_INDENT + 2, label=label, style=style)
