"""Addresses of PostgREST's tables: `/rest/v1/table?on_conflict=a,b`, with holes for what is only known at run time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from ...model import DefaultKey, QualifiedName, Unresolved
from ...sql.holes import MARKER
from ..declarations.model import Undeclared
from ..flatten import variants
from ..values import Text
from .reading import is_absent, told
from .targets import columns_target

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..flatten import Flat
    from ..model import Resolve
    from ..values import Value

_ROOT = "/rest/v1/"
PARAMETER = "on_conflict="
SEVERAL = "the conflict target is one of several values"


@dataclass(frozen=True, slots=True)
class Address:
    """`table` None: with the reason. `query` holds texts in which holes are markers."""

    flat: Flat
    root: bool  # the path says that it is PostgREST's
    table: str | None
    reason: str
    query: dict[str, str]


def address_of(flat: Flat) -> Address:
    """The table and the parameters of one address."""
    path, _, query = flat.text.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    rest = path.partition(_ROOT)[2] if _ROOT in path else path.rpartition("/")[2] if "/" in path else path
    name = rest.strip("/")
    hole = MARKER.search(name)
    reason = f"the table is {told(flat.holes[int(hole[1])])}" if hole else "the address names no table"
    known = name if name and hole is None and "/" not in name and ":" not in name else None
    given = {key: unquote_plus(value) for key, _, value in pairs}
    return Address(flat, _ROOT.rstrip("/") in path, known, reason, given)


def is_nothing(address: Address) -> bool:
    """Whether the conflict target is null or undefined."""
    hole = MARKER.fullmatch(address.query["on_conflict"])
    return hole is not None and is_absent(address.flat.holes[int(hole[1])])


def is_literal(address: Address) -> bool:
    """Whether the conflict target is written out where it is put in, as `table === "t" ? "?on_conflict=a" : ""`.

    One that is given from elsewhere (`key ? "?on_conflict=" + key : ""`) is there whenever it is not empty.
    """
    at = address.flat.text.find(PARAMETER) + len(PARAMETER)
    (path, before), (other, after) = address.flat.place(at - 1), address.flat.place(at)
    return path == other and after == before + 1


def on_conflict_of(address: Address, query: dict[str, Value], resolve: Resolve) -> ConflictTarget | None:
    """The target that the parameters name, those of the address or those given beside it; None for none."""
    if "on_conflict" in query:
        values = [(flat.text, flat) for flat in variants(resolve(query["on_conflict"]))]
        given, flat = values[0] if len(values) == 1 else ("", None)
        if flat is None:
            return Unresolved(SEVERAL)
    elif "on_conflict" in address.query:
        given, flat = address.query["on_conflict"], address.flat
    else:
        return None
    hole = MARKER.search(given)
    if hole is not None:
        return Unresolved(f"the conflict target is {told(flat.holes[int(hole[1])])}")
    names = tuple(name.strip().strip('"') for name in given.split(",") if name.strip())
    return columns_target(names) if names else DefaultKey()


def table_of(address: Address, headers: dict[str, Value], resolve: Resolve) -> QualifiedName | Undeclared:
    """The table, in the schema that the headers name."""
    if address.table is None:
        return Undeclared(address.reason)
    schema = headers.get("content-profile")
    if schema is None:
        return QualifiedName(None, address.table)
    known = resolve(schema)
    if not isinstance(known, Text):
        return Undeclared(f"the schema is {told(known)}")
    return QualifiedName(known.text, address.table)
