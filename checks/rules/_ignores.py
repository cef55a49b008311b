"""Comments that leave findings out, as what they say: which rules, where, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..errors import SourceError
from ._registry import named_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..scan.model import Remark

IGNORE, IGNORE_FILE = "ignore", "ignore-file"
TOP = 20  # lines, in which `ignore-file` stands
_SAID = re.compile(
    r"pgarbiter:\s*(?P<word>[\w-]+)\s*(?:\[(?P<rules>[^\]]*)\])?\s*(?:because\b[\s:,]*(?P<reason>.*))?", re.DOTALL
)
_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Ignore:
    """`codes` are those of the rules that exist; without a reason, or without rules, none is left out.

    `faults`: what is wrong with it, each with what to write.
    """

    remark: Remark
    whole_file: bool
    codes: tuple[str, ...]
    reason: str | None
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it leaves anything out."""
        return self.reason is not None and bool(self.codes)


def ignore_of(remark: Remark) -> Ignore | None:
    """What a comment says; None when it is about something else."""
    said = _SAID.match(remark.text)
    if said is None:
        return None
    word = said["word"].lower()
    if word not in {IGNORE, IGNORE_FILE}:
        near = get_close_matches(word, (IGNORE, IGNORE_FILE), n=1, cutoff=_ALIKE)
        fault = (f'"{word}" is not known', f'Did you mean "{near[0]}"?') if near else None
        return Ignore(remark, False, (), None, (fault,)) if fault else None
    whole = word == IGNORE_FILE
    entries = [entry.strip() for entry in (said["rules"] or "").split(",") if entry.strip()]
    found, faults = _rules(entries)
    reason = _reason(said["reason"])
    faults += _missing(word, entries, reason)
    if whole and remark.line > TOP:
        faults.append((
            f"{IGNORE_FILE} stands on line {remark.line}", f"Move it to the first {TOP} lines of the file.",
        ))  # fmt: skip
        found = []
    return Ignore(remark, whole, tuple(found), reason, tuple(faults))


def _reason(said: str | None) -> str | None:
    text = (said or "").strip()
    return text if any(char.isalnum() for char in text) else None


def _rules(entries: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    codes: list[str] = []
    faults: list[tuple[str, str]] = []
    for entry in entries:
        try:
            codes.append(named_rule(entry).code)
        except SourceError as error:
            faults.append((f'rule "{entry}" does not exist', error.hint or ""))
    return list(dict.fromkeys(codes)), faults


def _missing(word: str, entries: list[str], reason: str | None) -> list[tuple[str, str]]:
    if not entries:
        told = "no-arbiter-index"
        return [
            ("it names no rule, so that nothing is left out", f"Name the rules: pgarbiter: {word}[{told}] because ...")
        ]
    if reason is None:
        told = ", ".join(entries)
        return [("it has no reason, so that nothing is left out", f"Say why: pgarbiter: {word}[{told}] because ...")]
    return []


def ignores(remarks: tuple[Remark, ...]) -> Iterator[Ignore]:
    """All comments that are about findings."""
    return (found for remark in remarks if (found := ignore_of(remark)) is not None)
