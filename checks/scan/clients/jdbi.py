"""Statements of JDBI in which `<name>` stands for SQL that the caller defines.

`handle.createUpdate("INSERT INTO <table> ..").define("table", "users")`, and `@Define("table") String table` of an
interface. Source: JDBI 3, DefinedAttributeTemplateEngine, its default: `<` and `>` around a name of word characters.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..formats import filled
from ..literals import place_of
from ..values import Call, Join, Member, Opaque, Sequence, Text
from .chain import name_of, own_links

if TYPE_CHECKING:
    from ..model import Module
    from ..values import Value

_NAMED = re.compile(r"<([A-Za-z_]\w*)>")
_DEFINES = frozenset({"define", "defineList"})
_STATEMENTS = frozenset({"createUpdate", "createQuery", "prepareBatch", "createScript", "createCall"})
_DEFINED = re.compile(r'@Define\(\s*"(?P<name>\w+)"\s*\)\s*(?:final\s+)?(?:String\s+(?P<java>\w+)|(?P<kotlin>\w+)\s*:)')


class Templates:
    """What the names in the statements of one file stand for."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._used = "org.jdbi" in module.file.text

    def filled(self, value: Value) -> Value:
        """The string with what its names stand for; a hole for a name that is not known."""
        begin = place_of(value)
        if not self._used or begin is None:
            return value
        return _filled(value, self._chained.get(begin) or self._of_method(begin), begin)

    @cached_property
    def _chained(self) -> dict[int, dict[str, Value]]:
        """By the place of a statement the names that the chain behind it defines."""
        found: dict[int, dict[str, Value]] = {}
        for call in self._module.calls(_DEFINES):
            _, links = own_links(call)
            made = next((link for link in links if name_of(link) in _STATEMENTS and link.args), None)
            begin = place_of(made.args[0]) if made is not None else None
            if begin is not None and len(call.args) > 1 and isinstance(name := call.args[0], Text):
                given = call.args[1] if name_of(call) == "define" else Sequence(call.args[1:], offset=call.offset)
                found.setdefault(begin, {})[name.text] = given
        return found

    def _of_method(self, begin: int) -> dict[str, Value]:
        """What the parameters define of the method that the statement stands before."""
        method = self._module.function_at(begin)
        if method is None:
            return {}
        params = {param.name: param for param in method.params}
        named = _DEFINED.finditer(self._module.file.text, begin, method.end)
        found = {match["name"]: params.get(match["java"] or match["kotlin"]) for match in named}
        return {name: param for name, param in found.items() if param is not None}


def _filled(value: Value, known: dict[str, Value], begin: int) -> Value:
    match value:
        case Text() | Join():
            return filled(value, _NAMED, lambda match: _meant(known.get(match[1]), match[0], begin))
        case Call(Member(owner) as callee, args):
            own = replace(callee, object=_filled(owner, known, begin))
            return replace(value, callee=own, args=tuple(_filled(arg, known, begin) for arg in args))
        case _:
            return value


def _meant(value: Value | None, source: str, begin: int) -> Value:
    """The names of a list are put apart by commas."""
    if not isinstance(value, Sequence):
        return value if value is not None else Opaque(source, begin)
    parts: list[Value] = []
    for one in value.items:
        parts += [Text(", "), one] if parts else [one]
    return Join(tuple(parts))
