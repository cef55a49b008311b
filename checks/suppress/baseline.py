"""Findings that are known already, in a file: which of today's they are, and which are gone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..rules.model import Finding
    from .identity import Identity

    Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding as it was. It is found again by `fingerprint`, `names` and `statement` (see Identity) alone.

    What follows is for people.
    """

    fingerprint: str
    names: str
    statement: str | None
    rule: str
    code: str
    path: str | None
    object: str | None
    line: int | None
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
        line=span.line if span else None,
        message=finding.message,
    )


def matched(entries: Sequence[Entry], found: Sequence[Identity], may_be_gone: Callable[[Entry], bool]) -> Matched:
    """Each entry is one finding, and no more than one.

    First those are paired that say the same, then those of the same rule at the same statement, since names in a
    message may be of what is near by, and last a statement that is gone from its file (`may_be_gone`) with the same one
    that has come into another.
    """
    left, open_ = dict(enumerate(entries)), dict(enumerate(found))
    taken: set[int] = set()
    passes: tuple[tuple[Callable[[Entry], Key | None], Callable[[Identity], Key | None]], ...] = (
        (lambda entry: (entry.fingerprint, entry.names), lambda one: (one.fingerprint, one.names)),
        (lambda entry: (entry.fingerprint,), lambda one: (one.fingerprint,)),
        (
            lambda entry: (entry.statement,) if entry.statement and may_be_gone(entry) else None,
            lambda one: (one.statement,) if one.statement else None,
        ),
    )
    for of_entry, of_finding in passes:
        for key, number in _paired(
            ((index, of_entry(entry)) for index, entry in left.items()),
            ((index, of_finding(one)) for index, one in open_.items()),
        ):
            del left[key], open_[number]
            taken.add(number)
    return Matched(frozenset(taken), tuple(left.values()))


def _paired(
    entries: Iterable[tuple[int, Key | None]], found: Iterable[tuple[int, Key | None]]
) -> list[tuple[int, int]]:
    """Numbers of entries and findings with the same key, each once, in order."""
    waiting: dict[Key, list[int]] = defaultdict(list)
    for index, key in found:
        if key is not None:
            waiting[key].append(index)
    pairs: list[tuple[int, int]] = []
    for index, key in entries:
        if key is not None and waiting.get(key):
            pairs.append((index, waiting[key].pop(0)))
    return pairs
