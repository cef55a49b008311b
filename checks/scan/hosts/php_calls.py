"""Functions of PHP itself that say what they make: texts of `sprintf` and `implode`, lists of `array_map`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Lambda, Member, Name, Record, Sequence, Text

if TYPE_CHECKING:
    from ..values import Value


def known_call(call: Call) -> Value:  # noqa: PLR0911 - one line for each meaning
    """What the call gives, as far as its name says; else the call itself."""
    places = call.offset, call.name_offset, call.end
    match call:
        case Call(Name("sprintf"), (template, *given)):
            return Call(Member(template, "%", call.offset), (Sequence(tuple(given)),), (), *places)
        case Call(Name("vsprintf"), (template, given)):
            return Call(Member(template, "%", call.offset), (given,), (), *places)
        case Call(Name("implode" | "join"), (separator, listed)):
            return Call(Member(listed, "join", call.offset), (separator,), (), *places)
        case Call(Name("implode" | "join"), (listed,)):
            return Call(Member(listed, "join", call.offset), (Text(""),), (), *places)
        case Call(Name("array_map"), (Lambda(result=result), *_)):
            return Sequence((result,), complete=False, offset=call.name_offset)
        case Call(Name("array_merge" | "array_replace"), (first, *more)) if any(isinstance(o, Record) for o in more):
            return _merged((first, *more), call)
        case Call(Name("array_merge" | "array_replace"), (Record(), *_) as given):
            return _merged(given, call)
        case Call(
            Name("array_values" | "array_unique" | "array_filter" | "array_reverse" | "iterator_to_array"), (same, *_)
        ):
            return Sequence(same.items, complete=False, offset=same.offset) if isinstance(same, Sequence) else call
        case Call(Name("compact"), args) if args and all(isinstance(arg, Text) for arg in args):
            names = [arg.text for arg in args if isinstance(arg, Text)]
            path = call.callee.path if isinstance(call.callee, Name) else None
            return Record(tuple((name, Name(f"${name}", call.offset, path)) for name in names), offset=call.offset)
        case _:
            return call


def _merged(given: tuple[Value, ...], call: Call) -> Record:
    entries: list[tuple[str, Value]] = []
    spreads: list[tuple[int, Value]] = []
    for one in given:
        if isinstance(one, Record):
            spreads += [(len(entries) + index, spread) for index, spread in one.spreads]
            entries += one.entries
        else:
            spreads.append((len(entries), one))
    return Record(tuple(entries), not spreads, call.offset, tuple(spreads))
