"""Writes inside the `data` of another write: `connectOrCreate`, nested `upsert` and `createMany` of a relation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Name, Record, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module
    from ..values import Call, Value

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
    given = _known(module, call.args[0]) if call.args else None
    if isinstance(given, Record):
        for key, value in given.entries:
            if key in _PAYLOADS:
                yield from _of_row(module, value, (), 0)


def _of_row(module: Module, value: Value, relations: tuple[str, ...], depth: int) -> Iterator[Nested]:
    """The nested writes of a row, or of each of several: the entries of a relation hold operations."""
    known = _known(module, value)
    if isinstance(known, Sequence):
        for item in known.items:
            yield from _of_row(module, item, relations, depth)
    for key, inner in known.entries if isinstance(known, Record) and depth < _DEEPEST else ():
        operations = _known(module, inner)
        if not isinstance(operations, Record) or not any(name in _WRAPPING for name, _ in operations.entries):
            continue
        for operation, given in operations.entries:
            yield from _of_operation(module, (*relations, key), operation, given, operations, depth)


def _of_operation(
    module: Module, relations: tuple[str, ...], operation: str, given: Value, holder: Record, depth: int
) -> Iterator[Nested]:
    known = _known(module, given)
    for one in known.items if isinstance(known, Sequence) else (known,):
        if operation in NESTED:
            place = _place(module, operation, one, holder)
            yield Nested(relations, operation, one, place, place + len(operation))
        inner = _known(module, one)
        if isinstance(inner, Record):
            rows = [value for key, value in inner.entries if key in _PAYLOADS] if operation != "create" else [inner]
            rows = rows or ([inner] if operation == "update" else [])
            for row in rows:
                yield from _of_row(module, row, relations, depth + 1)


def _place(module: Module, word: str, value: Value, holder: Record) -> int:
    """Where the word stands that names the operation: before its value, and inside the object that holds it."""
    at = value.offset if isinstance(value, Record) else holder.offset
    found = module.file.text.rfind(word, holder.offset, at) if at > holder.offset else -1
    return found if found >= 0 else max(module.file.text.find(word, holder.offset), holder.offset)


def _known(module: Module, value: Value) -> Value:
    """What a name of the same file holds; else the value as it stands."""
    found = module.lookup(value.name, value.offset) if isinstance(value, Name) else None
    return found if isinstance(found, (Record, Sequence)) else value
