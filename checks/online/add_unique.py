"""`op.add_unique_online`: a unique index or constraint, with duplicates refused or taken out while writers run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from . import drop_unique
from .definition import Definition, Wanted
from .directives import register
from .model import Lock, LockMode, OnlineError, Operation, Step, Table
from .names import default_name
from .partitions import levels, using_index
from .subject import refuse_taken, subject
from .unique import Making, Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .replace_unique import ReplaceUnique
    from .session import Session


@register
@dataclass(frozen=True, slots=True)
class AddUnique(Operation):
    """Add a unique index on `columns`, or a constraint, called `name` (default: as PostgreSQL would call it).

    `columns`: exact column names; a text that begins with "(" is an index element as it stands. `duplicates`:
    "refuse" fails early and shows them; "quarantine" keeps the first row of each group in the order `keep` (SQL), with
    columns combined as `merge` says, children re-pointed to it (`children`: "re-point", or "quarantine" for those that
    cannot be); the others go to pgarbiter_data.quarantine under `rule`.
    """

    directive: ClassVar[str] = "add_unique_online"
    table: Table
    columns: tuple[str, ...]
    name: str | None = None
    constraint: bool = False
    where: str | None = None
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    duplicates: str = "refuse"
    keep: str | None = None
    merge: Mapping[str, str] = field(default_factory=dict)
    children: str = "re-point"
    rule: str | None = None

    @property
    def index(self) -> str:
        """The name of the index, and of the constraint if it is one."""
        return self.name or default_name(self.table.name, self.columns, "key" if self.constraint else "idx")

    @property
    def policy(self) -> Policy:
        """What becomes of duplicates."""
        rule = self.rule or f"{self.directive} {self.table.name} {self.index}"
        return Policy(self.duplicates, rule, self.keep, self.merge, self.children)

    def steps(self, session: Session) -> tuple[Step, ...]:
        """With duplicates="quarantine": helper, guard, quarantine; then build, attach; then what was ours goes."""
        wanted, partitioned = aim(self, session, self.index)
        kind = None if self.constraint and not partitioned else self.constraint
        making = Making(
            wanted,
            self.index,
            partitioned,
            self.constraint,
            self.policy,
            lambda s: wanted.verify(s, self.index, constraint=kind),
        )
        return making.steps(*([attach(wanted, self.index)] if self.constraint and not partitioned else []))

    def reverse(self) -> Operation:
        """Drop it, and bring back what was taken out for it."""
        return drop_unique.DropUnique(
            self.table,
            self.index,
            columns=self.columns,
            constraint=self.constraint,
            where=self.where,
            nulls_not_distinct=self.nulls_not_distinct,
            include=self.include,
            restore=self.policy.rule if self.duplicates == "quarantine" else None,
            keep=self.keep,
            merge=self.merge,
            children=self.children,
        )

    def script(self) -> tuple[str, ...]:
        """The build, and the constraint. Raises OnlineError where duplicates are to be taken out."""
        if self.duplicates != "refuse":
            return super(AddUnique, self).script()
        refuse_as_constraint(self.columns, self.where, constraint=self.constraint)
        made = self.definition(self.table).statement(self.index)
        return (made, using_index(self.table, self.index, self.index)) if self.constraint else (made,)

    def definition(self, table: Table) -> Definition:
        """The index as it is to be."""
        return Definition(table, self.columns, True, self.where, self.nulls_not_distinct, self.include)


def aim(operation: AddUnique | ReplaceUnique, session: Session, name: str) -> tuple[Wanted, bool]:
    """The index that is wanted, by the table as it is here, and whether that is partitioned. `name`: what it becomes.

    Raises OnlineError for what cannot be done.
    """
    operation.policy.check()
    refuse_as_constraint(operation.columns, operation.where, constraint=operation.constraint)
    target = subject(session, operation.table)
    if operation.constraint:
        refuse_taken(session, target.table, name)
    definition = operation.definition(target.table)
    for level in levels(session, target.table)[1:]:
        definition.features(session, level)
    return Wanted(definition, definition.features(session)), target.partitioned


def attach(wanted: Wanted, name: str) -> Step:
    """The step that makes a constraint of the valid index `name`."""
    table = wanted.definition.table
    return Step(
        "attach",
        "the index becomes a constraint, which ON CONFLICT ON CONSTRAINT and foreign keys can name",
        (using_index(table, name, name),),
        lambda s: wanted.verify(s, name, constraint=True),
        (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),),
        undo=f"op.drop_unique_online({table.name!r}, {name!r}, constraint=True)",
    )


def refuse_as_constraint(columns: tuple[str, ...], where: str | None, *, constraint: bool) -> None:
    """Raise OnlineError for what ADD CONSTRAINT ... USING INDEX would refuse after the index has been built."""
    reason = None
    if where:
        reason = "a predicate"
    elif any(each.startswith("(") for each in columns):
        reason = "an expression, a collation or an operator class"
    if constraint and reason:
        raise OnlineError(
            f"a unique constraint cannot have {reason}; nothing was changed",
            "Leave constraint=True out: the unique index enforces the same, and ON CONFLICT finds it by its columns.",
        )
