"""The conflict target of one ON CONFLICT clause, from its parse tree."""

from __future__ import annotations

from postgast import pg_query_pb2 as pb

from ..model import (
    AnyArbiter,
    ConflictTarget,
    InferenceClause,
    InferenceElement,
    NamedConstraint,
    QualifiedName,
    Unresolved,
)
from .names import is_unknown, qualified, unknown_names
from .parser import Node, expression_text, kind, name_text, strings
from .walk import holds

_ORDERINGS = {pb.SORTBY_ASC: "ASC", pb.SORTBY_DESC: "DESC"}
_NULLS = {pb.SORTBY_NULLS_FIRST: "NULLS FIRST", pb.SORTBY_NULLS_LAST: "NULLS LAST"}

RUN_TIME_TARGET = "the conflict target is put together at run time"
RUN_TIME_PREDICATE = "the WHERE of the conflict target is put together at run time"


def read_target(clause: Node) -> ConflictTarget:
    """What an OnConflictClause asks for (PostgreSQL's raw grammar: opt_conf_expr)."""
    if not clause.HasField("infer"):
        return AnyArbiter()
    infer = clause.infer
    if infer.conname:
        return Unresolved(RUN_TIME_TARGET) if is_unknown(infer.conname) else NamedConstraint(infer.conname)
    if any(unknown_names(node) for node in infer.index_elems):
        return Unresolved(RUN_TIME_TARGET)
    predicate = infer.where_clause if infer.HasField("where_clause") else None
    if predicate is not None and unknown_names(predicate):
        return Unresolved(RUN_TIME_PREDICATE)
    return InferenceClause(
        elements=tuple(_element(node.index_elem) for node in infer.index_elems),
        predicate=None if predicate is None else expression_text(predicate),
        predicate_parameters=predicate is not None and holds(predicate, "param_ref"),
        element_parameters=any(holds(node.index_elem.expr, "param_ref") for node in infer.index_elems),
    )


def _element(node: Node) -> InferenceElement:
    """One IndexElem. The parser drops parentheses, so `((a))` is the bare column that it is for the server as well."""
    collation = _name(node.collation)
    opclass = _name(node.opclass)
    orderings = (_ORDERINGS.get(node.ordering), _NULLS.get(node.nulls_ordering))
    ordering = " ".join(word for word in orderings if word) or None
    column = node.name or _bare_column(node.expr)
    if column:
        expression, subject = None, name_text(column)
    else:
        expression = expression_text(node.expr)
        subject = expression if kind(node.expr) == "func_call" else f"({expression})"
    words = [subject]
    if collation:
        words.append(f"COLLATE {name_text(*strings(node.collation))}")
    if opclass:
        words.append(name_text(*strings(node.opclass)))
    if ordering:
        words.append(ordering)
    return InferenceElement(" ".join(words), column or None, expression, collation, opclass, ordering)


def _bare_column(node: Node) -> str:
    """The column of an unqualified ColumnRef, else ""."""
    if kind(node) != "column_ref" or len(node.column_ref.fields) != 1:
        return ""
    return "".join(strings(node.column_ref.fields))


def _name(nodes: Node) -> QualifiedName | None:
    parts = strings(nodes)
    return qualified(parts) if parts else None
