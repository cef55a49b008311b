"""Go structs as tables see them: fields with their types and tags, and which struct a value is of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..clients.reading import path_of
from ..values import Call, Choice, Class, Constant, Import, Lambda, Member, Name, Opaque, Param, Sequence, Text

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_TAG = re.compile(r'([\w-]+):"((?:[^"\\]|\\.)*)"')
_DEEPEST = 12
_MOST = 8


@dataclass(frozen=True, slots=True)
class GoField:
    """A field. `kind` is a value of its type, `tag` its whole tag; `embedded`: a type without a name of its own."""

    name: str
    kind: Value
    tag: str = ""
    embedded: bool = False

    def tagged(self, key: str) -> str | None:
        """What the tag says under that key; None when it does not hold it."""
        found = next((match[2] for match in _TAG.finditer(self.tag) if match[1] == key), None)
        return None if found is None else found.replace('\\"', '"').replace("\\\\", "\\")


def is_struct(owner: Class) -> bool:
    """Whether the type is a struct, not a new name of another type."""
    return not any(name == "type" for name, _ in owner.keywords)


def fields_of(owner: Class) -> tuple[GoField, ...]:
    """The exported fields of a struct, in order."""
    tags = {name[1:]: value.text for name, value in owner.body if name.startswith("@") and isinstance(value, Text)}
    embedded = {base.name for base in owner.bases if isinstance(base, (Name, Member))}
    return tuple(
        GoField(name, value, tags.get(name, ""), name in embedded)
        for name, value in owner.body
        if not name.startswith("@") and not isinstance(value, Lambda) and (name[:1].isupper() or name in embedded)
    )


def struct_of(value: Value, resolve: Resolve, depth: int = 0) -> Class | Value:  # noqa: PLR0911 - one arm for each kind
    """The struct that a value, or each item of a list, is of; what is known of it when that is no struct."""
    known = resolve(value)
    if depth > _DEEPEST:
        return known
    match known:
        case Call(callee=Class() as owner):
            return _underlying(owner, resolve, depth)
        case Call(callee=Member(object=inner, name="slice" | "extend" | "append")):
            return struct_of(inner, resolve, depth + 1)
        case Sequence(items=items):
            return _of_all(items, known, resolve, depth)
        case Choice(options=options):
            return _of_all(options, known, resolve, depth)
        case Param(type=type_) if type_ is not None:
            return struct_of(type_, resolve, depth + 1)
        case Member(object=inner, name=name):
            return _of_member(known, inner, name, resolve, depth)
        case _:
            return known


def _underlying(owner: Class, resolve: Resolve, depth: int) -> Class | Value:
    """A type that is a new name of a list (`type Hosts []Host`) is what it is a list of."""
    made = dict(owner.keywords).get("type")
    return owner if made is None else struct_of(made, resolve, depth + 1)


def _of_all(values: tuple[Value, ...], whole: Value, resolve: Resolve, depth: int) -> Class | Value:
    found = [struct_of(one, resolve, depth + 1) for one in values[:_MOST]]
    structs = [one for one in found if isinstance(one, Class)]
    alike = all(
        (one.path, one.offset, one.name) == (structs[0].path, structs[0].offset, structs[0].name) for one in structs
    )
    if structs and alike:
        return structs[0]
    return next((one for one in found if isinstance(one, (Call, Param, Name, Member))), whole)


def _of_member(known: Member, inner: Value, name: str, resolve: Resolve, depth: int) -> Class | Value:
    if name.isdecimal():
        return _of_item(known, inner, int(name), resolve, depth)
    owner = struct_of(inner, resolve, depth + 1)
    if name == "*":
        return owner
    if not isinstance(owner, Class):
        return known
    field = next((one for one in fields_of(owner) if one.name == name), None)
    return struct_of(field.kind, resolve, depth + 1) if field is not None else known


def _of_item(known: Member, inner: Value, index: int, resolve: Resolve, depth: int) -> Class | Value:
    """An item of a list, or one of the several values that a function returns, of which any may be nil."""
    whole = resolve(inner)
    found: list[Value] = []
    for option in whole.options if isinstance(whole, Choice) else (whole,):
        match option:
            case Sequence(items) if index < len(items):
                found += [items[index]] if not isinstance(items[index], Constant) else []
            case Sequence(complete=False) | Param() | Member():
                found.append(option)
            case _:
                return known
    return _of_all(tuple(found), known, resolve, depth) if found else known


def kind_of(value: Value, resolve: Resolve) -> Class | str | None:
    """A field's type: one of the project, the text of another ("int", "time.Time"); None when it is not known."""
    match value:
        case Opaque(source):
            return source.removeprefix(":").strip()
        case Sequence():
            return "[]"
        case Call(callee=callee):
            known = resolve(callee)
            if isinstance(known, Class):
                return known
            path = path_of(known) if isinstance(known, (Member, Import)) else None
            return path.rpartition("/")[2] if path is not None else None
        case _:
            return None


def has_method(owner: Class, name: str, resolve: Resolve) -> bool:
    """Whether a type of the project has that method."""
    instance = Call(owner, (), (), owner.offset, owner.offset, owner.offset)
    return isinstance(resolve(Member(instance, name, owner.offset)), Lambda)


def returned(owner: Class, name: str, resolve: Resolve) -> Value | None:
    """What a method without parameters returns; None for a type that has no such method."""
    if not has_method(owner, name, resolve):
        return None
    instance = Call(owner, (), (), owner.offset, owner.offset, owner.offset)
    return resolve(Call(Member(instance, name, owner.offset), (), (), owner.offset, owner.offset, owner.offset))
