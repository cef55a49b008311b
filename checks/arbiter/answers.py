"""What a planner answers when it is asked about one conflict clause."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arbiters:
    """It inferred these indexes, by name; none are named for a relation that the role may not use."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """It refused the clause."""

    sqlstate: str
    message: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """It could not be asked, or said something that is no answer, and why."""

    reason: str


Answer = Arbiters | Refusal | NoAnswer
