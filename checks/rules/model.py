"""Findings, as rules raise them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Span


class Severity(StrEnum):
    """Ordered: error above warning above note."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for an error, 2 for a note."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: the condition in `message`, its `effect`, and the `remedy`.

    `site` is the id of the write site, None for a finding about the catalog or a source file alone. `object` is what it
    is about in the database then ("index public.orders_key"). `related` are further lines of evidence (false trails
    ruled out, the columns that exist, ...). `repair` names the kind of repair plan.
    """

    rule: str
    code: str
    severity: Severity
    site: str | None
    span: Span | None
    message: str
    effect: str
    remedy: str
    related: tuple[str, ...] = ()
    repair: str | None = None
    object: str | None = None

    @property
    def place(self) -> str:
        """For people: path:line, or the object of the database."""
        return self.span.place if self.span else f"in the database: {self.object}"


def placed(finding: Finding) -> tuple[str, int, int, str, str]:
    """Where a finding stands in a report."""
    span = finding.span
    return (
        (span.path or "") if span else "",
        span.line if span else 0,
        span.column if span else 0,
        finding.code,
        f"{finding.object or ''} {finding.message}",
    )
