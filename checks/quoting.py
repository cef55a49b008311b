"""Names and texts as SQL writes them, and the names that the server makes up."""

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


LONGEST_NAME = 63  # bytes: NAMEDATALEN - 1


def default_name(table: str, columns: str, label: str) -> str:
    """`<table>_<columns>_<label>`, as the server names what nobody has named: the longer of the first two is cut.

    `columns` may be empty; `label` is key, idx, fkey, check, seq or not_null (makeObjectName of indexcmds.c).
    """
    name = "_".join(part for part in (table, columns, label) if part)
    if len(name) <= LONGEST_NAME and name.isascii():
        return name
    first, second = table.encode(), columns.encode()
    room = LONGEST_NAME - len(f"_{label}") - (1 if second else 0)
    one, two = len(first), len(second)
    while one + two > room:
        if one > two:
            one -= 1
        else:
            two -= 1
    parts = (first[:one].decode(errors="ignore"), second[:two].decode(errors="ignore"), label)
    return "_".join(part for part in parts if part)
