"""What a diff breaks: write sites of the application that one of the two schemas takes and the other refuses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .arbiter.model import Outcome
from .diff.model import Action, Effect, Severity
from .structure.parts import Part
from .wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .arbiter.model import BoundSite, StatementError
    from .diff.model import Change, Diff

_KEYS = (Part.CONSTRAINT, Part.INDEX)


@dataclass(frozen=True, slots=True)
class Broken:
    """A site that works with `works` and is refused by the other side, which `refused_by` names."""

    works: BoundSite
    fails: BoundSite
    refused_by: str

    @property
    def reason(self) -> str:
        """Why, in the server's words."""
        if self.fails.relation is None and self.fails.verdict.message is None:
            return f'relation "{_name(self.works)}" does not exist'
        verdict = self.fails.verdict
        return verdict.message or verdict.reason or "the conflict target has no arbiter index"


def with_breaks(
    diff: Diff, old: Sequence[BoundSite], new: Sequence[BoundSite], place: Callable[[BoundSite], str]
) -> Diff:
    """The diff with an effect on each change that breaks a site, and notes on sites that cannot be told about.

    `old` and `new` are the same sites judged by the two sides, `place` is where a site stands, as `path:line`.
    """
    effects: defaultdict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    unexplained: list[str] = []
    found = tuple(_broken(diff, old, new))
    for broken in found:
        causes = tuple(_causes(broken, diff.changes))
        text = f"refused by {broken.refused_by}: {broken.reason}"
        for change in causes:
            effects[id(change)][text].append(place(broken.works))
        if not causes:
            unexplained.append(f"{place(broken.works)} is {text}; no single change accounts for it.")
    changes = tuple(_with(change, effects.get(id(change), {})) for change in diff.changes)
    known = {broken.works.site.id for broken in found}
    pairs = zip(old, new, strict=True)
    open_ = sum(one.site.id not in known and None in (_fails(one), _fails(two)) for one, two in pairs)
    notes = (*diff.notes, *unexplained, *_told(len(old), open_))
    return replace(diff, changes=changes, notes=notes)


def _told(count: int, open_: int) -> Iterator[str]:
    if not count:
        yield "The application has no write site."
    elif open_:
        yield f"Of {plural(count, 'write site')}, {open_} could not be judged by both schemas."


def _with(change: Change, found: dict[str, list[str]]) -> Change:
    breaks = tuple(Effect(Severity.BREAKS, text, tuple(dict.fromkeys(sites))) for text, sites in found.items())
    kept = tuple(effect for effect in change.effects if effect.text or not breaks)
    return replace(change, effects=(*breaks, *kept))


def _broken(diff: Diff, old: Sequence[BoundSite], new: Sequence[BoundSite]) -> Iterator[Broken]:
    names = (diff.old.name, diff.new.name)
    first, second = names if len(set(names)) > 1 else ("the first schema", "the second schema")
    for one, two in zip(old, new, strict=True):
        before, after = _fails(one), _fails(two)
        if before is False and (after or _lost(one, two)):
            yield Broken(one, two, second)
        elif after is False and (before or _lost(two, one)):
            yield Broken(two, one, first)


def _fails(bound: BoundSite) -> bool | None:
    """Whether the server refuses the statement; None where that is not known."""
    verdict = bound.verdict
    if verdict.outcome is Outcome.NO_MATCH or verdict.sqlstate is not None:
        return True
    return False if bound.relation is not None and verdict.outcome is not Outcome.UNKNOWN else None


def _lost(works: BoundSite, other: BoundSite) -> bool:
    """Whether the other side has no such table: what a source does not define is unknown, but here it is a change."""
    return works.relation is not None and other.relation is None and _fails(other) is None


def _name(bound: BoundSite) -> str:
    return bound.relation.qualified_name if bound.relation is not None else ""


def _causes(broken: Broken, changes: Sequence[Change]) -> Iterator[Change]:
    """The changes that account for it: of the table, of the columns that the error names, or of the arbiter."""
    tables = {(r.schema, r.name) for b in (broken.works, broken.fails) for r in (b.relation, b.base) if r is not None}
    about = [change for change in changes if tables & _identities(change)]
    if broken.fails.relation is None:
        yield from (c for c in about if c.subject.part is None and c.action is not Action.CHANGED)
        return
    error = next((one for one in broken.fails.verdict.errors if one.certain), None)
    named = [change for change in about if error and _is_named(change, error)]
    yield from named or [change for change in about if _is_arbiter(change, broken.works)]


def _identities(change: Change) -> set[tuple[str, ...]]:
    """The names of the object that it is about: both, of one that was renamed."""
    found = {change.subject.identity}
    if change.action is Action.RENAMED and change.subject.part is None:
        found.add(tuple(change.old))
    return found


def _is_named(change: Change, error: StatementError) -> bool:
    """Whether it is the column that the error is about, by its old name or the new one."""
    subject = change.subject
    return subject.part is Part.COLUMN and error.subject is not None and error.subject in {subject.name, change.old}


def _is_arbiter(change: Change, works: BoundSite) -> bool:
    """Whether it is the index, or the constraint of the index, that the working side infers."""
    if change.subject.part not in _KEYS:
        return False
    former = getattr(change.old, "name", None)
    return bool({change.subject.name, former} & set(works.verdict.arbiters))
