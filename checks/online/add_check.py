"""`op.add_check_online`: a CHECK constraint added NOT VALID, then validated while writers run; and its reverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..quoting import quoted
from . import constraint, preflight, proof
from .directives import register
from .model import Lock, LockMode, OnlineError, Operation, Step, Table
from .obstacles import Obstacle
from .removal import restored
from .subject import subject

if TYPE_CHECKING:
    from .session import Session


@register
@dataclass(frozen=True, slots=True)
class AddCheck(Operation):
    """Add CHECK (`condition`) as constraint `name`.

    `violations`: "refuse", or "quarantine" for rows that break it, under `rule`.
    """

    directive: ClassVar[str] = "add_check_online"
    table: Table
    name: str
    condition: str
    violations: str = "refuse"
    rule: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Clear, add, clear again, validate: a transaction each, since the first lock must not outlive its moment."""
        table = subject(session, self.table).table
        obstacle = Obstacle(
            table,
            f"{constraint.condition_of(session, table, self.condition)} IS FALSE",
            f'CHECK ({self.condition}), "{self.name}", is broken',
            self.violations,
            self._rule,
            'violations="quarantine"',
            lambda s: preflight.violations(s, table, self.condition),
        )
        obstacle.refuse_policy(("refuse", "quarantine"))
        return proof.check(table, self.name, self.condition, lambda _: False).steps(obstacle)

    def reverse(self) -> Operation:
        """Drop it, and bring back what was taken out."""
        restore = self._rule if self.violations == "quarantine" else None
        return DropCheck(self.table, self.name, self.condition, restore)

    def script(self) -> tuple[str, ...]:
        """Both statements. Raises OnlineError where rows have to be taken out."""
        if self.violations != "refuse":
            return Operation.script(self)
        return (proof.added(self.table, self.name, f"CHECK ({self.condition})"), proof.validated(self.table, self.name))

    @property
    def _rule(self) -> str:
        return self.rule or f"{self.directive} {self.table.name} {self.name}"


@register
@dataclass(frozen=True, slots=True)
class DropCheck(Operation):
    """Drop CHECK constraint `name`. `condition` serves the reverse; `restore`: the rule whose rows come back."""

    directive: ClassVar[str] = "drop_check_online"
    table: Table
    name: str
    condition: str | None = None
    restore: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Drop, then bring back."""
        table = subject(session, self.table).table
        return (
            dropped(session, table, self.name, "c"),
            *((restored(table, self.restore),) if self.restore else ()),
        )

    def reverse(self) -> Operation | None:
        """Add it again, where its condition is known."""
        if self.condition is None:
            return None
        return AddCheck(self.table, self.name, self.condition, "quarantine" if self.restore else "refuse", self.restore)

    def script(self) -> tuple[str, ...]:
        """One statement. Raises OnlineError where rows come back."""
        if self.restore is not None:
            return Operation.script(self)
        return (f"ALTER TABLE {self.table} DROP CONSTRAINT {quoted(self.name)}",)


def dropped(session: Session, table: Table, name: str, kind: str, *others: Lock) -> Step:
    """The step that drops a constraint of that contype. Raises OnlineError when the name is that of another kind."""
    found = constraint.constraint(session, table, name)
    if found is not None and found.kind != kind:
        raise OnlineError(
            f'constraint "{name}" of "{table}" is {found.definition}, which this directive does not drop;'
            " nothing was changed",
            "Mend the name, or use the directive that drops such a constraint.",
        )
    return Step(
        "drop",
        "a change of the catalog alone",
        (f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}",),
        lambda session: constraint.constraint(session, table, name) is None,
        (Lock(str(table), LockMode.ACCESS_EXCLUSIVE), *others),
    )
