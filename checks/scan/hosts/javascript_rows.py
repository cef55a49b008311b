"""Objects of JavaScript that code makes one after the other, and that do not all get the same keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Choice, Constant, Record
from .nodes import items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value

_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_FUNCTIONS = frozenset({"arrow_function", "function_expression"})
_REPEATING = frozenset({"map", "flatMap", "forEach", "reduce"})
_AROUND = frozenset({"parenthesized_expression", "spread_element", "as_expression"})
_DECIDING = frozenset({"&&", "||", "??"})
_PARAMETERS = frozenset({"identifier", "shorthand_property_identifier_pattern"})


def test_of(node: SgNode) -> SgNode | None:
    """What decides on the value of `...(test && x)`, `test ? x : y`, `test || x`."""
    while node.kind() in _AROUND and items(node):
        node = items(node)[0]
    if node.kind() == "ternary_expression":
        return node.field("condition")
    operator = node.field("operator") if node.kind() == "binary_expression" else None
    return node.field("left") if operator is not None and operator.text() in _DECIDING else None


def filled(choice: Choice) -> Value:
    """The one object of a choice of which all others are empty."""
    full = [one for one in choice.options if not _is_empty(one)]
    return full[0] if len(full) == 1 and choice.complete and isinstance(full[0], Record) else choice


def _is_empty(value: Value) -> bool:
    """Spreading it adds nothing."""
    match value:
        case Record(entries=entries, complete=complete):
            return complete and not entries
        case Constant(value=known):
            return not known
        case _:
            return False


def may_be_undefined(value: Value) -> bool:
    """`x ? y : undefined`, `x || undefined`: JSON leaves it out."""
    options = value.options if isinstance(value, Choice) else ()
    return any(isinstance(one, Constant) and one.undefined for one in options)


def differs(node: SgNode) -> bool:
    """Whether what decides on a value is another thing each time that the code around it runs."""
    test = test_of(node)
    around = next((one for one in node.ancestors() if _repeats(one)), None) if test is not None else None
    if test is None or around is None:
        return False
    own = set(_bound_by(around))
    return any(one.text() in own for one in (test, *test.find_all(kind="identifier")))


def _repeats(node: SgNode) -> bool:
    """A loop, or a function that a list calls for each of its items."""
    if node.kind() in _LOOPS:
        return True
    given = node.parent() if node.kind() in _FUNCTIONS else None
    call = given.parent() if given is not None and given.kind() == "arguments" else None
    callee = call.field("function") if call is not None else None
    name = callee.field("property") if callee is not None and callee.kind() == "member_expression" else None
    return name is not None and name.text() in _REPEATING


def _bound_by(around: SgNode) -> Iterator[str]:
    """The names that a loop or function gives a value each time."""
    for part in (around.field("parameter"), around.field("parameters"), around.field("left")):
        if part is not None:
            yield from (one.text() for one in (part, *part.find_all(any=[{"kind": k} for k in _PARAMETERS])))
    for declared in around.find_all(kind="variable_declarator"):
        name = declared.field("name")
        if name is not None:
            yield from (one.text() for one in (name, *name.find_all(any=[{"kind": k} for k in _PARAMETERS])))
