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
_HINT = re.compile(r"!\s*[(\[{]")
_GENERIC = re.compile(r"<[^,;(){}\"]*>(?=\s*,)")
_ROUNDS = 4  # of taking back what is no call


class Macro(NamedTuple):
    """A macro: where it starts, its name and its mark stand, the places of its tokens, and what is left out of them.

    `kind`: "call" for `name!(..)`, "list" for `vec![..]`, "block" for `name! { .. }` with code in it. `inner`: of such
    a macro with words of its own, what stands around the blocks in it.
    """

    begin: int
    name: int
    mark: int
    tokens: tuple[int, int]
    kind: str
    blanks: tuple[tuple[int, int], ...] = ()
    inner: tuple[tuple[int, int], ...] = ()


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
        found = [_lesser(one) if one in blamed else one for one in found if one not in blamed or one.inner]
    return _written(text, found), _names(found)


def _macros(text: str, root: SgNode) -> Iterator[Macro]:
    for tokens in root.find_all(kind="token_tree"):
        mark = tokens.prev()
        called = mark.prev() if mark is not None and mark.text() == "!" else None
        name = called.field("name") or called if called is not None else None
        if mark is None or called is None or name is None or name.text() in _TOKENS:
            continue
        extent, opening = extent_of(tokens), tokens.text()[:1]
        kind = "block" if opening == "{" else "call" if opening == "(" else "list" if name.text() == "vec" else ""
        blanks: tuple[tuple[int, int], ...] = ()
        if name.text() in _TYPED and (generic := _GENERIC.search(text, *extent)) is not None:
            blanks = (generic.span(),)
        inner = tuple(extent_of(one) for one in tokens.children()[1:-1] if one.text()[:1] != "{")
        if kind and (kind != "block" or tokens.find(kind="token_tree") is not None):
            yield Macro(start(called), start(name), start(mark), extent, kind, blanks, inner if kind == "block" else ())


def _lesser(macro: Macro) -> Macro:
    """A macro with words of its own: only the blocks in it are code."""
    return macro._replace(blanks=macro.inner, inner=())


def _written(text: str, found: list[Macro]) -> str:
    out = list(text)
    for macro in found:
        match macro.kind:
            case "list":
                out[macro.begin : macro.mark + 1] = " " * (macro.mark - macro.begin) + "&"
            case "block":
                out[macro.begin : macro.tokens[0]] = " " * (macro.tokens[0] - macro.begin)
            case _:
                out[macro.mark] = " "
        for begin, end in macro.blanks:
            out[begin:end] = " " * (end - begin)
    return "".join(out)


def _names(found: list[Macro]) -> frozenset[int]:
    return frozenset(macro.name for macro in found if macro.kind == "call")


def _errors(root: SgNode) -> frozenset[int]:
    return frozenset(start(node) for node in root.find_all(kind="ERROR"))


def _holds(macro: Macro, at: int) -> bool:
    return macro.begin <= at <= macro.tokens[1]


def _size(macro: Macro) -> int:
    return macro.tokens[1] - macro.begin
