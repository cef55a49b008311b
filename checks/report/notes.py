"""Many notes, told in few lines: by rule, the commonest message first, with the first places of each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..rules import registry
from ..rules.model import Severity
from .summary import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..model import WriteSite
    from ..rules.model import Finding
    from .page import Page

FEW = 5  # notes that are still shown in full
_MESSAGES = 3  # of one rule
_PLACES = 3  # of one message


def condensed(findings: Sequence[Finding]) -> frozenset[str | None]:
    """The sites that have nothing but notes, when these are too many to be read one by one."""
    loud = {f.site for f in findings if f.severity is not Severity.NOTE}
    quiet = [f for f in findings if f.site not in loud]
    return frozenset(f.site for f in quiet) if len(quiet) > FEW else frozenset()


def write(page: Page, findings: Iterable[Finding], sites: Mapping[str, WriteSite]) -> None:
    """The notes by rule."""
    by_rule: defaultdict[str, defaultdict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in findings:
        by_rule[finding.code][finding.message].append(finding)
    for code, by_message in sorted(by_rule.items()):
        total = sum(map(len, by_message.values()))
        page.line(
            f"{registry()[code].summary}, at {count(total, 'place')}",
            label=f"note {code}  ",
            label_style="bold cyan",
        )
        ranked = sorted(by_message.items(), key=lambda item: -len(item[1]))
        for message, group in ranked[:_MESSAGES]:
            page.line(f"{message}  ({_places(group, sites)})", indent=2, label="- ", style="dim")
        if rest := sum(len(group) for _, group in ranked[_MESSAGES:]):
            page.line(f"and {rest} more", indent=4, style="dim")
    page.line("Each in full: pgarbiter explain FILE:LINE, or --verbose.", style="dim")
    page.line()


def _places(group: list[Finding], sites: Mapping[str, WriteSite]) -> str:
    shown = ", ".join(_place(f, sites) for f in group[:_PLACES])
    return f"{shown} and {len(group) - _PLACES} more" if len(group) > _PLACES else shown


def _place(finding: Finding, sites: Mapping[str, WriteSite]) -> str:
    site = sites.get(finding.site or "")
    return site.span.place if site and finding.span is None else finding.place
