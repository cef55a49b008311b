"""Findings that are known already, in a file: which of today's they are, and which are gone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..rules.model import Finding
    from .identity import Identity


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding as it was. It is found again by `fingerprint`, `names` and `statement` (see Identity) alone.

    What follows is for people; no lines, which each edit above them would change.
    """

    fingerprint: str
    names: tuple[str, ...]
    statement: str | None
    rule: str
    code: str
    path: str | None
    object: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Matched:
    """Which findings are in a baseline, by their numbers, and the entries that none of them is, in order."""

    known: frozenset[int]
    gone: tuple[Entry, ...]


def entry_of(finding: Finding, identity: Identity) -> Entry:
    """The entry for a finding."""
    span = finding.span
    return Entry(
        fingerprint=identity.fingerprint,
        names=identity.names,
        statement=identity.statement,
        rule=finding.rule,
        code=finding.code,
        path=identity.path,
        object=finding.object or (span.inside if span else None),
        message=finding.message,
    )


def matched(entries: Sequence[Entry], found: Sequence[Identity], may_be_gone: Callable[[Entry], bool]) -> Matched:
    """Each entry is one finding, and no more than one.

    First those are paired that say the same, then those of the same rule at the same statement that name nothing new,
    and last a statement that is gone from its file (`may_be_gone`) with the same one that has come into another.
    """
    left, open_ = dict(enumerate(entries)), dict(enumerate(found))
    taken: set[int] = set()
    passes: tuple[tuple[Callable[[Entry], str | None], Callable[[Identity], str | None]], ...] = (
        (lambda entry: f"{entry.fingerprint} {entry.names}", lambda one: f"{one.fingerprint} {one.names}"),
        (lambda entry: entry.fingerprint, lambda one: one.fingerprint),
        (lambda entry: entry.statement if may_be_gone(entry) else None, lambda one: one.statement),
    )
    for of_entry, of_finding in passes:
        waiting: dict[str, list[int]] = defaultdict(list)
        for number, one in open_.items():
            if (key := of_finding(one)) is not None:
                waiting[key].append(number)
        for index, entry in list(left.items()):
            own = waiting.get(of_entry(entry) or "", [])
            fitting = next((number for number in own if set(found[number].names) <= set(entry.names)), None)
            if fitting is not None:
                own.remove(fitting)
                taken.add(fitting)
                del left[index], open_[fitting]
    return Matched(frozenset(taken), tuple(left.values()))
