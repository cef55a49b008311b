"""C# calls with a known meaning: string, StringBuilder, LINQ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .formats import filled
from .values import Call, Choice, Join, Lambda, Member, Name, Opaque, Sequence, Text

if TYPE_CHECKING:
    from .values import Value

_FIELD = re.compile(r"\{\{|\}\}|\{(?P<key>\d+)(?:,[^{}:]*)?(?::[^{}]*)?\}")
_SAME = frozenset({
    "ToString", "Trim", "TrimStart", "TrimEnd", "ReplaceLineEndings", "Normalize", "AsSpan", "AsMemory", "ToArray",
    "ToList", "ToHashSet", "AsEnumerable", "ToImmutableArray", "ToImmutableList", "AsReadOnly", "Distinct", "OrderBy",
    "OrderByDescending", "Take", "Skip", "Where", "Chunk", "ConfigureAwait", "Reverse",
})  # fmt: skip
_TEXTS = frozenset({"string", "String"})


def fold_csharp(call: Call) -> Value:  # noqa: C901, PLR0911 - one line for each meaning is the table itself
    """What a call gives when it is one of .NET's own with known arguments; else the call itself."""
    match call:
        case Call(Member(Name(owner), name), args) if owner in _TEXTS:
            return _of_string(call, name, args)
        case Call(Member(Name("FormattableStringFactory"), "Create"), (Text() | Join() as template, *given)):
            return _formatted(template, given, call)
        case Call(Member(Text() | Join() as template, "Replace"), (Text(old), new, *_)) if old:
            return filled(template, re.compile(re.escape(old)), lambda _: new)
        case Call(Member(Text(text, _, path), "ToLower" | "ToLowerInvariant"), ()):
            return Text(text.lower(), (), path)
        case Call(Member(Text(text, _, path), "ToUpper" | "ToUpperInvariant"), ()):
            return Text(text.upper(), (), path)
        case Call(Member(Text() | Join() | Sequence() as same, name)) if name in _SAME:
            return same
        case Call(Member(Text() | Join() as built, "Append" | "AppendLine" | "AppendFormat" | "AppendJoin")):
            return _appended(built, call)
        case Call(Member(Sequence() | Choice(), "Select" | "SelectMany"), (Lambda(result=result), *_)) if (
            not isinstance(result, Opaque)
        ):
            return Sequence((result,), complete=False, offset=call.offset)
        case Call(Member(Sequence() as first, "Concat" | "Union"), (Sequence() as rest,)):
            return Sequence((*first.items, *rest.items), first.complete and rest.complete, first.offset)
        case Call(Member(Sequence(items, True), "First" | "Last" | "Single"), ()) if len(items) == 1:
            return items[0]
        case _:
            return call


def _of_string(call: Call, name: str, args: tuple[Value, ...]) -> Value:  # noqa: PLR0911 - as above
    match name, args:
        case "Format", (Text() | Join() as template, *given):
            return _formatted(template, given, call)
        case "Format", (_, Text() | Join() as template, *given):  # a culture stands in front
            return _formatted(template, given, call)
        case "Concat", (Sequence() as items,) if items.complete:
            return Join(items.items, offset=call.offset)
        case "Concat", (_, *_):
            return Join(args, offset=call.offset)
        case "Join", (separator, Sequence() as items) if items.complete:
            return _joined(separator, items.items, call)
        case "Join", (separator, _, _, *_):
            return _joined(separator, args[1:], call)
        case _:
            return call


def _joined(separator: Value, items: tuple[Value, ...], call: Call) -> Value:
    parts: list[Value] = []
    for index, item in enumerate(items):
        parts += [separator, item] if index else [item]
    return Join(tuple(parts), offset=call.offset)


def _formatted(template: Text | Join, given: list[Value], call: Call) -> Value:
    """string.Format: what is not known stays a hole."""
    listed = given[0].items if len(given) == 1 and isinstance(given[0], Sequence) else tuple(given)

    def value(match: re.Match[str]) -> Value:
        if match["key"] is None:
            return Text(match[0][0])
        index = int(match["key"])
        return listed[index] if index < len(listed) else Opaque(match[0], call.offset)

    return filled(template, _FIELD, value)


def _appended(built: Text | Join, call: Call) -> Value:
    """A builder with what a call of Append, AppendLine, AppendFormat or AppendJoin adds."""
    name = call.callee.name if isinstance(call.callee, Member) else ""
    if name == "AppendFormat" and call.args and isinstance(call.args[0], Text | Join):
        added: list[Value] = [_formatted(call.args[0], list(call.args[1:]), call)]
    elif name == "AppendJoin":
        made = _of_string(call, "Join", call.args)
        added = [made]
    else:
        added = [*call.args[:1], *([Text("\n")] if name == "AppendLine" else [])]
    return Join((built, *added), offset=call.offset)
