"""`op.add_check_online`: a CHECK constraint added NOT VALID, then validated while writers run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from .directives import register
from .model import Lock, LockMode, Operation, Step, Table, literal, quoted

if TYPE_CHECKING:
    from .session import Session


@register
@dataclass(frozen=True, slots=True)
class AddCheck(Operation):
    """Add CHECK (`condition`) as constraint `name`."""

    directive: ClassVar[str] = "add_check_online"
    table: Table
    name: str
    condition: str

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Add, then validate: two transactions, since the first lock must not outlive its moment."""
        del session
        name = quoted(self.name)
        add, validate = self.script()
        return (
            Step(
                "add",
                "new rows are checked from here on; old ones are not looked at, so the lock is short",
                (add,),
                lambda s: self._state(s) is not None,
                (Lock(str(self.table), LockMode.ACCESS_EXCLUSIVE),),
                undo=f"ALTER TABLE {self.table} DROP CONSTRAINT {name}",
            ),
            Step(
                "validate",
                "old rows are checked while reads and writes go on",
                (validate,),
                lambda s: self._state(s) is True,
                (Lock(str(self.table), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False),),
            ),
        )

    def script(self) -> tuple[str, ...]:
        """Both statements."""
        name = quoted(self.name)
        return (
            f"ALTER TABLE {self.table} ADD CONSTRAINT {name} CHECK ({self.condition}) NOT VALID",
            f"ALTER TABLE {self.table} VALIDATE CONSTRAINT {name}",
        )

    def _state(self, session: Session) -> bool | None:
        found: bool | None = session.value(
            "SELECT convalidated FROM pg_catalog.pg_constraint"
            f" WHERE conrelid = pg_catalog.to_regclass({literal(str(self.table))}) AND conname = {literal(self.name)}"
        )
        return found
