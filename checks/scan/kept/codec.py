"""Facts and answers of modules as JSON, and back: a list that starts with a number is one of our own values."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args

from ..model import Function, SiteFact
from ..values import Condition, Guard, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

_TUPLE = 0
_TYPES: tuple[type[Any], ...] = (*get_args(Value), Function, Condition, Guard)
_NUMBERS = {kind: number for number, kind in enumerate(_TYPES, 1)}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in _TYPES}
_PLAIN = (str, int, float, bool, type(None))


def encoded(value: object) -> Any:
    """A value, function, tuple of them, string, number or None. Raises TypeError for anything else."""
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
    return _TYPES[number - 1](*[decoded(item) if isinstance(item, list) else item for item in kept[1:]])


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
