"""Renames as people write them: `schema.table.old=new`, in double quotes where a name has a dot or an equals sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Name = tuple[str, ...]

_FORM = "Write --rename schema.old=schema.new, or --rename schema.table.old=new for a column."
_COLUMN = 3  # parts of a column's name


def read_renames(texts: Iterable[str]) -> dict[Name, Name]:
    """Old names by new ones, each as its parts; a new name that stands alone is in the same place as the old one.

    Raises SourceError for a text of another form, and for a table or column that is renamed twice.
    """
    found: dict[Name, Name] = {}
    for text in texts:
        old, new = _sides(text)
        if old in found or new in found.values():
            raise SourceError(f'rename "{text}": a name is renamed twice', _FORM)
        found[old] = new
    return found


def _sides(text: str) -> tuple[Name, Name]:
    words = list(_words(text))
    if words.count("=") != 1:
        raise SourceError(f'rename "{text}" is not OLD=NEW', _FORM)
    at = words.index("=")
    old, new = _name(words[:at]), _name(words[at + 1 :])
    if new is not None and len(new) == 1 and old is not None:
        new = (*old[:-1], *new)
    if old is None or new is None or len(old) != len(new) or len(old) not in (_COLUMN - 1, _COLUMN):
        raise SourceError(f'rename "{text}" is not OLD=NEW of two tables or of two columns', _FORM)
    if len(old) == _COLUMN and old[:-1] != new[:-1]:
        raise SourceError(f'rename "{text}" moves a column to another table', "Rename the table apart from the column.")
    return old, new


def _name(words: list[str]) -> Name | None:
    """The parts of a dotted name, None where dots and parts do not take turns."""
    parts, dots = words[::2], words[1::2]
    if len(parts) != len(dots) + 1 or any(dot != "." for dot in dots) or any(part in {".", "="} for part in parts):
        return None
    names = tuple(part[1:].replace('""', '"') if part.startswith('"') else part for part in parts)
    return names if all(names) else None


def _words(text: str) -> Iterator[str]:
    """Names, dots and equals signs; what was quoted still starts with its quote, the one at its end is gone."""
    word, inside = "", False
    for char in text:
        if char == '"':
            inside = not inside
        if inside or char not in ".=":
            word += char
        else:
            yield from (_closed(word),) if word else ()
            yield char
            word = ""
    if inside:
        raise SourceError(f'rename "{text}" has a quote that does not end', _FORM)
    yield from (_closed(word),) if word else ()


def _closed(word: str) -> str:
    return word.removesuffix('"') if word.startswith('"') else word
