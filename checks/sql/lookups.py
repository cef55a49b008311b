"""SELECTs that look a row up by a key, and what keeps others out meanwhile: the first half of select-then-insert."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .lexis import Kind, lex
from .names import is_unknown, relation_name
from .parser import Node, kind, parse, strings
from .splitting import split
from .traced import Edit, Traced
from .walk import messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import QualifiedName


@dataclass(frozen=True, slots=True)
class Lookup:
    """`SELECT ... FROM table WHERE a = x AND b = y`; `columns` are those compared with `=`, `offset` is of SELECT."""

    table: QualifiedName
    columns: tuple[str, ...]
    offset: int


def read_lookups(text: str, variables: frozenset[str] = frozenset()) -> tuple[Lookup, ...]:
    """Every SELECT of a text that looks rows up by equality, in source order; text as for `read_writes`. Never raises.

    Offsets are characters of `text`. Names in `variables` are PL/pgSQL variables, no columns. Statements that do not
    parse hold none.
    """
    if "select" not in text.casefold():
        return ()
    found = [
        one
        for statement in split(text)
        for one in _of_statement(text, statement.offset, len(statement.text), variables)
    ]
    return tuple(sorted(found, key=lambda one: one.offset))


def serialised_by(text: str) -> str | None:
    """What in a text keeps other transactions from doing the same meanwhile: a lock, or serializable isolation."""
    words = [token.value for token in lex(text) if token.kind is Kind.WORD]
    if any(first == "lock" and second == "table" for first, second in pairwise(words)) or words[:1] == ["lock"]:
        return "LOCK TABLE"
    advisory = next((word for word in words if word.startswith(("pg_advisory_", "pg_try_advisory_"))), None)
    if advisory:
        return advisory + "()"
    return "SERIALIZABLE" if "serializable" in words else None


def _of_statement(text: str, start: int, length: int, variables: frozenset[str]) -> Iterator[Lookup]:
    traced = _without_slots(Traced.of(text).part(start, start + length))
    try:
        parsed = parse(traced.text)
    except SqlSyntaxError:
        return
    starts = [token.start for token in lex(traced.text, placeholders=False) if token.value == "select"]
    for raw in parsed.statements:
        for select in messages(raw.stmt, "SelectStmt"):
            for table, columns, first in _keys(select, variables):
                at = max((one for one in starts if one < parsed.character(first)), default=0)
                yield Lookup(table, columns, traced.at(at))


def _without_slots(traced: Traced) -> Traced:
    """The text with a parameter for each placeholder and hole that stands by itself."""
    slots = [token for token in lex(traced.text) if token.kind is Kind.SLOT]
    return traced.edited(Edit(slot.start, slot.end, f" ${index} ") for index, slot in enumerate(slots, 1))


def _keys(select: Node, variables: frozenset[str]) -> Iterator[tuple[QualifiedName, tuple[str, ...], int]]:
    """Each table of a SELECT that is looked up by equality: its name, the columns, where its name stands in bytes."""
    if not select.HasField("where_clause"):
        return
    equalities = tuple(_equalities(select.where_clause))
    relations = [node.range_var for node in _range_vars(select.from_clause)]
    for relation in relations:
        table = relation_name(relation)
        names = {relation.alias.aliasname or relation.relname}
        names |= {None} if len(relations) == 1 else set()
        found = [_own(sides, names, variables) for sides in equalities]
        columns = tuple(dict.fromkeys(column for column in found if column is not None))
        if table is not None and columns:
            yield table, columns, relation.location


def _own(sides: tuple[_Column | None, _Column | None], names: set[str | None], variables: frozenset[str]) -> str | None:
    """The column of this relation that one side of an equality is, when the other side is something else."""
    own = [
        side.name
        for side in sides
        if side is not None
        and side.qualifier in names
        and not (side.qualifier is None and side.name in variables)
        and not is_unknown(side.name)
    ]
    return own[0] if len(own) == 1 else None


def _range_vars(nodes: Node) -> Iterator[Node]:
    for node in nodes:
        if kind(node) == "range_var":
            yield node
        elif kind(node) == "join_expr":
            yield from _range_vars((node.join_expr.larg, node.join_expr.rarg))


def _equalities(node: Node) -> Iterator[tuple[_Column | None, _Column | None]]:
    """Both sides of each `=` that a condition requires; None for a side that is no plain name."""
    match kind(node):
        case "bool_expr" if node.bool_expr.boolop == pb.AND_EXPR:
            for arg in node.bool_expr.args:
                yield from _equalities(arg)
        case "a_expr" if node.a_expr.kind == pb.AEXPR_OP and strings(node.a_expr.name) == ("=",):
            yield _column(node.a_expr.lexpr), _column(node.a_expr.rexpr)
        case _:
            return


class _Column(NamedTuple):
    qualifier: str | None
    name: str


def _column(node: Node) -> _Column | None:
    while kind(node) == "type_cast":
        node = node.type_cast.arg
    if kind(node) != "column_ref":
        return None
    names = strings(node.column_ref.fields)
    if not names or len(names) != len(node.column_ref.fields):
        return None
    return _Column(names[-2] if len(names) > 1 else None, names[-1])
