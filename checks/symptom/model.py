"""What an error text says, and what is found out about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Symptom:
    """An error: its SQLSTATE or code of PostgREST, and the names that its message holds, as the message spells them.

    `others` are the second table of a relationship, or the parameters of a function.
    """

    code: str
    table: str | None = None
    column: str | None = None
    constraint: str | None = None
    function: str | None = None
    others: tuple[str, ...] = ()
    policy: bool = False  # 42501 of row security, and not of a grant


class Situation(StrEnum):
    """What is found: CACHE: it is there, PostgREST only has not seen it; ABSENT: it is not; STATEMENT: neither.

    UNKNOWN: the text does not name what could be looked up.
    """

    CACHE = "cache"
    ABSENT = "absent"
    STATEMENT = "statement"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """The situation in one sentence, the evidence for it, and what to do."""

    symptom: Symptom
    situation: Situation
    message: str
    remedy: str
    evidence: tuple[str, ...] = ()
