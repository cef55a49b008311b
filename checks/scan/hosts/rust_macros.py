"""Macros of Rust whose arguments are expressions, written as the calls that a parser takes them for.

The grammar leaves what is given to a macro as tokens. `name!(..)` without its mark is a call, `vec![..]` with a mark of
a reference in its place an array: every character stays where it was. What is no expression then stays a macro.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .grammar import kinds
from .nodes import extent_of, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

_TYPED = kinds("query_as query_as_unchecked")  # whose first argument is a type
_TOKENS = kinds("json table view joinable allow_tables_to_appear_in_same_query matches assert_matches quote html css")
_HINT = re.compile(r"!\s*[(\[]")
_GENERIC = re.compile(r"<[^,;(){}\"]*>(?=\s*,)")
_ROUNDS = 3  # of taking back what is no call


class Macro(NamedTuple):
    """A macro: where it starts, its name and its mark stand, the places of its tokens, and what is left out of them."""

    begin: int
    name: int
    mark: int
    tokens: tuple[int, int]
    is_list: bool
    blank: tuple[int, int] = (0, 0)


def as_calls(text: str, parse: Callable[[str], SgNode]) -> tuple[str, frozenset[int]]:
    """The text with macros as calls, and where the names of those stand, in characters."""
    if _HINT.search(text) is None:
        return text, frozenset()
    root = parse(text)
    found = list(_macros(text, root))
    known = _errors(root) if found else frozenset()
    for _ in range(_ROUNDS):
        code = _written(text, found)
        wrong = _errors(parse(code)) - known
        blamed = {min(around, key=_size) for at in wrong if (around := [one for one in found if _holds(one, at)])}
        if not blamed:
            return code, _names(found)
        found = [one for one in found if one not in blamed]
    return _written(text, found), _names(found)


def _macros(text: str, root: SgNode) -> Iterator[Macro]:
    for tokens in root.find_all(kind="token_tree"):
        mark = tokens.prev()
        called = mark.prev() if mark is not None and mark.text() == "!" else None
        name = called.field("name") or called if called is not None else None
        if mark is None or called is None or name is None or name.text() in _TOKENS:
            continue
        extent = extent_of(tokens)
        is_list = text[extent[0]] == "[" and name.text() == "vec"
        if is_list or text[extent[0]] == "(":
            blank = (0, 0)
            if name.text() in _TYPED and (generic := _GENERIC.search(text, *extent)) is not None:
                blank = generic.span()
            yield Macro(start(called), start(name), start(mark), extent, is_list, blank)


def _written(text: str, found: list[Macro]) -> str:
    out = list(text)
    for macro in found:
        if macro.is_list:
            out[macro.begin : macro.mark + 1] = " " * (macro.mark - macro.begin) + "&"
        else:
            out[macro.mark] = " "
        begin, end = macro.blank
        out[begin:end] = " " * (end - begin)
    return "".join(out)


def _names(found: list[Macro]) -> frozenset[int]:
    return frozenset(macro.name for macro in found if not macro.is_list)


def _errors(root: SgNode) -> frozenset[int]:
    return frozenset(start(node) for node in root.find_all(kind="ERROR"))


def _holds(macro: Macro, at: int) -> bool:
    return macro.begin <= at <= macro.tokens[1]


def _size(macro: Macro) -> int:
    return macro.tokens[1] - macro.begin
