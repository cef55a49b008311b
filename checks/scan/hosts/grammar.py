"""A language as a table: the kinds of its syntax nodes, by what they are to a scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_KINDS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Branching:
    """A node that goes one of two ways: the fields (or places among its items) of what it tests and of what then runs.

    All else in it runs when the test does not hold. `negated`: the other way round (`unless`).
    """

    test: str | int = "condition"
    body: str | int = "consequence"
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The node kinds of one language, as its tree-sitter grammar calls them (print a tree to see them).

    What a table cannot say a language says in its own Lowering, Names and Strings.
    """

    name: str  # of the grammar, as ast-grep calls it
    identifiers: tuple[str, ...]  # of variables, functions, types, members: what names are looked up by
    literals: tuple[str, ...]  # string literals, interpolated ones included
    functions: frozenset[str]
    classes: frozenset[str] = _NO_KINDS
    comments: frozenset[str] = frozenset({"comment", "line_comment", "block_comment"})
    # Expressions.
    transparent: frozenset[str] = frozenset({"parenthesized_expression"})  # around one expression, without a meaning
    constants: Mapping[str, bool | None] = field(default_factory=dict)  # kinds of true, false and nothing
    numbers: frozenset[str] = _NO_KINDS
    members: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # kind -> fields of owner and name
    calls: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # kind -> fields of callee and arguments
    methods: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)  # kind -> of receiver, name, arguments
    joins: frozenset[str] = _NO_KINDS  # binary expressions that may put strings together
    joining: frozenset[str] = frozenset({"+"})  # their operators that do
    augmented: frozenset[str] = _NO_KINDS  # `x += y`
    lists: frozenset[str] = _NO_KINDS
    arguments: frozenset[str] = frozenset({"arguments", "argument_list"})
    entries: frozenset[str] = frozenset({"pair", "keyed_element"})  # a name and a value in a record
    # Statements.
    declarations: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # kind -> fields of name and value
    assignments: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # kind -> fields of left and right
    blocks: frozenset[str] = _NO_KINDS  # where a declared name ends; none: a name holds for its whole function
    conditions: frozenset[str] = _NO_KINDS  # what runs only sometimes
    branches: frozenset[str] = _NO_KINDS  # of these conditions, one of several of which only one runs
    chain: frozenset[str] = _NO_KINDS  # what holds the branches of one statement
    returns: frozenset[str] = frozenset({"return_statement"})
    branchings: Mapping[str, Branching] = field(default_factory=dict)  # of these conditions, those with one test
    exits: frozenset[str] = frozenset({
        "return_statement", "throw_statement", "raise_statement", "continue_statement", "break_statement",
    })  # fmt: skip
    # Strings and what happens to them.
    through: frozenset[str] = frozenset({"arguments", "argument_list"})  # between a string and the longer one it is in
    wrapping: frozenset[str] = _NO_KINDS  # called names that make a string of a string
    appending: frozenset[str] = frozenset({"append", "push", "add"})
    no_code: frozenset[str] = frozenset({"expression_statement"})  # a string right in one of these is not used
    comparisons: frozenset[str] = _NO_KINDS
    comparing: frozenset[str] = frozenset({"==", "!="})  # operators, where `comparisons` have several
    asserting: frozenset[str] = _NO_KINDS  # called names that only compare what they are given
    statements: tuple[str, ...] = ("statement", "declaration")  # ends of kinds at which no more is asked


def kinds(words: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(words.split())
