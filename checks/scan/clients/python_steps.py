"""Whether an UPDATE or a DELETE of Python decides on the INSERT that follows it in its function.

An UPDATE does where a condition holds its result, a DELETE where nothing repeats, leaves or forks what comes after it.
"""

from __future__ import annotations

import re

from ...model import Mechanism

_NEAR = 200  # characters before a statement in which its result is given a name
_HELD = re.compile(r"\b(\w+)\s*(?::[^=\n]+)?=\s*(?:[\w.]+\(\s*|\(\s*|await\s+)*$")
_TESTED_AT_ONCE = re.compile(r"\b(?:if|elif|while)\s+(?:not\s+|\(\s*|\w+\s*:=\s*|await\s+|[\w.]+\(\s*)*$")
_FORKS = re.compile(r"^[ \t]*(?:return|raise|continue|break|else|elif|except|for|while|async for)\b", re.MULTILINE)
_BLOCK = re.compile(r"^([ \t]*)\S", re.MULTILINE)


def decides(mechanism: Mechanism, text: str, begin: int, end: int, insert: int) -> bool:
    """Whether the statement between two places of a text decides on the INSERT at another."""
    match mechanism:
        case Mechanism.UPDATE_THEN_INSERT:
            return _is_tested(text, begin, text[end:insert])
        case Mechanism.DELETE_INSERT:
            return _FORKS.search(text, end, insert) is None and _indent(text, begin) >= _indent(text, insert)
        case _:
            return True


def _is_tested(text: str, begin: int, between: str) -> bool:
    head = text[max(0, begin - _NEAR) : begin]
    if _TESTED_AT_ONCE.search(head):
        return True
    held = _HELD.search(head)
    return held is not None and re.search(rf"\b(?:if|elif|while)\b[^\n]*\b{held[1]}\b", between) is not None


def _indent(text: str, offset: int) -> int:
    """How far the line of a place is indented."""
    line = _BLOCK.match(text, text.rfind("\n", 0, offset) + 1)
    return len(line[1].expandtabs()) if line is not None else 0
