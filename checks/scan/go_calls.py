"""Go calls with a known meaning: fmt, strings, builders, conversions, quoted identifiers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .formats import filled
from .values import Call, Class, Constant, Import, Join, Lambda, Member, Name, Opaque, Record, Sequence, Text

if TYPE_CHECKING:
    from .values import Value

_VERB = re.compile(r"%[#0\- +]*(?:\[(?P<index>\d+)\])?\d*(?:\.\d+)?(?P<verb>[%a-zA-Z])")
_TRIMS = frozenset({"TrimSpace", "Trim", "TrimLeft", "TrimRight", "TrimPrefix", "TrimSuffix", "Clone", "Title"})
_PRINTS = frozenset({"Sprint", "Sprintln"})
_NUMBERS = frozenset("dbcoOxXeEfFgGtp")  # verbs that no identifier is written with


def fold_go(call: Call) -> Value:  # noqa: PLR0911 - one line for each meaning is the table itself
    """What a call gives when it is one of Go's standard library with known arguments; else the call itself."""
    match call:
        case Call(Member(Name() | Import() as package, name), args):
            return _of_package(call, _called(package), name, args)
        case Call(Member(Text() | Join() as built, "String"), ()):
            return built
        case Call(Member(Call() as identifier, "Sanitize"), ()) if _is_identifier(identifier):
            return _quoted(call, identifier.args)
        case Call(Member(name="Rebind"), (Text() | Join() as sql,)):
            return sql
        case Call(Name("string"), (Text() | Join() as same,)):
            return same
        case Call(Class(keywords=(("type", _),)), (Text() | Join() as same,)):
            return same
        case _:
            return call


def _called(package: Name | Import) -> str:
    return package.name if isinstance(package, Name) else package.module if package.name is None else ""


def _of_package(call: Call, package: str, name: str, args: tuple[Value, ...]) -> Value:  # noqa: C901, PLR0911 - as above
    last = package.rpartition("/")[2]
    match last, name, args:
        case "fmt", "Sprintf", (Text() | Join() as template, *given):
            return _printed(template, given, call)
        case "fmt", _, _ if name in _PRINTS and args:
            return Join(args, offset=call.offset)
        case "strings", "Join", (Sequence() as items, separator) if items.complete:
            return _joined(items, separator, call)
        case "strings", "Replace" | "ReplaceAll", (Text() | Join() as template, Text(old), new, *_) if old:
            return filled(template, re.compile(re.escape(old)), lambda _: new)
        case "strings", "ToLower" | "ToUpper", (Text(text, _, path),):
            return Text(text.lower() if name == "ToLower" else text.upper(), (), path)
        case "strings", _, (Text() | Join() as same, *_) if name in _TRIMS:
            return same
        case "bytes", "NewBufferString", (Text() | Join() as same,):
            return same
        case "clause", "AssignmentColumns", (Sequence(items, complete),):
            return Sequence(tuple(_assignment(item, call) for item in items), complete, call.offset)
        case "clause", "Assignments", (Record(entries, complete),):
            return Sequence(tuple(_assignment(Text(name), call) for name, _ in entries), complete, call.offset)
        case "lo", "Map", (_, Lambda(result=result)):
            return Sequence((result,), complete=False, offset=call.offset)
        case _, "QuoteIdentifier", (Text() as one,):
            return _quoted(call, (one,))
        case _:
            return call


def _assignment(column: Value, call: Call) -> Call:
    """`clause.Assignment{Column: clause.Column{Name: column}}` of GORM."""
    at = call.offset
    named = Call(Name("Column", at), (), (("Name", column),), at, at, at)
    return Call(Name("Assignment", at), (), (("Column", named),), at, at, at)


def _printed(template: Text | Join, given: list[Value], call: Call) -> Value:
    """fmt.Sprintf: what is not known stays a hole."""
    spread = any(isinstance(one, Opaque) and one.source.startswith("...") for one in given)
    at = 0

    def value(match: re.Match[str]) -> Value:
        nonlocal at
        if match["verb"] == "%":
            return Text("%")
        if match["index"]:
            at = int(match["index"]) - 1
        known = given[at] if at < len(given) and not spread else Opaque(match[0], call.offset)
        at += 1
        if match["verb"] == "q":
            return Join((Text('"'), known, Text('"')))
        if match["verb"] in _NUMBERS and not isinstance(known, Constant):
            return Opaque(match[0], call.offset)
        return known

    return filled(template, _VERB, value)


def _joined(items: Sequence, separator: Value, call: Call) -> Value:
    parts: list[Value] = []
    for index, item in enumerate(items.items):
        parts += [separator, item] if index else [item]
    return Join(tuple(parts), offset=call.offset)


def _is_identifier(made: Call) -> bool:
    """`pgx.Identifier{"schema", "table"}`."""
    return isinstance(made.callee, Member) and made.callee.name == "Identifier"


def _quoted(call: Call, names: tuple[Value, ...]) -> Value:
    if not names or not all(isinstance(name, Text) for name in names):
        return call
    parts: list[Value] = []
    for index, name in enumerate(name for name in names if isinstance(name, Text)):
        parts += [Text('."' if index else '"'), Text(name.text.replace('"', '""'), name.runs, name.path), Text('"')]
    return Join(tuple(parts), "raw", call.offset)
