"""Every hit of a trigger word is a site, a part of one, or stands among what was skipped, with the reason."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .languages import language_of
from .model import Hits, Skipped
from .sites import lines_of
from .whereabouts import place_of_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .gather import Gathered
    from .model import Client
    from .project import Project
    from .sites import Lines
    from .whereabouts import Place

WHOLE = 0  # the line of a file or directory that was not looked into
_MOST_BYTES = 5_000_000  # of a file of no language that is read
_BINARY = b"\0"
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16
_PROSE = (".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt", ".html", ".htm")


@dataclass(slots=True)
class Account:
    """Counts the hits of one tree; `failed` says by path why a file was left out."""

    project: Project
    clients: Sequence[Client]
    gathered: Gathered
    hits: Hits = field(default_factory=Hits)
    skipped: set[Skipped] = field(default_factory=set)

    def settle(self, failed: Mapping[str, str]) -> None:
        """Explain every hit of the files that were asked for."""
        extents = _by_path(self.gathered.linked.extents)
        refusals = _by_path(self.gathered.linked.refusals)
        words = {client: client.triggers for client in self.clients}
        for path in filter(self.project.tree.is_asked, self.project.tree.paths):
            language = language_of(path)
            own = [w for client, its in words.items() if language and language.name in client.languages for w in its]
            if language is None or path in failed:
                self._unread(path, own or self._tight(), failed.get(path))
            elif own:
                refused = refusals.get(path, []) if language.grammar else []  # files of SQL are refused as a whole
                self._read(path, own, extents.get(path, []), refused)
        for path, reason in self.project.tree.left_out:
            self.skipped.add(Skipped(path, WHOLE, reason))

    def _tight(self) -> list[bytes]:
        """The words of all clients but those of files of SQL, which are words of plain English."""
        return [word for client in self.clients if client.languages != {"sql"} for word in client.triggers]

    def _read(self, path: str, words: Iterable[bytes], extents: Sequence[_Extent], refusals: Sequence[_Extent]) -> None:
        data = self.project.data(path)
        pattern = _pattern(words if data.startswith(_WIDE) else _present(words, data))
        if pattern is None:
            return
        file, module = self.project.file(path), self.project.module(path)
        if file is None or module is None:
            return
        lines = lines_of(file.text)
        for match in _pattern_of_text(pattern).finditer(file.text):
            covered = _holding(extents, match.start(), match.end())
            if covered is not None:
                self.hits.in_sites += 1
                continue
            place = place_of_word(module, match.start(), len(match[0]))
            other = self.gathered.elsewhere.get(path) if place.code else None
            self._explain(path, lines, match, extents, refusals, place._replace(told=other) if other else place)

    def _explain(
        self,
        path: str,
        lines: Lines,
        match: re.Match[str],
        extents: Sequence[_Extent],
        refusals: Sequence[_Extent],
        place: Place,
    ) -> None:
        if place.string and _begins_in(extents, place.start, place.end) is not None:
            self.hits.in_sites += 1
            return
        refused = _holding(refusals, match.start(), match.end())
        if refused is None and place.string:
            refused = _begins_in(refusals, place.start, place.end)
        self._skip(path, lines.at(match.start())[0], refused[2] if refused is not None else place.told)

    def _unread(self, path: str, words: Iterable[bytes], why: str | None) -> None:
        data = self.project.raw(path)
        if data is None or _BINARY in data[:8000]:
            return
        if len(data) > _MOST_BYTES and why is None:
            self.skipped.add(Skipped(path, WHOLE, f"larger than {_MOST_BYTES // 1_000_000} MB"))
            return
        pattern = _pattern(_present(words, data))
        found = list(pattern.finditer(data)) if pattern is not None else []
        if not found:
            return
        starts = [match.end() for match in re.finditer(rb"\n", data)]
        for match in found:
            self._skip(path, bisect_right(starts, match.start()) + 1, why or _told(path))

    def _skip(self, path: str, line: int, reason: str) -> None:
        self.hits.explained += 1
        self.skipped.add(Skipped(path, line, reason))


_Extent = tuple[int, int, str]


def _by_path(found: Iterable[tuple[str, int, int, str]]) -> dict[str, list[_Extent]]:
    grouped: dict[str, list[_Extent]] = {}
    for path, start, end, told in found:
        grouped.setdefault(path, []).append((start, end, told))
    return {path: sorted(extents) for path, extents in grouped.items()}


def _holding(extents: Sequence[_Extent], start: int, end: int) -> _Extent | None:
    """The smallest of those that hold it all."""
    holding = (one for one in extents if one[0] <= start and end <= one[1])
    return min(holding, key=lambda one: one[1] - one[0], default=None)


def _begins_in(extents: Sequence[_Extent], start: int, end: int) -> _Extent | None:
    return next((one for one in extents if start <= one[0] < end), None)


def _present(words: Iterable[bytes], data: bytes) -> Iterator[bytes]:
    """Those of the words that the bytes hold: looking for each is much quicker than for any of them."""
    lower = data.lower()
    return (word for word in dict.fromkeys(words) if word.lower() in lower)


def _pattern(words: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """Any of the words, the longest first, so that one place is one hit."""
    distinct = sorted({word.lower() for word in words}, key=lambda word: (-len(word), word))
    return re.compile(b"|".join(map(re.escape, distinct)), re.IGNORECASE) if distinct else None


def _pattern_of_text(pattern: re.Pattern[bytes]) -> re.Pattern[str]:
    return re.compile(pattern.pattern.decode("utf-8"), re.IGNORECASE | re.ASCII)


def _told(path: str) -> str:
    dot = path.rfind(".")
    suffix = path[dot:].lower() if dot > path.rfind("/") else ""
    if suffix in _PROSE:
        return f"prose is not read ({suffix})"
    return f"a file of a language that is not read ({suffix or 'no suffix'})"
