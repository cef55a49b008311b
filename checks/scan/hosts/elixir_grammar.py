"""Elixir as a table; what is a definition there is a call, told by the name that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import Grammar, kinds
from .nodes import items, sign

if TYPE_CHECKING:
    from ast_grep_py import SgNode

ELIXIR = Grammar(
    name="elixir",
    identifiers=("identifier", "alias"),
    literals=("string", "sigil", "charlist"),
    functions=frozenset({"anonymous_function"}),
    transparent=frozenset({"block"}),
    constants={"nil": None},
    numbers=kinds("integer float"),
    members={"dot": ("left", "right")},
    calls={"call": ("target", "arguments")},
    joins=frozenset({"binary_operator"}),
    joining=frozenset({"<>"}),
    lists=frozenset({"list"}),
    arguments=frozenset({"arguments"}),
    through=kinds("arguments list keywords pair interpolation unary_operator"),
    wrapping=kinds("trim trim_leading trim_trailing join"),
    comparisons=frozenset({"binary_operator"}),
    comparing=kinds("== === != !== =~"),
    asserting=kinds("contains? starts_with? ends_with? match? replace split"),
    no_code=frozenset(),
    statements=("do_block", "stab_clause", "source"),
)
DEFINING = frozenset({"def", "defp", "defmacro", "defmacrop"})
BLOCKS = kinds("do_block else_block rescue_block catch_block after_block stab_clause")


def target_of(call: SgNode) -> str:
    """`f` of a call `f(..)` that has no receiver, else ""."""
    target = call.field("target") if call.kind() == "call" else None
    return target.text() if target is not None and target.kind() == "identifier" else ""


def arguments_of(call: SgNode) -> SgNode | None:
    """The arguments of a call, which the grammar has in no field."""
    return next((child for child in call.children() if child.kind() == "arguments"), None)


def block_of(call: SgNode) -> SgNode | None:
    """The `do .. end` of a call."""
    return next((child for child in call.children() if child.kind() == "do_block"), None)


def is_definition(node: SgNode) -> bool:
    """Whether a node defines a function: `def f(..) do .. end`."""
    return target_of(node) in DEFINING


def is_function(node: SgNode) -> bool:
    """Whether a node is a function, with a name or without."""
    return node.kind() == "anonymous_function" or is_definition(node)


def head_of(definition: SgNode) -> SgNode | None:
    """What is defined: the call `f(a, b)`, or the identifier of a function without parameters."""
    given = arguments_of(definition)
    head = next(iter(items(given)), None) if given is not None else None
    while head is not None and head.kind() == "binary_operator" and sign(head) == "when":
        head = head.field("left")
    return head


def is_piped(node: SgNode) -> bool:
    """Whether a node is `x |> f(..)`."""
    return node.kind() == "binary_operator" and sign(node) == "|>"


def keyword_of(pair: SgNode) -> str:
    """The key of `key: value`."""
    key = pair.field("key")
    text = key.text().rstrip() if key is not None else ""
    return text.removesuffix(":").strip('"')
