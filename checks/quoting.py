"""Names and texts as SQL writes them."""

from __future__ import annotations

import re

_PLAIN = re.compile("[a-z_][a-z0-9_$]*")
# Reserved words of any standing: no column is called so without quotes (PostgreSQL documentation, appendix C).
_RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
    column concurrently constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for
    foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
    leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
    placing primary references returning right select session_user similar some symmetric system_user table
    tablesample then to trailing true union unique user using variadic verbose when where window with
    """.split()  # noqa: SIM905 - 90 quoted words are no better to read
)


def quoted(name: str) -> str:
    """The name as an SQL identifier, quoted only where it must be."""
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as a string constant, whatever standard_conforming_strings says."""
    inner = text.replace("'", "''")
    return f"E'{inner.replace(chr(92), chr(92) * 2)}'" if "\\" in inner else f"'{inner}'"
