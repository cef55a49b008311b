"""Repairs for people: each finding with its cures, and what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report.page import Page
from ..wording import plural
from .model import Change, Patch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from ..rules.model import Finding
    from .model import Cure, Elsewhere, Proposal, Repairs

_DIM = "dim"
_SHOWN = 3


def write(repairs: Repairs, stream: TextIO) -> None:
    """Write the proposals, the diffs of chosen patches, the revisions, and what is left to do."""
    page = Page(stream)
    for proposal in repairs.proposals:
        _proposal(page, proposal)
    if repairs.patch:
        _verbatim(page, repairs.patch)
    for revision in repairs.revisions:
        page.line(revision.path, style="bold")
        _verbatim(page, revision.text)
    for script in repairs.scripts:
        _verbatim(page, script)
    for line, style in _summary(repairs):
        page.line(line, style=style)


def _proposal(page: Page, proposal: Proposal) -> None:
    finding = proposal.finding
    page.line(finding.message, label=f"{_place(finding)}  {finding.code}  ", label_style="bold")
    for line in proposal.race:
        page.line(line, indent=4, style=_DIM)
    for cure in proposal.cures:
        _cure(page, finding, cure, chosen=cure is proposal.chosen)
    if isinstance(proposal.chosen, Change) and not any(cure is proposal.chosen for cure in proposal.cures):
        page.line(f"cured by {proposal.chosen.says}, above", indent=2, label="=> ", label_style="green")
    for other in proposal.not_offered:
        page.line(f"{other.what}: {other.why}", indent=2, label="-  not offered: ", label_style=_DIM, style=_DIM)
    if proposal.chosen is None:
        told = "a choice is needed: --choose " if proposal.cures else "no repair"
        names = " or ".join(f"{_place(finding)}={cure.name}" for cure in proposal.cures)
        page.line(told + names, indent=2, style="yellow")
    page.line()


def _cure(page: Page, finding: Finding, cure: Cure, *, chosen: bool) -> None:
    kind = "schema" if isinstance(cure, Change) else "code"
    mark = "=> " if chosen else "   "
    page.line(cure.says, indent=2, label=f"{mark}{kind:<6} {cure.name}  ", label_style="green" if chosen else "")
    page.line(cure.tradeoff, indent=12, style=_DIM)
    if isinstance(cure, Patch):
        _elsewhere(page, "check then says", cure.then)
        if cure.needs is not None:
            page.line(f"{cure.needs.says}. {cure.needs.tradeoff}", indent=12, label="first  ", label_style="yellow")
            _change(page, finding, cure.needs)
        return
    _change(page, finding, cure)


def _change(page: Page, finding: Finding, cure: Change) -> None:
    for line in cure.data:
        page.line(line, indent=12, label="data  ", label_style="yellow")
    if cure.effect is None:
        page.line(
            "not tried: the table cannot be rebuilt elsewhere; name a schema source beside the database",
            indent=12,
            style=_DIM,
        )
        return
    _places(page, "also cures", [e for e in cure.effect.cured if (e.span, e.code) != (finding.span, finding.code)])
    _elsewhere(page, "breaks", cure.effect.broken)
    _elsewhere(page, "check then says", cure.effect.then)
    _elsewhere(page, "ambiguous", cure.effect.ambiguous)


def _places(page: Page, label: str, listed: Sequence[Elsewhere]) -> None:
    shown = ", ".join(f"{_where(each)}{each.code}" for each in listed[:_SHOWN])
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    if shown:
        page.line(shown + more, indent=12, label=f"{label}  ", label_style="green")


def _elsewhere(page: Page, label: str, listed: Sequence[Elsewhere]) -> None:
    for each in listed[:_SHOWN]:
        page.line(f"{_where(each)}{each.code} {each.message}", indent=12, label=f"{label}  ", label_style="yellow")
    if len(listed) > _SHOWN:
        page.line(f"and {len(listed) - _SHOWN} more", indent=12, label=f"{label}  ", label_style="yellow")


def _where(each: Elsewhere) -> str:
    return f"{each.span.place} " if each.span else ""


def _verbatim(page: Page, text: str) -> None:
    page.verbatim(text)
    page.line()


def _summary(repairs: Repairs) -> Iterator[tuple[str, str]]:
    if not repairs.proposals:
        yield "nothing to repair", "green"
        return
    patched, made = sum(isinstance(p.chosen, Patch) for p in repairs.proposals), len(repairs.revisions)
    told = [plural(len(repairs.proposals), "finding")]
    if made:
        told.append(f"{plural(made, 'revision')} {'written' if repairs.written else 'shown, not written'}")
    if patched:
        told.append(f"{patched} patch{'es' if patched > 1 else ''} to apply by hand")
    if repairs.uncured:
        told.append(f"{len(repairs.uncured)} without a repair")
    yield ", ".join(told), "bold"
    for note in repairs.notes:
        yield f"note: {note}", _DIM
    if repairs.written:
        yield "next: pgarbiter migrate plan, then pgarbiter migrate up", "green"
    left = len(repairs.remaining)
    told_left = f"{plural(left, 'error')} and warnings" if left > 1 else "1 error or warning" if left else "nothing"
    again = "; repair again then" if left and (made or patched or repairs.scripts) else ""
    yield f"with all of that done, check finds {told_left}{again}", _DIM


def _place(finding: Finding) -> str:
    span = finding.span
    return span.place if span is not None else "database"
