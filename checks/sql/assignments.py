"""The SET list of DO UPDATE and of MERGE: the columns it writes and those it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..model import ColumnReference
from .expressions import WHOLE_ROW
from .names import is_unknown
from .parser import Node, kind, strings
from .slots import UNKNOWN_ACTION
from .walk import column_references

if TYPE_CHECKING:
    from collections.abc import Iterable

RUN_TIME_ACTION = "the conflict action is only known at run time"
RUN_TIME_SET = "some columns of SET are only known at run time"


@dataclass(frozen=True, slots=True)
class Assignments:
    """What a SET list writes and reads; `names` is None when there is none; `excluded` get EXCLUDED's own value."""

    names: tuple[str, ...] | None = None
    complete: bool = True
    defaults: tuple[str, ...] = ()
    references: tuple[ColumnReference, ...] = ()
    excluded: tuple[str, ...] = ()
    reason: str | None = RUN_TIME_SET  # if it is not complete


def read_assignments(clause: Node) -> Assignments:
    """What DO UPDATE sets and reads; None for DO NOTHING."""
    if clause.action != pb.ONCONFLICT_UPDATE:
        return Assignments()
    if has_unknown_action(clause):
        return Assignments(complete=False, reason=RUN_TIME_ACTION)
    sets = read_targets(clause.target_list)
    condition = column_references(clause.where_clause) if clause.HasField("where_clause") else ()
    values = (reference for node in clause.target_list for reference in column_references(node.res_target.val))
    references = tuple(dict.fromkeys((*values, *condition)))
    known = tuple(reference for reference in references if not is_unknown(f"{reference.qualifier}.{reference.name}"))
    return replace(sets, references=known)


def read_targets(targets: Iterable[Node]) -> Assignments:
    """The columns of a SET list. Of `SET t.b = 1` it is `t`, as for the server (42703)."""
    names: list[str] = []
    defaults: list[str] = []
    excluded: list[str] = []
    complete = True
    for node in targets:
        target = node.res_target
        if is_unknown(target.name):
            complete = False
            continue
        names.append(target.name)
        value = _assigned(target.val)
        if kind(value) == "set_to_default":
            defaults.append(target.name)
        elif _is_excluded(value, target):
            excluded.append(target.name)
    return Assignments(tuple(names), complete, tuple(defaults), excluded=tuple(excluded))


def _assigned(value: Node) -> Node:
    """The value of one column; of `(a, b) = ROW(x, y)` its own item."""
    if kind(value) != "multi_assign_ref":
        return value
    reference = value.multi_assign_ref
    if kind(reference.source) != "row_expr":
        return reference.source
    items = reference.source.row_expr.args
    return items[reference.colno - 1] if reference.colno <= len(items) else reference.source


def _is_excluded(value: Node, target: Node) -> bool:
    """Whether the whole column gets EXCLUDED's own value."""
    return (
        kind(value) == "column_ref"
        and strings(value.column_ref.fields) == ("excluded", target.name)
        and not target.indirection
    )


def read_returning(clause: Node) -> tuple[ColumnReference, ...]:
    """The columns that RETURNING reads; of `*` and `t.*` the name is `*`."""
    found: list[ColumnReference] = []
    for node in clause.exprs:
        value = node.res_target.val
        if kind(value) == "column_ref" and kind(value.column_ref.fields[-1]) == "a_star":
            found.append(ColumnReference("".join(strings(value.column_ref.fields)[-1:]) or None, WHOLE_ROW))
        else:
            found.extend(column_references(value))
    return tuple(dict.fromkeys(ref for ref in found if not is_unknown(f"{ref.qualifier}.{ref.name}")))


def has_unknown_action(clause: Node) -> bool:
    """Whether a hole stands for the conflict action."""
    return any(node.res_target.name == UNKNOWN_ACTION for node in clause.target_list)
