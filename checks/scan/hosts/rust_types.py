"""Rust items and types to values: structs, enums, modules, tables of Diesel, and what a declared type alone tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Class, Import, Member, Name, Opaque, Sequence, Text
from .lowering import Lowering
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value

_CUT = 80  # of a type's text
_ROOTS = frozenset({"crate", "super", "self"})
# Types that hold values of their first argument, and those that hold many.
_HOLDING = frozenset({"Option", "Box", "Arc", "Rc", "Cow", "Result", "Ref", "Json", "State", "Data", "Mutex", "RwLock"})
_MANY = frozenset({"Vec", "HashSet", "BTreeSet", "VecDeque", "IntoIterator", "Iterator", "SmallVec"})
_SEVERAL = frozenset({"scoped_identifier", "scoped_type_identifier"})


class RustTypes(Lowering):
    """Lowers items. Attributes of a struct or enum are its keyword "@", those of a field stand under "@" and its name.

    A value that is known by its type alone is that type called without arguments, a list of such values a list that
    may hold more; fields are Opaques of their types behind a colon.
    """

    def path_value(self, node: SgNode) -> Value:
        """`a::b::c`: a name of another module where that is told by its start, else members of a name."""
        path, name = node.field("path"), node.field("name")
        if name is None:
            return self.opaque(node)
        if path is None:  # ::a
            return Import(name.text(), None, self.path)
        module = self.module_of(path)
        if module is not None:
            return Import(module, name.text(), self.path)
        return Member(self.reference(path), name.text(), start(name))

    def module_of(self, node: SgNode) -> str | None:
        """`crate::a`, `super::b` as a text, `super` counted from the file and not from a module inside of it."""
        segments: list[str] = []
        inner: SgNode | None = node
        while inner is not None and inner.kind() in _SEVERAL:
            name = inner.field("name")
            segments.insert(0, name.text() if name is not None else "")
            inner = inner.field("path")
        if inner is None or inner.kind() not in _ROOTS:
            return None
        return self.module_name([inner.text(), *segments], node)

    def module_name(self, segments: list[str], node: SgNode) -> str:
        """The path of a module as other files would write it: those that stand in this file are part of it."""
        around = sum(a.kind() == "mod_item" for a in node.ancestors())
        while around and segments and segments[0] == "super":
            segments, around = segments[1:], around - 1
            if not segments or segments[0] != "super":
                return "::".join(["self", *segments])
        return "::".join(segments)

    def reference(self, kind: SgNode) -> Value:
        """A type, or the path to an item, as the name that it is declared by."""
        while kind.kind() in {"reference_type", "generic_type", "bracketed_type", "qualified_type", "pointer_type"}:
            inner = kind.field("type") or self.inside(kind)
            if inner is None:
                break
            kind = inner
        return self.lower(kind)

    def declared(self, kind: SgNode) -> Value:
        """A value of which no more is known than its type."""
        begin, end = extent_of(kind)
        match kind.kind():
            case "reference_type" | "bracketed_type" | "qualified_type" | "pointer_type" if (
                inner := kind.field("type")
            ) is not None:
                return self.declared(inner)
            case "array_type" | "slice_type" if (element := kind.field("element") or self.inside(kind)) is not None:
                return self._many(kind, element)
            case "generic_type" if (name := kind.field("type")) is not None:
                return self._generic(kind, name.text().rpartition("::")[2])
            case "type_identifier" | "scoped_type_identifier":
                return Call(self.lower(kind), (), (), begin, begin, end)
            case _:
                return self._unknown(kind)

    def _generic(self, kind: SgNode, name: str) -> Value:
        given = kind.field("type_arguments") or next((c for c in items(kind) if c.kind() == "type_arguments"), None)
        first = next((c for c in items(given) if c.kind() != "lifetime"), None) if given is not None else None
        if first is not None and name in _HOLDING:
            return self.declared(first)
        if first is not None and name in _MANY:
            return self._many(kind, first)
        begin, end = extent_of(kind)
        return Call(self.reference(kind), (), (), begin, begin, end)

    def _many(self, kind: SgNode, element: SgNode) -> Value:
        item = self.declared(element)
        return (
            self._unknown(kind) if isinstance(item, Opaque) else Sequence((item,), complete=False, offset=start(kind))
        )

    def _unknown(self, kind: SgNode) -> Opaque:
        return Opaque(": " + " ".join(kind.text().split())[:_CUT], start(kind))

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A struct or enum that starts at `begin`: its fields or variants, and what its impls in this file hold."""
        name = node.field("name")
        plain = name.text() if name is not None else ""
        body = node.field("body")
        entries = tuple(entry for field in items(body) for entry in self._field(field)) if body is not None else ()
        return Class(plain, (), (*entries, *self.of_impls(plain)), (("@", self.attributes(node)),), begin, self.path)

    def _field(self, field: SgNode) -> Iterator[tuple[str, Value]]:
        name = field.field("name")
        if field.kind() not in {"field_declaration", "enum_variant"} or name is None:
            return
        kind = field.field("type")
        yield f"@{name.text()}", self.attributes(field)
        yield name.text(), self._unknown(kind) if kind is not None else Opaque(": variant", start(field))

    def attributes(self, node: SgNode) -> Text:
        """What stands in the `#[..]` before an item, one on each line."""
        found: list[str] = []
        before = node.prev()
        while before is not None and (before.kind() == "attribute_item" or before.kind().endswith("comment")):
            if before.kind() == "attribute_item":
                found.insert(0, before.text()[1:].strip()[1:-1].strip())
            before = before.prev()
        return Text("\n".join(found), (), self.path)

    def of_impls(self, name: str) -> tuple[tuple[str, Value], ...]:
        """The constants and functions of a type that stand in this file."""
        del name
        return ()

    def module_class(self, node: SgNode) -> Class:
        """A module that stands in this file, as a class of its items."""
        name, body = node.field("name"), node.field("body")
        plain = name.text() if name is not None else ""
        entries = tuple(entry for item in items(body) for entry in self.item(item)) if body is not None else ()
        return Class(plain, (), entries, (("mod", Text(plain)),), start(node), self.path)

    def item(self, node: SgNode) -> Iterator[tuple[str, Value]]:
        """The name and the value of one item."""
        name, value = node.field("name"), node.field("value")
        if name is None:
            if (table := self.table(node)) is not None:
                yield table.name, table
            return
        match node.kind():
            case "const_item" | "static_item" if value is not None:
                yield name.text(), self.lower(value)
            case "function_item":
                yield name.text(), self.function_of(node)
            case "struct_item" | "enum_item":
                yield name.text(), self.class_(node)
            case "type_item" if (kind := node.field("type")) is not None:
                yield name.text(), self.reference(kind)
            case "mod_item" if node.field("body") is not None:
                yield name.text(), self.module_class(node)
            case _:
                pass

    def table(self, node: SgNode) -> Class | None:
        """`table! { schema.name (key) { column -> Type, .. } }` of Diesel, or the view that is written alike.

        The keyword "table!" holds the name in the database, "schema" the schema, "key" the columns of the key; names of
        columns in the database stand under "@" and the column's name.
        """
        if node.kind() != "macro_invocation":
            return None
        macro = node.field("macro")
        if macro is None or macro.text().rpartition("::")[2] not in {"table", "view"}:
            return None
        tokens = next((one for one in items(node) if one.kind() == "token_tree"), None)
        return _Table(self).read(tokens) if tokens is not None else None


class _Table:
    """Reads the tokens of one table."""

    def __init__(self, lowering: RustTypes) -> None:
        self._lowering = lowering

    def read(self, tokens: SgNode) -> Class | None:
        inner = [one for one in tokens.children()[1:-1] if not one.kind().endswith("comment")]
        body = next((index for index, one in enumerate(inner) if one.text()[:1] == "{"), None)
        if body is None:
            return None
        named = self._after_use(inner[:body])
        key = next((one for one in named if one.text()[:1] == "("), None)
        words = [one for one in named if one.kind() == "identifier"]
        if not words:
            return None
        sql_name = next((name for one in named if (name := self._sql_name(one)) is not None), None)
        begin, path = start(words[-1]), self._lowering.path
        keywords: list[tuple[str, Value]] = [("table!", Text(sql_name or words[-1].text()))]
        keywords += [("schema", Text(words[-2].text()))] if len(words) > 1 else []
        keys = [one.text() for one in items(key) if one.kind() == "identifier"] if key is not None else ["id"]
        keywords.append(("key", Sequence(tuple(Text(one) for one in keys))))
        return Class(words[-1].text(), (), tuple(self._columns(inner[body])), tuple(keywords), begin, path)

    @staticmethod
    def _after_use(tokens: list[SgNode]) -> list[SgNode]:
        """What follows the last `use ..;`."""
        last = max((index for index, one in enumerate(tokens) if one.text() == ";"), default=-1)
        return tokens[last + 1 :]

    def _sql_name(self, token: SgNode) -> str | None:
        """The name in `[sql_name = ".."]`."""
        inner = items(token) if token.text()[:1] == "[" else []
        if len(inner) < 2 or inner[0].text() != "sql_name":  # noqa: PLR2004 - the word and its value
            return None
        value = self._lowering.lower(inner[1])
        return value.text if isinstance(value, Text) else None

    def _columns(self, body: SgNode) -> Iterator[tuple[str, Value]]:
        sql_name: str | None = None
        tokens = body.children()[1:-1]
        for index, token in enumerate(tokens):
            sql_name = self._sql_name(token) or sql_name
            follows = tokens[index + 1].text() if index + 1 < len(tokens) else ""
            if token.kind() == "identifier" and follows == "->":
                if sql_name is not None:
                    yield f"@{token.text()}", Text(sql_name)
                kind = "".join(one.text() for one in tokens[index + 2 : index + 4])
                yield token.text(), Opaque(f": {kind}", start(token))
                sql_name = None


def plain_name(value: Value) -> str:
    """The last name of a path."""
    match value:
        case Name(name) | Member(name=name) | Import(name=str(name)):
            return name
        case _:
            return ""


def raw(text: str, begin: int, end: int, path: str) -> Text:
    """The Text of `r#".."#` at that place."""
    opening, closing = text.index('"', begin), text.rindex('"', begin, end)
    return decode(text, opening + 1, closing, path, escapes=False)
