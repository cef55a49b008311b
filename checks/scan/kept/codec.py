"""Facts, answers of modules and whole results as JSON, and back: a list that starts with a number is one of our own."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from ... import model
from .. import values
from ..model import FailedFile, Fallback, Function, Remark, ScanResult, SiteFact, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

_TUPLE = 0


def _types_of(room: ModuleType) -> tuple[type[Any], ...]:
    """The dataclasses and enumerations that a module declares."""
    own: list[type[Any]] = [one for one in vars(room).values() if isinstance(one, type)]
    return tuple(one for one in own if one.__module__ == room.__name__ and (is_dataclass(one) or issubclass(one, Enum)))


def _fields_of(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


_TYPES: tuple[type[Any], ...] = (
    *_types_of(values),
    *_types_of(model),
    Function,
    ScanResult,
    Skipped,
    FailedFile,
    Remark,
    Fallback,
)
_NUMBERS = {kind: number for number, kind in enumerate(_TYPES, 1)}
_FIELDS = {kind: ("value",) if issubclass(kind, Enum) else _fields_of(kind) for kind in _TYPES}
_PLAIN = (str, int, float, bool, type(None))


def _maker(kind: type[Any]) -> Callable[..., Any]:
    """What makes one of that type of its fields in order."""
    if issubclass(kind, Enum) or not any(field.kw_only for field in fields(kind)):
        return kind
    return lambda *given: kind(**dict(zip(_FIELDS[kind], given, strict=True)))


_MAKERS = tuple(_maker(kind) for kind in _TYPES)


def encoded(value: object) -> Any:
    """A value, function, result of a run, tuple of them, string, number or None. Raises TypeError for anything else."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple):
        return [_TUPLE, *(encoded(item) for item in value)]
    if kind not in _NUMBERS:
        raise TypeError(f"cannot keep a {kind.__name__}")
    return [_NUMBERS[kind], *(encoded(getattr(value, name)) for name in _FIELDS[kind])]


def decoded(kept: Any) -> Any:
    """What `encoded` was given. Raises TypeError, ValueError or IndexError for what it has not made."""
    if not isinstance(kept, list):
        return kept
    number = kept[0]
    if number == _TUPLE:
        return tuple([decoded(item) if isinstance(item, list) else item for item in kept[1:]])
    return _MAKERS[number - 1](*[decoded(item) if isinstance(item, list) else item for item in kept[1:]])


def encoded_facts(facts: Iterable[SiteFact]) -> list[Any]:
    """Facts in order."""
    return [
        [one.client, one.offset, one.statement, one.end, {name: encoded(value) for name, value in one.values.items()}]
        for one in facts
    ]


def decoded_facts(kept: list[Any]) -> tuple[SiteFact, ...]:
    """What `encoded_facts` was given."""
    return tuple(
        SiteFact(
            client=client,
            values={name: decoded(value) for name, value in values.items()},
            offset=offset,
            statement=statement,
            end=end,
        )
        for client, offset, statement, end, values in kept
    )
