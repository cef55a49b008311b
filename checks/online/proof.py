"""A constraint that is added without looking at the rows, and proven while writers run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import quoted
from . import constraint
from .model import Lock, LockMode, Step, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from .obstacles import Obstacle
    from .session import Session


LATE = "the constraint is there and refuses new ones, but is not validated"


def added(table: Table, name: str, definition: str) -> str:
    """The statement that adds it: `definition` is CHECK (...), FOREIGN KEY (...) ..., NOT NULL column."""
    return f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {definition} NOT VALID"


def validated(table: Table, name: str) -> str:
    """The statement that proves it."""
    return f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(name)}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is to be proven, and what the catalog says of it.

    `there`: it is in the catalog, or needless; `proven`: it is valid, or needless. `brief` and `long`: the locks of
    adding and of validating. `remark`: what else to say of adding it.
    """

    table: Table
    name: str
    definition: str
    there: Callable[[Session], bool]
    proven: Callable[[Session], bool]
    brief: tuple[Lock, ...]
    long: tuple[Lock, ...]
    remark: str = ""

    def steps(self, obstacle: Obstacle) -> tuple[Step, ...]:
        """The steps.

        Old rows are cleared before it is added, since no UPDATE of a row that breaks a CHECK passes from then on, and
        once more behind it, for those that came meanwhile.
        """
        return (
            obstacle.step("rows", self.there, lasting=False),
            Step(
                "add",
                f"new rows are checked from here on; old ones are not looked at, so the lock is short{self.remark}",
                (added(self.table, self.name, self.definition),),
                self.there,
                self.brief,
                undo=f"ALTER TABLE {self.table} DROP CONSTRAINT {quoted(self.name)}",
            ),
            obstacle.step("late rows", self.proven, LATE),
            Step(
                "validate",
                "old rows are checked while reads and writes go on",
                (validated(self.table, self.name),),
                self.proven,
                self.long,
            ),
        )


def check(table: Table, name: str, condition: str, over: Callable[[Session], bool]) -> Proof:
    """The proof of CHECK (`condition`). `over`: whether a later step has made it needless."""
    return Proof(
        table,
        name,
        f"CHECK ({condition})",
        lambda session: over(session) or constraint.has_check(session, table, name, condition),
        lambda session: over(session) or constraint.is_valid(session, table, name),
        (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),),
        (Lock(str(table), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False),),
    )
