"""What JavaScript and TypeScript do with what a call gives: await it, take members of it, drop it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..model import Result
from .nodes import Chain, chained, items, outermost, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ast_grep_py import SgNode

    from .tree import Tree

_AROUND = frozenset({
    "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "type_assertion",
})  # fmt: skip
_CHAIN = Chain("member_expression", "property", "call_expression", _AROUND)
_BLOCKS = frozenset(
    {"statement_block", "program", "switch_case", "switch_default", "for_statement", "for_in_statement"}
)
_FUNCTIONS = frozenset({
    "arrow_function", "function_expression", "function_declaration", "method_definition", "generator_function",
    "generator_function_declaration",
})  # fmt: skip
_SETTLING = frozenset({"Promise.all", "Promise.allSettled"})
_LOGICAL = frozenset({"&&", "||", "??"})
_UNKNOWN = Result(read=None)
_NOTHING: frozenset[str] = frozenset()


class JavaScriptResults:
    """Reads how results of calls are used in one file; `markup`: names of its top are used by a template as well."""

    def __init__(self, tree: Tree, *, markup: bool) -> None:
        self._tree = tree
        self._markup = markup

    def of(self, call: SgNode) -> Result:
        """What is done with the result of a call, and of the calls that are chained to it."""
        names: list[str] = []
        node = outermost(call, _CHAIN)
        while (link := chained(node, _CHAIN)) is not None:
            name, outer = link
            names.append(name)
            if name == "then":
                return Result(tuple(names), read=self._of_callback(outer), awaited=True)
            node = outermost(outer, _CHAIN)
        used = self._used(node, awaited=False)
        return Result(tuple(names), used.read, used.awaited, silenced=_is_silenced(call))

    def _used(self, node: SgNode, *, awaited: bool) -> Result:
        """What becomes of the value of an expression."""
        holder = node.parent()
        if holder is None:
            return _UNKNOWN
        if holder.kind() == "await_expression":
            return self._used(holder, awaited=True)
        if holder.kind() in _AROUND or _is_branch(holder, node):
            return self._used(holder, awaited=awaited)
        return self._taken(node, holder, awaited=awaited)

    def _taken(self, node: SgNode, holder: SgNode, *, awaited: bool) -> Result:
        """What the statement or expression `holder` does with a value."""
        match holder.kind():
            case "expression_statement":
                return Result(read=_NOTHING, awaited=awaited)
            case "unary_expression" if holder.text().startswith("void"):
                return Result(read=_NOTHING, awaited=awaited)
            case "array":
                return self._settled(holder, node)
            case "arrow_function" | "return_statement":
                return self._given_back(holder, awaited=awaited)
            case "variable_declarator" | "member_expression" if awaited:
                return Result(read=self._read_at_once(holder), awaited=True)
            case _:
                return _UNKNOWN

    def _read_at_once(self, holder: SgNode) -> frozenset[str] | None:
        """The members that are read by `(await ..).error`, or of the name that a declaration gives the result."""
        if holder.kind() == "member_expression":
            member = holder.field("property")
            return frozenset({member.text()}) if member is not None else None
        name = holder.field("name")
        return self._of_target(name, holder) if name is not None else None

    def _given_back(self, holder: SgNode, *, awaited: bool) -> Result:
        """What a function gives back: known of one that `map` calls for each item, and of one that `forEach` does."""
        function = holder if holder.kind() == "arrow_function" else _function_around(holder)
        given = function.parent() if function is not None else None
        outer = given.parent() if given is not None and given.kind() == "arguments" else None
        if function is None or outer is None or outer.kind() != "call_expression":
            return _UNKNOWN
        asynchronous = any(child.kind() == "async" for child in function.children())
        match _called(outer).rpartition(".")[2]:
            case "forEach":
                return Result(read=_NOTHING, awaited=awaited or asynchronous)
            case "map":
                return self._settled(outermost(outer, _CHAIN), None)
            case _:
                return _UNKNOWN

    def _settled(self, promises: SgNode, own: SgNode | None) -> Result:
        """What becomes of one of the promises in a list that `Promise.all` waits for."""
        given = promises.parent()
        outer = given.parent() if given is not None and given.kind() == "arguments" else None
        if outer is None or outer.kind() != "call_expression" or _called(outer) not in _SETTLING:
            return _UNKNOWN
        node = outer
        while (holder := node.parent()) is not None and (
            holder.kind() in _AROUND or holder.kind() == "await_expression"
        ):
            node = holder
        match holder.kind() if holder is not None else "":
            case "expression_statement":
                return Result(read=_NOTHING, awaited=True)
            case "variable_declarator" if holder is not None and (name := holder.field("name")) is not None:
                return Result(read=self._of_item(name, promises, own, holder), awaited=True)
            case _:
                return _UNKNOWN

    def _of_item(self, name: SgNode, promises: SgNode, own: SgNode | None, holder: SgNode) -> frozenset[str] | None:
        if name.kind() == "identifier":
            return None if self._uses(name, holder) != [] else _NOTHING
        if name.kind() != "array_pattern" or own is None or _called_of(promises) != "Promise.all":
            return None
        listed = items(promises)
        taken = _elements(name)
        if any(one.kind() in {"spread_element", "rest_pattern"} for one in (*listed, *(t for t in taken if t))):
            return None
        index = listed.index(own)
        target = taken[index] if index < len(taken) else None
        return _NOTHING if target is None else self._of_target(target, holder)

    def _of_target(self, target: SgNode, holder: SgNode) -> frozenset[str] | None:
        """The members that are read of what a name or a pattern of a declaration is given."""
        if target.kind() == "object_pattern":
            return self._of_pattern(target, holder)
        return self._of_uses(self._uses(target, holder)) if target.kind() == "identifier" else None

    def _of_pattern(self, pattern: SgNode, holder: SgNode) -> frozenset[str] | None:
        """The keys of `{ data, error: e }` whose names are used afterwards; None for a rest and for computed keys."""
        read: set[str] = set()
        for one in items(pattern):
            key, name = _key(one)
            if key is None:
                return None
            if name is None or self._uses(name, holder) != []:
                read.add(key)
        return frozenset(read)

    def _uses(self, name: SgNode, holder: SgNode) -> list[SgNode] | None:
        """Where the name that `holder` binds is used; None when other files or a template may use it."""
        scope = _scope(holder)
        if scope is None or (scope.kind() == "program" and (self._markup or _is_exported(holder))):
            return None
        return self._uses_in(name, scope, after=holder.range().end.index)

    def _uses_in(self, name: SgNode, scope: SgNode, *, after: int) -> list[SgNode]:
        """The identifiers of that name in a part of the file; what binds it anew inside counts as a use."""
        word = name.text()
        end = scope.range().end.index
        listed = [*self._tree.named(word), *self._shorthand.get(word, ())]
        return [node for node in listed if after <= start(node) < end and node.kind() != "property_identifier"]

    @cached_property
    def _shorthand(self) -> dict[str, list[SgNode]]:
        """`{ error }`, which makes a record, by the name."""
        found: dict[str, list[SgNode]] = {}
        for node in self._tree.find_all("shorthand_property_identifier"):
            found.setdefault(node.text(), []).append(node)
        return found

    def _of_uses(self, uses: Iterable[SgNode] | None) -> frozenset[str] | None:
        """The members that are read of a name; None when the whole of it goes anywhere."""
        read: set[str] = set()
        for use in uses if uses is not None else ():
            holder = use.parent()
            kind = holder.kind() if holder is not None else ""
            if holder is not None and kind == "member_expression" and holder.field("object") == use:
                read.add((holder.field("property") or use).text())
                continue
            name = holder.field("name") if holder is not None and kind == "variable_declarator" else None
            found = self._of_pattern(name, holder) if holder and name and name.kind() == "object_pattern" else None
            if found is None:
                return None
            read |= found
        return frozenset(read) if uses is not None else None

    def _of_callback(self, then: SgNode) -> frozenset[str] | None:
        """The members that the function reads which `.then(..)` is given; None when that is not a function's text."""
        given = then.field("arguments")
        callback = next(iter(items(given)), None) if given is not None else None
        if callback is None or callback.kind() not in _FUNCTIONS:
            return None
        single, several = callback.field("parameter"), callback.field("parameters")
        listed = [single] if single is not None else items(several) if several is not None else []
        if not listed:
            return _NOTHING
        first = listed[0].field("pattern") or listed[0]
        after = first.range().end.index
        if first.kind() == "identifier":
            return self._of_uses(self._uses_in(first, callback, after=after))
        if first.kind() != "object_pattern":
            return None
        keys = [_key(one) for one in items(first)]
        if any(key is None for key, _ in keys):
            return None
        used = [key for key, name in keys if name is None or self._uses_in(name, callback, after=after)]
        return frozenset(key for key in used if key is not None)


def _is_branch(holder: SgNode, node: SgNode) -> bool:
    """Whether a value is what `a && value` or `a ? value : b` gives."""
    if holder.kind() == "ternary_expression":
        return holder.field("condition") != node
    sign = holder.field("operator") if holder.kind() == "binary_expression" else None
    return sign is not None and sign.text() in _LOGICAL and holder.field("right") == node


def _called(call: SgNode) -> str:
    callee = call.field("function")
    return callee.text() if callee is not None else ""


def _called_of(promises: SgNode) -> str:
    given = promises.parent()
    outer = given.parent() if given is not None else None
    return _called(outer) if outer is not None else ""


def _function_around(node: SgNode) -> SgNode | None:
    return next((one for one in node.ancestors() if one.kind() in _FUNCTIONS), None)


def _elements(pattern: SgNode) -> list[SgNode | None]:
    """The targets of `[a, , b]`, None where there is none."""
    found: list[SgNode | None] = [None]
    for child in pattern.children():
        if child.text() == ",":
            found.append(None)
        elif child.is_named() and not child.kind().endswith("comment"):
            found[-1] = child
    return found


def _key(entry: SgNode) -> tuple[str | None, SgNode | None]:
    """The key of an entry of an object pattern, and the name it is given; None for a key that is not known."""
    match entry.kind():
        case "shorthand_property_identifier_pattern":
            return entry.text(), entry
        case "object_assignment_pattern":
            left = entry.field("left")
            return (left.text(), left) if left is not None else (None, None)
        case "pair_pattern":
            key, value = entry.field("key"), entry.field("value")
            if key is None or key.kind() != "property_identifier":
                return None, None
            return key.text(), value if value is not None and value.kind() == "identifier" else None
        case _:
            return None, None


def _scope(holder: SgNode) -> SgNode | None:
    """The block, or for `var` the function, in which the names of a declaration are seen."""
    declaration = holder.parent()
    kinds = _FUNCTIONS | {"program"} if declaration and declaration.kind() == "variable_declaration" else _BLOCKS
    return next((one for one in holder.ancestors() if one.kind() in kinds), None)


def _is_exported(holder: SgNode) -> bool:
    return any(one.kind() == "export_statement" for one in holder.ancestors())


def _is_silenced(call: SgNode) -> bool:
    """Whether the innermost `try` around a call catches what it throws, and does nothing."""
    inner = call
    for holder in call.ancestors():
        if holder.kind() in _FUNCTIONS:
            return False
        if holder.kind() == "try_statement" and holder.field("body") == inner:
            handler = holder.field("handler")
            body = handler.field("body") if handler is not None else None
            return body is not None and not items(body)
        inner = holder
    return False
