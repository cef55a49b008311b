"""The answer of `contract verify`, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..report.json import dumped
from ..report.page import Page
from ..report.parts import candidate_of, judged_by
from ..rules import evidence
from ..wording import plural
from .document import need_document, write_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from ..schema.model import Loaded
    from .model import Allowed, Verified

UNSEEN = (
    "only the catalog was read: duplicates that stand in the way of a unique index cannot be seen there, and make its "
    "statement fail"
)
_WORDS = {True: ("holds", "green"), False: ("lost", "bold red"), None: ("cannot tell", "yellow")}


def write_text(
    found: Sequence[Verified], roles: Sequence[Allowed], loaded: Loaded, stream: TextIO, *, detailed: bool = False
) -> None:
    """The needs that do not hold, each with what would cure it, and a summary; `detailed`: all needs."""
    page = Page(stream)
    for one in found:
        if one.holds and not detailed:
            continue
        word, style = _WORDS[one.holds]
        told = f'"{one.need.table}" {one.need.clause}, {plural(one.sites, "site")}'
        page.line(told, label=f"{word}  ", label_style=style)
        if one.holds:
            names = ", ".join(f'"{name}"' for name in one.arbiters)
            page.line(f"arbiter {names}" if names else "no arbiter is needed", indent=2, style="dim")
        if one.reason:
            state = f" ({one.sqlstate})" if one.sqlstate else ""
            page.line(f"{one.reason}{state}", indent=2, label="why      ", label_style="dim")
        for candidate in one.candidates:
            page.line(evidence(candidate), indent=2, label="nearest  ", label_style="dim")
        for statement in one.remedies:
            page.line(statement, indent=2, label="remedy   ", label_style="green", wrap=False)
        page.line()
    for write in roles:
        if not write.holds or detailed:
            _write_role(page, write)
    _summary(page, found, roles, loaded)


def _write_role(page: Page, one: Allowed) -> None:
    word, style = _WORDS[one.holds]
    action = f" ON CONFLICT DO {one.asked.action.upper()}" if one.asked.action is not None else ""
    what = f'"{one.asked.table}" INSERT{action} by role "{one.asked.role}", {plural(one.sites, "site")}'
    page.line(what, label=f"{word}  ", label_style=style)
    if one.reason:
        state = f" ({one.sqlstate})" if one.sqlstate else ""
        page.line(f"{one.reason}{state}", indent=2, label="why      ", label_style="dim")
    for statement in one.remedies:
        page.line(statement, indent=2, label="remedy   ", label_style="green", wrap=False)
    page.line()


def _counted(found: Sequence[Verified] | Sequence[Allowed], noun: str) -> list[str]:
    counts = [sum(one.holds is holds for one in found) for holds in (True, False, None)]
    parts = [f"{plural(len(found), noun)}: {counts[0]} hold"]
    parts += [f"{counts[1]} lost"] if counts[1] else []
    return parts + ([f"{counts[2]} cannot be told"] if counts[2] else [])


def _summary(page: Page, found: Sequence[Verified], roles: Sequence[Allowed], loaded: Loaded) -> None:
    parts = _counted(found, "need") + (_counted(roles, "permission") if roles else [])
    where = f'database "{loaded.server.database}"' if loaded.live else loaded.schema.source
    page.line(f"{', '.join(parts)}; {where}, PostgreSQL {loaded.server.version}", style="bold")
    if any(one.remedies for one in found):
        page.line(f"note: {UNSEEN}", style="dim")


def write_json(
    found: Sequence[Verified], roles: Sequence[Allowed], loaded: Loaded, stream: TextIO, version: str
) -> None:
    """The same as one document: a line for each need."""
    stream.write(dumped(build(found, roles, loaded, version)))


def build(found: Sequence[Verified], roles: Sequence[Allowed], loaded: Loaded, version: str) -> dict[str, Any]:
    """The document; `holds` of a need is null where that cannot be told."""
    return {
        **judged_by(loaded, version),
        "needs": [
            {
                "need": need_document(one.need, one.sites),
                "holds": one.holds,
                "reason": one.reason,
                "sqlstate": one.sqlstate,
                "arbiters": list(one.arbiters),
                "candidates": [candidate_of(candidate) for candidate in one.candidates],
                "remedies": list(one.remedies),
            }
            for one in found
        ],
        "writes": [
            {
                "write": write_document(one.asked, one.sites),
                "holds": one.holds,
                "reason": one.reason,
                "sqlstate": one.sqlstate,
                "remedies": list(one.remedies),
            }
            for one in roles
        ],
        "notes": [UNSEEN] if any(one.remedies for one in found) else [],
    }
