"""Calls of Elixir's own modules that say what they make: lists of `Enum`, records of `Map` and `Keyword`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Choice, Lambda, Member, Name, Record, Sequence, Text

if TYPE_CHECKING:
    from ..values import Value

_MAPPING = frozenset({"map", "flat_map", "map_every"})
_SAME = frozenset({
    "filter", "reject", "uniq", "uniq_by", "sort", "sort_by", "reverse", "to_list", "take", "drop", "dedup", "dedup_by",
    "shuffle", "concat", "each",
})  # fmt: skip
_RECORDS = frozenset({"Map", "Keyword"})


def known_call(call: Call) -> Value:
    """What the call gives, as far as its module and name say; else the call itself."""
    match call:
        case Call(Member(Name("Enum" | "Stream"), name), (rows, function, *_)) if name in _MAPPING:
            return _mapped(rows, function, call)
        case Call(Member(Name("Enum" | "Stream"), "chunk_every"), (rows, *_)):
            return Sequence((Member(rows, "*"),), complete=False, offset=call.name_offset) if _is_list(rows) else call
        case Call(Member(Name("Enum" | "Stream"), name), (rows, *_)) if name in _SAME and _is_list(rows):
            return Sequence(rows.items, complete=False, offset=rows.offset) if isinstance(rows, Sequence) else call
        case Call(Member(Name("Enum"), "join" as name), (items, *more)):
            return Call(Member(items, name), tuple(more) or (Text(""),), (), *_places(call))
        case Call(Member(Name(module))) if module in _RECORDS:
            return _of_record(call)
        case _:
            return call


def _of_record(call: Call) -> Value:  # noqa: PLR0911 - one line for each meaning
    """Reading and changing a map or a keyword list."""
    match call:
        case Call(Member(_, "get" | "fetch!" | "pop"), (owner, Text(key), *more)):
            found = Member(owner, key, call.name_offset)
            return Choice((found, more[0]), fallback=True) if more else found
        case Call(Member(Name("Keyword"), "delete" | "drop"), (owner, *_)):
            return owner
        case Call(Member(_, "put" | "put_new"), (owner, Text(key), value)):
            return Record(((key, value),), complete=False, offset=call.offset, spreads=((0, owner),))
        case Call(Member(_, "merge"), (owner, Record() as more)):
            return Record(more.entries, complete=False, offset=call.offset, spreads=((0, owner), *more.spreads))
        case Call(Member(_, "merge"), (owner, other)):
            return Record((), complete=False, offset=call.offset, spreads=((0, owner), (0, other)))
        case Call(Member(_, "merge"), (owner,), keywords) if keywords:
            return Record(keywords, complete=False, offset=call.offset, spreads=((0, owner),))
        case _:
            return call


def _is_list(value: Value) -> bool:
    return isinstance(value, Sequence)


def _mapped(rows: Value, function: Value, call: Call) -> Value:
    """`Enum.map(rows, function)`; a function that is named is called with each row."""
    row = Member(rows, "*", call.name_offset)
    match function:
        case Lambda(result=result):
            return Sequence((result,), complete=False, offset=call.name_offset)
        case Name() | Member():
            made = Call(function, (row,), (), call.name_offset, call.name_offset, call.end)
            return Sequence((made,), complete=False, offset=call.name_offset)
        case Record() | Call():  # `&%{a: &1}`, `&f(&1, x)`
            return Sequence((function,), complete=False, offset=call.name_offset)
        case _:
            return call


def _places(call: Call) -> tuple[int, int, int]:
    return call.offset, call.name_offset, call.end
