"""What the names in a conflict target mean: columns of the target relation, variables, or an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Action, InferenceClause, VariableConflict
from ..sql.expression_reader import parse_expression
from ..sql.expressions import (
    WHOLE_ROW,
    Column,
    Expression,
    Opaque,
    Parameter,
    columns,
    replace_columns,
)
from .stages import CLAUSE, Fault

if TYPE_CHECKING:
    from ..catalog.model import Relation
    from ..model import Write
    from .views import Reach

# pg_attribute rows with negative attnum, which every table has and no unique index can hold.
SYSTEM_COLUMNS = frozenset(("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"))
ROW_VARIABLES = ("new", "old")  # of trigger functions and rules
# The parameter that stands for any PL/pgSQL variable: no `$n` of a statement reaches so far.
VARIABLE = 1 << 20


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a conflict target of `write` on `relation` can use; `reach` is where the rows really go."""

    write: Write
    relation: Relation
    reach: Reach

    @property
    def name(self) -> str:
        """The one name by which the relation can be qualified: its alias, if it has one."""
        return self.write.alias or self.relation.name

    def faults(self, expression: Expression) -> tuple[Fault, ...]:
        """What the server says of the names in an expression, in their order (transformColumnRef)."""
        found = (self.fault(column) for column in columns(expression))
        return tuple(fault for fault in found if fault is not None)

    def fault(self, column: Column) -> Fault | None:
        """What the server says of one name; None when it means something."""
        if self._is_variable(column):
            return None
        if not column.qualifier:
            return self._bare(column.name)
        qualifier = column.qualifier[-1]
        if qualifier == "excluded" and self.name != "excluded":
            # EXCLUDED is there only for DO UPDATE
            said = "invalid reference to" if self.write.action is Action.UPDATE else "missing"
            return Fault(CLAUSE, "42P01", f'{said} FROM-clause entry for table "{qualifier}"', qualifier)
        schema_fits = len(column.qualifier) == 1 or (
            not self.write.alias and column.qualifier[-2] == self.relation.schema
        )
        if qualifier != self.name or not schema_fits:
            known = qualifier == self.relation.name
            said = "invalid reference to" if known else "missing"
            return Fault(CLAUSE, "42P01", f'{said} FROM-clause entry for table "{qualifier}"', qualifier)
        if self._has(column.name) or column.name == WHOLE_ROW:
            return None
        return Fault(CLAUSE, "42703", f"column {self.name}.{column.name} does not exist", column.name)

    def _bare(self, name: str) -> Fault | None:
        variable = name in self.write.variables
        if self._has(name):
            ambiguous = variable and self.write.variable_conflict is VariableConflict.ERROR
            return Fault(CLAUSE, "42702", f'column reference "{name}" is ambiguous', name) if ambiguous else None
        if variable or name in (WHOLE_ROW, self.name):
            return None
        return Fault(CLAUSE, "42703", f'column "{name}" does not exist', name)

    def resolve(self, expression: Expression) -> Expression:
        """The expression in terms of the base relation's columns; names with a fault stay as they are."""
        return replace_columns(expression, self._resolve)

    def is_whole_row(self, expression: Expression) -> bool:
        """Whether this is the relation's row as a value: `t` without a column of that name, or `t.*`."""
        if not isinstance(expression, Column):
            return False
        bare = not expression.qualifier and expression.name == self.name and not self._has(expression.name)
        return bare or expression.name == WHOLE_ROW

    def _resolve(self, column: Column) -> Expression:
        name = column.name
        if self._is_variable(column):
            return Parameter(VARIABLE)
        if self.is_whole_row(column):
            return Opaque("", (Column((), WHOLE_ROW),), parameters=False, subquery=False)
        found = self.reach.output(name)
        if isinstance(found, Column):
            return self._generated(found)
        return found if found is not None else Column((), name)

    def variables(self) -> tuple[tuple[str, ...], ...]:
        """The names in the target, each with its qualifier, that are PL/pgSQL's. Raises SqlSyntaxError."""
        clause = self.write.target
        if not isinstance(clause, InferenceClause):
            return ()
        texts = (*(e.expression for e in clause.elements), clause.asked_predicate)
        trees = [parse_expression(text) for text in texts if text is not None]
        named = (*(Column((), name) for name in clause.columns), *(c for tree in trees for c in columns(tree)))
        return tuple(dict.fromkeys((*c.qualifier, c.name) for c in named if self._is_variable(c)))

    def _is_variable(self, column: Column) -> bool:
        """A variable, a field of a record variable, or a name qualified by that of the function or block."""
        variables = self.write.variables
        if not column.qualifier:
            wins = self.write.variable_conflict is VariableConflict.USE_VARIABLE
            return column.name in variables and (wins or not self._has(column.name))
        qualifier = column.qualifier[0]
        if len(column.qualifier) > 1 or qualifier in (self.name, "excluded"):
            return False
        return qualifier in (*variables, *ROW_VARIABLES) or (bool(variables) and qualifier != self.relation.name)

    def _generated(self, column: Column) -> Expression:
        """A virtual generated column is its expression (expand_generated_columns_in_expr, from 18)."""
        described = self.reach.base.column(column.name)
        if described is None or described.generated != "v" or not described.default:
            return column
        return parse_expression(described.default)

    def _has(self, name: str) -> bool:
        if self.relation.column(name) is not None:
            return True
        return name in SYSTEM_COLUMNS and self.relation.definition is None
