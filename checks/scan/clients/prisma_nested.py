"""Writes inside the `data` of another write: `connectOrCreate`, nested `upsert` and `createMany` of a relation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Call, Choice, Lambda, Member, Name, Record, Sequence
from .reading import is_absent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module
    from ..values import Value

NESTED = frozenset({"connectOrCreate", "upsert", "createMany"})
_PAYLOADS = frozenset({"data", "create", "update"})
_WRAPPING = frozenset({"create", "update", "upsert", "connectOrCreate", "createMany", "delete", "set", "connect"})
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Nested:
    """One nested write: the relation fields that lead to its model, its operation, its arguments, and its place."""

    relations: tuple[str, ...]
    operation: str
    arguments: Value
    offset: int
    end: int


def nested_writes(module: Module, call: Call) -> Iterator[Nested]:
    """The nested writes of a call such as `prisma.user.update({ where, data })`, in the same file."""
    for given in _either(module, call.args[0]) if call.args else ():
        for key, value in given.entries if isinstance(given, Record) else ():
            if key in _PAYLOADS:
                yield from _of_row(module, value, (), 0)


def _of_row(module: Module, value: Value, relations: tuple[str, ...], depth: int) -> Iterator[Nested]:
    """The nested writes of a row, or of each of several: the entries of a relation hold operations."""
    for row in _rows(module, value) if depth < _DEEPEST else ():
        for key, inner in row.entries:
            for operations in _either(module, inner):
                if not isinstance(operations, Record) or not any(name in _WRAPPING for name, _ in operations.entries):
                    continue
                for operation, given in operations.entries:
                    yield from _of_operation(module, (*relations, key), operation, given, operations, depth)


def _of_operation(
    module: Module, relations: tuple[str, ...], operation: str, given: Value, holder: Record, depth: int
) -> Iterator[Nested]:
    for one in _either(module, given):
        for item in one.items if isinstance(one, Sequence) else (one,):
            if operation in NESTED and not is_absent(item):
                place = _place(module, operation, item, holder)
                yield Nested(relations, operation, item, place, place + len(operation) + 1)  # with its colon
            for inner in _rows(module, item):
                rows = [value for key, value in inner.entries if key in _PAYLOADS] if operation != "create" else [inner]
                rows = rows or ([inner] if operation == "update" else [])
                for row in rows:
                    yield from _of_row(module, row, relations, depth + 1)


def _either(module: Module, value: Value, depth: int = 0) -> Iterator[Value]:
    """What a value is, through names of the same file; each of several where a condition decides."""
    found = module.lookup(value.name, value.offset) if isinstance(value, Name) else None
    known = found if isinstance(found, (Record, Sequence, Choice)) else value
    if not isinstance(known, Choice):
        yield known
    elif depth < _DEEPEST:
        for option in known.options:
            yield from _either(module, option, depth + 1)


def _rows(module: Module, value: Value, depth: int = 0) -> Iterator[Record]:
    """The objects that a value holds: itself, those of a list, what `.map(...)` makes of each item."""
    for known in _either(module, value):
        inner: tuple[Value, ...] = ()
        match known:
            case Record():
                yield known
            case Sequence(items):
                inner = items
            case Call(Member(name="map" | "flatMap"), args=(Lambda(result=result), *_)):
                inner = (result,)
            case _:
                pass
        for one in inner if depth < _DEEPEST else ():
            yield from _rows(module, one, depth + 1)


def _place(module: Module, word: str, value: Value, holder: Record) -> int:
    """Where the word stands that names the operation: before its value, and inside the object that holds it."""
    at = value.offset if isinstance(value, (Record, Call, Name)) else holder.offset
    found = module.file.text.rfind(word, holder.offset, at) if at > holder.offset else -1
    return found if found >= 0 else max(module.file.text.find(word, holder.offset), holder.offset)
