"""One INSERT or MERGE, from its parse tree to a Write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..model import Action, AnyArbiter, Overriding, Unresolved, VariableConflict, Write
from .assignments import Assignments, has_unknown_action, read_assignments, read_returning, read_targets
from .names import is_unknown, table_name
from .rows import read_row, read_rows
from .slots import UNKNOWN_TAIL
from .sources import read_source, repeated_key
from .target import read_target
from .uses import read_uses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import ConflictTarget
    from .parser import Node

RUN_TIME_TABLE = "the table is only known at run time"
RUN_TIME_SCHEMA = "the schema of the table is only known at run time"
RUN_TIME_TAIL = "what follows the rows is only known at run time"
RUN_TIME_COLUMNS = "some columns are only known at run time"

_OVERRIDING = {pb.OVERRIDING_SYSTEM_VALUE: Overriding.SYSTEM, pb.OVERRIDING_USER_VALUE: Overriding.USER}


@dataclass(frozen=True, slots=True)
class Scope:
    """What surrounds a statement: PL/pgSQL names, how it resolves them, and the search_path that is set."""

    variables: tuple[str, ...] = ()
    variable_conflict: VariableConflict = VariableConflict.ERROR
    search_path: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Columns:
    names: tuple[str, ...]
    complete: bool


def read_insert(statement: Node, scope: Scope) -> Write:
    """An InsertStmt as a Write."""
    values = read_rows(statement.select_stmt)
    written = _written(statement.cols)
    no_source = not statement.HasField("select_stmt")  # INSERT INTO t DEFAULT VALUES
    all_columns = not statement.cols and not no_source
    has_clause = statement.HasField("on_conflict_clause")
    clause = statement.on_conflict_clause
    sets = read_assignments(clause) if has_clause else Assignments()
    target = _target(clause) if has_clause else AnyArbiter()
    action = _action(clause) if has_clause else None
    named = written.names if action is Action.UPDATE and written.complete else ()
    return Write(
        table=table_name(statement.relation),
        schema_open=is_unknown(statement.relation.schemaname),
        target=target,
        action=action,
        alias=_alias(statement.relation),
        columns=None if all_columns or not (written.names or written.complete) else written.names,
        complete=written.complete,
        all_columns=all_columns,
        value_count=values.width if all_columns else None,
        defaulted=_named(written.names, values.defaulted),
        nulls=_named(written.names, values.nulls),
        rows=1 if no_source else values.rows,
        repeated=repeated_key(statement, named, target) if named else None,
        source=read_source(statement, named, scope.variables) if named else None,
        set_columns=sets.names,
        set_complete=sets.complete,
        set_defaults=sets.defaults,
        set_excluded=sets.excluded,
        overriding=_OVERRIDING.get(statement.override),
        references=sets.references,
        conditional=has_clause and clause.HasField("where_clause"),
        returning=read_returning(statement.returning_clause) if statement.HasField("returning_clause") else None,
        uses=read_uses(statement, scope.variables),
        variables=scope.variables,
        variable_conflict=scope.variable_conflict,
        search_path=scope.search_path,
        reason=_reason(statement.relation, written, sets),
    )


def read_merge(statement: Node, scope: Scope) -> Write:
    """A MergeStmt as a Write: the columns of its INSERT arms and of its UPDATE arms; it has no arbiter."""
    arms = [node.merge_when_clause for node in statement.merge_when_clauses]
    inserts = [arm for arm in arms if arm.command_type == pb.CMD_INSERT]
    updates = [arm for arm in arms if arm.command_type == pb.CMD_UPDATE]
    bare = next((arm for arm in inserts if arm.values and not arm.target_list), None)
    written = _written([target for arm in inserts for target in arm.target_list])
    names = tuple(dict.fromkeys(written.names))
    rows = [read_row(arm.values) for arm in inserts]
    sets = [read_targets(arm.target_list) for arm in updates]
    return Write(
        table=table_name(statement.relation),
        schema_open=is_unknown(statement.relation.schemaname),
        target=AnyArbiter(),
        alias=_alias(statement.relation),
        columns=None if bare else names,
        complete=written.complete,
        all_columns=bare is not None,
        value_count=len(bare.values) if bare else None,
        defaulted=_named(names, rows[0].defaulted) if len(rows) == 1 else (),
        nulls=_named(names, rows[0].nulls) if len(rows) == 1 else (),
        set_columns=tuple(dict.fromkeys(name for part in sets for name in part.names or ())) if updates else None,
        set_complete=all(part.complete for part in sets),
        set_defaults=tuple(name for part in sets for name in part.defaults),
        overriding=next((_OVERRIDING[arm.override] for arm in inserts if arm.override in _OVERRIDING), None),
        variables=scope.variables,
        variable_conflict=scope.variable_conflict,
        search_path=scope.search_path,
        reason=_reason(statement.relation, written, *sets),
    )


def _alias(relation: Node) -> str | None:
    return relation.alias.aliasname or None


def has_unknown_tail(statement: Node) -> bool:
    """Whether a hole after the rows may hold a conflict clause."""
    elements = statement.on_conflict_clause.infer.index_elems
    return len(elements) == 1 and bool(elements[0].index_elem.name == UNKNOWN_TAIL)


def _target(clause: Node) -> ConflictTarget:
    target = read_target(clause)
    if isinstance(target, Unresolved) and any(
        node.index_elem.name == UNKNOWN_TAIL for node in clause.infer.index_elems
    ):
        return Unresolved(RUN_TIME_TAIL)
    return target


def _action(clause: Node) -> Action | None:
    if has_unknown_action(clause):
        return None
    match clause.action:
        case pb.ONCONFLICT_NOTHING:
            return Action.NOTHING
        case pb.ONCONFLICT_UPDATE:
            return Action.UPDATE
        case _:
            return None


def _reason(relation: Node, written: _Columns, *sets: Assignments) -> str | None:
    if table_name(relation) is None:
        return RUN_TIME_TABLE
    if is_unknown(relation.schemaname):
        return RUN_TIME_SCHEMA
    if not written.complete:
        return RUN_TIME_COLUMNS
    return next((part.reason for part in sets if not part.complete), None)


def _written(targets: Iterable[Node]) -> _Columns:
    """The insert columns; several parts of one column (`a[1], a[2]`, `p.x, p.y`) write it once."""
    names: list[str] = []
    complete = True
    for node in targets:
        target = node.res_target
        if is_unknown(target.name):
            complete = False
        elif not (target.indirection and target.name in names):
            names.append(target.name)
    return _Columns(tuple(names), complete)


def _named(names: tuple[str, ...], positions: frozenset[int]) -> tuple[str, ...]:
    return tuple(name for position, name in enumerate(names) if position in positions)
