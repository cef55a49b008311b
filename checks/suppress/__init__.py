"""What a team can live with: findings that settings, comments and a baseline leave out, which are counted, not lost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..rules import ignores, placed, selection
from .baseline import Entry, entry_of, matched
from .comments import meant
from .file import NAME, dumped, read
from .identity import identities
from .model import BASELINE, COMMENT, SETTINGS, Left, Seen
from .paths import left_out
from .unused import unused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..rules.model import Finding

__all__ = ["BASELINE", "COMMENT", "NAME", "SETTINGS", "Entry", "Left", "Seen", "applied", "dumped", "read", "updated"]


def applied(seen: Seen, entries: Sequence[Entry] | None = None) -> Left:
    """What is left of the findings of a run, with those that comments have earned; `entries` are of the baseline.

    Raises SourceError for a setting that names a rule which does not exist.
    """
    found, by, reasons = _judged(seen)
    rest = [number for number in range(len(found)) if by[number] is None]
    gone = None
    if entries is not None:
        below = _below(seen)
        own = identities([found[number] for number in rest], [bound.site for bound in seen.bounds], below)
        known = matched(entries, own, _may_be_gone(seen))
        for index in known.known:
            by[rest[index]] = BASELINE
        gone = len([entry for entry in known.gone if _may_be_gone(seen)(entry)])
    kept = tuple(f for f, what in zip(found, by, strict=True) if what is None)
    out = [(f, what, reason) for f, what, reason in zip(found, by, reasons, strict=True) if what is not None]
    return Left(kept, tuple((f, what) for f, what, _ in out), tuple(reason for *_, reason in out), gone)


def updated(seen: Seen, entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], int, int]:
    """The entries of a baseline of today, how many of them are new, and how many of the old ones are gone.

    Old entries about what was not looked at stay.
    """
    found, by, _ = _judged(seen)
    open_ = [finding for finding, what in zip(found, by, strict=True) if what is None]
    own = identities(open_, [bound.site for bound in seen.bounds], _below(seen))
    known = matched(entries, own, _may_be_gone(seen))
    stay = [entry for entry in known.gone if not _may_be_gone(seen)(entry)]
    today = [entry_of(finding, identity) for finding, identity in zip(open_, own, strict=True)]
    return (*today, *stay), len(open_) - len(known.known), len(known.gone) - len(stay)


def _judged(seen: Seen) -> tuple[list[Finding], list[str | None], list[str | None]]:
    """All findings in order, with those about comments; by what each is left out so far, and the comment's reason."""
    chosen = selection(seen.settings)
    sites = {bound.site.id: bound.site for bound in seen.bounds}
    said = list(ignores(seen.remarks))
    own = [(finding, sites.get(finding.site or "")) for finding in (*seen.findings, *seen.ignored)]
    about = meant(said, own)
    marked = [(finding, about.by.get(number)) for number, (finding, _) in enumerate(own)]
    marked += [(finding, None) for finding in unused(said, about.used, seen, chosen)]
    marked.sort(key=lambda one: placed(one[0]))
    is_left_out = left_out(seen.settings, seen.root)
    by: list[str | None] = []
    reasons: list[str | None] = []
    for finding, ignore in marked:
        settings = finding.code not in chosen or is_left_out(finding)
        by.append(SETTINGS if settings else COMMENT if ignore is not None else None)
        reasons.append(ignore.reason if ignore is not None and not settings else None)
    return [finding for finding, _ in marked], by, reasons


def _below(seen: Seen) -> str:
    """From the directory of the baseline to where paths of the report start."""
    return os.path.relpath(seen.root.resolve(), _home(seen))


def _home(seen: Seen) -> Path:
    return Path(seen.settings.baseline or NAME).resolve().parent


def _may_be_gone(seen: Seen) -> Callable[[Entry], bool]:
    """Whether this run would have found an entry again, were it still there."""
    from ..scan.files import wanted  # noqa: PLC0415 - with a baseline only

    chosen, home, is_wanted = selection(seen.settings), _home(seen), wanted(seen.settings)
    root = str(seen.root.resolve())

    def may_be(entry: Entry) -> bool:
        if not seen.whole or entry.code not in chosen:
            return False
        if entry.path is None:
            return bool(seen.settings.in_database)
        place = Path(os.path.normpath(home / entry.path))
        inside = any(place == one or one in place.parents for one in seen.reach)
        return inside and is_wanted(os.path.relpath(place, root))

    return may_be
