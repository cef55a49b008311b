"""Names of indexes and constraints that nobody named: PostgreSQL's own, and ours for what lives only for a while."""

from __future__ import annotations

import hashlib

from .. import quoting
from .model import OnlineError


def default_name(table: str, columns: tuple[str, ...], suffix: str) -> str:
    """`<table>_<columns>_<suffix>`, cut to 63 bytes as makeObjectName does. `suffix`: key, idx, fkey, check.

    Raises OnlineError when one of the columns is an expression, whose name PostgreSQL makes up.
    """
    if any(each.startswith("(") for each in columns):
        raise OnlineError(f'an index of an expression on "{table}" needs a name', 'Write name="..." in the directive.')
    return quoting.default_name(table, "_".join(columns), suffix)


def derived_name(*parts: str) -> str:
    """The parts joined by "_"; where that is longer than 63 bytes, cut and told apart by a hash of the whole."""
    full = "_".join(parts)
    if len(full.encode()) <= quoting.LONGEST_NAME:
        return full
    mark = hashlib.sha256(full.encode()).hexdigest()[:8]
    head = full.encode()[: quoting.LONGEST_NAME - len(mark) - 1].decode(errors="ignore")  # without half a character
    return f"{head}_{mark}"
