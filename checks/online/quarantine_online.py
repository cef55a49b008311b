"""`op.quarantine_online` and `op.restore_online`: rows taken out by a condition, and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from . import quarantine
from .directives import register
from .model import Lock, LockMode, Operation, Step, Table

if TYPE_CHECKING:
    from .session import Session


@register
@dataclass(frozen=True, slots=True)
class Quarantine(Operation):
    """Take the rows for which `condition` is true out into pgarbiter_data.quarantine, with the `reason`, under `rule`.

    Rows that others reference are refused. Rows that come to fulfil the condition later stay: add a constraint first,
    NOT VALID, or do it by the operation that adds one.
    """

    directive: ClassVar[str] = "quarantine_online"
    table: Table
    condition: str
    reason: str
    rule: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """One step, in batches."""
        del session
        return (
            Step(
                "quarantine",
                f"rows with {self.condition} go to pgarbiter_data.quarantine: {self.reason}",
                (),
                lambda s: not quarantine.exists(s, self.table, self.condition),
                (Lock(str(self.table), LockMode.ROW_EXCLUSIVE),),
                undo=f"op.restore_online({self.table.name!r}, {self._rule!r})",
                run=lambda work: quarantine.take_out(
                    work, self.table, self.condition, rule=self._rule, reason=self.reason
                ),
                lasting=False,
            ),
        )

    def reverse(self) -> Operation:
        """Bring them back."""
        return Restore(self.table, self._rule)

    @property
    def _rule(self) -> str:
        return self.rule or f"{self.directive} {self.table.name} {self.condition}"


@register
@dataclass(frozen=True, slots=True)
class Restore(Operation):
    """Bring back what was taken out of the table, and of its children, under `rule`."""

    directive: ClassVar[str] = "restore_online"
    table: Table
    rule: str

    def steps(self, session: Session) -> tuple[Step, ...]:
        """One step, in batches."""
        del session
        return (
            Step(
                "restore",
                f'rows that were taken out under the rule "{self.rule}" come back',
                (),
                lambda s: not quarantine.pending(s, self.table, self.rule),
                (Lock(str(self.table), LockMode.ROW_EXCLUSIVE),),
                run=lambda work: quarantine.restore(work, self.table, self.rule),
            ),
        )
