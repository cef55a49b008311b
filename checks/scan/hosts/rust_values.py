"""Rust expressions to values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Constant, Import, Join, Lambda, Member, Name, Opaque, Record, Sequence, Text
from .grammar import kinds
from .nodes import extent_of, items, sign, start
from .rust_types import RustTypes, raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Param, Value
    from .grammar import Grammar

_SUFFIX = re.compile(r"_?(?:[iu](?:8|16|32|64|128|size)|f32|f64)$")
_CAPTURED = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_]\w*)(?::[^{}]*)?\}")
_CONTINUED = re.compile(r"(?P<slashes>\\+)(?P<line>\r?\n\s*)")  # the next line's indentation goes with it
_CUT = 80
# Methods that give what they are called on, as far as its value goes.
_SAME = kinds(
    "clone to_owned to_string into as_str as_ref as_mut iter iter_mut into_iter collect unwrap expect to_vec as_slice "
    "borrow cloned copied into_boxed_str as_deref as_bytes into_owned persistent to_vec by_ref flatten rev ok"
)
_PARTING = frozenset({"chunks", "chunks_exact"})  # lists of parts of a list
_HOLDING = frozenset({"Some", "Ok"})
_LEAVING = kinds("return_expression continue_expression break_expression")
_FAILING = kinds("panic unreachable todo unimplemented bail")
_PRINTING = kinds("format! format_args! formatdoc! write! writeln!")
_ITEMS = kinds("let_declaration empty_statement use_declaration macro_definition attribute_item")


class RustLowering(RustTypes):
    """Lowers the expressions of one file: `T { .. }` is a call of T, its fields are keywords; macros end in "!"."""

    def __init__(self, grammar: Grammar, text: str, path: str) -> None:
        super().__init__(grammar, text, path)
        self.macros: frozenset[int] = frozenset()  # where the names of macros stand
        self.impls_of: Callable[[str], tuple[tuple[str, Value], ...]] = lambda _: ()

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "raw_string_literal": self._raw,
            "char_literal": self._char,
            "boolean_literal": self._boolean,
            "struct_expression": self._struct,
            "unary_expression": self._unary,
            "index_expression": self._indexed,
            "if_expression": self._if,
            "match_expression": self._match,
            "closure_expression": self._closure,
            "macro_invocation": self._macro,
            "array_expression": self._array,
            **dict.fromkeys(("generic_function", "generic_type"), self._generic_name),
            **dict.fromkeys(("scoped_identifier", "scoped_type_identifier"), self.path_value),
            **dict.fromkeys(("self", "crate", "super"), self.name),
            **dict.fromkeys(("block", "unsafe_block", "async_block", "else_clause"), self._block),
        }

    def of_impls(self, name: str) -> tuple[tuple[str, Value], ...]:
        """The constants and functions of a type that stand in this file."""
        return self.impls_of(name)

    def inside(self, node: SgNode) -> SgNode | None:
        """The one expression inside parentheses, a reference, an `await` or a `return`."""
        return node.field("value") or super().inside(node)

    def string(self, node: SgNode) -> Value:
        """A string in double quotes, also one of bytes."""
        begin, end = extent_of(node)
        at, end = self.text.index('"', begin) + 1, end - 1
        pieces: list[Text] = []
        for match in _CONTINUED.finditer(self.text, at, end):
            if len(match["slashes"]) % 2:
                pieces.append(decode(self.text, at, match.start("line") - 1, self.path))
                at = match.end()
        return _together([*pieces, decode(self.text, at, end, self.path)])

    def _raw(self, node: SgNode) -> Value:
        return raw(self.text, *extent_of(node), self.path)

    def _char(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, self.text.index("'", begin) + 1, end - 1, self.path)

    def _boolean(self, node: SgNode) -> Value:
        return Constant(node.text() == "true", start(node))

    def number(self, node: SgNode) -> Value:
        """A number without separators and its type."""
        try:
            return Constant(float(_SUFFIX.sub("", node.text()).replace("_", "")), start(node))
        except ValueError:
            return self.opaque(node)

    def name(self, node: SgNode) -> Value:
        """An identifier; `None` is nothing, and the name of a macro ends in its mark."""
        plain = node.text()
        if plain == "None":
            return Constant(None, start(node))
        return Name(f"{plain}!" if start(node) in self.macros else plain, start(node), self.path)

    def path_value(self, node: SgNode) -> Value:
        """A path; that to a macro ends in its mark."""
        found, name = super().path_value(node), node.field("name")
        if name is None or start(name) not in self.macros:
            return found
        match found:
            case Member() | Import(name=str()):
                return replace(found, name=f"{found.name}!")
            case _:
                return found

    def _generic_name(self, node: SgNode) -> Value:
        return self.lowered(node.field("function") or node.field("type") or self.inside(node))

    def call(self, node: SgNode) -> Value:
        """A call; those that only hand on a value as that value."""
        callee, given = node.field("function"), node.field("arguments")
        if callee is None:
            return self.opaque(node)
        if callee.kind() == "generic_function":
            callee = callee.field("function") or callee
        args = items(given) if given is not None else []
        if callee.kind() == "field_expression":
            field, owner = callee.field("field"), callee.field("value")
            if field is not None and owner is not None and field.text() in _SAME:
                return self.lower(owner)
            if field is not None and owner is not None and field.text() in _PARTING:
                return Sequence((self.lower(owner),), complete=False, offset=start(node))
        if len(args) == 1 and callee.kind() == "identifier" and callee.text() in _HOLDING:
            return self.lower(args[0])
        made = self.called(self.lower(callee), given, node)
        return self._printing(made) if isinstance(made, Call) else made

    def called(self, callee: Value, given: SgNode | None, node: SgNode) -> Value:
        """The call of `callee`; that of a path starts where the path does."""
        made = super().called(callee, given, node)
        function = node.field("function")
        name = function.field("name") if function is not None and function.kind() == "scoped_identifier" else None
        if isinstance(made, Call) and name is not None:
            return replace(made, name_offset=start(name))
        return made

    def _printing(self, call: Call) -> Call:
        """The call of a macro that formats, with the variables that its template names as keywords."""
        if not isinstance(call.callee, (Name, Member)) or call.callee.name not in _PRINTING:
            return call
        template = next((arg for arg in call.args if isinstance(arg, Text)), None)
        given = {name for name, _ in call.keywords}
        named = (match["name"] for match in _CAPTURED.finditer(template.text)) if template is not None else ()
        captured = tuple(
            (name, Name(name, call.offset, self.path)) for name in dict.fromkeys(named) if name and name not in given
        )
        return replace(call, keywords=(*call.keywords, *captured))

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """`name = value` of a macro."""
        left, right = node.field("left"), node.field("right")
        if node.kind() != "assignment_expression" or left is None or right is None:
            return None
        return left.text(), self.lower(right)

    def _struct(self, node: SgNode) -> Value:
        name, body = node.field("name"), node.field("body")
        if name is None or body is None:
            return self.opaque(node)
        callee, (begin, end) = self.reference(name), extent_of(node)
        keywords: list[tuple[str, Value]] = []
        rest: list[Value] = []
        for one in items(body):
            field, value = one.field("field") or one.field("name"), one.field("value")
            if field is not None and value is not None:
                keywords.append((field.text(), self.lower(value)))
            elif one.kind() == "base_field_initializer":
                rest.append(Opaque(one.text()[:_CUT], start(one)))
            elif one.kind() == "shorthand_field_initializer" and (short := self.inside(one)) is not None:
                keywords.append((short.text(), self.name(short)))
        last = name.field("name") or name
        return Call(callee, tuple(rest), tuple(keywords), begin, start(last), end)

    def _unary(self, node: SgNode) -> Value:
        inner = self.inside(node)
        return self.lower(inner) if inner is not None and node.text()[:1] == "*" else self.opaque(node)

    def _indexed(self, node: SgNode) -> Value:
        """`rows[0]`, `row["key"]`; by a computed index any of its items."""
        inner = items(node)
        if len(inner) != 2:  # noqa: PLR2004 - what is indexed, and the index
            return self.opaque(node)
        if inner[1].kind() == "range_expression":
            return self.lower(inner[0])
        key = self.lower(inner[1])
        name = inner[1].text() if inner[1].kind() == "integer_literal" else key.text if isinstance(key, Text) else "*"
        return Member(self.lower(inner[0]), name, start(inner[1]))

    def _array(self, node: SgNode) -> Value:
        """A list; `[x; n]` is one of which more are alike."""
        repeated = any(child.text() == ";" for child in node.children())
        inner = items(node)
        if repeated and inner:
            return Sequence((self.lower(inner[0]),), complete=False, offset=start(node))
        return self.listed(node)

    def _if(self, node: SgNode) -> Value:
        branches = [node.field("consequence"), node.field("alternative")]
        return self._one_of([branch for branch in branches if branch is not None], node)

    def _match(self, node: SgNode) -> Value:
        body = node.field("body")
        arms = [arm.field("value") for arm in items(body)] if body is not None else []
        return self._one_of([arm for arm in arms if arm is not None], node)

    def _one_of(self, branches: list[SgNode], node: SgNode) -> Value:
        """One of the values of the branches that go on."""
        options = tuple(dict.fromkeys(self.lower(one) for one in branches if not self._leaves(one)))
        return self.opaque(node) if not options else options[0] if len(options) == 1 else Choice(options)

    def _leaves(self, node: SgNode) -> bool:
        """Whether a branch ends the function, the loop or the program."""
        if node.kind() in {"block", "else_clause"}:
            last = next(reversed(items(node)), None)
            return last is not None and self._leaves(last)
        if node.kind() == "expression_statement" and (inner := self.inside(node)) is not None:
            return self._leaves(inner)
        macro = node.field("macro") if node.kind() == "macro_invocation" else None
        return node.kind() in _LEAVING or (macro is not None and macro.text().rpartition("::")[2] in _FAILING)

    def _block(self, node: SgNode) -> Value:
        return self.result(node) or self.opaque(node)

    def result(self, body: SgNode) -> Value | None:
        """What a block gives: its last expression, when no semicolon stands behind it."""
        if body.kind() in {"unsafe_block", "async_block", "else_clause"}:
            inner = next(reversed(items(body)), None)
            return self.lower(inner) if inner is not None else None
        if body.kind() != "block":
            return self.lower(body)
        last = next(reversed(items(body)), None)
        if last is None or last.kind() in _ITEMS or last.kind().endswith("_item"):
            return None
        if last.kind() == "expression_statement":
            inner = self.inside(last)
            return None if inner is None or last.text().endswith(";") else self.lower(inner)
        return self.lower(last)

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns, errors left out: its last expression, or what a `return` in it gives."""
        body = function.field("body")
        if body is None:
            return None
        own = [
            node
            for node in body.find_all(kind="return_expression")
            if self._function_around(node) == extent_of(function)
        ]
        found = [self.lower(value) for node in own if (value := self.inside(node)) is not None]
        last = self.result(body)
        found += [last] if last is not None else []
        options = tuple(dict.fromkeys(one for one in found if not _is_error(one)))
        return None if not options else options[0] if len(options) == 1 else Choice(options)

    def _closure(self, node: SgNode) -> Value:
        return self.function_of(node)

    def function(self, node: SgNode, name: str, params: tuple[Param, ...]) -> Lambda:
        """A function as what it returns, or as what its declared result is when no more is known."""
        made = super().function(node, name, params)
        kind = node.field("return_type")
        return (
            replace(made, result=self.declared(kind)) if kind is not None and isinstance(made.result, Opaque) else made
        )

    def _macro(self, node: SgNode) -> Value:
        """`json!({..})` as the record that it is; any other macro is only known when it is expanded."""
        macro = node.field("macro")
        tokens = next((one for one in items(node) if one.kind() == "token_tree"), None)
        if macro is None or tokens is None or macro.text().rpartition("::")[2] != "json":
            return self.opaque(node)
        inner = items(tokens)
        return self._json(inner[0]) if len(inner) == 1 else self.opaque(node)

    def _json(self, tokens: SgNode) -> Value:
        if tokens.kind() != "token_tree" or tokens.text()[:1] not in "{[":
            return self.lower(tokens)
        parts: list[list[SgNode]] = [[]]
        for one in tokens.children()[1:-1]:
            if one.text() == ",":
                parts.append([])
            elif not one.kind().endswith("comment"):
                parts[-1].append(one)
        parts = [part for part in parts if part]
        if tokens.text()[:1] == "[":
            found = tuple(self._json(p[0]) if len(p) == 1 else self.opaque(p[0]) for p in parts)
            return Sequence(found, offset=start(tokens))
        entries: list[tuple[str, Value]] = []
        for part in parts:
            key = self.lower(part[0])
            value = self._json(part[2]) if len(part) == 3 else self.opaque(part[-1])  # noqa: PLR2004 - key, colon, value
            entries += [(key.text, value)] if isinstance(key, Text) else []
        return Record(tuple(entries), len(entries) == len(parts), start(tokens))

    def joined(self, node: SgNode) -> Value:
        """`a + b`; Opaque for another operator."""
        return super().joined(node) if sign(node) == "+" else self.opaque(node)


def written(name: Name, call: Call) -> Value:
    """What a string holds after `write!(name, ..)`; the line end of `writeln!` says nothing in SQL."""
    if not isinstance(call.callee, (Name, Member)):
        return name
    at = call.offset
    printed = Call(Name("format!", at, name.path), call.args[1:], call.keywords, at, at, call.end)
    return Join((name, printed), offset=at)


def _together(pieces: list[Text]) -> Text:
    """The pieces of one literal as one text."""
    runs: list[tuple[int, int]] = []
    length = 0
    for piece in pieces:
        runs += [(length + at, offset) for at, offset in piece.runs]
        length += len(piece.text)
    return Text("".join(piece.text for piece in pieces), tuple(runs), pieces[0].path)


def _is_error(value: Value) -> bool:
    return isinstance(value, Call) and isinstance(value.callee, Name) and value.callee.name == "Err"
