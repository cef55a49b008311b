"""Where the rows of an INSERT come from, by what may give the same key twice: literal rows, or a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from postgast import pg_query_pb2 as pb

from ..model import InferenceClause, RowSource
from .names import relation_name, unknown_names
from .parser import Node, expression_text, kind, strings
from .walk import column_references, messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import ConflictTarget, QualifiedName

_AGGREGATES = frozenset({
    "count", "sum", "min", "max", "avg", "bool_and", "bool_or", "every", "array_agg", "string_agg", "json_agg",
    "jsonb_agg", "json_object_agg", "jsonb_object_agg", "any_value",
})  # fmt: skip
# Functions that give the rows that the program has put into an array or a document.
_LISTING = frozenset({
    "unnest", "json_to_recordset", "jsonb_to_recordset", "json_populate_recordset", "jsonb_populate_recordset",
    "json_array_elements", "jsonb_array_elements", "json_array_elements_text", "jsonb_array_elements_text",
})  # fmt: skip
_CONSTANTS = frozenset({"a_const", "param_ref"})


def repeated_key(statement: Node, names: tuple[str, ...], target: ConflictTarget) -> str | None:
    """The constants, as SQL, that two rows of VALUES have in all columns of the conflict target; None: no two are seen.

    NULLs are no constants here: they are distinct in most unique indexes.
    """
    if not isinstance(target, InferenceClause) or target.predicate is not None:
        return None
    columns = target.columns
    rows = statement.select_stmt.select_stmt.values_lists
    if len(rows) < 2 or len(columns) < len(target.elements) or not set(columns) <= set(names):  # noqa: PLR2004 - two
        return None
    places = [names.index(column) for column in dict.fromkeys(columns)]
    seen: set[tuple[bytes, ...]] = set()
    for row in rows:
        items = row.list.items
        key = [items[place] for place in places if place < len(items) and _is_known(items[place])]
        told = tuple(_constant(one) for one in key)
        if len(key) == len(places) and told in seen:
            return ", ".join(map(expression_text, key))
        seen.add(told)
    return None


def _is_known(node: Node) -> bool:
    bare = _without_casts(node)
    return kind(bare) == "a_const" and not bare.a_const.isnull and not unknown_names(bare)


def _constant(node: Node) -> bytes:
    """The value alone: where it stands does not count."""
    copy = type(node.a_const)()
    copy.CopyFrom(_without_casts(node).a_const)
    copy.location = 0
    told: bytes = copy.SerializeToString(deterministic=True)
    return told


def _without_casts(node: Node) -> Node:
    while kind(node) == "type_cast":
        node = node.type_cast.arg
    return node


class _From(NamedTuple):
    """One item of FROM: its alias, and the table, or whether it is rows that the program has listed."""

    alias: str
    table: QualifiedName | None
    listed: bool = False


def read_source(statement: Node, names: tuple[str, ...], variables: tuple[str, ...] = ()) -> RowSource | None:
    """The query of an INSERT ... SELECT; None where it gives one row at most, and where that cannot be told.

    `variables` are names of PL/pgSQL, which have one value as constants do.
    """
    if kind(statement.select_stmt) != "select_stmt" or not names:
        return None
    select = statement.select_stmt.select_stmt
    outputs = [node.res_target.val for node in select.target_list]
    if select.values_lists or len(outputs) != len(names) or _gives_one_row(select, outputs):
        return None
    if select.op != pb.SETOP_NONE:
        return None
    named = {one.common_table_expr.ctename for part in (statement, select) for one in part.with_clause.ctes}
    froms = list(_froms(select.from_clause, named))
    given = dict(zip(names, outputs, strict=True))
    constant = tuple(name for name, output in given.items() if _is_constant(output, variables))
    origins = {name: _origin(output, froms) for name, output in given.items() if name not in constant}
    tables = [one.table for one in froms]
    return RowSource(
        unique=tuple(_unique(select, names, outputs)),
        origins=tuple(
            (name, found[0].table, found[1])
            for name, found in origins.items()
            if found is not None and found[0].table is not None and tables.count(found[0].table) == 1
        ),
        constant=constant,
        fixed=tuple(dict.fromkeys(_fixed(select.where_clause, froms, variables))),
        listed=tuple(name for name, found in origins.items() if found is not None and found[0].listed),
    )


def _gives_one_row(select: Node, outputs: list[Node]) -> bool:
    """A query without FROM, with LIMIT 1, or with an aggregate and no groups."""
    if kind(select.limit_count) == "a_const" and select.limit_count.a_const.ival.ival == 1:
        return True
    if not select.from_clause:
        return not any(_calls(output, _LISTING | {"generate_series"}) for output in outputs)
    grouped = len(select.group_clause) > 0
    return not grouped and any(_aggregates(output) for output in outputs)


def _calls(node: Node, names: frozenset[str]) -> bool:
    return any(strings(call.funcname)[-1:] and strings(call.funcname)[-1] in names for call in _functions(node))


def _aggregates(node: Node) -> bool:
    calls = [call for call in _functions(node) if not call.HasField("over")]
    return any(call.agg_star or (strings(call.funcname) or ("",))[-1] in _AGGREGATES for call in calls)


def _functions(node: Node) -> Iterator[Node]:
    return messages(node, "FuncCall")


def _froms(nodes: Node, named: set[str]) -> Iterator[_From]:
    """What the query reads, joins flattened; a WITH query, a sub-select and other functions are of no known table."""
    for node in nodes:
        match kind(node):
            case "range_var":
                table = node.range_var
                is_query = not table.schemaname and table.relname in named
                yield _From(table.alias.aliasname or table.relname, None if is_query else relation_name(table))
            case "join_expr":
                yield from _froms((node.join_expr.larg, node.join_expr.rarg), named)
            case "range_function":
                yield _From(node.range_function.alias.aliasname, None, _calls(node, _LISTING))
            case _:
                yield _From("", None)


def _origin(output: Node, froms: list[_From]) -> tuple[_From, str] | None:
    """The item of FROM, and its column, that an output is; None for what is computed."""
    output = _without_casts(output)
    if kind(output) == "func_call":
        direct = strings(output.func_call.funcname)[-1:] == ("unnest",)
        return (_From("", None, listed=True), "") if direct else None
    if kind(output) != "column_ref":
        return None
    names = strings(output.column_ref.fields)
    if len(names) != len(output.column_ref.fields):
        return None
    if len(names) == 1:
        return (froms[0], names[0]) if len(froms) == 1 else None
    found = [one for one in froms if one.alias == names[-2]]
    return (found[0], names[-1]) if len(found) == 1 else None


def _unique(select: Node, names: tuple[str, ...], outputs: list[Node]) -> Iterator[tuple[str, ...]]:
    """Sets of columns that no two rows have alike, by DISTINCT or GROUP BY."""
    distinct = select.distinct_clause
    if distinct and not kind(distinct[0]):
        yield names
    for clause in (distinct, select.group_clause):
        places = [_place(one, outputs, select) for one in clause if kind(one)]
        if places and None not in places:
            yield tuple(dict.fromkeys(names[place] for place in places if place is not None))


def _place(node: Node, outputs: list[Node], select: Node) -> int | None:
    """Which output an expression of DISTINCT ON or GROUP BY is: by number, by name, or as it is written."""
    if kind(node) == "a_const" and node.a_const.ival.ival:
        place = node.a_const.ival.ival - 1
        return place if place < len(outputs) else None
    text = expression_text(node)
    named = [at for at, one in enumerate(select.target_list) if one.res_target.name and one.res_target.name == text]
    written = [at for at, one in enumerate(outputs) if expression_text(one) == text]
    last = [at for at, one in enumerate(outputs) if _last(one) is not None and _last(one) == _last(node)]
    return next(iter((*written, *named, *last)), None)


def _last(node: Node) -> str | None:
    """The column of `t.column`."""
    names = strings(node.column_ref.fields) if kind(node) == "column_ref" else ()
    return names[-1] if names else None


def _is_constant(output: Node, variables: tuple[str, ...]) -> bool:
    """Whether an expression has one value for the whole statement."""
    bare = _without_casts(output)
    if kind(bare) == "column_ref":
        return strings(bare.column_ref.fields)[0] in variables
    return kind(bare) in _CONSTANTS


def _fixed(where: Node, froms: list[_From], variables: tuple[str, ...]) -> Iterator[tuple[QualifiedName, str]]:
    """Columns of a table that the WHERE compares with one value each: `id = $1 AND ..`."""
    if kind(where) == "bool_expr" and where.bool_expr.boolop == pb.AND_EXPR:
        for one in where.bool_expr.args:
            yield from _fixed(one, froms, variables)
    if kind(where) != "a_expr" or where.a_expr.kind != pb.AEXPR_OP or strings(where.a_expr.name) != ("=",):
        return
    for left, right in ((where.a_expr.lexpr, where.a_expr.rexpr), (where.a_expr.rexpr, where.a_expr.lexpr)):
        origin = _origin(left, froms)
        single = _is_constant(right, variables) or not any(column_references(right))
        if origin is not None and origin[0].table is not None and single:
            yield origin[0].table, origin[1]
