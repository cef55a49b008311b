"""An inference clause resolved against its relation: elements, predicate, and what the server's parser refuses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..sql.expressions import Expression, Opaque, nodes, parse_expression
from .elements import Element, has_parameter, read, resolve
from .quals import YES, Qual, qualify
from .scope import Scope
from .stages import CLAUSE, PLAN, Fault
from .tidy import Types, tidy
from .typing import is_condition, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.model import Relation
    from ..catalog.read import Catalog
    from ..model import InferenceClause, InferenceElement, Write
    from .views import Reach

WHOLE_ROW = "whole row unique index inference specifications are not supported"


@dataclass(frozen=True, slots=True)
class Clause:
    """The resolved clause. `unsound` names the part that the server may refuse, None if it surely takes all."""

    elements: tuple[Element, ...]
    predicate: Qual
    text: str | None  # of the predicate
    faults: tuple[Fault, ...]
    unsound: str | None
    parameters: bool

    @property
    def sound(self) -> bool:
        """Whether the server's parser surely accepts it."""
        return self.unsound is None


def read_clause(clause: InferenceClause, write: Write, relation: Relation, catalog: Catalog, reach: Reach) -> Clause:
    """Resolve names, collations and operator classes (resolve_unique_index_expr). Raises SqlSyntaxError."""
    scope, types = Scope(write, relation, reach), Types(reach.base)
    elements: list[Element] = []
    faults: list[Fault] = []
    for written in clause.elements:
        element, found = _element(written, scope, types, catalog)
        elements.append(element)
        faults.extend(found)
    tree = None if clause.predicate is None else parse_expression(clause.predicate)
    predicate: Qual = YES
    sound = True
    if tree is not None:
        faults.extend(_expression_faults(tree, scope, "index predicate"))
        tidied = tidy(scope.resolve(tree), types)
        predicate = qualify(tidied, types)
        sound = is_condition(tidied, types)
    unsound = next((f'expression "{e.text}"' for e in elements if not _is_plain(e, types)), None)
    if unsound is None and not sound:
        unsound = f'predicate "{clause.predicate}"'
    parameters = any(e.parametrised for e in elements) or (tree is not None and has_parameter(scope.resolve(tree)))
    return Clause(tuple(elements), predicate, clause.predicate, tuple(faults), unsound, parameters)


def _element(written: InferenceElement, scope: Scope, types: Types, catalog: Catalog) -> tuple[Element, list[Fault]]:
    faults = list(_ordering(written.ordering))
    tree = read(written)
    faults.extend(_expression_faults(tree, scope, "index expression"))
    element = resolve(written, scope, types)
    # Through a view the row is spelled out column by column, and matches nothing.
    if scope.is_whole_row(tree) and not scope.reach.through_view:
        faults.append(Fault(PLAN, "0A000", WHOLE_ROW, scope.name))
    path = scope.write.search_path
    collation = catalog.collation(written.collation, path) if written.collation else None
    opclass = catalog.opclass(written.opclass, path) if written.opclass else None
    if written.collation and not collation:
        faults.append(Fault(CLAUSE, "42704", f'collation "{written.collation}" does not exist', str(written.collation)))
    if written.opclass and not opclass:
        message = f'operator class "{written.opclass}" does not exist for access method "btree"'
        faults.append(Fault(CLAUSE, "42704", message, str(written.opclass)))
    return replace(element, collation=collation, opclass=opclass), faults


def _ordering(ordering: str | None) -> Iterator[Fault]:
    """Refused with the SQLSTATE of a failed inference, but by the parser."""
    if ordering:
        what = "NULLS FIRST/LAST" if ordering.startswith("NULLS") else "ASC/DESC"
        yield Fault(CLAUSE, "42P10", f"{what} is not allowed in ON CONFLICT clause", ordering)


def _expression_faults(tree: Expression, scope: Scope, where: str) -> Iterator[Fault]:
    yield from scope.faults(tree)
    if any(isinstance(node, Opaque) and node.subquery for node in nodes(tree)):
        yield Fault(CLAUSE, "0A000", f"cannot use subquery in {where}")


def _is_plain(element: Element, types: Types) -> bool:
    return element.expression is None or type_of(element.expression, types) is not None
