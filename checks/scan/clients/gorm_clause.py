"""The conflict clause of GORM: `clause.OnConflict{Columns: .., TargetWhere: .., DoUpdates: .., UpdateAll: ..}`.

Source: gorm.io/gorm 1.31 clause.OnConflict.Build, clause.Set.Build, Statement.QuoteTo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, NamedConstraint, Unresolved
from ..values import Call, Choice, Member, Record, Sequence, Text
from .bound import bound, listed
from .reading import boolean, called_name, is_absent, text, told
from .targets import bound_target, quoted
from .written_clause import clause_target

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..declarations.gorm import GormTable
    from ..model import Resolve
    from ..values import Value
    from .bound import Pieces

_PRIMARY = "~~~py~~~"  # clause.PrimaryKey
_COMPARED = {"Eq": " = ", "Neq": " <> ", "Gt": " > ", "Gte": " >= ", "Lt": " < ", "Lte": " <= "}


@dataclass(frozen=True, slots=True)
class Assigned:
    """The columns of SET, as far as they are known."""

    columns: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Clause:
    """One OnConflict. `update_all`: whatever the INSERT writes is set, and the default target is the primary key.

    `action` None: chosen at run time.
    """

    target: ConflictTarget
    action: Action | None
    update_all: bool = False
    assigned: Assigned | None = None


def is_conflict(value: Value) -> bool:
    """Whether a value is an OnConflict."""
    return isinstance(value, Call) and called_name(value) == "OnConflict"


def clause_of(made: Call, table: GormTable | None, resolve: Resolve) -> Clause:
    """What an OnConflict says, for rows of that table."""
    fields = Record(made.keywords)
    nothing = boolean(fields.get("DoNothing"), resolve, default=False)
    everything = boolean(fields.get("UpdateAll"), resolve, default=False)
    if nothing is None or everything is None:
        return Clause(_target(fields, table, resolve), None)
    if nothing:
        return Clause(_target(fields, table, resolve), Action.NOTHING)
    target = _target(fields, table, resolve)
    if everything and isinstance(target, AnyArbiter):
        target = _primary_key(table)
    updates = fields.get("DoUpdates")
    assigned = _assigned(updates, resolve) if updates is not None else Assigned()
    return Clause(target, Action.UPDATE, everything, assigned)


def _primary_key(table: GormTable | None) -> ConflictTarget:
    key = table.primary_key if table is not None else ()
    if key:
        return bound_target(tuple(quoted(name) for name in key), None)
    return Unresolved("the conflict target is the primary key of a model that is not known")


def _target(fields: Record, table: GormTable | None, resolve: Resolve) -> ConflictTarget:
    named = fields.get("OnConstraint")
    if named is not None and not _is_empty(resolve(named)):
        name = text(named, resolve)
        return _constraint(name) if name else Unresolved(f"the constraint is {told(resolve(named))}")
    columns, where = fields.get("Columns"), fields.get("TargetWhere")
    known = resolve(columns) if columns is not None else Sequence(())
    if is_absent(known):
        known = Sequence(())
    if isinstance(known, Choice):
        known = _fullest(known)
    if not isinstance(known, Sequence) or not known.complete:
        return Unresolved(f"the conflict target is {told(known)}")
    elements = [_column(item, table, resolve) for item in known.items]
    found = tuple(one for one in elements if one is not None)
    if len(found) != len(elements):
        return Unresolved("the conflict target holds a column that is computed")
    if not found:
        return AnyArbiter() if where is None else Unresolved("a predicate stands without columns")
    return _with_predicate(found, where, resolve)


def _fullest(known: Choice) -> Value:
    """A list that starts empty and is filled in one place is what it is filled with."""
    filled = [one for one in known.options if not (isinstance(one, Sequence) and not one.items)]
    return filled[0] if len(filled) == 1 and known.complete else known


def _is_empty(value: Value) -> bool:
    return is_absent(value) or value == Text("") or (isinstance(value, Text) and not value.text)


def _constraint(name: str) -> ConflictTarget:
    """GORM writes the name as it stands, so that the server folds it."""
    found = clause_target(f"ON CONSTRAINT {name}")
    return found if isinstance(found, NamedConstraint) else Unresolved(f'"{name}" is no name of a constraint')


def _column(item: Value, table: GormTable | None, resolve: Resolve) -> str | None:
    """One element of the target as SQL: `clause.Column{Name: "x"}`, of which Raw is written as it stands."""
    known = resolve(item)
    if isinstance(known, Member) and known.name in {"PrimaryColumn", "PrimaryKey"}:
        return _key_column(table)
    if not isinstance(known, Call):
        return None
    given = Record(known.keywords)
    name = given.get("Name")
    if name is None or given.get("Table") is not None:
        return None
    meant = resolve(name)
    if isinstance(meant, Member) and meant.name == "PrimaryKey":
        return _key_column(table)
    found = text(name, resolve)
    if not found or found == _PRIMARY:
        return _key_column(table) if found else None
    return found if boolean(given.get("Raw"), resolve, default=False) else quoted(found)


def _key_column(table: GormTable | None) -> str | None:
    key = table.primary_key if table is not None else ()
    return quoted(key[0]) if len(key) == 1 else None


def _with_predicate(elements: tuple[str, ...], where: Value | None, resolve: Resolve) -> ConflictTarget:
    if where is None:
        return bound_target(elements, None)
    known = resolve(where)
    exprs = resolve(found) if isinstance(known, Call) and (found := Record(known.keywords).get("Exprs")) else None
    if not isinstance(exprs, Sequence) or not exprs.complete:
        return Unresolved(f"the predicate of the conflict target is {told(known)}")
    predicate = listed((_expression(one, resolve) for one in exprs.items), " AND ")
    if predicate is None:
        return Unresolved("the predicate of the conflict target is put together at run time")
    return bound_target(elements, predicate or None)


def _expression(value: Value, resolve: Resolve) -> Pieces | None:
    """A condition as SQL with what it binds: clause.Expr, gorm.Expr, clause.Eq and its like."""
    known = resolve(value)
    if not isinstance(known, Call):
        return None
    kind, given = called_name(known), Record(known.keywords)
    if kind == "Expr":
        sql = given.get("SQL") or (known.args[0] if known.args else None)
        bindings = given.get("Vars")
        values = bindings.items if isinstance(bindings, Sequence) else known.args[1:]
        return _filled(sql, values, resolve)
    column, operand = given.get("Column"), given.get("Value")
    if kind not in _COMPARED or column is None or operand is None:
        return None
    name = _operand(column, resolve)
    if name is None:
        return None
    meant = resolve(operand)
    if is_absent(meant):
        return (name + (" IS NULL" if kind == "Eq" else " IS NOT NULL"),) if kind in {"Eq", "Neq"} else None
    return (name + _COMPARED[kind], bound(meant))


def _operand(column: Value, resolve: Resolve) -> str | None:
    known = resolve(column)
    if isinstance(known, Text):
        return quoted(known.text)
    return _column(known, None, resolve) if isinstance(known, Call) else None


def _filled(sql: Value | None, values: tuple[Value, ...], resolve: Resolve) -> Pieces | None:
    found = text(sql, resolve) if sql is not None else None
    if found is None or found.count("?") != len(values):
        return None
    first, *rest = found.split("?")
    out: list[Pieces] = [(first,)]
    out += [(bound(resolve(value)), piece) for value, piece in zip(values, rest, strict=True)]
    return tuple(piece for pieces in out for piece in pieces)


def _assigned(updates: Value, resolve: Resolve) -> Assigned:
    """The columns of `clause.AssignmentColumns(..)`, `clause.Assignments(..)`, `clause.Set{..}`."""
    known = resolve(updates)
    if isinstance(known, Choice):
        known = _fullest(known)
    if isinstance(known, Call) and called_name(known) == "Set":
        known = Sequence(known.args)
    match known:
        case Sequence(items, complete):
            names = [_assigned_column(item, resolve) for item in items]
            found = tuple(dict.fromkeys(name for name in names if name is not None))
            return Assigned(found, complete and None not in names)
        case _:
            return Assigned(complete=False)


def _assigned_column(item: Value, resolve: Resolve) -> str | None:
    """The column of `clause.Assignment{Column: clause.Column{Name: "x"}, Value: ..}`."""
    known = resolve(item)
    column = Record(known.keywords).get("Column") if isinstance(known, Call) else None
    made = resolve(column) if column is not None else None
    name = Record(made.keywords).get("Name") if isinstance(made, Call) else None
    return text(name, resolve) if name is not None else None
