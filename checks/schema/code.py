"""What code that failed (DO, CALL, a function) may have left undone, told by its text and its functions' bodies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

_DEFINES = re.compile(r"\b(?:create|alter|drop)\b")
# EXECUTE of anything but a whole string, and not that of CREATE TRIGGER.
_DYNAMIC = re.compile(r"\bexecute\b(?!\s+(?:function|procedure)\b)(?!\s*'[^']*'\s*(?:;|using\b|into\b))")
# A string that begins as a statement: what is executed dynamically then stands, but for names, in the text.
_SPELLED = re.compile(
    r"['$]\s*(?:create|alter|drop|update|insert|delete|grant|revoke|comment|set|refresh|truncate|analyze|select|with|notify)\b"
)
# What inference and the rules read of a relation that is there already.
_MATTERS = re.compile(
    r"\b(?:unique|primary\s+key|exclude|constraint|column|not\s+null|rename|set\s+schema|attach|detach|inherit|partition|rule"
    r"|alter\s+table[^;]*?\salter|view|drop\s+(?:table|index)|add\s+(?!table\b)|instead\s+of|before\s+insert)\b"
)
_CALL = re.compile(r"\b([a-z_][\w$]*)\s*\(")
_NO_CALL = frozenset({"elsif", "foreach", "loop", "perform", "raise", "return", "while"})
_DEEPEST = 5
_BODIES = """
SELECT p.oid::bigint, coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND p.proname = ANY (%s)
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT p.oid = ANY (%s::oid[])
"""
_STRANGERS = """
SELECT called.name FROM pg_catalog.unnest(%s::text[]) AS called (name)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = called.name)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = called.name)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_type WHERE typname = called.name)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_get_keywords() AS k WHERE k.word = called.name)
LIMIT 1
"""


def with_bodies(text: str, query: Query) -> str:
    """`text` and the bodies of the functions that it calls, and of those that they call."""
    parts, new, seen = [text], text, list[int]()
    for _ in range(_DEEPEST):
        found = query(_BODIES, (_calls(new), seen))
        if not found:
            break
        seen += [oid for oid, _ in found]
        new = "\n".join(body for _, body in found)
        parts.append(new)
    return "\n".join(parts)


def leaves_all_as_it_is(code: str, query: Query) -> bool:
    """Whether `code` defines nothing that matters: it has no such statement, and calls nothing that is not there."""
    lowered = code.casefold()
    defines = _DEFINES.search(lowered) and matters(lowered)
    return not (defines or _is_opaque(lowered) or query(_STRANGERS, (_calls(lowered),)))


def may_reach_anything(code: str) -> bool:
    """Whether `code` makes statements at run time that matter, so that its text does not name what they are about."""
    lowered = code.casefold()
    return _is_opaque(lowered) or (matters(lowered) and _DYNAMIC.search(lowered) is not None)


def matters(text: str) -> bool:
    """Whether a text has words of a definition that inference or the rules read."""
    return _MATTERS.search(text.casefold()) is not None


def _is_opaque(lowered: str) -> bool:
    return _DYNAMIC.search(lowered) is not None and not _SPELLED.search(lowered)


def _calls(text: str) -> list[str]:
    return sorted({*_CALL.findall(text.casefold())} - _NO_CALL)
