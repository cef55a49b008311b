"""What Python does with what a call gives: drop it, or catch what it raises and pass over that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Result
from .nodes import Chain, chained, items, outermost

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_CHAIN = Chain("attribute", "attribute", "call", frozenset({"parenthesized_expression", "await"}))
_FUNCTIONS = frozenset({"function_definition", "lambda"})
_PASSES = frozenset({"pass_statement", "continue_statement"})
_ANY = ("Exception", "BaseException")  # as are classes of a client by these ends: APIError
_OF_CLIENT = "APIError"


def result_of(call: SgNode) -> Result:
    """The calls that are chained to a call, and whether their result and what they raise is dropped."""
    names: list[str] = []
    node = outermost(call, _CHAIN)
    while (link := chained(node, _CHAIN)) is not None:
        names.append(link[0])
        node = outermost(link[1], _CHAIN)
    holder = node.parent()
    dropped = holder is not None and holder.kind() == "expression_statement"
    return Result(tuple(names), frozenset() if dropped else None, awaited=False, silenced=_is_silenced(call))


def _is_silenced(call: SgNode) -> bool:
    """Whether the innermost `try` that catches what a call raises, or a `with suppress(..)`, passes over it."""
    inner = call
    for holder in call.ancestors():
        if holder.kind() in _FUNCTIONS:
            return False
        if holder.kind() == "try_statement" and holder.field("body") == inner:
            clause = next((one for one in items(holder) if one.kind() == "except_clause" and _catches(one)), None)
            if clause is not None:
                return _passes(clause)
        if holder.kind() == "with_statement" and holder.field("body") == inner and _suppresses(holder):
            return True
        inner = holder
    return False


def _catches(clause: SgNode) -> bool:
    """Whether a clause catches every error, or every error of the client."""
    caught = [one for one in items(clause) if one.kind() != "block"]
    if not caught:
        return True
    named = items(caught[0])[0] if caught[0].kind() == "as_pattern" else caught[0]
    return any(map(_is_broad, items(named) if named.kind() == "tuple" else [named]))


def _is_broad(kind: SgNode) -> bool:
    name = kind.text().rpartition(".")[2]
    return name in _ANY or name.endswith(_OF_CLIENT)


def _passes(clause: SgNode) -> bool:
    """Whether its body does nothing at all."""
    block = next((one for one in items(clause) if one.kind() == "block"), None)
    return block is not None and all(map(_does_nothing, items(block)))


def _does_nothing(statement: SgNode) -> bool:
    if statement.kind() in _PASSES:
        return True
    inner = items(statement)
    return statement.kind() == "expression_statement" and [one.kind() for one in inner] in (["ellipsis"], ["string"])


def _suppresses(statement: SgNode) -> bool:
    """`with suppress(Exception):`."""
    for call in statement.find_all(kind="call"):
        callee, given = call.field("function"), call.field("arguments")
        item = call.parent()
        if item is None or item.kind() != "with_item" or callee is None or given is None:
            continue
        if callee.text().rpartition(".")[2] == "suppress" and any(map(_is_broad, items(given))):
            return True
    return False
