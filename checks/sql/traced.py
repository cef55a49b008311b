"""Text that remembers where each of its characters stood in the text it was made from."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Run(NamedTuple):
    """From `position` on, `length` characters stand one to one at `origin`.

    Characters beyond them were put in, in place of `covered` characters from `origin` on.
    """

    position: int
    origin: int
    length: int
    covered: int = 0


class Edit(NamedTuple):
    """Put `text` in place of the characters from `start` up to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Traced:
    """A text and its runs, ascending by position, the first at 0."""

    text: str
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, text: str) -> Traced:
        """A text that is its own origin."""
        return cls(text, (Run(0, 0, len(text)),))

    def at(self, position: int) -> int:
        """The origin of a position; what was put in stands where the characters it replaced began."""
        run = self._run(position)
        return run.origin + max(0, min(position - run.position, run.length))

    def _run(self, position: int) -> Run:
        return self.runs[max(bisect_right(self.runs, position, key=_position) - 1, 0)]

    def end_at(self, position: int) -> int:
        """The origin just past the character before `position`."""
        if position <= 0:
            return self.at(0)
        run = self._run(position - 1)
        return self.at(position - 1) + 1 if run.length else run.origin + run.covered

    def part(self, start: int, end: int) -> Traced:
        """The characters from `start` up to `end`."""
        first = max(bisect_right(self.runs, start, key=_position) - 1, 0)
        last = max(bisect_right(self.runs, end, key=_position), first + 1)
        runs = []
        for run in self.runs[first:last]:
            skip = max(start - run.position, 0)
            length = min(run.length - skip, end - max(run.position, start))
            origin = run.origin + min(skip, run.length)
            runs.append(Run(max(run.position - start, 0), origin, max(length, 0), run.covered))
        return Traced(self.text[start:end], tuple(runs))

    def edited(self, edits: Iterable[Edit]) -> Traced:
        """The text after `edits`, which are in order and do not overlap."""
        texts: list[str] = []
        runs: list[Run] = []
        size = done = 0
        for edit in edits:
            size = self._keep(done, edit.start, texts, runs, size)
            if edit.text:
                texts.append(edit.text)
                origin = self.at(edit.start)
                runs.append(
                    Run(size, origin, 0, max(self.end_at(edit.end) - origin, 0) if edit.end > edit.start else 0)
                )
                size += len(edit.text)
            done = edit.end
        size = self._keep(done, len(self.text), texts, runs, size)
        return Traced("".join(texts), tuple(runs) or (Run(0, self.at(0), 0),))

    def _keep(self, start: int, end: int, texts: list[str], runs: list[Run], size: int) -> int:
        """Copy a stretch that no edit touches; the size of the text after it."""
        if start >= end:
            return size
        kept = self.part(start, end)
        texts.append(kept.text)
        runs.extend(run._replace(position=run.position + size) for run in kept.runs)
        return size + len(kept.text)


def _position(run: Run) -> int:
    return run.position
