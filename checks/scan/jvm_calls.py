"""Calls with a known meaning in Java, Kotlin and Scala: formatting, builders, lists, maps, margins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .formats import filled
from .literals import cut
from .values import Call, Import, Join, Lambda, Member, Name, Opaque, Record, Sequence, Text

if TYPE_CHECKING:
    from .values import Value

_SUFFIXES = (".java", ".kt", ".kts", ".scala", ".sc")
_VERB = re.compile(r"%(?:(?P<index>\d+)\$)?[-#+ 0,(]*\d*(?:\.\d+)?(?P<verb>[%a-zA-Z])")
_NUMBERS = frozenset("doxXeEfgGaA")  # verbs that no identifier is written with
_SAME = frozenset({
    "trimIndent", "stripIndent", "strip", "trim", "stripLeading", "stripTrailing", "trimEnd", "trimStart", "toString",
    "intern", "toSql",
})  # fmt: skip
_LISTS = frozenset({
    "listOf", "setOf", "arrayOf", "mutableListOf", "arrayListOf", "listOfNotNull", "asList", "List", "Seq", "Vector",
    "Array", "sequenceOf",
})  # fmt: skip
_MAPS = frozenset({"mapOf", "mutableMapOf", "linkedMapOf", "hashMapOf", "buildMap", "Map"})
_JOINS = frozenset({"joinToString", "mkString"})
_DEEPEST = 4
_OF = frozenset({"List", "Set", "Arrays", "Stream", "ImmutableList", "ImmutableSet"})


def fold_jvm(call: Call) -> Value:
    """What a call gives when that is known from its resolved callee and arguments; else the call itself."""
    return _folded(call) if is_of_jvm(call) else call


def _folded(call: Call) -> Value:  # noqa: C901, PLR0911, PLR0912 - one line for each meaning is the table itself
    match call:
        case Call(Text() | Join() as got, ()):  # of a getter, whose value is known
            return got
        case Call(Member(Text() | Join() as template, "format" | "formatted"), args):
            return _printed(template, args, call)
        case Call(Member(Name("String") | Import(name="String"), "format"), (Text() | Join() as template, *args)):
            return _printed(template, tuple(args), call)
        case Call(Member(Name("String"), "format"), (_, Text() | Join() as template, *args)):  # a locale before it
            return _printed(template, tuple(args), call)
        case Call(Member(Name("String"), "join"), (separator, Sequence() as items)) if items.complete:
            return _joined(items.items, separator, call)
        case Call(Member(Name("String"), "join"), (separator, *items)) if len(items) > 1:
            return _joined(tuple(items), separator, call)
        case Call(Member(Name("String"), "valueOf"), (Text() | Join() as same,)):
            return same
        case Call(Member(Name("Fragment") | Import(name="Fragment"), "const" | "const0" as name), (sql, *_)) if (
            isinstance(sql, Text | Join)
        ):
            return Join((sql, Text(" ")) if name == "const" else (sql,), "raw", call.offset)
        case Call(Member(Text() | Join() as built, "append"), (more,)):
            return Join((built, more), offset=call.offset)
        case Call(Member(Text() | Join() as first, "trimMargin" | "stripMargin"), _):
            return without_margin(first, call.args)
        case Call(Member(Text() | Join() as same, name), ()) if name in _SAME:
            return same
        case Call(Member(Text() | Join() as template, "replace"), (Text(old), (Text() | Join()) as new)) if old:
            return filled(template, re.compile(re.escape(old)), lambda _: new)
        case Call(Member(Name(owner) | Import(name=str(owner)), "of" | "asList"), args) if owner in _OF:
            return Sequence(args, offset=call.offset)
        case Call(Member(Name("Map") | Import(name="Map"), "of"), args):
            return _pairs(tuple(zip(args[::2], args[1::2], strict=False)), call)
        case Call(Name(name) | Import(name=str(name)), args) if name in _LISTS:
            return Sequence(args, offset=call.offset)
        case Call(Name(name) | Import(name=str(name)), args) if name in _MAPS and args:
            return _map(args, call)
        case Call(Member(Sequence() as items, name)) if name in _JOINS and items.complete:
            return _listed(items, call)
        case _:
            return call


def is_of_jvm(value: Value) -> bool:
    """Whether a value stands in a file of one of these languages, as far as its parts tell."""
    known = _path(value, 0)
    return known is not None and known.endswith(_SUFFIXES)


def _path(value: Value, depth: int) -> str | None:
    """The file that a value, or the first part of it that tells, stands in."""
    inner: tuple[Value, ...] = ()
    match value:
        case Text(path=path) | Name(path=path) | Import(path=path) if path is not None:
            return path
        case Join(parts=inner) | Sequence(items=inner):
            pass
        case Member(owner):
            inner = (owner,)
        case Call(callee, args):
            inner = (callee, *args)
        case _:
            return None
    if depth > _DEEPEST:
        return None
    return next((path for one in inner if (path := _path(one, depth + 1)) is not None), None)


def _printed(template: Text | Join, given: tuple[Value, ...], call: Call) -> Value:
    """java.util.Formatter: what is not known stays a hole."""
    at = 0

    def value(match: re.Match[str]) -> Value:
        nonlocal at
        if match["verb"] in "%n":
            return Text("%" if match["verb"] == "%" else "\n")
        index = int(match["index"]) - 1 if match["index"] else at
        at += 0 if match["index"] else 1
        known = given[index] if 0 <= index < len(given) else Opaque(match[0], call.offset)
        return Opaque(match[0], call.offset) if match["verb"] in _NUMBERS else known

    return filled(template, _VERB, value)


def _joined(items: tuple[Value, ...], separator: Value, call: Call) -> Value:
    parts: list[Value] = []
    for index, item in enumerate(items):
        parts += [separator, item] if index else [item]
    return Join(tuple(parts), offset=call.offset)


def _listed(items: Sequence, call: Call) -> Value:
    """`names.joinToString(", ", "(", ")")`, `mkString("(", ", ", ")")`; items that a function changes are not known."""
    if any(isinstance(one, Lambda) for one in call.args) or any(key == "transform" for key, _ in call.keywords):
        return call
    named = dict(call.keywords)
    made = call.callee.name if isinstance(call.callee, Member) else ""
    usual: Value = Text(", ") if made == "joinToString" else Text("")
    if made == "mkString" and len(call.args) == 3:  # noqa: PLR2004 - before, between and behind the items
        before, separator, behind = call.args
    else:
        separator = named.get("separator", call.args[0] if call.args else usual)
        before = named.get("prefix", call.args[1] if len(call.args) > 1 else Text(""))
        behind = named.get("postfix", call.args[2] if len(call.args) > 2 else Text(""))  # noqa: PLR2004 - the third one
    inner = _joined(items.items, separator, call)
    return Join((before, inner, behind), offset=call.offset)


def _map(args: tuple[Value, ...], call: Call) -> Value:
    """`mapOf("a" to 1)`, `Map("a" -> 1)`."""
    found: list[tuple[Value, Value]] = []
    for arg in args:
        if not isinstance(arg, Call) or not isinstance(arg.callee, Member) or arg.callee.name not in {"to", "->"}:
            return call
        found.append((arg.callee.object, arg.args[0]))
    return _pairs(tuple(found), call)


def _pairs(found: tuple[tuple[Value, Value], ...], call: Call) -> Value:
    entries = tuple((key.text, value) for key, value in found if isinstance(key, Text))
    return Record(entries, len(entries) == len(found), call.offset)


def without_margin(template: Text | Join, given: tuple[Value, ...]) -> Value:
    """`trimMargin("|")`, `stripMargin`: lines without what stands before and up to the mark."""
    mark = given[0].text if given and isinstance(given[0], Text) else "|"
    margin = re.compile(rf"(?:(?<=\n)|\A)[ \t]*{re.escape(mark)}")
    parts: list[Value] = []
    for index, part in enumerate(template.parts if isinstance(template, Join) else (template,)):
        if not isinstance(part, Text):
            parts.append(part)
            continue
        at = 0
        for match in margin.finditer(part.text):
            if match.start() or not index:
                parts.append(cut(part, at, match.start()))
                at = match.end()
        parts.append(cut(part, at, len(part.text)))
    kept = tuple(part for part in parts if not (isinstance(part, Text) and not part.text))
    tag, offset = (template.tag, template.offset) if isinstance(template, Join) else (None, 0)
    return Join(kept, tag, offset)
