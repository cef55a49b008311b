"""Numbers and nouns in messages."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """`1 index`, `2 columns`."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith("y") and not noun.endswith(("ay", "ey", "oy", "uy")):
        return f"{count} {noun[:-1]}ies"
    return f"{count} {noun}{'es' if noun.endswith(('s', 'x')) else 's'}"
