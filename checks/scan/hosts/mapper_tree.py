"""XML as a tree of elements and texts, every character of which keeps its place; entities of its own are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from ..values import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 60  # elements in each other; no mapper has so many
MOST_CHARACTERS = 5_000_000


class RefusedError(ValueError):
    """Why a text is not read as XML."""


@dataclass(slots=True)
class Element:
    """An element with what stands in it, in order. `offset` is where its tag starts."""

    name: str
    attributes: dict[str, str]
    offset: int
    inner: list[Element | Text] = field(default_factory=list)

    def elements(self, *names: str) -> Iterator[Element]:
        """The elements right inside of it that have one of these names."""
        return (one for one in self.inner if isinstance(one, Element) and one.name in names)


def tree_of(source: str, path: str | None) -> Element:
    """The root of a document, offsets counting characters of `source`. Raises RefusedError."""
    builder = _Builder(source, path)
    try:
        builder.parser.Parse(source.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise RefusedError(f"no well-formed XML: {error}") from error
    if builder.root is None:
        raise RefusedError("no XML")
    return builder.root


class _Builder:
    def __init__(self, source: str, path: str | None) -> None:
        if len(source) > MOST_CHARACTERS:
            raise RefusedError("too large a document")
        self.root: Element | None = None
        self._path = path
        self._data = source.encode("utf-8", "surrogatepass")
        self._bytes = self._characters = 0
        self._plain = len(self._data) == len(source)
        self._open: list[Element] = []
        self.parser = expat.ParserCreate("utf-8")
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity

    def _place(self) -> int:
        """The character that the parser has come to; places are asked for in order."""
        at = self.parser.CurrentByteIndex
        if self._plain:
            return at
        self._characters += len(self._data[self._bytes : at].decode("utf-8", "surrogatepass"))
        self._bytes = at
        return self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > DEEPEST:
            raise RefusedError("elements are nested too deeply")
        made = Element(name, attributes, self._place())
        if self._open:
            self._open[-1].inner.append(made)
        elif self.root is None:
            self.root = made
        self._open.append(made)

    def _end(self, name: str) -> None:
        del name
        self._open.pop()

    def _text(self, data: str) -> None:
        if not self._open:
            return
        place, inner = self._place(), self._open[-1].inner
        last = inner[-1] if inner else None
        if isinstance(last, Text):
            inner[-1] = Text(last.text + data, (*last.runs, (len(last.text), place)), self._path)
        else:
            inner.append(Text(data, ((0, place),), self._path))

    def _entity(self, *declared: object) -> None:
        del declared
        raise RefusedError("it declares entities, which are not put in")
