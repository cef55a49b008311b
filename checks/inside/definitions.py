"""Where files define what a database holds: by signature and text, the last definition before those it superseded."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..model import Origin
from ..sql.definitions import Defined, read_definitions, read_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..catalog.stored import Signature, Stored

_QUOTES = frozenset({"'", "$"})  # what ends before a body, and begins after it


class Definition(NamedTuple):
    """A part of a file, by lines from 1, that defines an object of the database.

    `body`: the line on which the text that the database has begins; None when that text is not there as it is.
    """

    path: str
    first: int
    last: int
    body: int | None


@dataclass(frozen=True)
class File:
    """A text, with LF at the end of its lines, and what it defines. Read when asked for: most texts never are.

    `of_source`: of the schema source, whose definitions go before those of copies elsewhere (dumps, declarative files).
    """

    path: str
    text: str
    of_source: bool = True

    @cached_property
    def lowered(self) -> str:
        """The text without regard to case."""
        return self.text.lower()

    @property
    def is_sql(self) -> bool:
        """Whether it holds statements as they are, and not in the strings of another language."""
        return self.path.lower().endswith(".sql")

    @cached_property
    def routines(self) -> tuple[Defined, ...]:
        """Its CREATE FUNCTION and CREATE PROCEDURE statements."""
        return tuple(event for event in read_definitions(self.text) if isinstance(event, Defined))

    def defining(self, signature: Signature) -> Iterator[tuple[bool, int, int]]:
        """Extents of what may define this object, and whether it does by the whole of its signature."""
        if signature.name.lower() not in self.lowered or "create" not in self.lowered:
            return
        if signature.types is None:
            for rule in read_rules(self.text):
                if (rule.name, rule.table) == (signature.name, signature.table):
                    yield rule.schema == signature.schema, rule.start, rule.end
            return
        for made in self.routines:
            if made.signature.name == signature.name:
                own = made.signature
                yield (own.schema, own.types) == (signature.schema, signature.types), made.start, made.end

    def place(self, start: int, end: int, body: int | None) -> Definition:
        """The definition with these offsets."""
        first, last = (self.text.count("\n", 0, offset) + 1 for offset in (start, end))
        return Definition(self.path, first, last, None if body is None else self.text.count("\n", 0, body) + 1)


@dataclass
class Definitions:
    """The texts of files in the order in which they count."""

    files: Sequence[File]
    _known: dict[str, Definition | None] = field(default_factory=dict)

    def of(self, stored: Stored) -> Definition | None:
        """Where an object is defined; of several places the last with the database's text, else the last at all."""
        if stored.object not in self._known:
            found = self._of_text(stored) if stored.signature is None else self._of(stored, stored.signature)
            self._known[stored.object] = found
        return self._known[stored.object]

    def _of(self, stored: Stored, signature: Signature) -> Definition | None:
        last: Definition | None = None
        surest = 0
        for file in self.files:
            if not file.is_sql:
                last = last or _quoted(stored, file)
                continue
            for exact, start, end in file.defining(signature):
                body = None if stored.deparsed else _body(stored.text, file.text, start, end)
                # By its name alone it may be another one: then the text must say that it is this one.
                sure = 4 * file.of_source + 2 * (body is not None) + exact
                if (exact or body is not None) and sure >= surest:
                    last, surest = file.place(start, end, body), sure
        return last

    def copies(self, stored: Stored, found: Definition) -> Iterator[Definition]:
        """Where files that are not of the schema source define an object once more, besides where it was found."""
        signature = stored.signature
        for file in self.files if signature is not None and found.path.lower().endswith(".sql") else ():
            if signature is None or file.of_source or not file.is_sql or file.path == found.path:
                continue
            yield from (file.place(start, end, None) for exact, start, end in file.defining(signature) if exact)

    def naming(self, stored: Stored) -> frozenset[str]:
        """The files that name an object, so that a string in them may define it."""
        name = stored.signature.name.lower() if stored.signature else ""
        return frozenset(file.path for file in self.files if name and name in file.lowered)

    def _of_text(self, stored: Stored) -> Definition | None:
        """A job of pg_cron: where its command stands."""
        if stored.origin is not Origin.CRON:
            return None
        last = None
        for file in self.files:
            start = _body(stored.text, file.text, 0, len(file.text))
            if start is not None:
                last = file.place(start, start + len(stored.text), start)
        return last


def _quoted(stored: Stored, file: File) -> Definition | None:
    """Where a string of another language has the text of a routine."""
    start = None if stored.deparsed else _body(stored.text, file.text, 0, len(file.text))
    return None if start is None else file.place(start, start + len(stored.text), start)


def _body(text: str, file: str, start: int, end: int) -> int | None:
    """Where a text stands between quotes in a part of a file, as it is or with its own quotes doubled."""
    text = as_lines(text)
    for spelled in dict.fromkeys((text, text.replace("'", "''"))):
        found = file.find(spelled, start, end)
        while found >= 0:
            if {file[found - 1 : found], file[found + len(spelled) : found + len(spelled) + 1]} <= _QUOTES:
                return found
            found = file.find(spelled, found + 1, end)
    return None


def as_lines(text: str) -> str:
    """The text with LF at the end of its lines, however a file was checked out."""
    return text.replace("\r\n", "\n")
