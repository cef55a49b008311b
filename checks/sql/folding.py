"""What the planner makes of constant parts of an expression, as far as the text tells (eval_const_expressions)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from google.protobuf.message import Message  # type: ignore[import-untyped]  # its stubs are no dependency
from postgast import pg_query_pb2 as pb

from .parser import Node, kind, strings
from .walk import messages

if TYPE_CHECKING:
    from collections.abc import Iterator


class Fold(Enum):
    """What eval_const_expressions makes of a condition: one of three constants, what hangs on a row, or who knows."""

    TRUE = auto()
    FALSE = auto()
    NULL = auto()
    ROW = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk is.

    `constant`: columns may stand for constants there, since a sub-select gives them. `variables` of PL/pgSQL stand for
    constants, too; where there are any, `own` are the qualifiers that are none. `ctes` are names of WITH. `dropped`:
    the planner drops it, and nothing but what it computes beforehand is ever called.
    """

    certain: bool = True
    constant: bool = False
    on_conflict: bool = False
    dropped: bool = False
    ctes: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()

    def but(self, *, certain: bool) -> Place:
        """The same, less certain."""
        return replace(self, certain=self.certain and certain)


def fold(node: Node, place: Place) -> Fold:
    """What an expression is before there is a row."""
    match kind(node):
        case "a_const":
            return _constant(node.a_const)
        case "type_cast":
            return fold(node.type_cast.arg, place)
        case "bool_expr":
            return _of_boolean(node.bool_expr, place)
        case _:
            return Fold.ROW if _hangs_on_row(node, place) else Fold.UNKNOWN


def _hangs_on_row(node: Node, place: Place) -> bool:
    """Whether an expression has no value before there is a row, so that the planner cannot drop it, or by it."""
    match kind(node):
        case "column_ref" | "sub_link" as at:
            return at == "sub_link" or (not place.constant and _is_of_row(node.column_ref.fields, place))
        case "bool_expr":
            return _of_boolean(node.bool_expr, place) is Fold.ROW
        case "coalesce_expr":
            return _hangs_on_row(node.coalesce_expr.args[0], place)
        case "case_expr":
            return all(_hangs_on_row(one, place) for one in conditions(node.case_expr))
        case at:
            strict = at in {"a_expr", "func_call"}
            return not (strict and holds_null(node)) and any(_hangs_on_row(one, place) for one in _below(node))


def _below(node: Node) -> Iterator[Node]:
    """The nearest nodes below a node, those in lists included."""
    for _, value in node.ListFields():
        for child in value if not isinstance(value, (Message, str, int, float, bytes)) else (value,):
            if isinstance(child, Message):
                yield from (child,) if child.DESCRIPTOR.name == "Node" else _below(child)


def conditions(expression: Node) -> list[Node]:
    """What decides which branch of a CASE is taken."""
    return [expression.arg] if expression.HasField("arg") else [one.case_when.expr for one in expression.args]


def _is_of_row(fields: Node, place: Place) -> bool:
    """Whether a column is one, and no variable."""
    *before, name = strings(fields) or ("",)
    return not place.variables or (before[-1] in place.own if before else name not in place.variables)


def _constant(value: Node) -> Fold:
    if value.isnull:
        return Fold.NULL
    if value.WhichOneof("val") == "boolval":
        return Fold.TRUE if value.boolval.boolval else Fold.FALSE
    return Fold.UNKNOWN


def _of_boolean(expression: Node, place: Place) -> Fold:
    folds = {fold(arg, place) for arg in expression.args}
    if expression.boolop == pb.NOT_EXPR:
        (one,) = folds
        return {Fold.TRUE: Fold.FALSE, Fold.FALSE: Fold.TRUE}.get(one, one)
    decides, other = (Fold.FALSE, Fold.TRUE) if expression.boolop == pb.AND_EXPR else (Fold.TRUE, Fold.FALSE)
    if decides in folds:
        return decides
    left = folds - {other}
    if not left:
        return other
    # In a condition null is false (canonicalize_qual), so that what stands beside it may be gone.
    return left.pop() if len(left) == 1 else Fold.UNKNOWN


def holds_null(node: Node) -> bool:
    """Whether NULL is written anywhere in an expression."""
    return any(one.isnull for one in messages(node, "A_Const"))
