"""The answer of `impact`, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..arbiter.without import Change
from ..report.essence import essence
from ..report.json import dumped
from ..report.page import Page
from ..report.parts import judged_by
from ..wording import plural
from .model import Fate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from ..arbiter.model import BoundSite
    from ..schema.model import Loaded
    from .model import Affected, Consequence, Outcome

_WORDS = {
    Fate.DIES: ("dies      ", "bold red"),
    Fate.LETS_IN: ("lets in   ", "bold red"),
    Fate.UNKNOWN: ("unknown   ", "yellow"),
    Fate.SURVIVES: ("survives  ", "green"),
}
_COUNTED = {
    Fate.DIES: ("site dies", "sites die"),
    Fate.LETS_IN: ("site lets in what it stopped", "sites let in what they stopped"),
    Fate.UNKNOWN: ("site cannot be told of", "sites cannot be told of"),
    Fate.SURVIVES: ("site survives", "sites survive"),
}
_SHOWN = 20  # sites of one fate


def write_text(found: Sequence[Consequence], loaded: Loaded, stream: TextIO, *, predicate: str | None = None) -> None:
    """Each table and index with the sites that a change affects, and what depends on it."""
    page = Page(stream)
    for one in found:
        page.line(_title(one), style="bold")
        for outcome in one.outcomes:
            _outcome(page, outcome, _condition(outcome.change, predicate))
        for dependent in one.depends:
            on = f' of "{dependent.on}"' if dependent.on else ""
            page.line(f'{dependent.kind} "{dependent.name}"{on}', indent=2, label="depends on it  ", label_style="dim")
        for note in one.notes:
            page.line(note, indent=2, label="note  ", style="dim")
        page.line()
    where = f'database "{loaded.server.database}"' if loaded.live else loaded.schema.source
    page.line(f"{_summary(found)}; {where}, PostgreSQL {loaded.server.version}", style="bold")


def _title(one: Consequence) -> str:
    relation, index = one.subject.relation, one.subject.index
    if index is None:
        return f'table "{relation.qualified_name}"'
    where = f" WHERE {index.predicate}" if index.predicate else ""
    return f'index "{index.name}" ({", ".join(index.columns)}){where} of "{relation.qualified_name}"'


def _condition(change: Change, predicate: str | None) -> str:
    match change:
        case Change.DROP:
            return "if it is dropped"
        case Change.PARTIAL:
            return (
                f"if it becomes partial (WHERE {predicate})" if predicate else "if it becomes partial (any predicate)"
            )
        case Change.DEFERRABLE:
            return "if it becomes deferrable"


def _outcome(page: Page, outcome: Outcome, condition: str) -> None:
    if outcome.impossible is not None:
        page.line(f"cannot be: {outcome.impossible}", indent=2, label=f"{condition}: ", style="dim")
        return
    told = [f"{outcome.count(fate)} {_COUNTED[fate][outcome.count(fate) > 1]}" for fate in Fate if outcome.count(fate)]
    page.line(", ".join(told) or "no write site is affected", indent=2, label=f"{condition}: ")
    for fate in Fate:
        own = [one for one in outcome.affected if one.fate is fate]
        for one in own[:_SHOWN]:
            _site(page, one)
        if len(own) > _SHOWN:
            page.line(f"and {len(own) - _SHOWN} more", indent=4, label=_WORDS[fate][0], label_style="dim")


def _site(page: Page, one: Affected) -> None:
    word, style = _WORDS[one.fate]
    page.line(f"{one.site.site.span.place}  {essence(one.site.site)}", indent=4, label=word, label_style=style)
    state = f" ({one.sqlstate})" if one.sqlstate else ""
    page.line(f"{one.reason}{state}", indent=14, style="dim")


def _summary(found: Sequence[Consequence]) -> str:
    affected: dict[str, set[Fate]] = {}
    for one in found:
        for outcome in one.outcomes:
            for each in outcome.affected:
                affected.setdefault(each.site.site.id, set()).add(each.fate)
    hurt = sum(bool(fates & {Fate.DIES, Fate.LETS_IN}) for fates in affected.values())
    open_ = sum(Fate.UNKNOWN in fates and not fates & {Fate.DIES, Fate.LETS_IN} for fates in affected.values())
    told = f"{plural(hurt, 'write site')} would die or let rows in" if hurt else "no write site would die"
    return f"{told}, of {open_} it cannot be told" if open_ else told


def hurts(found: Sequence[Consequence]) -> bool:
    """Whether any site dies, or lets in what it stopped."""
    return any(outcome.count(fate) for one in found for outcome in one.outcomes for fate in (Fate.DIES, Fate.LETS_IN))


def has_unknown(found: Sequence[Consequence]) -> bool:
    """Whether it cannot be told of some site."""
    return any(outcome.count(Fate.UNKNOWN) for one in found for outcome in one.outcomes)


def write_json(found: Sequence[Consequence], loaded: Loaded, stream: TextIO, version: str) -> None:
    """The same as one document: a line for each table and index."""
    stream.write(dumped(build(found, loaded, version)))


def build(found: Sequence[Consequence], loaded: Loaded, version: str) -> dict[str, Any]:
    """The document."""
    return {
        **judged_by(loaded, version),
        "subjects": [_subject(one) for one in found],
    }


def _subject(one: Consequence) -> dict[str, Any]:
    relation, index = one.subject.relation, one.subject.index
    return {
        "kind": "table" if index is None else "index",
        "schema": relation.schema,
        "table": relation.name,
        "index": index.name if index else None,
        "columns": list(index.columns) if index else [],
        "predicate": index.predicate if index else None,
        "changes": [
            {
                "change": outcome.change.value,
                "impossible": outcome.impossible,
                "sites": [_affected(each) for each in outcome.affected],
            }
            for outcome in one.outcomes
        ],
        "depends": [{"kind": each.kind, "name": each.name, "on": each.on} for each in one.depends],
        "notes": list(one.notes),
    }


def _affected(one: Affected) -> dict[str, Any]:
    bound: BoundSite = one.site
    site = bound.site
    return {
        "site": site.id,
        "path": site.span.path,
        "object": site.object,
        "line": site.span.line,
        "does": essence(site),
        "fate": one.fate.value,
        "reason": one.reason,
        "sqlstate": one.sqlstate,
        "arbiters": list(one.arbiters),
    }
