"""What leads from one structure to the other: steps, and what no step can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ...structure.ddl.statement import Statement
    from ...structure.parts import Column, Constraint, Index
    from ..model import Subject

EXCLUSIVE = "ACCESS EXCLUSIVE"


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a plan.

    `lock` is the table-level lock that it takes on a table that is in use (documentation: "Explicit Locking"), empty
    for none. `destroys` says what is lost, None where nothing is. `transactional`: False for what may not run in a
    transaction, or whose effect may not be used in the same one. `late`: nothing waits for it.
    `part`: the part of a table that the statement adds, by itself.
    """

    statement: Statement
    subject: Subject
    lock: str = ""
    destroys: str | None = None
    transactional: bool = True
    late: bool = False
    part: Column | Constraint | Index | None = None

    @property
    def sql(self) -> str:
        """The statement without its semicolon."""
        return self.statement.sql


class Unwritten(NamedTuple):
    """A change that no statement can make, or none that is safe to write; `reason` is a sentence fragment."""

    subject: Subject
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order that works, and what is left out."""

    steps: tuple[Step, ...]
    unwritten: tuple[Unwritten, ...] = ()
