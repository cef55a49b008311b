"""Errors of DO UPDATE: columns that SET writes, and columns that its values and its WHERE name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.model import RelationKind
from ..model import VariableConflict
from .model import StatementError
from .scope import ROW_VARIABLES, SYSTEM_COLUMNS
from .stages import SET_LIST, SET_TWICE, VIEW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.model import Relation
    from ..model import ColumnReference, Write


def set_errors(write: Write, relation: Relation) -> Iterator[StatementError]:
    """What the server says of the SET list (transformUpdateTargetList, then rewriteTargetListIU)."""
    if relation.system:
        return
    for reference in write.references:  # values are looked at before the columns that they are for
        yield from _reference(reference, write, relation)
    names = write.set_columns or ()
    for name in dict.fromkeys(names):
        if relation.column(name) is None:
            yield _unknown(name, relation)
        elif names.count(name) > 1:
            message = f'multiple assignments to same column "{name}"'
            stage = VIEW if relation.kind is RelationKind.VIEW else SET_TWICE
            yield StatementError(stage, "42601", message, clause=True, subject=name)


def _unknown(name: str, relation: Relation) -> StatementError:
    if name in SYSTEM_COLUMNS:
        return _error("0A000", f'cannot assign to system column "{name}"', name)
    return _error("42703", f'column "{name}" of relation "{relation.name}" does not exist', name)


def _reference(reference: ColumnReference, write: Write, relation: Relation) -> Iterator[StatementError]:
    """The target row and EXCLUDED are both in scope, so that a bare column of the table is ambiguous."""
    name, qualifier = reference.name, reference.qualifier
    own = write.alias or relation.name
    has_system = qualifier != "excluded" and relation.kind is not RelationKind.VIEW
    known = relation.column(name) is not None or (has_system and name in SYSTEM_COLUMNS)
    if qualifier is None:
        if known and not (name in write.variables and write.variable_conflict is VariableConflict.USE_VARIABLE):
            yield _error("42702", f'column reference "{name}" is ambiguous', name)
        elif not known and name not in (*write.variables, own, "excluded"):
            yield _error("42703", f'column "{name}" does not exist', name)
    elif qualifier in (own, "excluded"):
        if not known and name != "*":
            yield _error("42703", f"column {qualifier}.{name} does not exist", name)
    elif qualifier == relation.name and qualifier not in write.variables:
        yield _error("42P01", f'invalid reference to FROM-clause entry for table "{qualifier}"', qualifier)
    elif not write.variables and qualifier not in ROW_VARIABLES:
        yield _error("42P01", f'missing FROM-clause entry for table "{qualifier}"', qualifier)


def _error(sqlstate: str, message: str, subject: str) -> StatementError:
    return StatementError(SET_LIST, sqlstate, message, clause=True, subject=subject)
