"""Owners, privileges and comments as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...quoting import literal, quoted
from ..model import Kind
from .statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..parts import Acl, Grant

# aclitem's letters (documentation: 5.8, table 5.1).
_WORDS = {
    "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "D": "TRUNCATE", "x": "REFERENCES", "t": "TRIGGER",
    "m": "MAINTAIN", "X": "EXECUTE", "U": "USAGE", "C": "CREATE", "c": "CONNECT", "T": "TEMPORARY", "s": "SET",
    "A": "ALTER SYSTEM",
}  # fmt: skip
_MAINTAIN = 170000  # the first server that has the privilege MAINTAIN
# What PUBLIC and the owner have of a new object (documentation: 5.8, table 5.2), by the word that GRANT takes.
_PUBLIC = {"FUNCTION": "X", "PROCEDURE": "X", "TYPE": "U", "FUNCTIONS": "X", "TYPES": "U"}
_OWNER = {
    "TABLE": "arwdDxt", "SEQUENCE": "rwU", "FUNCTION": "X", "PROCEDURE": "X", "TYPE": "U", "SCHEMA": "UC",
    "TABLES": "arwdDxt", "SEQUENCES": "rwU", "FUNCTIONS": "X", "TYPES": "U", "SCHEMAS": "UC",
}  # fmt: skip
GRANTED = {
    Kind.SCHEMA: "SCHEMA", Kind.ENUM: "TYPE", Kind.DOMAIN: "TYPE", Kind.COMPOSITE: "TYPE", Kind.RANGE: "TYPE",
    Kind.SEQUENCE: "SEQUENCE", Kind.TABLE: "TABLE", Kind.FOREIGN_TABLE: "TABLE", Kind.VIEW: "TABLE",
    Kind.MATERIALIZED_VIEW: "TABLE", Kind.FUNCTION: "FUNCTION", Kind.AGGREGATE: "FUNCTION", Kind.PROCEDURE: "PROCEDURE",
}  # fmt: skip
# The word of COMMENT ON and of ALTER.
ALTERED = {kind: kind.upper() for kind in Kind} | dict.fromkeys((Kind.ENUM, Kind.COMPOSITE, Kind.RANGE), "TYPE")


def comment(what: str, text: str | None) -> Statement:
    """COMMENT ON `what`, of which the name is qualified."""
    return Statement(f"COMMENT ON {what} IS {'NULL' if text is None else literal(text)}", needs=what)


def owner(kind: Kind, name: str, role: str) -> Statement:
    """ALTER ... OWNER TO."""
    return Statement(f"ALTER {ALTERED[kind]} {name} OWNER TO {quoted(role)}", needs=name)


def grants(
    old: Acl, new: Acl, word: str, name: str, owner: str, *, version: int, before: str = ""
) -> Iterator[Statement]:
    """What turns the privileges `old` into `new`. `word` and `name` are what follows GRANT ... ON.

    `before` stands before GRANT and REVOKE (ALTER DEFAULT PRIVILEGES). `version` is the server's.
    """
    had, has = (_letters(acl, word, owner, version) for acl in (old, new))
    target = f"{word} {name}" if name else word
    for grantee in sorted(had.keys() | has.keys()):
        yield from _of_one(had.get(grantee, {}), has.get(grantee, {}), grantee, target, before, name)


def column_grants(old: Acl, new: Acl, column: str, table: str) -> Iterator[Statement]:
    """What turns the privileges of a column into others."""
    had, has = (_plain(acl or ()) for acl in (old, new))
    for grantee in sorted(had.keys() | has.keys()):
        one, two = had.get(grantee, {}), has.get(grantee, {})
        for verb, letters, tail in _verbs(one, two):
            listed = ", ".join(f"{_WORDS[letter]} ({quoted(column)})" for letter in letters)
            yield Statement(_said(verb, listed, f"TABLE {table}", grantee, tail), needs=table)


def _of_one(
    had: Mapping[str, bool], has: Mapping[str, bool], grantee: str, target: str, before: str, name: str
) -> Iterator[Statement]:
    for verb, letters, tail in _verbs(had, has):
        listed = ", ".join(_WORDS[letter] for letter in letters)
        yield Statement(before + _said(verb, listed, target, grantee, tail), needs=name)


def _verbs(had: Mapping[str, bool], has: Mapping[str, bool]) -> Iterator[tuple[str, list[str], str]]:
    """(REVOKE or GRANT, letters, what follows) of one grantee: letters with their grant option."""
    found = (
        ("REVOKE", [one for one in had if one not in has], ""),
        ("REVOKE GRANT OPTION FOR", [one for one in had if had[one] and has.get(one) is False], ""),
        ("GRANT", [one for one in has if one not in had and not has[one]], ""),
        ("GRANT", [one for one in has if has[one] and not had.get(one)], " WITH GRANT OPTION"),
    )
    return ((verb, letters, tail) for verb, letters, tail in found if letters)


def _said(verb: str, listed: str, target: str, grantee: str, tail: str) -> str:
    direction = "TO" if verb == "GRANT" else "FROM"
    return f"{verb} {listed} ON {target} {direction} {'PUBLIC' if grantee == 'PUBLIC' else quoted(grantee)}{tail}"


def _letters(acl: Acl, word: str, owner: str, version: int) -> dict[str, dict[str, bool]]:
    """Privileges by grantee; those that an object has by default, where there is no list."""
    if acl is not None:
        return _plain(acl)
    usual: dict[str, dict[str, bool]] = {}
    if word in _PUBLIC:
        usual["PUBLIC"] = dict.fromkeys(_PUBLIC[word], False)
    if owner and word in _OWNER:
        more = "m" if word.startswith("TABLE") and version >= _MAINTAIN else ""
        usual[owner] = dict.fromkeys(_OWNER[word] + more, False)
    return usual


def _plain(acl: tuple[Grant, ...]) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for grant in acl:
        own = found.setdefault(grant.grantee, {})
        text = grant.privileges
        for place, letter in enumerate(text):
            if letter != "*":
                own[letter] = own.get(letter, False) or text[place + 1 : place + 2] == "*"
    return found
