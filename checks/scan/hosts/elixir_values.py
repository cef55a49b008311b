"""Elixir expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Class, Constant, Join, Member, Name, Record, Sequence, Text
from .elixir_calls import known_call
from .elixir_grammar import arguments_of, block_of, head_of, is_definition, is_function, keyword_of, target_of
from .lowering import Lowering, interpolated
from .nodes import extent_of, items, sign, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_LISTED = frozenset({"schema", "typed_schema", "quote"})  # calls of which each statement of the block counts
_TELLING = frozenset({"use", "schema", "typed_schema"})
_WORDS = frozenset({"w", "W"})
_ONE = 2  # characters of `?,`


class ElixirLowering(Lowering):
    """Lowers the expressions of one file.

    Atoms are texts, maps and keyword lists records, tuples lists, `%T{..}` a call of T with its fields as keywords,
    `x |> f(y)` is f(x, y), `@a` a name of its own.
    """

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "sigil": self._sigil,
            "atom": self._atom,
            "quoted_atom": self._quoted_atom,
            "boolean": self._boolean,
            "tuple": self.listed,
            "map": self._map,
            "keywords": self._keywords,
            "binary_operator": self._operation,
            "unary_operator": self._unary,
            "anonymous_function": self._function,
            "access_call": self._accessed,
        }

    def _function(self, node: SgNode) -> Value:
        return self.function_of(node)

    def _boolean(self, node: SgNode) -> Value:
        return Constant(node.text() == "true", start(node))

    def _atom(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin + 1, end, self.path, escapes=False)

    def _quoted_atom(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin + 2, end - 1, self.path)

    def string(self, node: SgNode) -> Value:
        """A string or heredoc with its interpolations."""
        return self._text(node, escapes=True)

    def _text(self, node: SgNode, *, escapes: bool) -> Value:
        tokens = [child for child in node.children() if child.kind() not in {"~", "sigil_name", "sigil_modifiers"}]
        if len(tokens) < 2:  # noqa: PLR2004 - what opens and what closes
            return self.opaque(node)
        at, end = extent_of(tokens[0])[1], start(tokens[-1])
        parts: list[Value] = []
        for child in tokens:
            if child.kind() != "interpolation":
                continue
            begin, after = extent_of(child)
            parts.append(decode(self.text, at, begin, self.path, escapes=escapes))
            inner = self.inside(child)
            parts.append(self.lower(inner) if inner is not None else self.opaque(child))
            at = after
        parts.append(decode(self.text, at, end, self.path, escapes=escapes))
        return interpolated(parts, start(node))

    def _sigil(self, node: SgNode) -> Value:
        named = next((child.text() for child in node.children() if child.kind() == "sigil_name"), "")
        text = self._text(node, escapes=named.islower())
        if named in _WORDS:
            words = text.text.split() if isinstance(text, Text) else ()
            begin = start(node)
            return Sequence(
                tuple(Text(word, ((0, begin),), self.path) for word in words), isinstance(text, Text), begin
            )
        return text

    def _map(self, node: SgNode) -> Value:
        """`%{..}`, `%{row | ..}` or `%T{..}`."""
        struct = next((child for child in node.children() if child.kind() == "struct"), None)
        content = next((child for child in node.children() if child.kind() == "map_content"), None)
        record = self._record(items(content) if content is not None else [], start(node))
        inner = self.inside(struct) if struct is not None else None
        if inner is None:
            return record
        begin, end = extent_of(node)
        spread = tuple(value for _, value in record.spreads)
        return Call(self.lower(inner), spread, record.entries, begin, begin, end)

    def _keywords(self, node: SgNode) -> Record:
        return self._record([node], start(node))

    def _record(self, nodes: list[SgNode], begin: int) -> Record:
        entries: list[tuple[str, Value]] = []
        spreads: list[tuple[int, Value]] = []
        waiting = list(nodes)
        while waiting:
            node = waiting.pop(0)
            left, right = node.field("left"), node.field("right")
            if node.kind() == "keywords":
                waiting = [*items(node), *waiting]
            elif node.kind() == "pair":
                entries.append((keyword_of(node), self.lowered(node.field("value"))))
            elif node.kind() == "binary_operator" and sign(node) == "|" and left is not None and right is not None:
                spreads.append((len(entries), self.lower(left)))
                waiting = [right, *waiting]
            elif (
                node.kind() == "binary_operator" and sign(node) == "=>" and isinstance(key := self.lowered(left), Text)
            ):
                entries.append((key.text, self.lowered(right)))
            else:
                spreads.append((len(entries), self.opaque(node)))
        return Record(tuple(entries), not spreads, begin, tuple(spreads))

    def listed(self, node: SgNode) -> Value:
        """A list, a tuple, or a keyword list."""
        inner = items(node)
        if len(inner) == 1 and inner[0].kind() == "keywords" and node.kind() == "list":
            return self._record(inner, start(node))
        last = inner[-1] if inner else None
        cons = last is not None and last.kind() == "binary_operator" and sign(last) == "|"
        if cons and last is not None:
            inner[-1:] = [head] if (head := last.field("left")) is not None else []
        return Sequence(tuple(self.lower(child) for child in inner), not cons, start(node))

    def together(self, listed: SgNode) -> Join:
        """The strings of a list, and of the lists in it, one behind the other (iodata)."""
        parts: list[Value] = []
        waiting = items(listed)
        while waiting:
            node = waiting.pop(0)
            if node.kind() == "list" or (node.kind() == "binary_operator" and sign(node) == "|"):
                waiting = [*items(node), *waiting]
            elif node.kind() == "char" and len(node.text()) == _ONE:
                parts.append(decode(self.text, start(node) + 1, extent_of(node)[1], self.path, escapes=False))
            else:
                parts.append(self.lower(node))
        return Join(tuple(parts), offset=start(listed))

    def arguments(self, given: SgNode | None) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
        """The arguments by position, and the keyword list that a call may end with."""
        args: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        for child in items(given) if given is not None else ():
            if child.kind() == "keywords":
                keywords += self._record([child], start(child)).entries
            else:
                args.append(self.lower(child))
        return tuple(args), tuple(keywords)

    def _unary(self, node: SgNode) -> Value:
        """`@attribute`, `&f/1`, `&(..)`, `^pinned`."""
        operand, operator = node.field("operand"), sign_of(node)
        if operand is None:
            return self.opaque(node)
        if operator == "@" and operand.kind() == "identifier":
            return Name(f"@{operand.text()}", start(node), self.path)
        if operator == "&" and operand.kind() == "binary_operator" and sign(operand) == "/":
            return self.lowered(operand.field("left"))
        return self.lower(operand) if operator in {"^", "&"} and operand.kind() != "integer" else self.opaque(node)

    def _accessed(self, node: SgNode) -> Value:
        owner, key = node.field("target"), node.field("key")
        known = self.lower(key) if key is not None else None
        if owner is None or not isinstance(known, Text):
            return self.opaque(node)
        return Member(self.lower(owner), known.text, start(node))

    def _operation(self, node: SgNode) -> Value:
        operator = sign(node)
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return self.opaque(node)
        if operator == "|>":
            return self._piped(node, left, right)
        if operator == "||":
            return Choice((self.lower(left), self.lower(right)), fallback=True)
        if operator in {"=", "&&"}:
            return self.lower(right)
        if operator == "++":
            return self._appended(self.lower(left), self.lower(right), node)
        return super().joined(node)

    def _appended(self, left: Value, right: Value, node: SgNode) -> Value:
        begin, end = extent_of(node)
        if isinstance(right, Record):
            return Record(right.entries, complete=False, offset=begin, spreads=((0, left), *right.spreads))
        if isinstance(left, Record):
            return Record(left.entries, False, begin, (*left.spreads, (len(left.entries), right)))
        return Call(Member(left, "extend", begin), (right,), (), begin, begin, end)

    def _piped(self, node: SgNode, left: SgNode, right: SgNode) -> Value:
        """`x |> f(y)` as `f(x, y)`."""
        first, (begin, end) = self.lower(left), extent_of(node)
        if right.kind() != "call":
            callee = self.lower(right)
            named = callee.offset if isinstance(callee, (Name, Member)) else start(right)
            return known_call(Call(callee, (first,), (), begin, named, end))
        callee = self._callee(right)
        args, keywords = self.arguments(arguments_of(right))
        if isinstance(callee, Name) and callee.name in {"case", "then", "tap", "if"}:
            return self._controlled(right) or self.opaque(node)
        named = callee.offset if isinstance(callee, (Name, Member)) else start(right)
        return known_call(Call(callee, (first, *args), keywords, begin, named, end))

    def _callee(self, call: SgNode) -> Value:
        target = call.field("target")
        return self.lower(target) if target is not None else self.opaque(call)

    def call(self, node: SgNode) -> Value:
        """A call, a field (`row.name`), or what a control structure gives."""
        controlled = self._controlled(node)
        if controlled is not None:
            return controlled
        given, target = arguments_of(node), node.field("target")
        if given is None and target is not None and target.kind() == "dot":
            owner, name = target.field("left"), target.field("right")
            if owner is not None and name is not None and owner.kind() != "alias":
                return Member(self.lower(owner), name.text(), start(name))
        made = self.called(self._callee(node), given, node)
        block = block_of(node)
        if isinstance(made, Call) and block is not None and target_of(node) in _LISTED:
            statements = Sequence(tuple(self.statement(one) for one in items(block)), offset=start(block))
            return Call(made.callee, made.args, (*made.keywords, ("do", statements)), *_places(made))
        return known_call(made) if isinstance(made, Call) else made

    def statement(self, node: SgNode) -> Value:
        """A statement of a module or schema; `@a value` as a call."""
        operand = node.field("operand") if node.kind() == "unary_operator" and sign_of(node) == "@" else None
        if operand is None or operand.kind() != "call":
            return self.lower(node)
        args, keywords = self.arguments(arguments_of(operand))
        begin, end = extent_of(node)
        given = args or ((Record(keywords, offset=begin),) if keywords else ())
        return Call(Name(f"@{target_of(operand)}", begin, self.path), given, (), begin, begin, end)

    def _controlled(self, node: SgNode) -> Value | None:
        """What `if`, `case`, `cond`, `with` and `for` give; None for other calls."""
        name = target_of(node)
        if name == "for":
            made = self.block_value(node)
            return Sequence((made,), complete=False, offset=start(node)) if made is not None else self.opaque(node)
        if name not in {"if", "unless", "case", "cond", "with"}:
            return None
        made = self.block_value(node)
        return made if made is not None else self.opaque(node)

    def block_value(self, node: SgNode) -> Value | None:
        """What the `do` of a call gives, and its `else`."""
        block = block_of(node)
        if block is None:
            given = arguments_of(node)
            pairs = (
                [pair for child in items(given) if child.kind() == "keywords" for pair in items(child)] if given else []
            )
            values = [pair.field("value") for pair in pairs if keyword_of(pair) in {"do", "else"}]
            options = [self.lower(value) for value in values if value is not None]
        else:
            others = [child for child in items(block) if child.kind() == "else_block"]
            options = [value for part in (block, *others) for value in self._ends(part)]
        return None if not options else options[0] if len(options) == 1 else Choice(tuple(options))

    def _ends(self, block: SgNode) -> list[Value]:
        """The last expression of a block, of each clause if it has clauses."""
        inner = [child for child in items(block) if not child.kind().endswith("_block")]
        clauses = [child for child in inner if child.kind() == "stab_clause"]
        if clauses:
            bodies = [body for clause in clauses if (body := clause.field("right")) is not None]
            return [self.lower(items(body)[-1]) for body in bodies if items(body)]
        return [self.lower(inner[-1])] if inner else []

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns: its last expression."""
        if is_definition(function):
            return self.block_value(function)
        found = self._ends(function)
        return None if not found else found[0] if len(found) == 1 else Choice(tuple(found))

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A module with what its body says of a schema: attributes under "@a", `use` and `schema` under their names.

        Its name is the whole one; what its functions return is asked for as `exported("Module.function")`.
        """
        entries: list[tuple[str, Value]] = []
        block = block_of(node)
        for one in items(block) if block is not None else ():
            if one.kind() == "unary_operator" and isinstance(made := self.statement(one), Call) and made.args:
                entries.append((made.callee.name if isinstance(made.callee, Name) else "", made.args[0]))
            elif target_of(one) in _TELLING:
                entries.append((target_of(one), self.lower(one)))
        return Class(module_name(node), (), tuple(entries), (), begin, self.path)


def sign_of(node: SgNode) -> str:
    """The operator of an operation with one operand."""
    operator = node.field("operator")
    return operator.text() if operator is not None else ""


def name_of(definition: SgNode) -> str:
    """The name of the function that a definition defines."""
    head = head_of(definition)
    if head is None:
        return ""
    return target_of(head) if head.kind() == "call" else head.text()


def module_name(node: SgNode) -> str:
    """The whole name of a `defmodule`, with the modules around it in front."""
    names: list[str] = []
    for one in (node, *node.ancestors()):
        if target_of(one) in {"defmodule", "defprotocol", "defimpl"} and not is_function(one):
            given = arguments_of(one)
            name = next(iter(items(given)), None) if given is not None else None
            names.insert(0, name.text() if name is not None else "")
    return ".".join(names)


def _places(call: Call) -> tuple[int, int, int]:
    return call.offset, call.name_offset, call.end
