"""C# literals to values: strings of all kinds, numbers, booleans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Constant
from .csharp_types import CSharpTypes
from .lowering import interpolated
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

# Methods of Entity Framework Core that bind what is interpolated into their text.
_BINDING = frozenset({
    "ExecuteSqlInterpolated", "ExecuteSqlInterpolatedAsync", "ExecuteSql", "ExecuteSqlAsync", "FromSqlInterpolated",
    "FromSql", "SqlQuery",
})  # fmt: skip
_BINDS = "sql"  # the tag of a text whose holes are bound


class CSharpTexts(CSharpTypes):
    """Lowers literals; places in them stay exact."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "verbatim_string_literal": self._verbatim,
            "raw_string_literal": self._raw,
            "interpolated_string_expression": self._interpolated,
            "boolean_literal": self._boolean,
        }

    def string(self, node: SgNode) -> Value:
        """A string in double quotes."""
        begin, end = extent_of(node)
        end -= 2 if node.text().endswith(("u8", "U8")) else 0
        return decode(self.text, begin + 1, end - 1, self.path)

    def _verbatim(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin + 2, end - 1, self.path, escapes=False, doubled='"')

    def _raw(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        quotes = _quotes(node.text())
        return decode(self.text, begin + quotes, end - quotes, self.path, escapes=False)

    def _interpolated(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        text = node.text()
        lead = text[: text.index('"')]
        quotes = _quotes(text[len(lead) :])
        raw, verbatim = quotes > 1, "@" in lead
        doubled = "" if raw else '{}"' if verbatim else "{}"
        at, end = begin + len(lead) + quotes, end - quotes
        parts: list[Value] = []
        for child in items(node):
            if child.kind() == "interpolation":
                first, last = extent_of(child)
                parts.append(decode(self.text, at, first, self.path, escapes=not (raw or verbatim), doubled=doubled))
                parts.append(self._hole(child))
                at = last
        parts.append(decode(self.text, at, end, self.path, escapes=not (raw or verbatim), doubled=doubled))
        return interpolated(parts, begin, _BINDS if self._is_bound(node) else None)

    def _hole(self, node: SgNode) -> Value:
        inner = next((child for child in items(node) if child.kind() != "interpolation_brace"), None)
        return self.lowered(inner)

    def _is_bound(self, node: SgNode) -> bool:
        """Whether the string is given to a method that binds its holes."""
        listed = next((a for a in node.ancestors() if a.kind() != "argument"), None)
        call = listed.parent() if listed is not None and listed.kind() == "argument_list" else None
        callee = call.field("function") if call is not None and call.kind() == "invocation_expression" else None
        return callee is not None and callee.text().rpartition(".")[2].partition("<")[0] in _BINDING

    def _boolean(self, node: SgNode) -> Value:
        return Constant(node.text() == "true", start(node))

    def number(self, node: SgNode) -> Value:
        """A number without separators and suffixes."""
        try:
            return Constant(float(node.text().replace("_", "").rstrip("fFdDmMlLuU")), start(node))
        except ValueError:
            return self.opaque(node)


def _quotes(text: str) -> int:
    """How many quotes a literal opens with: one, or three and more."""
    count = len(text) - len(text.lstrip('"'))
    return count if count > 2 and len(text) >= 2 * count else 1  # noqa: PLR2004 - `""` is an empty string
