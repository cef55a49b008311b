"""`op.drop_unique_online`: a unique index or constraint goes, and rows that were taken out for it come back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from . import add_unique
from .directives import register
from .model import Operation, Step, Table
from .removal import drop, refuse_kind, restored
from .subject import refuse_dependents, subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .session import Session


@register
@dataclass(frozen=True, slots=True)
class DropUnique(Operation):
    """Drop the unique index `name`, or the constraint; `restore`: the rule whose quarantined rows come back then.

    The other arguments are those of `op.add_unique_online`, for the way back.
    """

    directive: ClassVar[str] = "drop_unique_online"
    table: Table
    name: str
    columns: tuple[str, ...] = ()
    constraint: bool = False
    where: str | None = None
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    restore: str | None = None
    keep: str | None = None
    merge: Mapping[str, str] = field(default_factory=dict)
    children: str = "re-point"

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Drop, then restore. Raises OnlineError when foreign keys or the replica identity need it."""
        target = subject(session, self.table)
        refuse_kind(session, target.table, self.name, constraint=self.constraint)
        refuse_dependents(session, target.table, self.name)
        dropped = drop(target.table, self.name, constraint=self.constraint, partitioned=target.partitioned)
        return (dropped, *([restored(target.table, self.restore)] if self.restore else []))

    def reverse(self) -> Operation | None:
        """Add it again, if `columns` were given."""
        if not self.columns:
            return None
        return add_unique.AddUnique(
            self.table,
            self.columns,
            name=self.name,
            constraint=self.constraint,
            where=self.where,
            nulls_not_distinct=self.nulls_not_distinct,
            include=self.include,
            duplicates="quarantine" if self.keep else "refuse",
            keep=self.keep,
            merge=self.merge,
            children=self.children,
            rule=self.restore,
        )

    def script(self) -> tuple[str, ...]:
        """The drop. Raises OnlineError where rows are to be restored."""
        if self.restore:
            return super(DropUnique, self).script()
        return drop(self.table, self.name, constraint=self.constraint, partitioned=False).sql
