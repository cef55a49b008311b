"""What values say of the way that a program goes: which of several they are, and whether they are there at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import Choice, Class, Constant, Join, Lambda, Member, Name, Opaque, Record, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from .values import Value

MOST_WAYS = 4  # options of a choice that a call is done for; more is a table of statements


def told(result: Value) -> Value | None:
    """What a call returns, where that says anything."""
    return None if isinstance(result, (Opaque, Name)) else result


def ways_of(callee: Value, args: tuple[Value, ...]) -> list[tuple[Value, tuple[Value, ...]]]:
    """A call on one of several receivers, or with one of several first arguments, as several calls."""
    if isinstance(callee, Choice) and len(callee.options) <= MOST_WAYS:
        return [(one, args) for one in callee.options]
    if isinstance(callee, Member) and args and isinstance(args[0], Choice) and len(args[0].options) <= MOST_WAYS:
        return [(callee, (one, *args[1:])) for one in args[0].options]
    return []


def source_of(part: Value) -> str:
    """What a hole of a string is called."""
    match part:
        case Name(name):
            return name
        case Member(owner, name):
            return f"{source_of(owner)}.{name}"
        case Opaque(source):
            return source
        case _:
            return "..."


def is_absent(value: Value) -> bool:
    """None, null or undefined, as a key is that a whole object does not have."""
    match value:
        case Constant(None) | Member(Constant(None)):
            return True
        case Member(Record(complete=True) as owner, name):
            return owner.get(name) is None
        case _:
            return False


def is_there(value: Value) -> bool:
    """Whether a value is one that `a ?? b` and `a or b` take."""
    match value:
        case Text(text):
            return bool(text)
        case Constant(known):
            return bool(known)
        case Join() | Record() | Class() | Lambda():
            return True
        case Sequence(items):
            return bool(items)
        case _:
            return False


def spread_out(record: Record, known_of: Callable[[Value], Value]) -> Record:
    """The record with its values known, and what is spread into it put in where that is a known record."""
    entries: list[tuple[str, Value]] = []
    left: list[tuple[int, Value]] = []
    sometimes = [*record.sometimes]
    at = 0
    for index, spread in (*record.spreads, (len(record.entries), None)):
        entries += [(name, known_of(entry)) for name, entry in record.entries[at:index]]
        at = index
        known = None if spread is None else known_of(spread)
        if isinstance(known, Record) and (known.complete or known.spreads):
            left += [(len(entries) + inner, one) for inner, one in known.spreads]
            entries += known.entries
            sometimes += known.sometimes
        elif known is not None and not (isinstance(known, Constant) and not known.value):
            left.append((len(entries), known))
    complete = not left if record.spreads else record.complete
    return Record(tuple(entries), complete, record.offset, tuple(left), tuple(sometimes))
