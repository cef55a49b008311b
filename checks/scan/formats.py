"""Templates that are given values: printf's `%s`, Python's `{}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .literals import cut
from .values import Join, Member, Opaque, Record, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from .values import Value

_PERCENT = re.compile(
    r"%(?:[(<](?P<key>[^)>]*)[)>])?[#0\- +]*\d*(?:\.\d+)?(?P<sign>[%a-zA-Z])|%\{(?P<braced>\w+)\}"  # the last Ruby's
)
_FIELD = re.compile(r"\{\{|\}\}|\{(?P<key>[^{}!:]*)(?:![rsa])?(?::[^{}]*)?\}")


def percent(template: Text | Join, given: Value) -> Value:
    """`"..." % given`; what is not known stays a hole."""
    rest = iter(given.items if isinstance(given, Sequence) else [given])

    def value(match: re.Match[str]) -> Value:
        if match["sign"] == "%":
            return Text("%")
        key = match["key"] or match["braced"]
        if key is None:
            return next(rest, Opaque(match[0]))
        known = given.get(key) if isinstance(given, Record) else None
        return known if known is not None else Opaque(key)

    return filled(template, _PERCENT, value)


def formatted(template: Text | Join, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> Value:
    """`"...".format(*args, **keywords)`, of str and of psycopg's sql.SQL."""
    named = dict(keywords)
    positions = iter(range(len(args)))

    def value(match: re.Match[str]) -> Value:
        if match["key"] is None:
            return Text(match[0][0])
        key = match["key"]
        index = int(key) if key.isdecimal() else next(positions, len(args)) if not key else None
        if index is not None:
            return args[index] if index < len(args) else Opaque(match[0])
        owner, *members = key.split(".")
        known: Value = named.get(owner, Opaque(key))
        for member in members:
            known = Member(known, member)
        return known

    return filled(template, _FIELD, value)


def filled(template: Text | Join, fields: re.Pattern[str], value: Callable[[re.Match[str]], Value]) -> Value:
    """The template with every match of `fields` in its known parts replaced by what `value` makes of it."""
    parts: list[Value] = []
    for part in template.parts if isinstance(template, Join) else (template,):
        if isinstance(part, Join):
            parts.append(filled(part, fields, value))
            continue
        if not isinstance(part, Text):
            parts.append(part)
            continue
        at = 0
        for match in fields.finditer(part.text):
            parts += [cut(part, at, match.start()), value(match)]
            at = match.end()
        parts.append(cut(part, at, len(part.text)))
    tag = template.tag if isinstance(template, Join) else None
    offset = template.offset if isinstance(template, Join) else 0
    return Join(tuple(part for part in parts if not (isinstance(part, Text) and not part.text)), tag, offset)
