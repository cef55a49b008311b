"""What a run of repair is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..rules import registry
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

    def wanted(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings to repair. Raises SourceError for a rule that does not exist."""
        if not self.rules:
            return tuple(finding for finding in findings if finding.severity is not Severity.NOTE)
        codes = {_code(rule) for rule in self.rules}
        return tuple(finding for finding in findings if finding.code in codes)


def _code(text: str) -> str:
    known = {key: info.code for info in registry().values() for key in (info.code.lower(), info.name)}
    if text.lower() not in known:
        near = get_close_matches(text.lower(), known, n=1)
        raise SourceError(f'rule "{text}" does not exist', f'Did you mean "{near[0]}"?' if near else None)
    return known[text.lower()]
