"""A diagram as Mermaid's erDiagram, which GitHub, GitLab and many editors draw."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..page import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...structure.parts import Name
    from .model import Box, Diagram, Line, Row

# What its grammar takes: in quotes all but these, and words of letters, digits, "_" and "-" with a letter first.
_NOT_IN_QUOTES = str.maketrans({'"': "'", "%": "\u2030", "\\": "/", "\n": " "})


def mermaid(diagram: Diagram) -> str:
    """The diagram as text. Names that the grammar cannot hold are altered, and told as they are in a comment."""
    names = _entities(box.name for box in diagram.boxes)
    text = ["erDiagram"]
    for box in diagram.boxes:
        text += _entity(box, names[box.name])
    text += [_relationship(line, names) for line in diagram.lines]
    return "\n".join(text) + "\n"


def _entities(names: Iterable[Name]) -> dict[Name, str]:
    """A quoted text for each table, no two alike."""
    found: dict[Name, str] = {}
    used = Counter[str]()
    for name in names:
        text = _in_quotes(".".join(name))
        used[text] += 1
        found[name] = f'"{text}"' if used[text] == 1 else f'"{text} ({used[text]})"'
    return found


def _in_quotes(text: str) -> str:
    return visible(text).translate(_NOT_IN_QUOTES)


def _entity(box: Box, name: str) -> Iterator[str]:
    yield f"    {name} {{"
    for row in box.rows:
        yield f"        {_attribute(row)}"
    yield "    }"


def _attribute(row: Row) -> str:
    name, type_ = _word(row.name), _word(row.type)
    told = [_in_quotes(row.name)] if name != row.name else []
    told += ["null"] if row.nullable else []
    keys = f" {', '.join(row.keys)}" if row.keys else ""
    return f"{type_} {name}{keys}" + (f' "{", ".join(told)}"' if told else "")


def _word(text: str) -> str:
    """The text as one word: `character varying(50)[]` as `character_varying(50)[]`."""
    word = "".join(c if c in "_-()[]" or (c.isascii() and c.isalnum()) else "_" for c in text.replace(",", "-"))
    return word if word[:1].isascii() and word[:1].isalpha() else f"x{word}"


def _relationship(line: Line, names: dict[Name, str]) -> str:
    if line.inherits:
        return f'    {names[line.parent]} ||..o{{ {names[line.child]} : "inherited by"'
    parent, child = "|o" if line.optional else "||", "o|" if line.unique else "o{"
    return f'    {names[line.parent]} {parent}--{child} {names[line.child]} : "{_in_quotes(line.name)}"'
