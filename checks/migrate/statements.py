"""Statements as people read them in a plan, and the names that they hold."""

from __future__ import annotations

import re

from ..sql.lexis import Kind, lex

_MARK = re.compile(r"^\s*/\* pgarbiter (\w+): (.+?) \*/\s*")
_LONGEST = 160
_HEAD = 400  # characters, in which the first words are


def step_of(statement: str) -> tuple[str, str] | None:
    """Directive and step that an online operation wrote into its statement."""
    found = _MARK.match(statement)
    return (found[1], found[2]) if found else None


def shortened(statement: str, longest: int = _LONGEST) -> str:
    """The statement on one line, without the mark of an online operation."""
    text = " ".join(_MARK.sub("", statement).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def words(statement: str) -> list[str]:
    """Keywords and names in order, unquoted; a word of keyword or unquoted name in lower case."""
    found = []
    for token in lex(statement):
        if token.kind is Kind.WORD:
            found.append(token.value)
        elif token.kind is Kind.QUOTED:
            found.append(token.value[1:-1].replace('""', '"'))
    return found


def makes_index(statement: str) -> frozenset[str]:
    """The names in a statement that makes or rebuilds indexes; none of any other statement."""
    first = words(statement[:_HEAD])[:3]  # to take apart all of a long one costs
    makes = first[:1] in (["create"], ["reindex"]) and "index" in first
    return frozenset(words(statement)) if makes else frozenset()


def leading(statement: str) -> str:
    """The first keyword, in lower case."""
    return next(iter(words(statement[:_HEAD])), "")
