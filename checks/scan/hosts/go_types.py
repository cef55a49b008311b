"""Go types to values: what a declaration alone tells, and types as classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Choice, Class, Constant, Lambda, Member, Name, Opaque, Record, Sequence, Text
from .lowering import Lowering
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Param, Value
    from .grammar import Grammar

SCALARS = frozenset({
    "string", "bool", "byte", "rune", "error", "any", "int", "int8", "int16", "int32", "int64", "uint", "uint8",
    "uint16", "uint32", "uint64", "uintptr", "float32", "float64", "complex64", "complex128",
})  # fmt: skip
BUILDERS = frozenset({"strings.Builder", "bytes.Buffer"})
_CUT = 80  # of a type's text


class GoTypes(Lowering):
    """Lowers types. A value that is known by its type alone is that type called without arguments.

    So `var h Host` is `Host()`, a slice of such values a list that may hold more, a built-in type an Opaque of its text
    behind a colon. Pointers are what they point to.
    """

    def __init__(self, grammar: Grammar, text: str, path: str) -> None:
        super().__init__(grammar, text, path)
        # Set by what knows the names of the file: functions with their parameters, the methods of a type.
        self.function_of: Callable[[SgNode], Lambda] = lambda node: self.returning(node, "", ())
        self.methods_of: Callable[[str], list[SgNode]] = lambda _: []

    def returning(self, node: SgNode, name: str, params: tuple[Param, ...]) -> Lambda:
        """A function as what it returns, or as what its declared result is when no more is known."""
        kind, result = node.field("result"), self.returned(node)
        if result is None or isinstance(result, Opaque):
            result = self.declared(kind) if kind is not None else self.opaque(node)
        elif kind is not None and kind.kind() == "parameter_list":
            result = _typed(result, self._results(kind))
        return Lambda(name, params, result, start(node), self.path)

    def reference(self, kind: SgNode) -> Value:
        """A type as the name that it is declared by."""
        while kind.kind() in {"pointer_type", "parenthesized_type", "generic_type"}:
            inner = kind.field("type") or self.inside(kind)
            if inner is None:
                break
            kind = inner
        return self.lower(kind) if kind.kind() in {"type_identifier", "qualified_type"} else self.opaque(kind)

    def declared(self, kind: SgNode) -> Value:
        """A value of which no more is known than its type."""
        begin, end = extent_of(kind)
        match kind.kind():
            case "pointer_type" | "parenthesized_type" | "parameter_declaration":
                inner = kind.field("type") or self.inside(kind)
                return self.declared(inner) if inner is not None else self._unknown(kind)
            case "parameter_list":  # of a function's results
                return self._results(kind)
            case "slice_type" | "array_type" if (element := kind.field("element")) is not None:
                item = self.declared(element)
                return (
                    self._unknown(kind) if isinstance(item, Opaque) else Sequence((item,), complete=False, offset=begin)
                )
            case "type_identifier" if kind.text() in SCALARS:
                return self._unknown(kind)
            case "type_identifier" | "qualified_type" | "generic_type":
                callee = self.reference(kind)
                return self._unknown(kind) if isinstance(callee, Opaque) else Call(callee, (), (), begin, begin, end)
            case _:
                return self._unknown(kind)

    def _results(self, kind: SgNode) -> Value:
        found: list[Value] = []
        for one in items(kind):
            names = [name for name in items(one) if name.kind() == "identifier"]
            found += [self.declared(one)] * max(len(names), 1)
        return found[0] if len(found) == 1 else Sequence(tuple(found), offset=start(kind))

    def _unknown(self, kind: SgNode) -> Opaque:
        return Opaque(": " + " ".join(kind.text().split())[:_CUT], start(kind))

    @staticmethod
    def is_scalar(kind: SgNode) -> bool:
        """Whether a type is one of the language's own that hold one value."""
        return kind.text() in SCALARS

    def zero(self, kind: SgNode) -> Value:
        """What a variable of a type holds before anything is assigned to it."""
        if kind.text() in BUILDERS:
            return Text("", (), self.path)
        if kind.kind() == "map_type":
            return Record((), offset=start(kind))
        known = self.declared(kind)
        is_list = kind.kind() in {"slice_type", "array_type"}
        return Sequence((), offset=start(kind)) if is_list and isinstance(known, Opaque) else known

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A type: its fields, each behind its tag under "@" and the field's name, and the methods of this file.

        Embedded types are fields by their own names, and bases. The type that another one is made of is the keyword
        "type".
        """
        name, kind = node.field("name"), node.field("type")
        plain = name.text() if name is not None else ""
        methods = tuple((own.name, own) for own in (self.function_of(one) for one in self.methods_of(plain)))
        if kind is None or kind.kind() != "struct_type":
            made = (("type", self.declared(kind)),) if kind is not None else ()
            return Class(plain, (), methods, made, begin, self.path)
        entries: list[tuple[str, Value]] = []
        bases: list[Value] = []
        for field in kind.find_all(kind="field_declaration"):
            holder = field.parent()
            if holder is not None and (owner := holder.parent()) is not None and owner == kind:
                entries += self._field(field, bases)
        return Class(plain, tuple(bases), (*entries, *methods), (), begin, self.path)

    def _field(self, field: SgNode, bases: list[Value]) -> list[tuple[str, Value]]:
        tag = next((one for one in items(field) if one.kind() in self.grammar.literals), None)
        names = [one.text() for one in items(field) if one.kind() == "field_identifier"]
        kind = field.field("type") or next(iter(items(field)), None)
        if kind is None:
            return []
        if not names:
            base = self.reference(kind)
            if not isinstance(base, (Name, Member)):
                return []
            bases.append(base)
            names = [base.name]
        known = self.declared(kind)
        tags = [(f"@{name}", self.lower(tag)) for name in names] if tag is not None else []
        return [*tags, *((name, known) for name in names)]


def _typed(result: Value, declared: Value) -> Value:
    """Several values that a function returns, names and nil as that or as any value of their declared types."""
    match result, declared:
        case Choice(options, complete), Sequence():
            return Choice(tuple(_typed(option, declared) for option in options), complete)
        case Sequence(values, complete, offset), Sequence(kinds) if len(values) == len(kinds):
            pairs = zip(values, kinds, strict=True)
            return Sequence(tuple(_either(value, kind) for value, kind in pairs), complete, offset)
        case _:
            return result


def _either(value: Value, kind: Value) -> Value:
    plain = isinstance(value, (Name, Member, Constant)) and not isinstance(kind, Opaque)
    return Choice((value, kind)) if plain else value
