"""Names of indexes and constraints that nobody named: PostgreSQL's own, and ours for what lives only for a while."""

from __future__ import annotations

import hashlib

from .model import OnlineError

_LONGEST = 63  # bytes: NAMEDATALEN - 1


def default_name(table: str, columns: tuple[str, ...], suffix: str) -> str:
    """`<table>_<columns>_<suffix>`, cut to 63 bytes as makeObjectName does. `suffix`: key, idx, fkey, check.

    Raises OnlineError when one of the columns is an expression, whose name PostgreSQL makes up.
    """
    if any(each.startswith("(") for each in columns):
        raise OnlineError(f'an index of an expression on "{table}" needs a name', 'Write name="..." in the directive.')
    first, second = table.encode(), "_".join(columns).encode()
    room = _LONGEST - len(f"_{suffix}") - (1 if second else 0)
    while len(first) + len(second) > room:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    return "_".join(part for part in (_whole(first), _whole(second), suffix) if part)


def derived_name(*parts: str) -> str:
    """The parts joined by "_"; where that is longer than 63 bytes, cut and told apart by a hash of the whole."""
    full = "_".join(parts)
    if len(full.encode()) <= _LONGEST:
        return full
    mark = hashlib.sha256(full.encode()).hexdigest()[:8]
    return f"{_whole(full.encode()[: _LONGEST - len(mark) - 1])}_{mark}"


def _whole(text: bytes) -> str:
    """Without half a character at the end."""
    return text.decode(errors="ignore")
