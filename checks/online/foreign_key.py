"""`op.add_foreign_key_online`: a foreign key added NOT VALID, then validated while writers run; and its reverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..quoting import quoted
from . import constraint, preflight, proof
from .add_check import dropped
from .attributes import leaves
from .directives import register
from .model import Lock, LockMode, OnlineError, Operation, Step, Table
from .names import default_name
from .obstacles import Obstacle
from .reference import Reference, listed
from .relation import rows_of
from .removal import restored
from .subject import subject

if TYPE_CHECKING:
    from .session import Session
    from .work import Work

_NOT_VALID_ON_PARTITIONED = 180000  # from here on, a partitioned table takes a foreign key NOT VALID


@register
@dataclass(frozen=True, slots=True)
class AddForeignKey(Operation):
    """FOREIGN KEY (`columns`) REFERENCES `referenced` (`referenced_columns`), by default `<table>_<columns>_fkey`.

    `orphans`: "refuse", or "quarantine" for rows whose referenced row is not there, under `rule`. `on_delete` and
    `on_update` as in SQL: CASCADE, SET NULL, and so on.
    """

    directive: ClassVar[str] = "add_foreign_key_online"
    table: Table
    columns: tuple[str, ...]
    referenced: str
    referenced_columns: tuple[str, ...]
    name: str | None = None
    referenced_schema: str | None = None
    on_delete: str | None = None
    on_update: str | None = None
    orphans: str = "refuse"
    rule: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Clear, add, clear again, validate; partitions first where the version cannot add it NOT VALID to all."""
        found = subject(session, self.table)
        reference = _resolved(session, self._reference)
        reference.refuse(session, found.table)
        obstacle = Obstacle(
            found.table,
            reference.orphaned,
            f"({listed(self.columns)}) references no row of {reference.table}",
            self.orphans,
            self._rule,
            'orphans="quarantine"',
            lambda s: preflight.orphans(s, found.table, self.columns, reference.table, self.referenced_columns),
            inherited=False,
            settle=reference.table == found.table,
        )
        obstacle.refuse_policy(("refuse", "quarantine"))
        if found.partitioned and session.version < _NOT_VALID_ON_PARTITIONED:
            return _by_partition(found.table, self._name, reference, obstacle)
        remark = "" if reference.is_indexed(session, found.table) else _no_index(found.table, reference)
        return _proof(found.table, self._name, reference, remark).steps(obstacle)

    def reverse(self) -> Operation:
        """Drop it, and bring back what was taken out."""
        return DropForeignKey(
            self.table,
            self._name,
            self.columns,
            self.referenced,
            self.referenced_columns,
            self.referenced_schema,
            self.on_delete,
            self.on_update,
            self._rule if self.orphans == "quarantine" else None,
        )

    def script(self) -> tuple[str, ...]:
        """Both statements. Raises OnlineError where rows have to be taken out."""
        if self.orphans != "refuse":
            return Operation.script(self)
        return (
            proof.added(self.table, self._name, str(self._reference)),
            proof.validated(self.table, self._name),
        )

    @property
    def _reference(self) -> Reference:
        other = Table(self.referenced, self.referenced_schema)
        return Reference(self.columns, other, self.referenced_columns, self.on_delete, self.on_update)

    @property
    def _name(self) -> str:
        return self.name or default_name(self.table.name, self.columns, "fkey")

    @property
    def _rule(self) -> str:
        return self.rule or f"{self.directive} {self.table.name} {self._name}"


@register
@dataclass(frozen=True, slots=True)
class DropForeignKey(Operation):
    """Drop foreign key `name`. The rest serves the reverse; `restore`: the rule whose rows come back."""

    directive: ClassVar[str] = "drop_foreign_key_online"
    table: Table
    name: str
    columns: tuple[str, ...] = ()
    referenced: str | None = None
    referenced_columns: tuple[str, ...] = ()
    referenced_schema: str | None = None
    on_delete: str | None = None
    on_update: str | None = None
    restore: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Drop, then bring back."""
        table = subject(session, self.table).table
        others: tuple[Lock, ...] = ()
        if self.referenced is not None:
            others = (Lock(str(Table(self.referenced, self.referenced_schema)), LockMode.ACCESS_EXCLUSIVE),)
        return (
            dropped(session, table, self.name, "f", *others),
            *((restored(table, self.restore),) if self.restore else ()),
        )

    def reverse(self) -> Operation | None:
        """Add it again, where its columns are known."""
        if self.referenced is None:
            return None
        return AddForeignKey(
            self.table,
            self.columns,
            self.referenced,
            self.referenced_columns,
            self.name,
            self.referenced_schema,
            self.on_delete,
            self.on_update,
            "quarantine" if self.restore else "refuse",
            self.restore,
        )

    def script(self) -> tuple[str, ...]:
        """One statement. Raises OnlineError where rows come back."""
        if self.restore is not None:
            return Operation.script(self)
        return (f"ALTER TABLE {self.table} DROP CONSTRAINT {quoted(self.name)}",)


def _resolved(session: Session, wanted: Reference) -> Reference:
    other = session.resolve(wanted.table)
    if other is None:
        raise OnlineError(
            f'referenced table "{wanted.table}" does not exist; nothing was changed',
            "Mend its name, or give its schema by referenced_schema=...",
        )
    return Reference(
        wanted.columns, other, wanted.referenced, wanted.on_delete, wanted.on_update, rows_of(session, other)
    )


def _proof(table: Table, name: str, reference: Reference, remark: str = "") -> proof.Proof:
    return proof.Proof(
        table,
        name,
        str(reference),
        lambda session: _is_there(session, table, name, reference),
        lambda session: constraint.is_valid(session, table, name),
        tuple(Lock(str(each), LockMode.SHARE_ROW_EXCLUSIVE) for each in (table, reference.table)),
        (
            Lock(str(table), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False),
            Lock(str(reference.table), LockMode.ROW_SHARE, brief=False),
        ),
        remark,
    )


def _is_there(session: Session, table: Table, name: str, reference: Reference) -> bool:
    """Whether it is there, validated or not. Raises OnlineError when the name means another constraint."""
    found = constraint.constraint(session, table, name)
    if found is not None and not reference.is_of(session, table, name):
        raise constraint.taken(table, found, str(reference))
    return found is not None


def _by_partition(table: Table, name: str, reference: Reference, obstacle: Obstacle) -> tuple[Step, ...]:
    """Before 18: each partition gets and proves its own; that of the whole then adopts them, and scans none."""
    whole = _proof(table, name, reference)

    def each(session: Session) -> tuple[proof.Proof, ...]:
        return tuple(_proof(leaf, name, reference) for leaf in leaves(session, table))

    def added(session: Session) -> bool:
        return whole.there(session) or all(part.there(session) for part in each(session))

    def proven(session: Session) -> bool:
        return whole.there(session) or all(part.proven(session) for part in each(session))

    def add(work: Work) -> int:
        for part in each(work.session):
            if not part.there(work.session):
                work.transact_all((proof.added(part.table, name, part.definition),))
        return 0

    def validate(work: Work) -> int:
        for part in each(work.session):
            if not part.proven(work.session):
                work.transact_all((proof.validated(part.table, name),))
        return 0

    return (
        obstacle.step("rows", added),
        Step("add to partitions", "one partition after the other, without a scan", (), added, whole.brief, run=add),
        obstacle.step("late rows", proven, proof.LATE),
        Step("validate partitions", "reads and writes go on", (), proven, whole.long, run=validate),
        Step(
            "add",
            "the proven ones of the partitions are adopted, so the lock is short",
            (f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {reference}",),
            whole.there,
            whole.brief,
            undo=f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}",
        ),
    )


def _no_index(table: Table, reference: Reference) -> str:
    return (
        f"; no index of {table} begins with ({listed(reference.columns)}), so each DELETE or UPDATE of a key in"
        f" {reference.table} will read the whole table: op.add_index_online makes one"
    )
