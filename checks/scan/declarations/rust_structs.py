"""Rust structs as rows: fields with their attributes, and which struct a value is of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Call, Class, Member, Name, Opaque, Text
from .go_structs import struct_of

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_VALUE = r"""\s*=\s*(?:"([^"]*)"|((?:r#)?[\w:]+))"""
_MAKES = frozenset({"new", "default", "from", "try_from", "builder"})


@dataclass(frozen=True, slots=True)
class RustField:
    """A field. `kind` is the text of its type, `attributes` what stands in its `#[..]`."""

    name: str
    kind: str
    attributes: str
    offset: int

    @property
    def is_optional(self) -> bool:
        """Whether the field is an Option."""
        return re.match(r"(?:\w+::)*Option\s*<", self.kind) is not None


def fields_of(owner: Class) -> tuple[RustField, ...]:
    """The fields of a struct, or the variants of an enum, in order."""
    told = {name[1:]: value.text for name, value in owner.body if name.startswith("@") and isinstance(value, Text)}
    return tuple(
        RustField(plain(name), value.source.removeprefix(":").strip(), told.get(name, ""), value.offset)
        for name, value in owner.body
        if isinstance(value, Opaque) and value.source.startswith(":") and not name.startswith("@")
    )


def attributes_of(owner: Class) -> str:
    """What stands in the attributes of a struct or enum, one on each line."""
    found = dict(owner.keywords).get("@")
    return found.text if isinstance(found, Text) else ""


def attribute(attributes: str, name: str) -> str | None:
    """`value` of `name = value` or `name = "value"` in attributes; None without it."""
    found = re.search(rf"\b{name}{_VALUE}", attributes)
    return None if found is None else plain(found[1] if found[1] is not None else found[2])


def has_flag(attributes: str, name: str) -> bool:
    """Whether a word stands in attributes by itself."""
    return re.search(rf"\b{name}\b(?!\s*=)", attributes) is not None


def derives(owner: Class, *traits: str) -> bool:
    """Whether one of the traits is derived for a struct or enum."""
    found = re.findall(r"\bderive\s*\(([^)]*)\)", attributes_of(owner))
    names = {name.strip().rpartition("::")[2] for one in found for name in one.split(",")}
    return not names.isdisjoint(traits)


def plain(name: str) -> str:
    """A name without the mark of raw identifiers."""
    return name.removeprefix("r#")


def row_struct(value: Value, resolve: Resolve) -> Class | Value:
    """The struct that a value, or each item of a list, is of; what is known of it when that is no struct."""
    known = struct_of(value, resolve)
    if isinstance(known, Class) and any(key == "impl" for key, _ in known.keywords) and known.bases:
        return row_struct(known.bases[0], resolve)  # an impl that stands apart from its struct
    made = known
    while isinstance(made, Call) and isinstance(made.callee, Member):  # Row::builder().name(..).build()
        if isinstance(made.callee.object, Class):
            return made.callee.object if made.callee.name in _MAKES or made is not known else known
        made = made.callee.object
    return known


def type_of(field: RustField, owner: Class, resolve: Resolve) -> Class | None:
    """The struct that a field holds; None when it is none of the project."""
    name = re.sub(r"<.*", "", field.kind.lstrip("&").strip())
    known = resolve(Name(name.rpartition("::")[2], field.offset, owner.path))
    return known if isinstance(known, Class) else None
