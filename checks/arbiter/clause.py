"""An inference clause resolved against its relation: elements, predicate, and what the server's parser refuses."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from ..errors import SqlSyntaxError
from ..sql.expression_reader import parse_expression
from ..sql.expressions import Expression, Opaque, nodes
from .elements import Element, has_parameter, read, resolve
from .quals import YES, Qual, qualify
from .scope import Scope
from .stages import CLAUSE, PLAN, Fault
from .tidy import Types, tidy
from .typing import conditions, is_condition, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.model import Relation
    from ..catalog.read import Catalog
    from ..model import InferenceClause, InferenceElement, Write
    from .views import Reach

WHOLE_ROW = "whole row unique index inference specifications are not supported"


@dataclass(frozen=True, slots=True)
class Clause:
    """The resolved clause. `unsound` names a part that the parser may refuse before it comes to the first fault."""

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
    read = [_element(written, scope, types, catalog) for written in clause.elements]
    elements = tuple(element for element, _ in read)
    columns_only = clause.predicate is None and all(element.expression is None for element in elements)
    stored = frozenset[Expression]() if columns_only else _stored(reach.base, types)
    parts = [_Part(f'expression "{e.text}"', faults, _is_plain(e, types, stored, faults)) for e, faults in read]
    predicate: Qual = YES
    parameters = any(e.parametrised for e in elements)
    if clause.asked_predicate is not None:
        tree = parse_expression(clause.asked_predicate)
        resolved = tidy(scope.resolve(tree), types)
        predicate = qualify(resolved, types)
        parameters = parameters or has_parameter(resolved)
        parts += [_condition(part, clause.asked_predicate, scope, types, stored) for part in conditions(tree)]
    faults = tuple(fault for part in parts for fault in part.faults)
    return Clause(elements, predicate, clause.predicate, faults, _first_unsound(parts), parameters)


class _Part(NamedTuple):
    """What is surely wrong with a part of the clause, and whether anything else may be."""

    name: str
    faults: list[Fault]
    sound: bool


def _stored(relation: Relation, types: Types) -> frozenset[Expression]:
    """Expressions and conditions of the indexes: what reads like one of them is surely accepted."""
    texts = [key.expression for index in relation.indexes for key in index.keys if key.expression is not None]
    predicates = [index.predicate for index in relation.indexes if index.predicate is not None]
    trees: list[Expression] = []
    for text in (*texts, *predicates):
        with suppress(SqlSyntaxError):  # compare() says so of that index
            trees += conditions(parse_expression(text))
    return frozenset(tidy(tree, types) for tree in trees)


def _condition(tree: Expression, text: str, scope: Scope, types: Types, stored: frozenset[Expression]) -> _Part:
    faults = list(_expression_faults(tree, scope, "index predicate"))
    resolved = tidy(scope.resolve(tree), types)
    return _Part(f'predicate "{text}"', faults, resolved in stored or is_condition(resolved, types))


def _first_unsound(parts: list[_Part]) -> str | None:
    """The first part that the parser may refuse, unless it surely refuses one before."""
    for part in parts:
        if any(fault.stage <= CLAUSE for fault in part.faults):
            return None
        if not part.sound:
            return part.name
    return None


def _element(written: InferenceElement, scope: Scope, types: Types, catalog: Catalog) -> tuple[Element, list[Fault]]:
    faults = list(_ordering(written.ordering))
    tree = read(written)
    faults.extend(_expression_faults(tree, scope, "index expression"))
    element = resolve(written, scope, types)
    if scope.is_whole_row(tree) and not _is_spelled_out(scope.reach):
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


def _is_spelled_out(reach: Reach) -> bool:
    """Through a view, or with virtual columns, the row is put together column by column, and matches nothing."""
    return reach.through_view or any(column.generated == "v" for column in reach.base.columns)


def _ordering(ordering: str | None) -> Iterator[Fault]:
    """Refused with the SQLSTATE of a failed inference, but by the parser."""
    if ordering:
        what = "NULLS FIRST/LAST" if ordering.startswith("NULLS") else "ASC/DESC"
        yield Fault(CLAUSE, "42P10", f"{what} is not allowed in ON CONFLICT clause", ordering)


def _expression_faults(tree: Expression, scope: Scope, where: str) -> Iterator[Fault]:
    yield from scope.faults(tree)
    if any(isinstance(node, Opaque) and node.subquery for node in nodes(tree)):
        yield Fault(CLAUSE, "0A000", f"cannot use subquery in {where}")


def _is_plain(element: Element, types: Types, stored: frozenset[Expression], faults: list[Fault]) -> bool:
    expression = element.expression
    whole_row = any(fault.stage == PLAN for fault in faults)  # which the parser takes
    return whole_row or expression is None or expression in stored or type_of(expression, types) is not None
