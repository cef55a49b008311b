"""Which cure is taken for a finding: what the user says, else the first that breaks nothing and asks nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import SourceError
from .model import Change, Patch, change_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..rules.model import Finding
    from .model import Cure, Proposal

NONE = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """`prefer` is "schema" or "code"; `named` are pairs of a finding, as the user names it, and a cure's name."""

    prefer: str | None = None
    named: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, prefer: str | None, texts: Iterable[str]) -> Choice:
        """From `FINDING=CURE` texts. Raises SourceError for one that is not that."""
        named = []
        for text in texts:
            finding, equals, cure = text.rpartition("=")
            if not equals or not finding or not cure:
                raise SourceError(
                    f'choice "{text}" is not FINDING=CURE', "Write --choose src/save.ts:42=add-predicate, for example."
                )
            named.append((finding, cure))
        return cls(prefer, tuple(named))


def choose(proposals: Sequence[Proposal], choice: Choice) -> tuple[Proposal, ...]:
    """The proposals, each with its cure chosen where there is one to choose.

    Raises SourceError for a choice that fits no finding, or a cure that its finding does not have.
    """
    _refuse_unknown(proposals, choice)
    out: list[Proposal] = []
    for proposal in proposals:
        named = [cure for finding, cure in choice.named if names(finding, proposal.finding)]
        if named:
            out.append(replace(proposal, chosen=_cure(proposal, named[-1])))
        else:
            chosen = _cured_by_another(proposal, out) or _default(proposal, choice.prefer)
            out.append(replace(proposal, chosen=chosen))
    return tuple(out)


def names(text: str, finding: Finding) -> bool:
    """Whether the text names the finding: by rule, as path:line, or as path:line:code."""
    place = finding.span.place if finding.span else ""
    return text in (finding.code, finding.rule, place, f"{place}:{finding.code}")


def _refuse_unknown(proposals: Sequence[Proposal], choice: Choice) -> None:
    for finding, cure in choice.named:
        meant = [proposal for proposal in proposals if names(finding, proposal.finding)]
        if not meant:
            raise SourceError(
                f'choice "{finding}={cure}": there is no such finding',
                "Name it by its code or as PATH:LINE, as `pgarbiter repair --dry-run` shows it.",
            )
        for proposal in meant:
            _cure(proposal, cure)


def _cure(proposal: Proposal, name: str) -> Cure | None:
    if name == NONE:
        return None
    found = next((cure for cure in proposal.cures if cure.name == name), None)
    if found is None:
        known = ", ".join([*(cure.name for cure in proposal.cures), NONE])
        code, span = proposal.finding.code, proposal.finding.span
        where = f" at {span.place}" if span else ""
        raise SourceError(f'{code}{where} has no cure "{name}"', f"Choose one of {known}.")
    return found


def _cured_by_another(proposal: Proposal, earlier: Sequence[Proposal]) -> Cure | None:
    """A change that was chosen already and cures this finding on its way."""
    finding = proposal.finding
    for other in earlier:
        change = change_of(other)
        if change is not None and change.effect is not None:
            cured = any((e.span, e.code) == (finding.span, finding.code) for e in change.effect.cured)
            if cured:
                same = (c for c in proposal.cures if isinstance(c, Change) and _same(c, change))
                return next(same, change)
    return None


def _same(one: Change, other: Change) -> bool:
    return repr(one.operations) == repr(other.operations)


def _default(proposal: Proposal, prefer: str | None) -> Cure | None:
    safe = [cure for cure in proposal.cures if _is_safe(cure)]
    kinds = {"schema": Change, "code": Patch}
    wanted = [cure for cure in safe if prefer is not None and isinstance(cure, kinds[prefer])]
    return next(iter(wanted or safe), None)


def _is_safe(cure: Cure) -> bool:
    change = cure.needs if isinstance(cure, Patch) else cure
    breaks = change is not None and change.effect is not None and bool(change.effect.broken)
    return not cure.asks and not breaks
