"""Swift calls with a known meaning: `String(format: "..", a, b)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .formats import filled
from .values import Call, Join, Name, Opaque, Text

if TYPE_CHECKING:
    from .values import Value

# As Foundation's String(format:) reads them: `%@`, `%d`, `%2$@`, `%%`.
_VERB = re.compile(r"%(?:(?P<index>\d+)\$)?[-#+ 0,(]*\d*(?:\.\d+)?(?:hh|h|ll|l|q|z|t|j|L)?(?P<verb>[%@a-zA-Z])")


def fold_swift(call: Call) -> Value:
    """What a call gives when it formats a known text; else the call itself."""
    match call:
        case Call(Name("String", _, str(path)), args, keywords) if path.endswith(".swift"):
            template = dict(keywords).get("format")
            return _printed(template, args, call) if isinstance(template, Text | Join) else call
        case _:
            return call


def _printed(template: Text | Join, given: tuple[Value, ...], call: Call) -> Value:
    """The template with texts in their places; what is no text stays a hole."""
    at = 0

    def value(match: re.Match[str]) -> Value:
        nonlocal at
        if match["verb"] == "%":
            return Text("%")
        index = int(match["index"]) - 1 if match["index"] else at
        at += 0 if match["index"] else 1
        known = match["verb"] in "@sS" and 0 <= index < len(given)
        return given[index] if known else Opaque(match[0], call.offset)

    return filled(template, _VERB, value)
