"""The checks that row security adds to a write, and whether a row passes them (rowsecurity.c)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from ..sql.expression_reader import parse_expression
from ..sql.expressions import And, Cast, Constant, Not, Opaque, Or
from ..sql.own_rows import looked_at
from .model import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..catalog.model import Policy, Relation
    from ..sql.expressions import Expression
    from .actor import Actor

    Holds = Callable[[Expression, bool], bool | None]  # the truth that would let the row pass comes second

_COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}
_ANY = frozenset((True, False, None))


@dataclass(frozen=True, slots=True)
class Condition:
    """The expression of one policy: `clause` is USING or WITH CHECK, whichever the server takes."""

    policy: str
    clause: str
    text: str
    tree: Expression

    def __str__(self) -> str:
        """For people: `"owners" (USING user_id = auth.uid())`."""
        return f'"{self.policy}" ({self.clause} {self.text})'


@dataclass(frozen=True, slots=True)
class Check:
    """The policies of one command that a row must pass: one of the permissive, and all of the restrictive.

    `on_conflict`: it looks at the row that is there (WCO_RLS_CONFLICT_CHECK), which the server's message tells.
    `apart`: policies of the table for this command that are for other roles, or have no expression that counts here.
    """

    command: str
    row: Row
    permissive: tuple[Condition, ...]
    restrictive: tuple[Condition, ...]
    apart: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of them; without a permissive one the restrictive ones are not looked at."""
        return (*self.permissive, *self.restrictive) if self.permissive else ()

    def passes(self, holds: Holds) -> tuple[bool | None, Condition | None]:
        """Whether a row passes, None when that cannot be told, and the condition that decides; see `_value`."""
        values = [_passes(condition.tree, holds) for condition in self.permissive]
        if True not in values and None not in values:
            return False, self.permissive[0] if len(self.permissive) == 1 else None
        let_in = next((c for c, value in zip(self.permissive, values, strict=True) if value), self.permissive[0])
        unknown = True not in values
        for condition in self.restrictive:
            value = _passes(condition.tree, holds)
            if value is False:
                return False, condition
            unknown = unknown or value is None
        return None if unknown else True, let_in

    def message(self, table: str, condition: Condition | None) -> str:
        """What the server says when the check fails (ExecWithCheckOptions); only a restrictive policy is named."""
        name = f' "{condition.policy}"' if condition in self.restrictive and condition is not None else ""
        using = " (USING expression)" if self.row is Row.EXISTING else ""
        return f'new row violates row-level security policy{name}{using} for table "{table}"'


def check(relation: Relation, actor: Actor, command: str, row: Row) -> Check:
    """The policies for one command, as get_policies_for_relation and add_with_check_options take them.

    A SELECT policy, and any policy that looks at the existing row, counts with its USING; others with WITH CHECK, or
    with USING if they have none. A policy without the expression that is wanted does not count.
    """
    using = command == "SELECT" or row is Row.EXISTING
    of_command = [p for p in relation.policies if _COMMANDS[p.command] in (command, "ALL")]
    found = [(p, _condition(p, using=using)) for p in of_command if _is_for(p, actor)]
    counting = [(p, condition) for p, condition in found if condition is not None]
    restrictive = sorted((c for p, c in counting if not p.permissive), key=lambda c: c.policy.encode())
    taken = {condition.policy for _, condition in counting}
    return Check(
        command,
        row,
        tuple(c for p, c in counting if p.permissive),
        tuple(restrictive),
        tuple(p.name for p in of_command if p.name not in taken),
    )


def _is_for(policy: Policy, actor: Actor) -> bool:
    """check_role_for_policy; no roles stand for PUBLIC."""
    return not policy.roles or actor.superuser or not actor.names.isdisjoint(policy.roles)


def _condition(policy: Policy, *, using: bool) -> Condition | None:
    text = policy.using if using or policy.check is None else policy.check
    if text is None:
        return None
    clause = "USING" if using or policy.check is None else "WITH CHECK"
    try:
        tree = parse_expression(text)
    except SqlSyntaxError:  # of a newer server's grammar
        tree = Opaque(text, (), parameters=False, subquery=True)
    return Condition(policy.name, clause, text, tree)


def row_columns(tree: Expression, relation: Relation) -> frozenset[str]:
    """The columns of the row that an expression looks at: in sub-selects the server qualifies them by the table."""
    names = {column.name for column in relation.columns}
    own = (one.name for one in looked_at(tree) if not one.qualifier or one.qualifier[-1] == relation.name)
    return frozenset(name for name in own if name in names or name in ("*", relation.name))


def atoms(tree: Expression) -> Iterator[Expression]:
    """What is left of an expression without AND, OR, NOT and constants."""
    match tree:
        case And() | Or():
            for arg in tree.args:
                yield from atoms(arg)
        case Not():
            yield from atoms(tree.arg)
        case Constant() | Cast(arg=Constant()):
            return
        case _:
            yield tree


def _passes(tree: Expression, holds: Holds) -> bool | None:
    """Whether a condition is true; null counts as false."""
    values = _values(tree, holds)
    return None if len(values) > 1 and True in values else True in values


def _values(tree: Expression, holds: Holds, *, wanted: bool = True) -> frozenset[bool | None]:
    """All that an expression may come to, None being null; `wanted` is what it has to come to for the row to pass."""
    match tree:
        case Constant(kind="boolean", text=text):
            return frozenset({text == "true"})
        case Constant(kind="null") | Cast(arg=Constant(kind="null")):
            return frozenset({None})
        case Not(arg):
            return frozenset(None if value is None else not value for value in _values(arg, holds, wanted=not wanted))
        case And(args) | Or(args):
            decisive = isinstance(tree, Or)
            return reduce(partial(_joined, decisive), (_values(arg, holds, wanted=wanted) for arg in args))
        case _:
            known = holds(tree, wanted)
            return _ANY if known is None else frozenset({known})


def _joined(
    decisive: bool,  # noqa: FBT001 - of AND or OR
    left: frozenset[bool | None],
    right: frozenset[bool | None],
) -> frozenset[bool | None]:
    """All that AND, for which false decides, or OR, for which true does, may make of two."""
    pairs = ((one, other) for one in left for other in right)
    return frozenset(decisive if decisive in pair else None if None in pair else not decisive for pair in pairs)
