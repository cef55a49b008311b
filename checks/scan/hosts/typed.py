"""Values that are known by their declared type alone, in languages of the JVM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Name, Opaque
from .nodes import extent_of, start

if TYPE_CHECKING:
    from collections.abc import Collection

    from ast_grep_py import SgNode

    from ..values import Value
    from .lowering import Lowering

BUILDERS = frozenset({"StringBuilder", "StringBuffer"})
LISTS = frozenset({"List", "MutableList", "Collection", "Iterable", "Set", "Sequence", "Array", "ArrayList"})
_OWN = frozenset({
    "String", "CharSequence", "Object", "Any", "Integer", "Int", "Long", "Short", "Byte", "Boolean", "Double", "Float",
    "Character", "Char", "BigDecimal", "BigInteger", "UUID", "Instant", "LocalDate", "LocalDateTime", "OffsetDateTime",
    "Date", "Timestamp", "var", "val", "T", "Unit", "Void", "Number",
})  # fmt: skip
_CUT = 80


def typed(lowering: Lowering, kind: SgNode | None, named: Collection[str]) -> Value:
    """A value of which no more is known than its type: that type called without arguments.

    Of a type of the language itself an Opaque of its text behind a colon. `named` are the kinds of names of types.
    """
    if kind is None:
        return Opaque(":")
    begin, end = extent_of(kind)
    callee = lowering.lower(kind) if kind.kind() in named else None
    if callee is None or isinstance(callee, Opaque) or (isinstance(callee, Name) and callee.name in _OWN):
        return Opaque(f": {' '.join(kind.text().split())}"[:_CUT], start(kind))
    return Call(callee, (), (), begin, begin, end)
