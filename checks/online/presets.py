"""Changes of type that have a name of their own: integer to bigint, text that holds timestamps to timestamptz."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from ..quoting import literal, quoted
from .change_type import ChangeType
from .directives import register
from .model import Operation, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Step
    from .session import Session

# An instant that means the same to everyone and at any time: the year comes first, or the month is written out.
# "now" and its like mean another instant whenever they are read; 01/02/2024 is read in two ways.
_DATED = (
    r"^\s*[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}(\D|$)"
    r"|^\s*[0-9]{8}([T ][0-9]|\s*$)"
    r"|^(?=.*[0-9]{4}).*\m(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[[:alpha:]]*\M"
    r"|^\s*(-?infinity|epoch)\s*$"
)
_RELATIVE = r"\m(now|today|tomorrow|yesterday|allballs)\M"


@register
@dataclass(frozen=True, slots=True)
class WidenToBigint(Operation):
    """Make an integer (or smallint) column bigint, with its sequence, and without a moment in which writers fail.

    `was` is the old type, for the reverse, which refuses when there are larger values by then. Foreign keys that
    reference the column, policies and views come along, as `op.change_type_online` says, which also lists what does
    not. Columns that reference it keep their type, and their rows can only reference values that fit it: widen them
    next.
    """

    directive: ClassVar[str] = "widen_to_bigint_online"
    table: Table
    column: str
    was: str = "integer"

    def steps(self, session: Session) -> tuple[Step, ...]:
        """As those of `op.change_type_online`."""
        return self._change.steps(session)

    def reverse(self) -> Operation | None:
        """Back to the old type."""
        return self._change.reverse()

    @property
    def _change(self) -> ChangeType:
        return ChangeType(self.table, self.column, "bigint", was=self.was)


@register
@dataclass(frozen=True, slots=True)
class TextToTimestamptz(Operation):
    """Make a text column with timestamps timestamptz; spellings without a zone are UTC.

    Accepted is what PostgreSQL reads as one instant whatever the day and the settings: the year comes first, or the
    month is named. All else is unparsable, also "now" and 01/02/2024. Two spellings of one instant meet in a unique
    index: `duplicates` and what follows as in `op.add_unique_online`. The old column stays as `<column>_before` unless
    `keep_old` is false; the reverse takes the old spellings from there, and writes ISO 8601 for newer values.
    A statement that a session has prepared with a text parameter for the column fails behind the swap (42804): let the
    application write the parameter as $1::timestamptz first, which is right before and after.
    """

    directive: ClassVar[str] = "text_to_timestamptz_online"
    table: Table
    column: str
    unparsable: str = "refuse"
    duplicates: str = "refuse"
    keep: str | None = None
    merge: Mapping[str, str] = field(default_factory=dict)
    children: str = "re-point"
    keep_old: bool = True
    rule: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """As those of `op.change_type_online`."""
        return self._change.steps(session)

    def reverse(self) -> Operation:
        """Back to text."""
        takes = "quarantine" in (self.unparsable, self.duplicates)
        return TimestamptzToText(self.table, self.column, self.keep_old, self._change.rule if takes else None)

    @property
    def _change(self) -> ChangeType:
        return ChangeType(
            self.table,
            self.column,
            "timestamp with time zone",
            parsed(self.column),
            self.unparsable,
            self.duplicates,
            self.keep,
            self.merge,
            self.children,
            self.keep_old,
            self.rule or f"{self.directive} {self.table.name} {self.column}",
        )


@register
@dataclass(frozen=True, slots=True)
class TimestamptzToText(Operation):
    """Make a timestamptz column text again, the way back from `op.text_to_timestamptz_online`.

    `recover`: old spellings come from `<column>_before` where they still fit; all else is ISO 8601 in UTC. `restore`:
    the rule whose rows come back.
    """

    directive: ClassVar[str] = "timestamptz_to_text_online"
    table: Table
    column: str
    recover: bool = True
    restore: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """As those of `op.change_type_online`."""
        return ChangeType(
            self.table,
            self.column,
            "text",
            spelled(self.column),
            was="timestamp with time zone",
            back=parsed(self.column),
            recover=self.recover,
            restore=self.restore,
        ).steps(session)

    def reverse(self) -> Operation:
        """Timestamps again, refusing what stands in the way."""
        return TextToTimestamptz(self.table, self.column, keep_old=self.recover)


def parsed(column: str) -> str:
    """SQL for the instant that a text column holds; NULL, or an error of class 22, where it holds none."""
    name = quoted(column)
    dated = f"{name} ~* {literal(_DATED)} AND {name} !~* {literal(_RELATIVE)}"
    return f"CASE WHEN {dated} THEN CAST({name} AS timestamp with time zone) END"


def spelled(column: str) -> str:
    """SQL for an instant as ISO 8601 in UTC; outside of the years that ISO 8601 has, as PostgreSQL writes it."""
    name = quoted(column)
    utc = f"pg_catalog.replace(({name} AT TIME ZONE 'UTC')::text, ' ', 'T') || '+00:00'"
    ordinary = f"{name} >= '0001-01-01 00:00:00+00' AND {name} < '10000-01-01 00:00:00+00'"
    return f"CASE WHEN {ordinary} THEN {utc} ELSE {name}::text END"
