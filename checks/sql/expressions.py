"""A small tree for the scalar expressions that inference has to compare, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Column:
    """`qualifier.name`, or a bare `name`; a qualifier may have a schema before it. `t.*` has the name WHOLE_ROW."""

    qualifier: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal as written. `kind` is "string", "integer", "numeric", "boolean", "null" or "bits"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$n`."""

    number: int


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written. `name` is the catalog's spelling (int4, not integer), `modifiers` those in parentheses."""

    schema: str | None
    name: str
    modifiers: tuple[str, ...] = ()
    array: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """`arg::type`, in any spelling."""

    arg: Expression
    type: TypeName


@dataclass(frozen=True, slots=True)
class Call:
    """A function call with nothing but positional arguments."""

    schema: str | None
    name: str
    args: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Special:
    """A form with a grammar of its own that is no function: coalesce, nullif, greatest, least, distinct, same."""

    name: str
    args: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator, with one argument or two. LIKE and the like are spelled as operators (`~~`)."""

    schema: str | None
    operator: str
    args: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Quantified:
    """`left operator ANY (right)`, or ALL; `IN (...)` has an Array on its right side."""

    schema: str | None
    operator: str
    left: Expression
    right: Expression
    all: bool


@dataclass(frozen=True, slots=True)
class Array:
    """`ARRAY[...]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class NullTest:
    """`arg IS NULL` or `arg IS NOT NULL`."""

    arg: Expression
    null: bool


@dataclass(frozen=True, slots=True)
class BooleanTest:
    """`arg IS TRUE` and its five siblings; `kind` is "TRUE", "NOT TRUE", ..., "NOT UNKNOWN"."""

    arg: Expression
    kind: str


@dataclass(frozen=True, slots=True)
class And:
    """A list of conjuncts."""

    args: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """A list of disjuncts."""

    args: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A negation."""

    arg: Expression


@dataclass(frozen=True, slots=True)
class Collate:
    """`arg COLLATE collation`."""

    arg: Expression
    schema: str | None
    collation: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """Anything else: its text in one spelling, and the columns, functions and parameters that stand in it."""

    text: str
    columns: tuple[Column, ...]
    parameters: bool
    subquery: bool


Expression = (
    Column
    | Constant
    | Parameter
    | Cast
    | Call
    | Special
    | Operation
    | Quantified
    | Array
    | NullTest
    | BooleanTest
    | And
    | Or
    | Not
    | Collate
    | Opaque
)

TRUE = Constant("boolean", "true")
FALSE = Constant("boolean", "false")
WHOLE_ROW = "*"


def children(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly below this one."""
    match expression:
        case Call() | Special() | Operation() | And() | Or():
            return expression.args
        case Cast() | NullTest() | BooleanTest() | Not() | Collate():
            return (expression.arg,)
        case Quantified():
            return (expression.left, expression.right)
        case Array():
            return expression.items
        case _:
            return ()


def nodes(expression: Expression) -> Iterator[Expression]:
    """The expression and all below it, outermost first; nothing of what an Opaque holds."""
    yield expression
    for child in children(expression):
        yield from nodes(child)


def columns(expression: Expression) -> tuple[Column, ...]:
    """Every column reference, those inside an Opaque as well, in the order of their appearance."""
    found: list[Column] = []
    for node in nodes(expression):
        if isinstance(node, Column):
            found.append(node)
        elif isinstance(node, Opaque):
            found.extend(node.columns)
    return tuple(found)


def rebuild(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The same node with each expression directly below it changed; itself when none is."""
    match expression:
        case Call() | Special() | Operation() | And() | Or():
            args = tuple(change(arg) for arg in expression.args)
            return expression if _same(args, expression.args) else replace(expression, args=args)
        case Cast() | NullTest() | BooleanTest() | Not() | Collate():
            arg = change(expression.arg)
            return expression if arg is expression.arg else replace(expression, arg=arg)
        case Quantified():
            return replace(expression, left=change(expression.left), right=change(expression.right))
        case Array():
            return Array(tuple(change(item) for item in expression.items))
        case _:
            return expression


def _same(changed: tuple[Expression, ...], old: tuple[Expression, ...]) -> bool:
    return all(one is other for one, other in zip(changed, old, strict=True))


def replace_columns(expression: Expression, lookup: Callable[[Column], Expression]) -> Expression:
    """The tree with each column reference replaced. The text of an Opaque is kept only if nothing in it changed."""
    if isinstance(expression, Column):
        return lookup(expression)
    if isinstance(expression, Opaque):
        found = [lookup(column) for column in expression.columns]
        inside = tuple(c for tree in found for c in columns(tree))
        same = found == list(expression.columns)
        parameters = expression.parameters or any(isinstance(node, Parameter) for tree in found for node in nodes(tree))
        return Opaque(expression.text if same else "", inside, parameters, expression.subquery)
    return rebuild(expression, lambda below: replace_columns(below, lookup))
