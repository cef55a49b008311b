"""What row security makes of one row in each scenario, in the order in which the server asks (ExecInsert)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Action, AnyArbiter, InferenceClause
from ..sql.own_rows import may_exclude_own, own_column
from .model import Outcome, Result, Row, RowSecurity, Scenario
from .policies import Check, atoms, check, row_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..catalog.model import Relation
    from ..model import Write
    from ..sql.expressions import Expression
    from .actor import Actor
    from .privileges import Level


@dataclass(frozen=True, slots=True)
class Statement:
    """What counts of a statement; columns are those of `table`.

    `carried` are set to what the proposed row has, `set_complete` False: more columns may be set. `keys` are the
    columns of the conflict target. `upserts`: it has a conflict clause, though its action may not be known.
    """

    table: Relation
    action: Action | None
    reads: bool
    conditional: bool
    carried: frozenset[str]
    sets: frozenset[str]
    set_complete: bool
    keys: frozenset[str]
    upserts: bool


def statement(write: Write, last: Level, *, merges: bool) -> Statement:
    """What counts of a write whose rows go into the table of that level."""
    sets = frozenset(last.demand.updated or ())
    return Statement(
        table=last.relation,
        action=write.action,
        reads=bool(last.demand.selected),
        conditional=write.conditional,
        carried=sets if merges else last.reached(write.set_excluded),
        sets=sets,
        set_complete=write.set_complete,
        keys=last.reached(write.target.columns) if isinstance(write.target, InferenceClause) else frozenset(),
        upserts=write.action is not None or not isinstance(write.target, AnyArbiter),
    )


def exemption(table: Relation, actor: Actor, owner: str) -> str | None:
    """Why the actor is not subject to row security on that table (check_enable_rls of rls.c)."""
    if not table.row_security:
        return f'row security is off on "{table.qualified_name}"'
    if actor.superuser:
        return f'"{actor.name}" is a superuser'
    if actor.bypasses_row_security:
        return f'"{actor.name}" has BYPASSRLS'
    if actor.has_privileges_of(table.owner) and not table.force_row_security:
        as_owner = "owns" if actor.name == owner else f'has the privileges of "{owner}", who owns'
        return f'"{actor.name}" {as_owner} "{table.qualified_name}", which does not FORCE row security'
    return None


def decided(found: Statement, actor: Actor) -> RowSecurity:
    """The checks that the server adds, and what comes of them in each scenario."""
    table = found.table
    proposed = [check(table, actor, "INSERT", Row.PROPOSED)]
    existing: list[Check] = []
    updated: list[Check] = []
    if found.reads:
        proposed.append(check(table, actor, "SELECT", Row.PROPOSED))
    if found.action is Action.UPDATE:
        commands = ("UPDATE", "SELECT") if found.reads else ("UPDATE",)
        existing = [check(table, actor, command, Row.EXISTING) for command in commands]
        updated = [check(table, actor, command, Row.UPDATED) for command in commands]
    outcomes = tuple(_outcome(found, scenario, proposed, existing, updated) for scenario in Scenario)
    checks = (*proposed, *existing, *updated)
    return RowSecurity(
        (table.schema, table.name), actor.name, None, checks, outcomes, _may_be_foreign(found, (*existing, *updated))
    )


def _outcome(
    found: Statement, scenario: Scenario, proposed: list[Check], existing: list[Check], updated: list[Check]
) -> Outcome:
    first = _first(found, scenario, proposed, Result.INSERTED)
    if first.result is not Result.INSERTED or not scenario.conflict:
        return first
    if not found.upserts:
        return Outcome(scenario, Result.DUPLICATE)
    if found.action is Action.NOTHING:
        return Outcome(scenario, Result.SKIPPED)
    if found.action is None:
        return Outcome(scenario, Result.UNKNOWN)
    return _first(found, scenario, [*existing, *updated], Result.UPDATED, unless_left=found.conditional)


def _first(
    found: Statement, scenario: Scenario, checks: list[Check], passed: Result, *, unless_left: bool = False
) -> Outcome:
    """The first check that a row fails, else `passed`, else unknown by the first check that may fail."""
    unsure: Outcome | None = None
    by: dict[str, Check] = {}
    policy: str | None = None
    for one in checks:
        passes, condition = one.passes(_holds(found, scenario, one.row))
        policy = condition.policy if condition is not None else None
        if passes is False:
            message = one.message(found.table.name, condition)
            return Outcome(scenario, Result.REFUSED, message, one, policy, unless_left)
        if passes is None:
            unsure = unsure or Outcome(scenario, Result.UNKNOWN, None, one, policy, unless_left)
        by.setdefault(f'{one.command} policy "{policy}"', one)
    last = [*by.values()][-1] if by else None
    return unsure or Outcome(scenario, passed, None, last, policy, unless_left, tuple(by))


def _holds(found: Statement, scenario: Scenario, row: Row) -> Callable[[Expression, bool], bool | None]:
    """Whether an expression that is no constant holds for that row.

    What looks at no column of the row is the same for all rows, and taken to let the row pass: the answer is the best
    case.
    """
    foreign = scenario is Scenario.CONFLICT_FOREIGN

    def holds(atom: Expression, wanted: bool) -> bool | None:  # noqa: FBT001 - of Holds
        looks_at = row_columns(atom, found.table)
        if not looks_at:
            return wanted
        if row is Row.PROPOSED:
            others: bool | None = scenario is Scenario.INSERTED_FOREIGN
        else:
            others = foreign if row is Row.EXISTING else _is_others(found, looks_at, foreign=foreign)
        return None if others is None else _of_row(atom, found.table, wanted=wanted, others=others)

    return holds


def _of_row(atom: Expression, table: Relation, *, wanted: bool, others: bool) -> bool | None:
    """The same of what looks at a row of one's own, or of another owner's; None where that does not tell it.

    A plain equality with the session tells owners apart. Of one's own row all else is taken to let it pass, but not
    what asks the session for anything but equality, nor what is negated: that may tell who is not the owner.
    """
    if own_column(atom, table.name) is not None:
        return (not others) if wanted else None
    return None if others or may_exclude_own(atom) else wanted


def _is_others(found: Statement, looks_at: frozenset[str], *, foreign: bool) -> bool | None:
    """Whether the updated row, which has some columns of the proposed one, that is one's own, is another's there."""
    known = {column.name for column in found.table.columns}
    if not found.set_complete or not looks_at <= known or (looks_at & found.sets) - found.carried:
        return None  # what it gets is not known
    if not foreign or looks_at <= found.carried:
        return False
    return True if looks_at.isdisjoint(found.sets) else None


def _may_be_foreign(found: Statement, checks: tuple[Check, ...]) -> bool:
    """Whether a row of another owner can have the same key as one's own: not if the key holds all that is looked at."""
    looked_at = [
        row_columns(atom, found.table)
        for one in checks
        for condition in one.conditions
        for atom in atoms(condition.tree)
    ]
    return any(columns and not columns <= found.keys for columns in looked_at) or not any(looked_at)
