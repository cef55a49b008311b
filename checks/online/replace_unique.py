"""`op.replace_unique_online`: another unique index or constraint in place of one, never a moment without an arbiter.

Where both have the same columns, of two transactions that upsert one key at the same moment, just while the new index
is built, one may see 23505 from it, rarely: the server enforces an index before it infers it, on a partitioned table
until the last partition is attached. A writer that tries again succeeds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from ..quoting import quoted
from .add_unique import aim, attach, refuse_as_constraint
from .definition import Definition, Wanted
from .directives import register
from .index_state import Absent, state
from .model import Lock, LockMode, OnlineError, Operation, Step, Table
from .names import derived_name
from .partitions import using_index
from .removal import drop, refuse_kind, restored
from .subject import refuse_dependents
from .unique import Making, Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .session import Session


@register
@dataclass(frozen=True, slots=True)
class ReplaceUnique(Operation):
    """Replace the unique index or constraint `old` by `new` on `columns`; both names may be the same.

    The new one is built beside the old one and valid before the old one goes. `constraint` is about the new one,
    `old_constraint` about the old one (None: of the same kind). `old_columns` and the other `old_...` describe the old
    one for the way back; the rest is as in `op.add_unique_online`, `restore` as in `op.drop_unique_online`.
    """

    directive: ClassVar[str] = "replace_unique_online"
    table: Table
    old: str
    new: str
    columns: tuple[str, ...]
    constraint: bool = False
    where: str | None = None
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    duplicates: str = "refuse"
    keep: str | None = None
    merge: Mapping[str, str] = field(default_factory=dict)
    children: str = "re-point"
    rule: str | None = None
    restore: str | None = None
    old_columns: tuple[str, ...] = ()
    old_constraint: bool | None = None
    old_where: str | None = None
    old_nulls_not_distinct: bool = False
    old_include: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy:
        """What becomes of rows that are duplicates by the new key."""
        rule = self.rule or f"{self.directive} {self.table.name} {self.new}"
        return Policy(self.duplicates, rule, self.keep, self.merge, self.children)

    @property
    def built_as(self) -> str:
        """The name under which the new one is built: one of its definition, while the old one holds the name."""
        if self.new != self.old:
            return self.new
        definition = self.definition(self.table).statement("new", on=Table(self.table.name))
        return derived_name(self.new, hashlib.sha256(definition.encode()).hexdigest()[:8])

    @property
    def was_constraint(self) -> bool:
        """Whether the old one is a constraint."""
        return self.constraint if self.old_constraint is None else self.old_constraint

    def steps(self, session: Session) -> tuple[Step, ...]:
        """As `op.add_unique_online` up to the valid index; then the old one goes, or one ALTER swaps them."""
        wanted, partitioned = aim(self, session, self.new)
        swap = _Swap(self, wanted, partitioned)
        if self.new != self.old or not swap.arrived(session):
            swap.refuse(session)
        making = Making(wanted, self.built_as, partitioned, self.constraint, self.policy, swap.built, self._why_build())
        return (
            *making.steps(*swap.steps()),
            *([restored(wanted.definition.table, self.restore)] if self.restore else []),
        )

    def reverse(self) -> Operation | None:
        """The old one in place of the new one, if `old_columns` were given; what was taken out comes back."""
        if not self.old_columns:
            return None
        return ReplaceUnique(
            self.table,
            old=self.new,
            new=self.old,
            columns=self.old_columns,
            constraint=self.was_constraint,
            where=self.old_where,
            nulls_not_distinct=self.old_nulls_not_distinct,
            include=self.old_include,
            restore=self.policy.rule if self.duplicates == "quarantine" else None,
            old_columns=self.columns,
            old_constraint=self.constraint,
            old_where=self.where,
            old_nulls_not_distinct=self.nulls_not_distinct,
            old_include=self.include,
        )

    def script(self) -> tuple[str, ...]:
        """Build and swap. Raises OnlineError where rows are to be taken out or brought back."""
        if self.duplicates != "refuse" or self.restore:
            return super(ReplaceUnique, self).script()
        refuse_as_constraint(self.columns, self.where, constraint=self.constraint)
        definition = self.definition(self.table)
        swap = _Swap(self, Wanted(definition, ""), partitioned=False)
        made = definition.statement(self.built_as)
        return (made, *(statement for step in swap.steps() for statement in step.sql))

    def definition(self, table: Table) -> Definition:
        """The new index as it is to be."""
        return Definition(table, self.columns, True, self.where, self.nulls_not_distinct, self.include)

    def _why_build(self) -> str:
        told = "the old one stays until this one is valid"
        if self.where and not self.old_where:
            told += "; before the old one goes, every ON CONFLICT has to name this predicate, as a literal"
        return told


@dataclass(frozen=True, slots=True)
class _Swap:
    """How the new one takes the old one's place once it is valid."""

    operation: ReplaceUnique
    wanted: Wanted
    partitioned: bool

    @property
    def table(self) -> Table:
        return self.wanted.definition.table

    def arrived(self, session: Session) -> bool:
        """Whether the new one has its name."""
        operation = self.operation
        kind = None if operation.constraint and operation.new != operation.old else operation.constraint
        if operation.new == operation.old:
            return self.wanted.made(session, operation.new, constraint=kind)
        return self.wanted.verify(session, operation.new, constraint=kind)

    def built(self, session: Session) -> bool:
        """Whether the new one is valid, under whichever name."""
        return self.arrived(session) or self.wanted.verify(session, self.operation.built_as, constraint=None)

    def gone(self, session: Session) -> bool:
        """Whether the old one is no longer there."""
        old = self.table.beside(self.operation.old)
        return isinstance(state(session, old), Absent) or (
            self.operation.new == self.operation.old and self.arrived(session)
        )

    def refuse(self, session: Session) -> None:
        """Raise OnlineError when the old one cannot be replaced."""
        old = self.operation.old
        if isinstance(state(session, self.table.beside(old)), Absent):
            if not self.built(session):
                raise OnlineError(
                    f'index "{self.table.beside(old)}" does not exist; nothing was changed',
                    "Use op.add_unique_online where there is nothing to replace.",
                )
            return
        refuse_kind(session, self.table, old, constraint=self.operation.was_constraint)
        refuse_dependents(session, self.table, old)

    def steps(self) -> tuple[Step, ...]:
        """Attach and drop, or both in one ALTER; then the name."""
        operation = self.operation
        if self.partitioned:
            return (self._at_once(self._partitioned()),)
        if operation.constraint and operation.was_constraint:
            change = (
                f"ALTER TABLE {self.table} DROP CONSTRAINT {quoted(operation.old)},"
                f" ADD CONSTRAINT {quoted(operation.new)} UNIQUE USING INDEX {quoted(operation.built_as)}"
            )
            return (self._at_once((change,)),)
        attached = (self._attached(),) if operation.constraint else ()
        renamed = (self._renamed(),) if operation.new != operation.built_as else ()
        return (*attached, self._dropped(), *renamed)

    def _at_once(self, statements: tuple[str, ...]) -> Step:
        return Step(
            "swap",
            "one transaction: nobody sees the table without an arbiter",
            statements,
            lambda s: self.gone(s) and self.wanted.made(s, self.operation.new, constraint=self.operation.constraint),
            (Lock(str(self.table), LockMode.ACCESS_EXCLUSIVE),),
        )

    def _partitioned(self) -> tuple[str, ...]:
        operation = self.operation
        removed = drop(self.table, operation.old, constraint=operation.was_constraint, partitioned=True).sql
        return (*removed, *(self._rename() if operation.new != operation.built_as else ()))

    def _rename(self) -> tuple[str, ...]:
        built = self.table.beside(self.operation.built_as)
        return (f"ALTER INDEX {built} RENAME TO {quoted(self.operation.new)}",)

    def _attached(self) -> Step:
        step = attach(self.wanted, self.operation.built_as)
        return Step(
            step.name,
            step.why,
            (using_index(self.table, self.operation.built_as, self.operation.built_as),),
            lambda s: (
                self.wanted.made(s, self.operation.new, constraint=True)
                or self.wanted.verify(s, self.operation.built_as, constraint=True)
            ),
            step.locks,
            undo=step.undo,
        )

    def _dropped(self) -> Step:
        operation = self.operation
        step = drop(self.table, operation.old, constraint=operation.was_constraint, partitioned=False)
        return Step(
            "drop old",
            f"the new one is valid and an arbiter: {step.why}",
            step.sql,
            self.gone,
            step.locks,
            step.transactional,
            run=step.run,
        )

    def _renamed(self) -> Step:
        return Step(
            "rename",
            "the name is free now; a constraint's name changes with that of its index",
            self._rename(),
            lambda s: self.wanted.made(s, self.operation.new, constraint=self.operation.constraint),
            (Lock(self.table.beside(self.operation.built_as), LockMode.SHARE_UPDATE_EXCLUSIVE),),
        )
