"""The elements of an inference clause: bare columns, and expressions that are compared with those of an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..sql.expression_reader import parse_expression
from ..sql.expressions import Column, Constant, Expression, Opaque, Parameter, columns, nodes
from .tidy import is_builtin, is_solid, tidy

if TYPE_CHECKING:
    from ..catalog.model import Collation, Opclass
    from ..model import InferenceElement
    from .scope import Scope
    from .tidy import Types


@dataclass(frozen=True, slots=True)
class Element:
    """One resolved element. `column` is the base column that it surely is; else `expression` says what it is.

    `maybe_column`: constant folding could leave a bare column (of an unknown function, for example).
    """

    text: str
    column: str | None
    expression: Expression | None
    maybe_column: bool = False
    collation: Collation | None = None
    opclass: Opclass | None = None

    @property
    def parametrised(self) -> bool:
        """Whether a parameter stands in it."""
        return self.expression is not None and has_parameter(self.expression)


def read(written: InferenceElement) -> Expression:
    """The element as a tree, names as written. Raises SqlSyntaxError."""
    return Column((), written.column) if written.column is not None else parse_expression(written.expression or "")


def resolve(written: InferenceElement, scope: Scope, types: Types) -> Element:
    """The element in terms of the base relation; collation and opclass are left to the caller."""
    tree = tidy(scope.resolve(read(written)), types)
    if isinstance(tree, Column):
        return Element(written.text, tree.name, None)
    return Element(written.text, None, tree, maybe_column=not is_expression(tree))


def is_expression(tree: Expression) -> bool:
    """Whether the server surely has no bare column here after constant folding."""
    return (
        isinstance(tree, Constant | Parameter) or is_solid(tree) or (not columns(tree) and not isinstance(tree, Opaque))
    )


def has_parameter(tree: Expression) -> bool:
    """Whether `$n` or a variable stands in it."""
    return any(isinstance(n, Parameter) or (isinstance(n, Opaque) and n.parameters) for n in nodes(tree))


def equal(written: Expression, stored: Expression) -> bool | None:
    """Whether the server takes a tidy expression of the target for one of an index (equal()); None: cannot tell."""
    if written == stored:
        return True if is_builtin(stored) else None
    if isinstance(written, Column) != isinstance(stored, Column) and is_solid(written) and is_solid(stored):
        return False
    if has_parameter(written) and is_solid(written):
        return False  # an index expression has none, and a generic plan folds none away
    if is_solid(written) and is_solid(stored) and _names(written) != _names(stored):
        return False
    return None


def _names(tree: Expression) -> frozenset[str]:
    return frozenset(column.name for column in columns(tree))
