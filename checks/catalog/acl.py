"""Access control lists as the server prints them, and whom they grant what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

PUBLIC = ""  # the grantee of what is granted to everybody


class Privilege(StrEnum):
    """Privileges that a write can need."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    USAGE = "USAGE"
    EXECUTE = "EXECUTE"


# Of an aclitem (ACL_ALL_RIGHTS_STR of acl.h); others play no part in a write.
_LETTERS = {
    "r": Privilege.SELECT,
    "a": Privilege.INSERT,
    "w": Privilege.UPDATE,
    "U": Privilege.USAGE,
    "X": Privilege.EXECUTE,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role has granted to another, by name, or to PUBLIC."""

    grantee: str
    grantor: str
    privileges: frozenset[Privilege]


@lru_cache(maxsize=4096)
def grants(acl: str) -> tuple[Grant, ...]:
    """The grants of an aclitem[] in text form (`{app=arw/owner,=r/owner}`)."""
    return tuple(_grant(item) for item in _items(acl))


def _grant(item: str) -> Grant:
    """`grantee=letters/grantor` (aclitemout of acl.c); `*` behind a letter is the grant option."""
    grantee, rest = _name(item)
    letters, _, after = rest.removeprefix("=").partition("/")
    grantor, _ = _name(after)
    return Grant(grantee, grantor, frozenset(_LETTERS[letter] for letter in letters if letter in _LETTERS))


def _name(text: str) -> tuple[str, str]:
    """A role's name, quoted where it holds more than letters, figures and underscores, and what follows."""
    if not text.startswith('"'):
        end = min((place for place in (text.find("="), text.find("/")) if place >= 0), default=len(text))
        return text[:end], text[end:]
    position = 1
    while not (text[position] == '"' and text[position + 1 : position + 2] != '"'):
        position += 2 if text[position] == '"' else 1
    return text[1:position].replace('""', '"'), text[position + 1 :]


def _items(array: str) -> tuple[str, ...]:
    """The items of an array of one dimension (array_out of arrayfuncs.c), in which no item is null."""
    items, current, quoted, escaped = [], "", False, False
    for character in array[1:-1]:
        if escaped or (character not in '\\"' and (quoted or character != ",")):
            current, escaped = current + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        else:
            items.append(current)
            current = ""
    return (*items, current) if len(array) > len("{}") else ()
