"""C# expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Constant, Lambda, Member, Name, Opaque, Record, Sequence, Text
from .csharp_types import LISTS, CSharpTypes
from .lowering import interpolated
from .nodes import extent_of, items, sign, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value
    from .grammar import Grammar

_DICTIONARIES = frozenset({
    "Dictionary", "SortedDictionary", "ConcurrentDictionary", "ExpandoObject", "OrderedDictionary", "SortedList",
})  # fmt: skip
# Methods of Entity Framework Core that bind what is interpolated into their text.
_BINDING = frozenset({
    "ExecuteSqlInterpolated", "ExecuteSqlInterpolatedAsync", "ExecuteSql", "ExecuteSqlAsync", "FromSqlInterpolated",
    "FromSql", "SqlQuery",
})  # fmt: skip
_FIELDS = frozenset({"assignment_expression", "initializer_expression"})
_BINDS = "sql"  # the tag of a text whose holes are bound


class CSharpLowering(CSharpTypes):
    """Lowers the expressions of one file: `new T(a) { B = c }` is a call of T, what it initialises are keywords."""

    def __init__(self, grammar: Grammar, text: str, path: str) -> None:
        super().__init__(grammar, text, path)
        self._owners: list[Value] = []  # of `?.`, innermost last

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "verbatim_string_literal": self._verbatim,
            "raw_string_literal": self._raw,
            "interpolated_string_expression": self._interpolated,
            "boolean_literal": self._boolean,
            "this": self.name,
            "base": self._base,
            "predefined_type": self.reference,
            "generic_name": self.reference,
            "qualified_name": self.reference,
            "alias_qualified_name": self.reference,
            "argument": self.argument,
            "conditional_access_expression": self._conditional,
            "member_binding_expression": self._bound,
            "element_access_expression": self._indexed,
            "conditional_expression": self._ternary,
            "switch_expression": self._switch,
            "cast_expression": self._cast,
            "as_expression": self._as,
            "postfix_unary_expression": self._postfix,
            "lambda_expression": self._function,
            "anonymous_method_expression": self._function,
            "implicit_object_creation_expression": self._implied,
            "anonymous_object_creation_expression": self._anonymous,
            "array_creation_expression": self._array,
            "implicit_array_creation_expression": self._array,
            "initializer_expression": self._items,
            "collection_expression": self._items,
            "collection_element": self.argument,
            "spread_element": self._spread,
            "tuple_expression": self._items,
            "typeof_expression": self._type_of,
            "default_expression": self._default,
            "with_expression": self._with,
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

    def _base(self, node: SgNode) -> Value:
        return Name("this", start(node), self.path)

    def member(self, node: SgNode) -> Value:
        """`owner.name`, whose name may have type arguments."""
        owner, name = node.field("expression"), node.field("name")
        if owner is None or name is None:
            return self.opaque(node)
        return self._named(self.lower(owner), name)

    def _named(self, owner: Value, name: SgNode) -> Value:
        plain = name.text().partition("<")[0].strip()
        if plain == "Empty" and isinstance(owner, Name) and owner.name.lower() == "string":
            return Text("", (), self.path)
        if plain == "NewLine" and isinstance(owner, Name) and owner.name == "Environment":
            return Text("\n", (), self.path)
        return Member(owner, plain, start(name))

    def _conditional(self, node: SgNode) -> Value:
        """`owner?.name`."""
        owner, inner = node.field("condition"), items(node)[-1]
        if owner is None:
            return self.opaque(node)
        self._owners.append(self.lower(owner))
        found = self.lower(inner)
        self._owners.pop()
        return found

    def _bound(self, node: SgNode) -> Value:
        name = node.field("name")
        return self._named(self._owners[-1], name) if name is not None and self._owners else self.opaque(node)

    def _indexed(self, node: SgNode) -> Value:
        """`rows[0]`, `row["key"]`; by a computed index any of its items."""
        owner, listed = node.field("expression"), node.field("subscript")
        inner = items(listed) if listed is not None else []
        if owner is None or len(inner) != 1:
            return self.opaque(node)
        key = self.lower(inner[0])
        if isinstance(key, Text):
            return Member(self.lower(owner), key.text, start(inner[0]))
        return Member(self.lower(owner), inner[0].text() if inner[0].text().isdecimal() else "*", start(inner[0]))

    def argument(self, node: SgNode) -> Value:
        """An argument, whatever stands before it (`ref`, `in`)."""
        inner = items(node) if node.kind() in {"argument", "collection_element"} else [node]
        return self.lower(inner[-1]) if inner else self.opaque(node)

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """`name: value`."""
        name = node.field("name") if node.kind() == "argument" else None
        return (name.text(), self.lower(items(node)[-1])) if name is not None and len(items(node)) > 1 else None

    def call(self, node: SgNode) -> Value:
        """A call with its type arguments as keywords; `nameof(x)` as the name."""
        callee, given = (node.field(field) for field in self.grammar.calls[node.kind()])
        if callee is None:
            return self.opaque(node)
        if node.kind() == "object_creation_expression":
            return self._made(callee, node)
        if callee.text() == "nameof" and given is not None and items(given):
            named = items(given)[0]
            return Text(named.text().rpartition(".")[2], ((0, extent_of(named)[1] - len(_last(named))),), self.path)
        made = self.called(self.lower(callee), given, node)
        return _typed(made, self._arguments_of(callee))

    def _arguments_of(self, callee: SgNode) -> tuple[tuple[str, Value], ...]:
        if callee.kind() == "conditional_access_expression":
            callee = items(callee)[-1]
        named = callee.field("name") if callee.kind() != "generic_name" else callee
        return self.type_arguments(named) if named is not None and named.kind() == "generic_name" else ()

    def _implied(self, node: SgNode) -> Value:
        """`new(..)` of what is declared to be of a type."""
        holder = node.parent()
        declares = holder is not None and holder.kind() in {"variable_declarator", "property_declaration"}
        outer = holder.parent() if holder is not None and holder.kind() == "variable_declarator" else holder
        kind = outer.field("type") if declares and outer is not None else None
        if kind is not None and kind.kind() != "implicit_type":
            return self._made(kind, node)
        begin, end = extent_of(node)
        args, keywords = self.arguments(_child(node, "argument_list"))
        fields = self._fields_of(_child(node, "initializer_expression"))
        return Call(Opaque("", begin), args, (*keywords, *fields), begin, begin, end)

    def _made(self, kind: SgNode, node: SgNode) -> Value:
        """`new kind(..) { .. }`."""
        given = node.field("arguments") or _child(node, "argument_list")
        body = node.field("initializer") or _child(node, "initializer_expression")
        callee = self.reference(kind)
        name = callee.name if isinstance(callee, Name) else ""
        if name == "StringBuilder":
            args = self.arguments(given)[0]
            return args[0] if args and not isinstance(args[0], (Constant, Opaque)) else Text("", (), self.path)
        if name in _DICTIONARIES and (body is not None or not _has_items(given)):
            return self._map(body, node)
        if name in LISTS or (body is not None and self._is_list(body)):
            return self._filled(given, body, node)
        begin, end = extent_of(node)
        args, keywords = self.arguments(given)
        named = _name_start(kind)
        keywords = (*keywords, *self._fields_of(body), *self.type_arguments(kind))
        return Call(callee, args, keywords, begin, named, end)

    def _filled(self, given: SgNode | None, body: SgNode | None, node: SgNode) -> Value:
        """A list: what it is filled with; one that another is copied into is that."""
        if body is not None:
            return self._items(body)
        if _has_items(given) and not isinstance(first := self.arguments(given)[0][0], Constant | Opaque):
            return first
        return Sequence((), offset=start(node))

    def _is_list(self, body: SgNode) -> bool:
        inner = items(body)
        return bool(inner) and all(child.kind() not in _FIELDS for child in inner)

    def _fields_of(self, body: SgNode | None) -> tuple[tuple[str, Value], ...]:
        found: list[tuple[str, Value]] = []
        for one in items(body) if body is not None else ():
            left, right = one.field("left"), one.field("right")
            if left is not None and right is not None and left.kind() == "identifier":
                found.append((left.text(), self.lower(right)))
        return tuple(found)

    def _map(self, body: SgNode | None, node: SgNode) -> Value:
        """`{ ["a"] = 1, ["b"] = 2 }` and `{ { "a", 1 } }`."""
        entries: list[tuple[str, Value]] = []
        inner = items(body) if body is not None else []
        for one in inner:
            pair = [one.field("left"), one.field("right")] if one.field("left") is not None else items(one)
            key = self._key(pair[0]) if len(pair) > 1 and pair[0] is not None else None
            if key is not None:
                entries.append((key, self.lowered(pair[1])))
        return Record(tuple(entries), len(entries) == len(inner), start(node))

    def _key(self, node: SgNode) -> str | None:
        inner = items(node)[-1] if node.kind() == "element_binding_expression" and items(node) else node
        key = self.lower(inner)
        return key.text if isinstance(key, Text) else None

    def _anonymous(self, node: SgNode) -> Value:
        """`new { A = 1, b, x.C }`."""
        entries: list[tuple[str, Value]] = []
        name: SgNode | None = None
        inner = [child for child in node.children() if not child.kind().endswith("comment")]
        for child, after in zip(inner, [*inner[1:], None], strict=True):
            if not child.is_named():
                continue
            if after is not None and after.kind() == "=":
                name = child
            else:
                entries.append((name.text() if name is not None else _last(child), self.lower(child)))
                name = None
        return Record(tuple(entries), offset=start(node))

    def _array(self, node: SgNode) -> Value:
        body = _child(node, "initializer_expression")
        kind = node.field("type")
        if body is not None:
            return self._items(body)
        return self.declared(kind) if kind is not None else self.opaque(node)

    def _items(self, node: SgNode) -> Value:
        inner = items(node)
        spread = any(one.find(kind="spread_element") is not None for one in inner if one.kind() == "collection_element")
        return Sequence(tuple(self.lower(one) for one in inner), not spread, start(node))

    def _spread(self, node: SgNode) -> Value:
        return Opaque(f"...{node.text()[2:80]}", start(node))

    def joined(self, node: SgNode) -> Value:
        """`a + b`; `a ?? b` as either."""
        left, right = self.operands(node)
        if left is not None and right is not None and sign(node) == "??":
            if right.kind() == "throw_expression":
                return self.lower(left)
            return Choice((self.lower(left), self.lower(right)), fallback=True)
        return super().joined(node)

    def _ternary(self, node: SgNode) -> Value:
        options = [node.field("consequence"), node.field("alternative")]
        return Choice(tuple(self.lower(one) for one in options if one is not None and one.kind() != "throw_expression"))

    def _switch(self, node: SgNode) -> Value:
        arms = [items(child)[-1] for child in items(node) if child.kind() == "switch_expression_arm"]
        found = tuple(self.lower(arm) for arm in arms if arm.kind() != "throw_expression")
        return found[0] if len(found) == 1 else Choice(found) if found else self.opaque(node)

    def _cast(self, node: SgNode) -> Value:
        """`(T)x`: what is cast, or a value of that type when nothing else is known of it."""
        value, kind = node.field("value"), node.field("type")
        known = self.lowered(value)
        return self.declared(kind) if isinstance(known, Opaque) and kind is not None else known

    def _as(self, node: SgNode) -> Value:
        return self.lowered(node.field("left"))

    def _postfix(self, node: SgNode) -> Value:
        inner = self.inside(node)
        return self.lower(inner) if inner is not None and node.text().endswith("!") else self.opaque(node)

    def _function(self, node: SgNode) -> Value:
        return self.function_of(node)

    def _type_of(self, node: SgNode) -> Value:
        kind = node.field("type")
        return self.reference(kind) if kind is not None else self.opaque(node)

    def _default(self, node: SgNode) -> Value:
        return Constant(None, start(node))

    def _with(self, node: SgNode) -> Value:
        inner = self.inside(node)
        return self.lowered(inner)

    def result(self, body: SgNode) -> Value | None:
        """What `=> x` gives."""
        if body.kind() == "block":
            return None
        return self.lowered(self.inside(body)) if body.kind() == "arrow_expression_clause" else self.lower(body)

    def returning(self, made: Lambda, node: SgNode) -> Lambda:
        """A function as what it returns, or as what it is declared to return when no more is known."""
        kind = node.field("returns") or (node.field("type") if node.kind() == "local_function_statement" else None)
        known = self.declared(kind) if kind is not None and isinstance(made.result, Opaque) else None
        return made if known is None else Lambda(made.name, made.params, known, made.offset, made.path)


def _child(node: SgNode, kind: str) -> SgNode | None:
    return next((child for child in items(node) if child.kind() == kind), None)


def _has_items(given: SgNode | None) -> bool:
    return given is not None and bool(items(given))


def _name_start(kind: SgNode) -> int:
    """Where `C` of `A.B.C<T>` starts."""
    if kind.kind() in {"qualified_name", "alias_qualified_name"}:
        return _name_start(items(kind)[-1])
    return start(kind)


def _last(node: SgNode) -> str:
    """`C` of `x.C`."""
    return node.text().rpartition(".")[2].partition("<")[0].strip().rstrip("!")


def _quotes(text: str) -> int:
    """How many quotes a literal opens with: one, or three and more."""
    count = len(text) - len(text.lstrip('"'))
    return count if count > 2 and len(text) >= 2 * count else 1  # noqa: PLR2004 - `""` is an empty string


def _typed(made: Value, kinds: tuple[tuple[str, Value], ...]) -> Value:
    if not kinds or not isinstance(made, Call):
        return made
    keywords = (*made.keywords, *kinds)
    return Call(made.callee, made.args, keywords, made.offset, made.name_offset, made.end)
