"""What an online operation is made of: steps with their locks, reasons, undo and the question whether they are done."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import PgArbiterError
from ..quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .session import Session
    from .work import Work


class OnlineError(PgArbiterError):
    """An online operation cannot go on. The message says what state the database is in, the hint what to run next."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        if hint:
            self.add_note(f"hint: {hint}")  # for the traceback of a plain `alembic upgrade`


class LockMode(Enum):
    """Table-level lock modes, weakest first (documentation: 13.3.1, Table-Level Locks)."""

    ACCESS_SHARE = "AccessShareLock"
    ROW_SHARE = "RowShareLock"
    ROW_EXCLUSIVE = "RowExclusiveLock"
    SHARE_UPDATE_EXCLUSIVE = "ShareUpdateExclusiveLock"
    SHARE = "ShareLock"
    SHARE_ROW_EXCLUSIVE = "ShareRowExclusiveLock"
    EXCLUSIVE = "ExclusiveLock"
    ACCESS_EXCLUSIVE = "AccessExclusiveLock"

    @property
    def blocks(self) -> str:
        """What of an application waits while the lock is held: "nothing", "writes" or "reads and writes"."""
        if self is LockMode.ACCESS_EXCLUSIVE:
            return "reads and writes"
        rank = list(LockMode).index(self)
        return "writes" if rank >= list(LockMode).index(LockMode.SHARE) else "nothing"

    def __str__(self) -> str:
        """As LOCK TABLE spells it: ACCESS EXCLUSIVE."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its exact name; `schema` is None until it has been looked up on the search_path."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        """Quoted where needed, for statements and messages."""
        return ".".join(quoted(part) for part in (self.schema, self.name) if part is not None)

    def beside(self, name: str) -> str:
        """Another name in this table's schema, quoted: an index, a sequence."""
        return ".".join(quoted(part) for part in (self.schema, name) if part is not None)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that a step takes. `brief`: held for a catalog change only, not for a scan of the table."""

    table: str
    mode: LockMode
    brief: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an operation.

    `sql` is what it runs, in order. `transactional`: all of `sql` in one transaction with lock_timeout and retries; if
    not, each statement on its own with lock_timeout 0 (CONCURRENTLY). `done` asks the catalog whether the step's effect
    is there, or no longer needed since a later step has been done. `run` replaces the plain running of `sql` where rows
    decide what to do (batches); it returns the number of rows touched. `undo` is SQL, or a sentence, or None when there
    is nothing to undo. `lasting`: False where writers may go against the effect at once, and nothing or a later step
    keeps them from it: `done` is not asked for behind the step.
    """

    name: str
    why: str
    sql: tuple[str, ...]
    done: Callable[[Session], bool]
    locks: tuple[Lock, ...] = ()
    transactional: bool = True
    undo: str | None = None
    run: Callable[[Work], int] | None = None
    lasting: bool = True


class Operation:
    """An online operation: a frozen dataclass of plain values (str, int, bool, None, tuples, dicts of str).

    `directive` is its name below Alembic's `op`.
    """

    __slots__ = ()

    directive: ClassVar[str]
    table: Table

    def steps(self, session: Session) -> tuple[Step, ...]:
        """The steps for this database, the same ones however many of them are done already.

        Raises OnlineError for what cannot be done here: table or column absent, version too old.
        """
        raise NotImplementedError

    def reverse(self) -> Operation | None:
        """The operation of the downgrade; None where there is none."""
        return None

    def script(self) -> tuple[str, ...]:
        """Statements for `alembic upgrade --sql`. Raises OnlineError where rows decide what to do."""
        raise OnlineError(
            f"op.{self.directive} cannot be printed: what it does depends on the rows of the table",
            "Run the revision against the database, or leave it out of the --sql script.",
        )

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the directive, without those at their default."""
        return dict(_arguments(self))


def _arguments(operation: Operation) -> Iterator[tuple[str, Any]]:
    for each in fields(operation):  # type: ignore[arg-type]
        value = getattr(operation, each.name)
        if isinstance(value, Table):
            yield "table", value.name
            if value.schema is not None:
                yield "schema", value.schema
        elif value != _default(each):
            yield each.name, value


def _default(each: Any) -> Any:
    factory = each.default_factory
    return factory() if callable(factory) else each.default
