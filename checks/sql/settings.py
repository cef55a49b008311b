"""Where the body of a PL/pgSQL function sets search_path itself, which changes what the names after it mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from .parser import parse
from .routines import session_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lexis import Token

UNKNOWN = "the function sets search_path while it runs, so the schema of its table is only known then"
_NAME = "search_path"
_SET = frozenset({"set", "local", "session"})
_OPENING = frozenset({"if", "case", "loop", "exception"})


class Paths:
    """What search_path is at each place of a body, of which `path` is that of the function."""

    def __init__(self, text: str, tokens: Sequence[Token], path: tuple[str, ...] | None) -> None:
        self._own = path
        self._set = tuple(_settings(text, tokens)) if _NAME in text.lower() else ()

    def at(self, offset: int) -> tuple[tuple[str, ...] | None, bool]:
        """The path at that offset, and whether it is known: one constant, set on the way to every place after it."""
        before = [found for found in self._set if found[0] <= offset]
        if not before:
            return self._own, not self._returns(offset)
        return before[0][1], len(self._set) == 1 and before[0][1] is not None

    def _returns(self, offset: int) -> bool:
        """Whether a loop may come back to a place before a setting; none does when there is no setting at all."""
        return any(looped and offset < start for start, _, looped in self._set)


def _settings(text: str, tokens: Sequence[Token]) -> list[tuple[int, tuple[str, ...] | None, bool]]:
    """Offset, path and whether it stands inside of a loop, of all that may set search_path."""
    found = []
    depth = loops = 0
    for index, token in enumerate(tokens):
        value = token.value
        last = tokens[index - 1].value if index else ""
        closes = last == "end"
        if value in _OPENING and last != "raise":
            depth += -1 if closes else 1
            loops += (value == "loop") * (-1 if closes else 1)
        elif _NAME in value.lower() and not _is_read(tokens, index):
            path = _path(text, tokens, index) if depth <= 0 else None
            found.append((token.start, path, loops > 0))
    return found


def _is_read(tokens: Sequence[Token], index: int) -> bool:
    return index > 1 and tokens[index - 2].value == "current_setting"


def _path(text: str, tokens: Sequence[Token], index: int) -> tuple[str, ...] | None:
    """The constant that `SET search_path = a, b;` or `PERFORM set_config('search_path', 'a', true);` gives it."""
    first = index
    while first and tokens[first - 1].value in _SET:
        first -= 1
    lead = ""
    if first == index:
        if index < 2 or tokens[index - 2].value != "set_config":  # noqa: PLR2004 - the name and its parenthesis
            return None
        first, lead = index - 2, "SELECT "
    past = next((i for i in range(index, len(tokens)) if tokens[i].value == ";"), len(tokens))
    try:
        statements = parse(lead + text[tokens[first].start : tokens[past - 1].end]).statements
    except SqlSyntaxError:
        return None
    return session_path(statements[0].stmt, None) if len(statements) == 1 else None
