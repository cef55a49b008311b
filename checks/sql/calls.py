"""The functions that an expression calls, by name."""

from __future__ import annotations

from itertools import pairwise

from .lexis import Kind, lex
from .literals import name_of

_NAMES = {Kind.WORD, Kind.QUOTED}


def called(text: str) -> frozenset[str]:
    """Names before a parenthesis, without their schema and folded as the catalog has them.

    A type with a modifier and a keyword such as IN are among them; a function that is called without parentheses
    (CURRENT_DATE) is not, and none of those is volatile.
    """
    tokens = pairwise(lex(text, placeholders=False))
    return frozenset(name_of(one, text) for one, two in tokens if one.kind in _NAMES and two.value == "(")
