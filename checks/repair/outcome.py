"""The end of a run: what was chosen tried together, the revisions that carry it, and what check will still find."""

from __future__ import annotations

import textwrap
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..errors import PgArbiterError
from ..online.model import OnlineError
from ..rules.model import Severity
from . import revision
from .model import NotOffered, Patch, Repairs, change_of
from .trial import Untried, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..model import WriteSite
    from ..online.model import Operation
    from ..rules.model import Finding
    from .model import Change, Edit, Proposal
    from .plan import Planner
    from .trial import Judgement


_DUPLICATES = (
    "If the table holds duplicates, this stops and shows them. To keep one row of each group and take the others into "
    "quarantine, add duplicates='quarantine', keep='updated_at DESC, id', or what decides for you{back}."
)
_NULLS = (
    "If rows have no value, this stops and shows them. Add nulls='backfill', value='an SQL expression', or "
    "nulls='quarantine'{back}."
)
_BACK = ", and to the downgrade restore={rule!r}, which brings back what was taken out"
_WIDTH = 110
_WHOLE_WORDS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where revisions go: an alembic.ini, or None for a project without; `head` to go on from."""

    ini: Path | None
    head: str | None = None
    dry_run: bool = False


def deliver(planner: Planner, proposals: Sequence[Proposal], delivery: Delivery) -> Repairs:
    """The revisions of the chosen changes, written unless it is a dry run, or their SQL where there is no Alembic.

    Raises SourceError when they cannot be written.
    """
    proposals, wanted = _together(planner, proposals)
    edits = _edits(proposals)
    patch = "".join(planner.patcher.source(path).diff(made) for path, made in sorted(edits.items()))
    remaining = tuple(_remaining(planner, edits, wanted))
    if delivery.ini is None:
        scripts, notes = _scripts(wanted)
        return Repairs(proposals, scripts=scripts, patch=patch, remaining=remaining, notes=notes)
    made = revision.write(delivery.ini, wanted, head=delivery.head, dry_run=delivery.dry_run) if wanted else ()
    return Repairs(proposals, made, patch=patch, remaining=remaining, written=bool(made) and not delivery.dry_run)


def _together(
    planner: Planner, proposals: Sequence[Proposal]
) -> tuple[tuple[Proposal, ...], tuple[revision.Wanted, ...]]:
    """The proposals and revisions, without the changes that cannot run after those before them."""
    chosen: dict[str, tuple[Change, list[Finding]]] = {}
    for proposal in proposals:
        if change := change_of(proposal):
            chosen.setdefault(repr(change.operations), (change, []))[1].append(proposal.finding)
    dropped: dict[str, str] = {}
    kept: list[Change] = []
    for key, (change, _) in chosen.items():
        problem = _problem(planner, [*kept, change]) if kept else None
        if problem is None:
            kept.append(change)
        else:
            dropped[key] = problem
    wanted = [
        revision.Wanted(operation, message(change, operation, findings), tuple(findings), change.before)
        for key, (change, findings) in chosen.items()
        if key not in dropped
        for operation in change.operations
    ]
    return tuple(_without(proposal, dropped) for proposal in proposals), tuple(wanted)


def _problem(planner: Planner, changes: Sequence[Change]) -> str | None:
    try:
        planner.trial.run([operation for change in changes for operation in change.operations], ())
    except Untried:
        return None
    except PgArbiterError as error:
        return refusal(error)
    return None


def _without(proposal: Proposal, dropped: dict[str, str]) -> Proposal:
    chosen = change_of(proposal)
    if chosen is None or repr(chosen.operations) not in dropped:
        return proposal
    told = NotOffered(chosen.says, f"after the other changes, {dropped[repr(chosen.operations)]}")
    return replace(proposal, chosen=None, not_offered=(*proposal.not_offered, told))


def message(change: Change, operation: Operation, findings: Sequence[Finding]) -> str:
    """What the revision says above its code: the change, what it is for, and what to fill in."""
    does = operation.directive.removesuffix("_online").replace("_", " ")
    column = getattr(operation, "column", None)
    lines = [f"{does} {operation.table.name}{f'.{column}' if column else ''}: {change.says}", ""]
    for finding in findings:
        where = f"{finding.span.place}: " if finding.span else ""
        lines.append(f"{finding.code} {where}{finding.message}.")
    lines += ["", change.tradeoff]
    if getattr(operation, "duplicates", None) == "refuse":
        lines.append(_DUPLICATES.format(back=_back(operation, duplicates="quarantine", keep="id")))
    if getattr(operation, "nulls", None) == "refuse":
        lines.append(_NULLS.format(back=_back(operation, nulls="quarantine")))
    return "\n".join(folded for line in lines for folded in (textwrap.wrap(line, _WIDTH, **_WHOLE_WORDS) or [""]))


def _back(operation: Operation, **policy: str) -> str:
    """How the downgrade gets back what this policy takes out: nobody who adds the one thinks of the other."""
    taking: Any = operation
    reverse = replace(taking, **policy).reverse()
    rule = getattr(reverse, "restore", None)
    return _BACK.format(rule=rule) if rule else ""


def _edits(proposals: Sequence[Proposal]) -> dict[str, list[Edit]]:
    """The edits of the chosen patches by file, without those that would change what another one changes too."""
    edits: dict[str, list[Edit]] = {}
    for patch in (proposal.chosen for proposal in proposals if isinstance(proposal.chosen, Patch)):
        made = edits.setdefault(patch.path, [])
        new = [edit for edit in patch.edits if edit not in made]
        if not any(one.start < other.end and other.start < one.end for one in new for other in made):
            made.extend(new)
    return edits


def _remaining(
    planner: Planner, edits: Mapping[str, Sequence[Edit]], wanted: Sequence[revision.Wanted]
) -> Iterator[Finding]:
    """What check finds, notes apart, once all that was chosen is done."""
    migrations = {bound.site.id for bound in planner.now.bounds if bound.when_run}
    sites = planner.patcher.scanned(edits) if edits else [bound.site for bound in planner.now.bounds]
    sites = [site for site in sites if site.id not in migrations]
    judge: Callable[[Sequence[WriteSite]], Judgement] = planner.judge
    operations = [each.operation for each in wanted]
    judged = None
    if operations:
        with suppress(Untried):
            judged = planner.trial.run(operations, sites)
    judged = judged or judge(sites)
    yield from (f for f in judged.findings if f.severity is not Severity.NOTE)


def _scripts(wanted: Sequence[revision.Wanted]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The statements of each operation, and what cannot be said by statements alone."""
    scripts, notes = [], []
    for each in wanted:
        try:
            statements = each.operation.script()
        except OnlineError as error:
            notes.append(f"{error.message}; make an Alembic project for it (`alembic init`), and repair again")
            continue
        scripts.append("".join(f"{statement};\n" for statement in (*each.before, *statements)))
    if scripts:
        notes.append(
            "run these outside of a transaction (psql -f), one after the other; there is no alembic.ini here, by which "
            "they would be revisions that count duplicates first, can be resumed, and are verified"
        )
    return tuple(scripts), tuple(notes)
