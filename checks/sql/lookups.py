"""What an INSERT may follow: statements that look up, update or delete rows by a key, and what keeps others out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from ..model import Mechanism
from .lexis import Kind, Token, lex
from .literals import literal
from .names import is_unknown, relation_name
from .parser import Node, kind, parse, strings
from .regions import places
from .routines import read_routine
from .slots import fit
from .splitting import split
from .traced import Edit, Traced
from .walk import messages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ..model import QualifiedName


@dataclass(frozen=True, slots=True)
class Lookup:
    """`SELECT ... FROM table WHERE a = x AND b = y`; `columns` are those compared for equality, `offset` is of SELECT.

    `routine` is the extent of the function body or DO block it stands in. `absent`: it is inside NOT EXISTS (...) of
    an INSERT, which then decides by itself. `mechanism` tells an UPDATE or a DELETE from a SELECT; `insert` is where
    the INSERT stands whose WITH clause an UPDATE is in.
    """

    table: QualifiedName
    columns: tuple[str, ...]
    offset: int
    routine: tuple[int, int] | None = None
    absent: bool = False
    mechanism: Mechanism = Mechanism.SELECT_THEN_INSERT
    insert: int | None = None


def read_lookups(text: str, variables: frozenset[str] = frozenset()) -> tuple[Lookup, ...]:
    """Every SELECT, UPDATE and DELETE of a text by equality, in source order; text as for `read_writes`. Never raises.

    Offsets are characters of `text`. Names in `variables` are PL/pgSQL variables, no columns. SELECTs inside an UPDATE,
    DELETE or INSERT do not count, but for the NOT EXISTS of an INSERT. Statements that do not parse hold none.
    """
    lowered = text.casefold()
    if not any(word in lowered for word in ("select", "perform", "update", "delete")):
        return ()
    found = [
        one
        for statement in split(text)
        for one in _of_statement(
            Traced.of(text).part(statement.offset, statement.offset + len(statement.text)), variables
        )
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


def _of_statement(source: Traced, variables: frozenset[str]) -> Iterator[Lookup]:
    tokens = tuple(lex(source.text))
    fitted = source.edited(fit(source.text, tokens, places(tokens), bound=False))
    try:
        parsed = parse(fitted.text)
    except SqlSyntaxError:
        return
    plain = tuple(lex(fitted.text, placeholders=False))
    starts = [index for index, token in enumerate(plain) if token.value == "select"]
    for raw in parsed.statements:
        routine = read_routine(raw.stmt)
        if routine is not None:
            yield from _of_routine(fitted, plain, parsed.character(routine.body_offset), routine.language, variables)
        selects = tuple(messages(raw.stmt, "SelectStmt"))
        around = {name for select in selects for one in _range_vars(select.from_clause) for name in _names(one)}
        for select in selects:
            for table, columns, first in _keys(select, variables, around):
                before = [index for index in starts if plain[index].start < parsed.character(first)]
                at = before[-1] if before else 0
                absent = [token.value for token in plain[max(at - 3, 0) : at]] == ["not", "exists", "("]
                if kind(raw.stmt) == "select_stmt" or (absent and kind(raw.stmt) == "insert_stmt"):
                    inside = kind(raw.stmt) == "insert_stmt"
                    yield Lookup(table, columns, fitted.at(plain[at].start), absent=inside)
        for change, mechanism, inserted in _changes(raw.stmt):
            if mechanism is Mechanism.DELETE_INSERT and not _is_whole(change.where_clause):
                continue  # a row that is there may stay: one that has not expired, say
            at = _verb(plain, mechanism, parsed.character(change.relation.location))
            insert = None if inserted is None else fitted.at(_verb(plain, None, parsed.character(inserted.location)))
            for table, columns, _ in _keyed((change.relation,), change, variables):
                yield Lookup(table, columns, fitted.at(at), mechanism=mechanism, insert=insert)


_VERBS = {Mechanism.UPDATE_THEN_INSERT: "update", Mechanism.DELETE_INSERT: "delete", None: "insert"}


def _changes(statement: Node) -> Iterator[tuple[Node, Mechanism, Node | None]]:
    """The UPDATE or DELETE that a statement is, or the UPDATEs in the WITH clause of an INSERT, with its table."""
    match kind(statement):
        case "update_stmt":
            yield statement.update_stmt, Mechanism.UPDATE_THEN_INSERT, None
        case "delete_stmt":
            yield statement.delete_stmt, Mechanism.DELETE_INSERT, None
        case "insert_stmt":
            for one in statement.insert_stmt.with_clause.ctes:
                query = one.common_table_expr.ctequery
                if kind(query) == "update_stmt":
                    relation = statement.insert_stmt.relation
                    yield query.update_stmt, Mechanism.UPDATE_THEN_INSERT, relation


def _verb(tokens: Sequence[Token], mechanism: Mechanism | None, before: int) -> int:
    """Where the last such verb before a place stands."""
    word = _VERBS[mechanism]
    return next((token.start for token in reversed(tokens) if token.start < before and token.value == word), before)


def _of_routine(
    source: Traced, tokens: Sequence[Token], offset: int, language: str, variables: frozenset[str]
) -> Iterator[Lookup]:
    """The lookups of a function body, which is a literal that stands after `offset`."""
    first = next((i for i, t in enumerate(tokens) if t.start >= offset and t.kind in {Kind.STRING, Kind.DOLLAR}), None)
    if first is None:
        return
    body, _ = literal(source, tokens, first)
    extent = (body.at(0), body.end_at(len(body.text)))
    if language == "plpgsql":
        found = [one for piece in _queries(body) for one in _of_statement(piece, variables)]
    else:
        parts = (body.part(one.offset, one.offset + len(one.text)) for one in split(body.text))
        found = [one for part in parts for one in _of_statement(part, variables)]
    yield from (replace(one, routine=extent) for one in found)


_OPENS = frozenset({"begin", "then", "else", "loop", ";"})  # a statement of PL/pgSQL begins after these
_ENDS = frozenset({";", "then", "loop"})
_GOES_ON = frozenset({"from", "where", "group", "having", "order", "limit", "offset", "fetch", "for", "union"})


def _queries(body: Traced) -> Iterator[Traced]:
    """The SELECTs and PERFORMs of a PL/pgSQL body, its UPDATEs, DELETEs and INSERTs, as statements without INTO."""
    tokens = tuple(lex(body.text, placeholders=False))
    begins, index = True, 0
    while index < len(tokens):
        word = tokens[index].value
        if begins and word in {"insert", "update", "delete", "merge", "with"}:
            past = _past(tokens, index)
            if word == "insert":
                yield body.part(tokens[index].start, tokens[past - 1].end)
            elif word in {"update", "delete"}:
                yield _selected(body, tokens[index:past])
            index = past
            continue
        if word in {"select", "perform"}:
            past = _past(tokens, index)
            yield _selected(body, tokens[index:past])
            index = past
            continue
        begins = word in _OPENS
        index += 1


def _past(tokens: Sequence[Token], index: int) -> int:
    """The index past the query that begins there: before what ends its statement, or the parenthesis around it."""
    depth = cases = 0
    while index < len(tokens):
        word = tokens[index].value
        depth += (word == "(") - (word == ")")
        cases += (word == "case") - (word == "end" and cases > 0)
        if depth < 0 or (depth == 0 and cases == 0 and word in _ENDS):
            return index
        index += 1
    return index


def _selected(body: Traced, tokens: Sequence[Token]) -> Traced:
    """A query with SELECT for PERFORM and without `INTO [STRICT] targets`."""
    start = tokens[0].start
    edits = [Edit(0, tokens[0].end - start, "SELECT")] if tokens[0].value == "perform" else []
    depth, index = 0, 1
    while index < len(tokens):
        depth += (tokens[index].value == "(") - (tokens[index].value == ")")
        if depth == 0 and tokens[index].value == "into":
            past = next((i for i in range(index, len(tokens)) if tokens[i].value in _GOES_ON), len(tokens))
            edits.append(Edit(tokens[index].start - start, tokens[past - 1].end - start, ""))
            index = past
        else:
            index += 1
    return body.part(start, tokens[-1].end).edited(edits)


def _keys(
    select: Node, variables: frozenset[str], around: set[str]
) -> Iterator[tuple[QualifiedName, tuple[str, ...], int]]:
    """The table of a SELECT that is looked up by equality: its name, the columns, where its name stands in bytes.

    A join lists what belongs together, and says of no table whether it has a row. What is equal to a column of a table
    `around` it is looked up for each row of that.
    """
    relations = [node.range_var for node in _range_vars(select.from_clause)]
    if len(relations) == 1 and not _adds_up(select):
        yield from _keyed(relations, select, variables, around - _names(select.from_clause[0]))


_SUMS = frozenset({"sum", "avg", "max", "min"})


def _adds_up(select: Node) -> bool:
    """Whether a SELECT gives one number of many rows: it asks for a total, and not whether there is a row."""
    targets = [target.res_target.val for target in select.target_list]
    return bool(targets) and all(
        any(strings(call.funcname)[-1:] in {(one,) for one in _SUMS} for call in messages(target, "FuncCall"))
        for target in targets
    )


def _names(node: Node) -> set[str]:
    """What the columns of a table can be qualified by."""
    return {node.range_var.alias.aliasname or node.range_var.relname}


def _keyed(
    relations: Sequence[Node], statement: Node, variables: frozenset[str], around: Collection[str] = ()
) -> Iterator[tuple[QualifiedName, tuple[str, ...], int]]:
    """The same of a statement that names these tables."""
    if not statement.HasField("where_clause"):
        return
    equalities = tuple(_equalities(statement.where_clause))
    for relation in relations:
        table = relation_name(relation)
        names: set[str | None] = {relation.alias.aliasname or relation.relname}
        names |= {None} if len(relations) == 1 else set()
        found = [_own(sides, names, variables) for sides in equalities if not _is_of(sides, around)]
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


def _is_of(sides: tuple[_Column | None, _Column | None], others: Collection[str]) -> bool:
    """Whether one side is a column of one of these tables."""
    return any(side is not None and side.qualifier in others for side in sides)


def _range_vars(nodes: Node) -> Iterator[Node]:
    for node in nodes:
        if kind(node) == "range_var":
            yield node
        elif kind(node) == "join_expr":
            yield from _range_vars((node.join_expr.larg, node.join_expr.rarg))


_EQUAL = frozenset({pb.AEXPR_OP, pb.AEXPR_NOT_DISTINCT})


class _Column(NamedTuple):
    qualifier: str | None
    name: str


def _equalities(node: Node) -> Iterator[tuple[_Column | None, _Column | None]]:
    """Both sides of each equality that a condition requires; None for a side that is no plain name."""
    match kind(node):
        case "bool_expr" if node.bool_expr.boolop == pb.AND_EXPR:
            for arg in node.bool_expr.args:
                yield from _equalities(arg)
        case "a_expr" if node.a_expr.kind in _EQUAL and strings(node.a_expr.name) == ("=",):
            yield _column(node.a_expr.lexpr), _column(node.a_expr.rexpr)
        case _:
            return


def _is_whole(node: Node) -> bool:
    """Whether a condition asks for nothing but equality."""
    if kind(node) == "bool_expr" and node.bool_expr.boolop == pb.AND_EXPR:
        return all(map(_is_whole, node.bool_expr.args))
    return kind(node) == "a_expr" and node.a_expr.kind in _EQUAL and strings(node.a_expr.name) == ("=",)


def _column(node: Node) -> _Column | None:
    while kind(node) == "type_cast":
        node = node.type_cast.arg
    if kind(node) != "column_ref":
        return None
    names = strings(node.column_ref.fields)
    if not names or len(names) != len(node.column_ref.fields):
        return None
    *before, name = names
    return _Column(before[-1] if before else None, name)
