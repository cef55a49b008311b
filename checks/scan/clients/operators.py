"""Python expressions with operators, lowered to calls of the methods that Python would call (`a == b`: `__eq__`)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..values import Call, Constant, Member, Name, Opaque, Sequence, Text

if TYPE_CHECKING:
    from ..values import Value

_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}
_BINARY: dict[type[ast.operator], str] = {ast.BitAnd: "__and__", ast.BitOr: "__or__"}


def keyword(source: str, name: str, offset: int, path: str, position: int | None = None) -> Value | None:
    """The value of a keyword of the outermost call in `source`, whose names are looked up at `offset` of `path`.

    `position` is that of the argument when it is given without its name. None when there is no such argument or the
    source is no expression.
    """
    try:
        tree = ast.parse(f"({source}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return None
    call = tree.body
    if not isinstance(call, ast.Call):
        return None
    found = next((given.value for given in call.keywords if given.arg == name), None)
    if found is None and position is not None and position < len(call.args):
        found = call.args[position]
    return None if found is None else _Lowering(offset, path).lower(found)


def arguments(source: str, offset: int, path: str) -> tuple[Value, ...]:
    """The arguments by position of the outermost call in `source`; none when the source is no call."""
    try:
        tree = ast.parse(f"({source}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return ()
    given = tree.body.args if isinstance(tree.body, ast.Call) else []
    return tuple(_Lowering(offset, path).lower(one) for one in given)


def keyword_keys(source: str, name: str, offset: int, path: str) -> tuple[Value, ...] | None:
    """The keys of a dictionary that is given by a keyword of the outermost call; None when it is no such literal."""
    try:
        tree = ast.parse(f"({source}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return None
    given = tree.body.keywords if isinstance(tree.body, ast.Call) else []
    found = next((one.value for one in given if one.arg == name), None)
    if not isinstance(found, ast.Dict) or None in found.keys:
        return None
    lowering = _Lowering(offset, path)
    return tuple(lowering.lower(key) for key in found.keys if key is not None)


class _Lowering:
    """Lowers one expression; every place in it is the one it was given."""

    def __init__(self, offset: int, path: str) -> None:
        self.offset = offset
        self.path = path

    def lower(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name(id=name):
                return Name(name, self.offset, self.path)
            case (
                ast.Attribute(value=owner, attr=name) | ast.Subscript(value=owner, slice=ast.Constant(value=str(name)))
            ):
                return Member(self.lower(owner), name, self.offset)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return Sequence(tuple(self.lower(item) for item in items), offset=self.offset)
            case _:
                return self._operation(node)

    def _constant(self, node: ast.Constant) -> Value:
        match node.value:
            case str(found):
                return Text(found, (), self.path)
            case bool() | int() | float() | None as found:
                return Constant(found, self.offset)
            case _:
                return Opaque(ast.unparse(node)[:80], self.offset)

    def _operation(self, node: ast.expr) -> Value:
        match node:
            case ast.Call(func=called, args=args, keywords=keywords):
                named = tuple((given.arg or "**", self.lower(given.value)) for given in keywords)
                return self._call(self.lower(called), tuple(self.lower(arg) for arg in args), named)
            case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _COMPARED:
                return self._call(Member(self.lower(left), _COMPARED[type(operator)]), (self.lower(right),))
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
                return self._call(Member(self.lower(left), _BINARY[type(operator)]), (self.lower(right),))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return self._call(Member(self.lower(operand), "__invert__"), ())
            case _:
                return Opaque(ast.unparse(node)[:80], self.offset)

    def _call(self, callee: Value, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...] = ()) -> Value:
        return Call(callee, args, keywords, self.offset, self.offset, self.offset)
