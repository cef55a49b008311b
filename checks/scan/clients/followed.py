"""Lookups, updates and deletes that a plain INSERT follows in one function of JavaScript.

What lists or counts rows does not ask whether one is there: a query that may give several rows counts where the code
takes the first of them or asks whether there is none. A DELETE counts where nothing repeats what comes after it,
anything else where a condition holds its result; and each only where the INSERT writes the values that were compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import Mechanism
from ..values import Call, Choice, Member, Record, Sequence
from .chain import own_links
from .reading import called_name
from .spelling import bare, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Module, Resolve, SiteFact
    from ..values import Value

_NEAR = 200  # characters before a statement in which its result is given a name
_REPEATS = re.compile(r"\b(?:for|while)\b|\.(?:map|forEach|reduce|each)\s*\(")
_LEAVES = re.compile(r"[^{}]*?\b(?:return|throw)\b[^{}]*\}|[^{}]*\}\s*else\b")  # the block that a statement stands in
_HELD = re.compile(r"([\w$]+|\[[^\][]*\]|\{[^{}]*\})\s*(?::[^=;{}]*)?=\s*(?:\(\s*|await\s+)*$")
_ASKED = (
    r"\b(?:if|while)\s*\([^;{{]{{0,300}}(?<![\w$.]){0}(?![\w$])"
    r"|(?<![\w$.]){0}(?![\w$])(?:\??\.[\w$]+|\[0\])*\s*(?:(?:[!=]==?|[<>]=?)[^;?]{{0,40}})?(?:\?(?!\.)|\|\|)"
)
_REQUIRED = (
    r"\bif\s*\(\s*(?:!\s*{0}(?![\w$])[\w.?\[\]]*|{0}(?![\w$])[\w.?\[\]]*\s*(?:===?\s*(?:0n?|null|undefined)|<\s*1))\s*\)"
    r"\s*(?:\{{[^{{}}]{{0,200}}?)?(?:throw\b|return\b(?!\s*\(?\s*(?:await\s*)?\Z))"
)
_OTHERWISE = re.compile(r"\s*\)*(?:\[0\])?\s*(?:\?(?!\.)|\|\|)")
_ASKED_AT_ONCE = re.compile(r"\bif\s*\((?:[\s!(]|await\b)*$")
_FIRST = re.compile(r"\s*\)*\s*(?:\[0\]|\??\.(?:at\(0\)|shift\(\)))")
_THEN_FIRST = re.compile(
    r"\s*\)?\s*\.then\(\s*(?:\(?\[|takeFirst|takeUnique|\(?(?P<one>\w+)\)?\s*=>\s*(?P=one)\??(?:\.)?\[0\])"
)
_NO_ROWS = r"\??\.length\b(?!\s*[<>]=?\s*(?:[2-9]|\d\d|[A-Za-z_$(]))(?!\s*={2,3}\s*[1-9A-Za-z_$])"


@dataclass(frozen=True, slots=True)
class Asking:
    """A statement by a key: the last call of its chain, and whether it may give `several` rows."""

    mechanism: Mechanism
    call: Call
    several: bool = False


def with_rows(facts: Iterable[SiteFact]) -> list[Call]:
    """The calls of `.values(rows)` in what a client found."""
    calls = [fact.values["receiver"] for fact in facts]
    return [call for call in calls if isinstance(call, Call) and called_name(call) == "values"]


def longest(module: Module, names: frozenset[str]) -> tuple[tuple[Call, ...], ...]:
    """The links of each chain that has a call of these names, up to the last of those."""
    found: dict[int, tuple[Call, ...]] = {}
    for call in module.calls(names):
        _, links = own_links(call)
        if links and len(links) > len(found.get(links[0].name_offset, ())):
            found[links[0].name_offset] = links
    return tuple(found.values())


def followed(
    module: Module, asking: Iterable[Asking], inserts: Iterable[Call]
) -> Iterator[tuple[Asking, tuple[Call, ...]]]:
    """Each statement with the INSERTs that it may decide on."""
    starts = [(call, module.function_at(call.offset)) for call in inserts]
    for one in asking:
        after = [
            call
            for call, function in starts
            if function is not None
            and function.offset <= one.call.offset
            and one.call.end <= call.offset
            and _decides(module.file.text, one, call.offset)
        ]
        if after:
            yield one, tuple(after)


def _decides(text: str, one: Asking, until: int) -> bool:
    between = text[one.call.end : until]
    match one.mechanism:
        case Mechanism.DELETE_INSERT:
            return _REPEATS.search(between) is None and _LEAVES.match(between) is None
        case Mechanism.UPDATE_THEN_INSERT:
            return _is_asked(text, one.call, between)
        case _:
            return _is_asked(text, one.call, between) and (not one.several or _is_one(text, one.call, between))


def _held(text: str, call: Call) -> str:
    """The name, or the pattern, that the result of a call is given to."""
    found = _HELD.search(text[max(0, call.offset - _NEAR) : call.offset])
    return found[1] if found is not None else ""


def _is_asked(text: str, call: Call, between: str) -> bool:
    """Whether a condition holds the result of a statement."""
    names = re.findall(r"[\w$]+", _held(text, call))
    if any(re.search(_REQUIRED.format(re.escape(name)), between) for name in names):
        return False  # it goes on with a row alone
    asked = (_ASKED.format(re.escape(name)) for name in names)
    if any(re.search(condition, between) for condition in asked):
        return True
    head = text[max(0, call.offset - _NEAR) : call.offset]
    return _ASKED_AT_ONCE.search(head) is not None or (not names and _OTHERWISE.match(between) is not None)


def _is_one(text: str, query: Call, between: str) -> bool:
    """Whether the first row alone is taken, or it is asked whether there is none."""
    held = _held(text, query)
    if _FIRST.match(text, query.end) or _THEN_FIRST.match(text, query.end):
        return True
    if held.startswith("["):
        return "," not in held and "..." not in held
    names = [] if held.startswith("{") else re.findall(r"[\w$]+", held)
    return any(re.search(rf"(?<![\w$]){re.escape(name)}(?:\??\.?\[0\]|{_NO_ROWS})", between) for name in names)


def writes_what_was_asked(keys: Iterable[tuple[str, Value]], row: Value, resolve: Resolve) -> bool:
    """Whether a row, by its attributes, is given each of the keys with the value that it was compared with."""
    known = resolve(row)
    match known:
        case Choice(options):
            return any(writes_what_was_asked(keys, option, resolve) for option in options)
        case Sequence(items=(item,)):
            return writes_what_was_asked(keys, item, resolve)
        case _:
            pairs = [(name, resolve(value)) for name, value in keys]
            return bool(pairs) and all(_is_given(name, value, known, resolve) for name, value in pairs)


def _is_given(name: str, asked: Value, row: Value, resolve: Resolve) -> bool:
    given = row.get(name) if isinstance(row, Record) else None
    if given is not None:
        return _alike(resolve(given), asked)
    origins = [resolve(spread) for _, spread in row.spreads] if isinstance(row, Record) else [row]
    known = bare(asked)
    return isinstance(known, Member) and known.name == name and any(_alike(known.object, one) for one in origins)


def _alike(one: Value, other: Value) -> bool:
    """Whether two values are the same as they are written."""
    left = spelled(one)
    return left is not None and left == spelled(other)
