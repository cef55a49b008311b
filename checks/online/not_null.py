"""`op.set_not_null_online`: NOT NULL without a scan under lock, as 18 can and as 14 to 17 can; and its reverse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from ..quoting import literal, quoted
from . import constraint, preflight, proof
from .attributes import column, columns, regclass
from .directives import register
from .model import Lock, LockMode, OnlineError, Operation, Step, Table
from .names import default_name
from .obstacles import Obstacle
from .removal import restored
from .subject import subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from .session import Session

_BY_CONSTRAINT = 180000  # from here on, NOT NULL is a constraint that can be added NOT VALID


@register
@dataclass(frozen=True, slots=True)
class SetNotNull(Operation):
    """SET NOT NULL for `column`.

    `nulls`: what becomes of rows without a value: "refuse", "backfill" with SQL expression `value`, or "quarantine"
    under `rule`. The writers must give it a value, or it must have a default: new NULLs fail from step "add" on.
    """

    directive: ClassVar[str] = "set_not_null_online"
    table: Table
    column: str
    nulls: str = "refuse"
    value: str | None = None
    rule: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Clear, add, clear again, validate; before 18 also set, and drop what proved it."""
        table = subject(session, self.table).table
        column(session, table, self.column)
        return not_null(session, table, self.column, self._obstacle(session, table))

    def reverse(self) -> Operation:
        """Drop it, and bring back what was taken out."""
        return DropNotNull(self.table, self.column, self._rule if self.nulls == "quarantine" else None)

    def script(self) -> tuple[str, ...]:
        """The statements that are right on all versions. Raises OnlineError where rows decide."""
        if self.nulls != "refuse":
            return Operation.script(self)
        return _statements(self.table, self.column)

    @property
    def _rule(self) -> str:
        return self.rule or f"{self.directive} {self.table.name} {self.column}"

    def _obstacle(self, session: Session, table: Table) -> Obstacle:
        if (self.nulls == "backfill") != (self.value is not None):
            raise OnlineError(
                f'nulls="{self.nulls}" and value={self.value!r} do not fit each other; nothing was changed',
                'Write nulls="backfill" with value="SQL expression", or neither.',
            )
        made = Obstacle(
            table,
            is_null(session, table, self.column),
            f'column "{self.column}" is NULL',
            self.nulls,
            self._rule,
            'nulls="backfill" with a value, or nulls="quarantine"',
            lambda session: preflight.nulls(session, table, self.column),
            {} if self.value is None else {self.column: self.value},
        )
        made.refuse_policy(("refuse", "backfill", "quarantine"))
        return made


@register
@dataclass(frozen=True, slots=True)
class DropNotNull(Operation):
    """DROP NOT NULL for `column`. `restore`: the rule whose rows come back."""

    directive: ClassVar[str] = "drop_not_null_online"
    table: Table
    column: str
    restore: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Drop, then bring back."""
        table = subject(session, self.table).table
        column(session, table, self.column)
        drop = Step(
            "drop",
            "a change of the catalog alone",
            self._statements(table),
            lambda s: not _is_set(s, table, self.column) and constraint.not_null(s, table, self.column) is None,
            (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),),
        )
        return (drop, *((restored(table, self.restore),) if self.restore else ()))

    def reverse(self) -> Operation:
        """Set it again."""
        return SetNotNull(self.table, self.column, "quarantine" if self.restore else "refuse", None, self.restore)

    def script(self) -> tuple[str, ...]:
        """One statement. Raises OnlineError where rows come back."""
        return Operation.script(self) if self.restore else self._statements(self.table)

    def _statements(self, table: Table) -> tuple[str, ...]:
        return (f"ALTER TABLE {table} ALTER COLUMN {quoted(self.column)} DROP NOT NULL",)


def is_null(session: Session, table: Table, name: str) -> str:
    """Condition: the column has no value. Of a composite value IS NULL would say it when its fields have none.

    Raises OnlineError for such a column before 18: there no CHECK proves it to SET NOT NULL.
    """
    composite = session.value(
        "WITH RECURSIVE kind (code, below) AS (SELECT t.typtype, t.typbasetype FROM pg_catalog.pg_attribute a"
        f" JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = {regclass(table)}"
        f" AND a.attname = {literal(name)}"
        " UNION ALL SELECT t.typtype, t.typbasetype FROM kind JOIN pg_catalog.pg_type t ON t.oid = kind.below)"
        " SELECT bool_or(code = 'c') FROM kind"
    )
    if not composite:
        return f"{quoted(name)} IS NULL"
    if session.version < _BY_CONSTRAINT:
        raise OnlineError(
            f'column "{name}" of "{table}" is of a composite type, which can be set NOT NULL without a scan under lock'
            " from PostgreSQL 18 on; nothing was changed",
            f"Run ALTER TABLE {table} ALTER COLUMN {quoted(name)} SET NOT NULL in a maintenance window.",
        )
    return f"pg_catalog.num_nulls({quoted(name)}) = 1"


def not_null(session: Session, table: Table, name: str, obstacle: Obstacle) -> tuple[Step, ...]:
    """The steps that make column `name` NOT NULL, which may not be there yet."""
    way = _as_constraint if session.version >= _BY_CONSTRAINT else _through_check
    return way(table, name, obstacle)


def _through_check(table: Table, name: str, obstacle: Obstacle) -> tuple[Step, ...]:
    """A proven CHECK spares SET NOT NULL its scan of the table."""
    check = proof_name(table, name)
    *_, set_it, drop = _statements(table, name)
    lock = (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),)
    return (
        *proof.check(table, check, f"{quoted(name)} IS NOT NULL", lambda s: _is_set(s, table, name)).steps(obstacle),
        Step(
            "set",
            "the proven CHECK spares the scan, so the lock is short",
            (set_it,),
            lambda s: _is_set(s, table, name),
            lock,
            undo=f"ALTER TABLE {table} ALTER COLUMN {quoted(name)} DROP NOT NULL",
        ),
        Step(
            "drop proof",
            "the CHECK says nothing more than NOT NULL now",
            (drop,),
            lambda s: constraint.constraint(s, table, check) is None,
            lock,
        ),
    )


def _as_constraint(table: Table, name: str, obstacle: Obstacle) -> tuple[Step, ...]:
    """PostgreSQL 18: NOT NULL itself is added NOT VALID. SET NOT NULL on top would scan under lock, so VALIDATE."""
    own = default_name(table.name, (name,), "not_null")

    def there(session: Session) -> bool:
        return constraint.not_null(session, table, name) is not None

    def proven(session: Session) -> bool:
        found = constraint.not_null(session, table, name)
        return found is not None and found.validated

    def validate(session: Session) -> str:
        found = constraint.not_null(session, table, name)
        return proof.validated(table, found.name if found else own)

    *first, last = _of_not_null(table, own, name, there, proven).steps(obstacle)
    # The constraint may be there already, under a name that someone else chose.
    named = replace(last, run=lambda work: work.transact_all((validate(work.session),)))
    return (*first, named)


def _of_not_null(
    table: Table, own: str, name: str, there: Callable[[Session], bool], proven: Callable[[Session], bool]
) -> proof.Proof:
    return proof.Proof(
        table,
        own,
        f"NOT NULL {quoted(name)}",
        there,
        proven,
        (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),),
        (Lock(str(table), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False),),
    )


def proof_name(table: Table, name: str) -> str:
    """The CHECK that proves it before 18; the name that 18 gives the constraint itself."""
    return default_name(table.name, (name,), "not_null")


def _statements(table: Table, name: str) -> tuple[str, ...]:
    check = proof_name(table, name)
    return (
        proof.added(table, check, f"CHECK ({quoted(name)} IS NOT NULL)"),
        proof.validated(table, check),
        f"ALTER TABLE {table} ALTER COLUMN {quoted(name)} SET NOT NULL",
        f"ALTER TABLE {table} DROP CONSTRAINT {quoted(check)}",
    )


def _is_set(session: Session, table: Table, name: str) -> bool:
    found = columns(session, table).get(name)
    return found is not None and found.not_null
