"""Ruby calls with a known meaning: strings and lists that are appended to, records that are cut, quoted identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import Call, Constant, Join, Member, Record, Sequence, Text

if TYPE_CHECKING:
    from .values import Value

_QUOTES = frozenset({"quote_table_name", "quote_column_name"})


def fold_ruby(call: Call) -> Value:  # noqa: C901, PLR0911 - one line for each meaning is the table itself
    """What a call gives when it is one of Ruby's own with known arguments; else the call itself."""
    match call:
        case Call(Text() | Join() | Record() | Sequence() as known, (), ()):  # a method that takes nothing
            return known
        case Call(Member(Sequence((first, *_)), "first"), (), ()):
            return first
        case Call(Member(Sequence((*_, last), True), "last"), (), ()):
            return last
        case Call(Member(Sequence() as owner, "<<"), items):
            return Sequence((*owner.items, *items), owner.complete, owner.offset)
        case Call(Member(Text() | Join() as owner, "<<" | "+"), added):
            return Join((owner, *added), offset=call.offset)
        case Call(Member(Sequence() as owner, "+"), (Sequence() as more,)):
            return Sequence((*owner.items, *more.items), owner.complete and more.complete, owner.offset)
        case Call(Member(Sequence() as owner, "+"), _):
            return Sequence(owner.items, complete=False, offset=owner.offset)
        case Call(Member(owner, "<<" | "merge"), offset=first, name_offset=at) if first == at and not _is_record(owner):
            return owner  # a change in place of something unknown: the host gives it the offset of the statement
        case Call(Member(Record() as owner, "merge"), args, keywords):
            return _merged(owner, args, keywords)
        case Call(Member(Record() as owner, "except"), args) if all(isinstance(arg, Text) for arg in args):
            left_out = {arg.text for arg in args if isinstance(arg, Text)}
            return Record(tuple(one for one in owner.entries if one[0] not in left_out), owner.complete, owner.offset)
        case Call(Member(name=name), (Text(text) as known,)) if name in _QUOTES and '"' not in text:
            parts = text.split(".") if name == "quote_table_name" else [text]
            return Text(".".join(f'"{part}"' for part in parts), known.runs[:1], known.path)
        case _:
            return call


def _is_record(value: Value) -> bool:
    return isinstance(value, Record)


def _merged(owner: Record, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> Record:
    entries, complete = dict(owner.entries), owner.complete
    for arg in args:
        entries.update(arg.entries if isinstance(arg, Record) else ())
        complete = complete and ((isinstance(arg, Record) and arg.complete) or arg == Constant(None))
    for name, value in keywords:
        entries.update({name: value} if name != "**" else {})
        complete = complete and name != "**"
    return Record(tuple(entries.items()), complete, owner.offset, owner.spreads)
