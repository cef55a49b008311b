"""What a constant of an enumeration of Java holds: its fields, and what its getters return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Member, Name
from .nodes import items

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ast_grep_py import SgNode

    from ..values import Value
    from .java_values import JavaLowering

_TAKE_ALL = frozenset({"AllArgsConstructor", "RequiredArgsConstructor"})  # of Lombok
_GIVE_ALL = frozenset({"Getter", "Data", "Value"})
_MOST_CONSTRUCTORS = 4  # that one after the other calls


def held(read: JavaLowering, owner: SgNode, args: Sequence[Value]) -> tuple[tuple[str, Value], ...]:
    """The fields by name as far as the constructor tells them, then what methods without parameters return of them."""
    members = read.members(owner.field("body"))
    constructors = [one for one in members if one.kind() == "constructor_declaration"]
    if constructors:
        fields = dict(_built(read, constructors, tuple(args), _MOST_CONSTRUCTORS))
    else:
        fields = dict(_taken(owner, members, args))
    return (*fields.items(), *_written_getters(read, members, fields), *_made_getters(owner, members, fields))


def _built(
    read: JavaLowering, constructors: Sequence[SgNode], args: tuple[Value, ...], level: int
) -> Iterator[tuple[str, Value]]:
    """What the one constructor that takes so many arguments assigns, or the one that it hands them on to."""
    chosen = [one for one in constructors if len(parameters_of(one)) == len(args)]
    if len(chosen) != 1 or not level:
        return
    names = [name.text() for one in parameters_of(chosen[0]) if (name := one.field("name")) is not None]
    given = dict(zip(names, args, strict=False))
    for field, value in read.constructed(chosen[0]):
        match value:
            case Call(Name("this"), handed) if field == "()":
                yield from _built(read, constructors, tuple(_put(one, given) for one in handed), level - 1)
            case Name(given_name) if given_name in given:
                yield field, given[given_name]
            case _:
                pass


def _put(value: Value, given: dict[str, Value]) -> Value:
    return given.get(value.name, value) if isinstance(value, Name) else value


def parameters_of(constructor: SgNode) -> list[SgNode]:
    """The parameters of a constructor."""
    listed = constructor.field("parameters")
    return items(listed) if listed is not None else []


def _taken(owner: SgNode, members: Sequence[SgNode], args: Sequence[Value]) -> Iterator[tuple[str, Value]]:
    """The fields that a constructor of Lombok's takes, in their order."""
    if not _TAKE_ALL & _words(owner):
        return
    fields = [name for member in members if (name := _own_field(member)) is not None]
    if len(fields) == len(args):
        yield from zip(fields, args, strict=True)


def _own_field(member: SgNode) -> str | None:
    """The name of a field that each constant has, and that is not given a value where it is declared."""
    if member.kind() != "field_declaration" or "static" in _words(member):
        return None
    declared = [one for one in items(member) if one.kind() == "variable_declarator"]
    name = declared[0].field("name") if len(declared) == 1 and declared[0].field("value") is None else None
    return name.text() if name is not None else None


def _made_getters(owner: SgNode, members: Sequence[SgNode], fields: dict[str, Value]) -> Iterator[tuple[str, Value]]:
    """The getters that Lombok makes."""
    every = bool(_GIVE_ALL & _words(owner))
    for member in members:
        name = _own_field(member)
        if name in fields and name is not None and (every or "Getter" in _words(member)):
            yield f"get{name[:1].upper()}{name[1:]}", fields[name]


def _written_getters(
    read: JavaLowering, members: Sequence[SgNode], fields: dict[str, Value]
) -> Iterator[tuple[str, Value]]:
    for member in members:
        name = member.field("name")
        if member.kind() != "method_declaration" or name is None or parameters_of(member):
            continue
        match read.returned(member):
            case Name(field) | Member(Name("this"), field) if field in fields:
                yield name.text(), fields[field]
            case _:
                pass


def _words(node: SgNode) -> set[str]:
    """The modifiers and the names of the annotations of a declaration."""
    modifiers = next((one for one in node.children() if one.kind() == "modifiers"), None)
    words: set[str] = set()
    for one in modifiers.children() if modifiers is not None else ():
        name = one.field("name")
        words.add(name.text().rpartition(".")[2] if name is not None else one.text().removeprefix("@"))
    return words
    return words
