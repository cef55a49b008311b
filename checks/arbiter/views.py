"""The relation that rows really go into: the table itself, or the table behind an automatically updatable view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalog.model import RelationKind
from ..errors import SqlSyntaxError
from ..sql import ViewColumn, view_columns
from ..sql.expression_reader import parse_expression
from ..sql.expressions import Column, Expression, replace_columns

if TYPE_CHECKING:
    from ..catalog.model import Relation
    from ..catalog.read import Catalog


@dataclass(frozen=True, slots=True)
class Reach:
    """Where an INSERT into a relation ends up, and what each column of the named relation is there.

    `outputs` holds only the columns of a view; a table's own columns stand for themselves. `reason`: the view could not
    be followed, though the server may be able to.
    """

    base: Relation
    outputs: tuple[tuple[str, Expression], ...] = ()
    through_view: bool = False
    reason: str | None = None

    def output(self, name: str) -> Expression | None:
        """What a column of the named relation is, in terms of the base relation; None if there is no such column."""
        if self.through_view:
            return dict(self.outputs).get(name)
        return Column((), name) if self.base.column(name) else None

    def base_column(self, name: str) -> str | None:
        """The column of the base relation that a column of the named relation writes to."""
        output = self.output(name)
        return output.name if isinstance(output, Column) else None


def reach(relation: Relation, catalog: Catalog) -> Reach:
    """Follow automatically updatable views down to their table (rewriteTargetView).

    A view with an INSTEAD OF INSERT trigger is itself what the INSERT goes to, as is one that cannot be updated.
    """
    if relation.kind is not RelationKind.VIEW or is_instead(relation) or not relation.insertable:
        return Reach(relation)
    shape = view_columns(relation.definition or "")
    inner = catalog.resolve(shape.relation) if shape else None
    if shape is None or inner is None:
        return Reach(relation, through_view=True, reason=f'cannot follow view "{relation.name}" to its table')
    below = reach(inner, catalog)
    if below.reason or below.base.kind is RelationKind.VIEW:
        return Reach(below.base, through_view=True, reason=below.reason) if below.reason else below
    outputs = _outputs(relation, shape.columns, below)
    if outputs is None:
        return Reach(below.base, through_view=True, reason=f'cannot follow the columns of view "{relation.name}"')
    return Reach(below.base, outputs, through_view=True)


def is_instead(relation: Relation) -> bool:
    """Whether an enabled or disabled INSTEAD OF INSERT trigger takes the rows (view_has_instead_trigger)."""
    return any(t.instead and t.insert for t in relation.triggers)


def _outputs(view: Relation, shape: tuple[ViewColumn, ...], below: Reach) -> tuple[tuple[str, Expression], ...] | None:
    """Columns by position: the view's own names count, since CREATE VIEW v (names) and RENAME change only these."""
    if any(column.star for column in shape) or len(shape) != len(view.columns):
        return None
    found: list[tuple[str, Expression]] = []
    for own, column in zip(view.columns, shape, strict=True):
        expression = _below(column, below)
        if expression is None:
            return None
        found.append((own.name, expression))
    return tuple(found)


def _below(column: ViewColumn, below: Reach) -> Expression | None:
    if column.column is not None:
        return below.output(column.column)
    try:
        tree = parse_expression(column.expression or "")
    except SqlSyntaxError:
        return None
    return replace_columns(tree, lambda c: below.output(c.name) or c)
