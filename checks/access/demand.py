"""What a statement asks of the relation that it names: the columns that it inserts, updates and reads, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..catalog.model import ConstraintKind, RelationKind
from ..errors import SqlSyntaxError
from ..model import Action, InferenceClause, NamedConstraint, VariableConflict
from ..sql.expression_reader import parse_expression
from ..sql.expressions import WHOLE_ROW, columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..catalog.model import Relation
    from ..model import ColumnReference, Write

ARBITER = "read by the conflict target"
WRITTEN, SET = "written", "set by DO UPDATE"
READ, EXCLUDED, RETURNED = "read by DO UPDATE", "read of EXCLUDED by DO UPDATE", "read by RETURNING"
_OWN_ROWS = ("old", "new")  # qualifiers of RETURNING, from 18 on


@dataclass(slots=True)
class Demand:
    """Columns with what needs them; a set of columns may be empty, when any column will do.

    `updated` None: the statement does not update. `selected` are read of the table's own rows, by which SELECT policies
    apply as well; `excluded` are read of EXCLUDED only.
    """

    inserted: dict[str, str] = field(default_factory=dict)
    updated: dict[str, str] | None = None
    selected: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)


def demand(write: Write, relation: Relation, *, merges: bool) -> Demand:
    """What the statement asks for, as far as it is known. `merges`: it sets each column to EXCLUDED's, as PostgREST.

    Sources: transformInsertStmt, transformOnConflictArbiter (any arbiter reads its columns), transformUpdateTargetList.
    """
    found = Demand()
    known = {column.name for column in relation.columns}
    found.inserted = {name: WRITTEN for name in _written(write, relation) if name in known}
    for name in _arbiter(write, relation):
        found.selected.setdefault(name, ARBITER)
    if write.action is Action.UPDATE:
        sets = [name for name in write.set_columns or () if name in known]
        found.updated = dict.fromkeys(sets, SET)
        found.excluded = dict.fromkeys(sets, EXCLUDED) if merges else {}
        for reference in write.references:
            of, why = (found.excluded, EXCLUDED) if reference.qualifier == "excluded" else (found.selected, READ)
            for name in _meant(reference, write, relation):
                of.setdefault(name, why)
    for reference in write.returning or ():
        for name in _meant(reference, write, relation):
            found.selected.setdefault(name, RETURNED)
    return found


def _written(write: Write, relation: Relation) -> tuple[str, ...]:
    if not write.all_columns:
        return write.columns or ()
    names = tuple(column.name for column in relation.columns)
    return names[: write.value_count] if write.value_count is not None else ()


def _arbiter(write: Write, relation: Relation) -> Iterator[str]:
    """The columns of the conflict target: those of a named constraint, or whatever its elements and WHERE name."""
    target = write.target
    if isinstance(target, NamedConstraint):
        constraint = next((c for c in relation.constraints if c.name == target.name), None)
        if constraint is not None:
            index = next((i for i in relation.indexes if i.oid == constraint.index), None)
            whole = constraint.kind is ConstraintKind.EXCLUSION and index and any(k.column is None for k in index.keys)
            yield from _all(relation) if whole else constraint.columns
    elif isinstance(target, InferenceClause):
        texts = [e.expression for e in target.elements if e.expression is not None]
        texts += [target.asked_predicate] if target.asked_predicate is not None else []
        yield from (name for name in target.columns if relation.column(name) is not None)
        for text in texts:
            yield from _named_in(text, write, relation)


def _named_in(text: str, write: Write, relation: Relation) -> Iterator[str]:
    try:
        tree = parse_expression(text)
    except SqlSyntaxError:
        return
    for one in columns(tree):
        qualifier = one.qualifier[-1] if one.qualifier else None
        if qualifier in (None, write.alias or relation.name):
            yield from _columns(one.name, write, relation, bare=qualifier is None)


def _meant(reference: ColumnReference, write: Write, relation: Relation) -> Iterable[str]:
    """The columns of the relation that a reference reads; none for a variable or another relation's."""
    if reference.qualifier not in (None, "excluded", write.alias or relation.name, *_OWN_ROWS):
        return ()
    return _columns(reference.name, write, relation, bare=reference.qualifier is None)


def _columns(name: str, write: Write, relation: Relation, *, bare: bool) -> Iterable[str]:
    if bare and name in write.variables and write.variable_conflict is VariableConflict.USE_VARIABLE:
        return ()
    if name == WHOLE_ROW or (bare and name == (write.alias or relation.name) and relation.column(name) is None):
        return _all(relation)
    if relation.column(name) is not None or (name in _SYSTEM and relation.kind is not RelationKind.VIEW):
        return (name,)
    return ()


def _all(relation: Relation) -> tuple[str, ...]:
    return tuple(column.name for column in relation.columns)


_SYSTEM = frozenset(("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"))
