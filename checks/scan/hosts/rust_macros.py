"""Macros of Rust whose arguments are expressions, written as the calls that a parser takes them for.

The grammar leaves what is given to a macro as tokens. `name!(..)` without its mark is a call, `vec![..]` with a mark of
a reference in its place an array: every character stays where it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .grammar import kinds
from .nodes import extent_of, start

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_CALLS = kinds(
    "query query_as query_scalar query_unchecked query_as_unchecked query_scalar_unchecked format format_args concat "
    "formatdoc indoc write writeln assert assert_eq assert_ne debug_assert debug_assert_eq debug_assert_ne params "
    "try_join join ok ensure"
)
_TYPED = kinds("query_as query_as_unchecked")  # whose first argument is a type
_HINT = re.compile(r"\b(?:" + "|".join(sorted({*_CALLS, "vec"})) + r")\s*!")
_GENERIC = re.compile(r"<[^,;(){}\"]*>(?=\s*,)")


def as_calls(text: str, root: SgNode) -> tuple[str, frozenset[int]]:
    """The text with these macros as calls, and where the names of those stand, in characters."""
    if _HINT.search(text) is None:
        return text, frozenset()
    out = list(text)
    named: set[int] = set()
    for tokens in root.find_all(kind="token_tree"):
        mark = tokens.prev()
        called = mark.prev() if mark is not None and mark.text() == "!" else None
        name = called.field("name") or called if called is not None else None
        if mark is None or called is None or name is None:
            continue
        begin, end = extent_of(tokens)
        plain, at = name.text(), start(mark)
        if plain in _CALLS and text[begin] == "(":
            out[at] = " "
            named.add(start(name))
            if plain in _TYPED and (generic := _GENERIC.search(text, begin, min(end, begin + 200))) is not None:
                out[generic.start() : generic.end()] = " " * (generic.end() - generic.start())
        elif plain == "vec" and text[begin] == "[":
            out[start(called) : at + 1] = [" "] * (at - start(called)) + ["&"]
    return "".join(out), frozenset(named)
