"""One-letter codes, bits and packed arrays of the system catalogs, turned into types at the border."""

from __future__ import annotations

from functools import lru_cache

from .model import RelationKind

DESCENDING = 1  # INDOPTION_DESC of pg_index.indoption
NULLS_FIRST = 2  # INDOPTION_NULLS_FIRST

DEFAULT_COLLATION = 100  # DEFAULT_COLLATION_OID

_KINDS = {kind.value: kind for kind in RelationKind}
_SPELLINGS_OF_TRUE = ("true", "yes", "on", "1")


def relation_kind(relkind: str) -> RelationKind | None:
    """The kind of a relation that INSERT can name; None for an index or a composite type."""
    return _KINDS.get(relkind)


@lru_cache(maxsize=65536)
def numbers(packed: str | None) -> tuple[int, ...]:
    """The members of an int2vector or oidvector (`1 2`) or of an int2[] (`{1,2}`) in text form."""
    return tuple(map(int, packed.strip("{}").replace(",", " ").split())) if packed else ()


def is_on(options: list[str] | None, name: str) -> bool:
    """Whether a boolean storage parameter is on, in any spelling of parse_bool (bool.c)."""
    for option in options or ():
        key, _, value = option.partition("=")
        if key == name and value:
            folded = value.lower()
            # "o" alone could be "off", so parse_bool refuses it and it is never stored
            return any(spelling.startswith(folded) for spelling in _SPELLINGS_OF_TRUE)
    return False


@lru_cache(maxsize=65536)
def bare(expression: str | None) -> str | None:
    """An expression without the parentheses that enclose all of it, which the server prints round operators.

    Quotes inside quotes are doubled and backslashes are plain in what the server prints (ruleutils.c), so that a
    quote always opens or closes.
    """
    while expression and expression[0] == "(" and _closes_at(expression) == len(expression) - 1:
        expression = expression[1:-1]
    return expression


def _closes_at(text: str) -> int:
    depth = 0
    quote = ""
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return position
    return -1
