"""The diff as Markdown that fits a comment on a pull request: a block for each object, folded, the worst ones open."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ...diff import words
from ...diff.model import Severity
from ...wording import plural
from ..inert import bytes_of, code, inert
from .marked import lines
from .parts import groups, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from ...diff.model import Change, Diff
    from .parts import Group

LIMIT = 65_536  # of a comment on GitHub, in characters; counted here in bytes, which are never fewer
_LONGEST = 12_000  # of one block, so that a table with a thousand columns leaves room for others
_ROOM = 400  # for the sentence on what is left out
MARKER = "<!-- pgarbiter diff -->"  # by which a later run finds its comment


def write(diff: Diff, stream: TextIO) -> None:
    """Write the comment."""
    stream.write(render(diff))


def render(diff: Diff, limit: int = LIMIT) -> str:
    """The comment, of at most `limit` bytes as UTF-8; what has no room is counted, and the worst comes first in."""
    head, notes = _head(diff), _notes(diff)
    found = tuple(groups(diff.changes))
    room = limit - bytes_of(head) - bytes_of(notes) - _ROOM
    kept: dict[int, str] = {}
    for place in sorted(range(len(found)), key=lambda place: (found[place].severity.rank, place)):
        block = _block(found[place])
        if bytes_of(block) <= room:
            room -= bytes_of(block)
            kept[place] = block
    left = [group for place, group in enumerate(found) if place not in kept]
    return "".join((head, *(kept[place] for place in sorted(kept)), _left_out(left), notes))


def _head(diff: Diff) -> str:
    told = f"{code(diff.old.name)} → {code(diff.new.name)}"
    text = f"{MARKER}\n### Schema diff\n\n{told}\n\n**{summary(diff)}**\n\n"
    if not diff.changes:
        return text
    counts = Counter(change.severity for change in diff.changes)
    names = " | ".join(Severity)
    figures = " | ".join(str(counts[each]) for each in Severity)
    return f"{text}| {names} |\n|{' ---: |' * len(Severity)}\n| {figures} |\n\n"


def _block(group: Group) -> str:
    """One object with its changes; the fence is longer than any run of backticks inside of it."""
    told = [str(line) for line in _lines(group.changes)]
    text = "\n".join(_cut(told))
    fence = "`" * max(3, _longest_run(text, "`") + 1)
    opened = " open" if group.severity in (Severity.BREAKS, Severity.DESTRUCTIVE) else ""
    count = plural(len(group.changes), "change")
    worst = f", <b>{group.severity}</b>" if group.severity.rank <= Severity.LOCKS.rank else ""
    title = f"{code(words.title(group.subject))}: {count}{worst}"
    return f"<details{opened}><summary>{title}</summary>\n\n{fence}diff\n{text}\n{fence}\n\n</details>\n\n"


def _lines(changes: Sequence[Change]) -> Iterator[object]:
    for change in changes:
        yield from lines(change)


def _cut(told: list[str]) -> list[str]:
    """The lines that fit, and how many do not."""
    kept, size = 0, 0
    for line in told:
        size += bytes_of(line) + 1
        if size > _LONGEST:
            break
        kept += 1
    if kept == len(told):
        return told
    return [*told[:kept], f"# {plural(len(told) - kept, 'line')} more, which the comment has no room for"]


def _longest_run(text: str, mark: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if char == mark else 0
        longest = max(longest, run)
    return longest


def _left_out(left: Sequence[Group]) -> str:
    if not left:
        return ""
    changes = sum(len(group.changes) for group in left)
    return (
        f"**{plural(len(left), 'object')} with {plural(changes, 'change')} left out**: the comment has no room."
        " `--format text` and `--format html` have all of them.\n\n"
    )


def _notes(diff: Diff) -> str:
    """The notes as a list, cut where they alone would fill the comment."""
    told: list[str] = []
    size = 0
    for note in diff.notes:
        line = f"- {inert(note)}\n"
        size += bytes_of(line)
        if size > _LONGEST:
            told.append(f"- {plural(len(diff.notes) - len(told), 'note')} more\n")
            break
        told.append(line)
    return "".join(told)
