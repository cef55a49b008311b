"""What a run of repair is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..rules import named_rule
from ..rules.model import Severity
from .choice import Choice
from .policy import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..rules.model import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`rules`: findings of these only, notes among them; else all errors and warnings.

    `ini` names the project that revisions are for; None: that of the schema source. `head` is the revision to go on
    from. `dry_run`: nothing is written.
    """

    rules: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    choice: Choice = field(default_factory=Choice)
    ini: Path | None = None
    head: str | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Raise SourceError for a rule that does not exist, before anything else is done."""
        for rule in self.rules:
            named_rule(rule)

    def wanted(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings to repair."""
        if not self.rules:
            return tuple(finding for finding in findings if finding.severity is not Severity.NOTE)
        codes = {named_rule(rule).code for rule in self.rules}
        return tuple(finding for finding in findings if finding.code in codes)
