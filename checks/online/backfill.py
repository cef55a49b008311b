"""`op.backfill_online`: an UPDATE of many rows in small transactions, which a killed run resumes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from ..quoting import quoted
from . import batches
from .attributes import column
from .directives import register
from .model import Lock, LockMode, OnlineError, Operation, Step, Table
from .subject import subject

if TYPE_CHECKING:
    from .session import Session
    from .work import Work


@register
@dataclass(frozen=True, slots=True)
class Backfill(Operation):
    """SET `values` (column to SQL expression) for all rows for which `where` holds: the rows still to do.

    `where` must no longer hold for a row that has its values, and for none that the application writes from now on.
    `batch`: rows of one transaction, if not those of the limits. Without `values`' columns or `where`: OnlineError.
    """

    directive: ClassVar[str] = "backfill_online"
    table: Table
    values: dict[str, str] = field(default_factory=dict)
    where: str = ""
    batch: int | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """One step of many transactions."""
        table = subject(session, self.table).table
        if not self.values or not self.where.strip():
            raise OnlineError(
                f'the backfill of "{table}" has no values or no condition; nothing was changed',
                'Write values={"column": "SQL expression"} and where="what tells the rows still to do".',
            )
        for name in self.values:
            column(session, table, name)
        return (backfill(table, self.values, self.where, self.batch),)

    def script(self) -> tuple[str, ...]:
        """One statement for all rows: a script knows no batches."""
        assigned = ", ".join(f"{quoted(name)} = {value}" for name, value in self.values.items())
        return (f"UPDATE {self.table} SET {assigned} WHERE {self.where}",)


def backfill(table: Table, values: dict[str, str], where: str, batch: int | None = None) -> Step:
    """The step that does so; done when no row is left."""

    def run(work: Work) -> int:
        if batch is not None:
            work.limits = replace(work.limits, batch_rows=batch)
        return batches.change(work, batches.Change(table, values, where))

    assigned = ", ".join(f"{quoted(name)} = {value}" for name, value in values.items())
    return Step(
        "backfill",
        "each batch locks its own rows only, for the length of one short transaction",
        (f"UPDATE {table} SET {assigned} WHERE {where}",),
        lambda session: not batches.remain(session, table, where),
        (Lock(str(table), LockMode.ROW_EXCLUSIVE),),
        undo="none: rows that have their values keep them",
        run=run,
    )
