"""Whose row it is: the columns by which the policies of a table tell that, and which of them an update keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from ..sql.expression_reader import parse_expression
from ..sql.expressions import Column, Expression, NullTest, Operation, Or, Special
from ..sql.own_rows import keeps_apart
from ..sql.session_columns import session_comparisons
from ..sql.update_clause import update_clauses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Policy, Relation
    from ..sql.update_clause import UpdateClause


@dataclass(frozen=True, slots=True)
class Owner:
    """A column that tells whose row it is, and the part of a policy that says so; `proven` as in Comparison."""

    column: str
    policy: str
    condition: str
    proven: bool
    applies: bool = True  # the policy is one for the role that runs the statement, as far as that is known


def owners_of(relation: Relation, roles: frozenset[str] | None = None) -> tuple[Owner, ...]:
    """The columns by which policies let a user reach rows that are there, each once, in the order of the table.

    A condition for new rows only (WITH CHECK) says who wrote a row, and not who may reach it. Of several policies that
    tell by the same column one for one of `roles` stands for them, if these are known, and of these a proven one.
    """
    found: dict[str, Owner] = {}
    for owner in _owners(relation, roles):
        known = found.get(owner.column)
        if known is None or (owner.applies, owner.proven) > (known.applies, known.proven):
            found[owner.column] = owner
    return tuple(found[column.name] for column in relation.columns if column.name in found)


def _owners(relation: Relation, roles: frozenset[str] | None) -> Iterator[Owner]:
    for policy in relation.policies:
        applies = roles is None or is_for(policy, roles)
        for found in session_comparisons(policy.using, relation.name) if policy.using else ():
            yield Owner(found.column, policy.name, found.text, found.proven, applies)


def is_for(policy: Policy, roles: frozenset[str]) -> bool:
    """Whether a policy applies to a role, by the names of all whose privileges it has (check_role_for_policy)."""
    return not policy.roles or not roles.isdisjoint(policy.roles)


def is_kept_apart(relation: Relation, column: str, roles: frozenset[str]) -> bool:
    """Whether policies surely let a role that is subject to them update no row of another owner.

    An update on conflict asks the USING of UPDATE and of SELECT policies for the row that is there: one of the
    permissive, and all of the restrictive. So all permissive ones must keep owners apart, or one restrictive. A policy
    without USING lets no row pass.
    """
    for command in ("w", "r"):
        own = [one for one in relation.policies if one.command in (command, "*") and is_for(one, roles)]
        tells = [(one, _tells(one.using, relation, column)) for one in own if one.using is not None]
        if all(told for one, told in tells if one.permissive) or any(told for one, told in tells if not one.permissive):
            return True
    return False


def lets_all(relation: Relation, roles: frozenset[str]) -> bool:
    """Whether policies surely let a role that is subject to them update each row that it sees."""
    own = [one for one in relation.policies if one.command in ("r", "w", "*") and is_for(one, roles)]
    free = {command for one in own if one.permissive and one.using == "true" for command in one.command}
    return ("*" in free or {"r", "w"} <= free) and all(one.permissive or one.using in ("true", None) for one in own)


def _tells(using: str, relation: Relation, column: str) -> bool:
    try:
        return keeps_apart(parse_expression(using), relation.name, column)
    except SqlSyntaxError:  # of a newer server's grammar
        return False


def update_of(bound: BoundSite) -> UpdateClause | None:
    """The DO UPDATE of a site whose statement is SQL in the source, if there is no doubt which one it is."""
    write = bound.site.write
    if bound.site.sql is None or write.table is None:
        return None
    found = [
        clause
        for clause in update_clauses(bound.site.sql)
        if clause.table == write.table.name and tuple(name for name, _ in clause.values) == write.set_columns
    ]
    return found[0] if found and found.count(found[0]) == len(found) else None


def keeps(clause: UpdateClause, column: str) -> bool:
    """Whether an update leaves a column as it is: by what SET gives it, or because WHERE asks for the same value."""
    value = clause.value(column)
    first = value.args[0] if isinstance(value, Special) and value.name == "coalesce" else value
    return _is_stored(first, clause, column) or any(_asks_same(part, clause, column) for part in clause.conditions)


def _asks_same(condition: Expression, clause: UpdateClause, column: str) -> bool:
    """`t.owner = x`, `t.owner IS NOT DISTINCT FROM x`, or either OR `t.owner IS NULL`, which nobody owns."""
    match condition:
        case Operation(operator="=", args=args) | Special(name="same", args=args):
            return any(_is_stored(side, clause, column) for side in args)
        case NullTest(arg=arg, null=True):
            return _is_stored(arg, clause, column)
        case Or(args=args):
            return all(_asks_same(arg, clause, column) for arg in args)
        case _:
            return False


def _is_stored(value: Expression | None, clause: UpdateClause, column: str) -> bool:
    return isinstance(value, Column) and value.qualifier[-1:] == (clause.alias,) and value.name == column
