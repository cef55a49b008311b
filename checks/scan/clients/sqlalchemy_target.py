"""The conflict target of SQLAlchemy's ON CONFLICT: `constraint=`, `index_elements=` and `index_where=`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, NamedConstraint, Unresolved
from ..declarations.model import Undeclared
from ..declarations.sqlalchemy import read_table
from ..declarations.sqlalchemy_columns import conventional_name
from ..values import Call, Choice, Join, Member, Param, Sequence, Text
from .reading import argument, called_name, is_absent, text, told
from .sqlalchemy_sql import Renderer
from .targets import columns_target, quoted, written_target

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..declarations.model import TableDeclaration
    from ..model import Resolve
    from ..values import Value

_KEYS = frozenset({"UniqueConstraint", "PrimaryKeyConstraint"})


def target_of(values: dict[str, Value], table: TableDeclaration, action: Action, resolve: Resolve) -> ConflictTarget:
    """The target that OnConflictClause makes of its arguments."""
    constraint, elements = (_given(values.get(name), resolve) for name in ("constraint", "index_elements"))
    if constraint is not None:
        return _constraint(constraint, table, resolve)
    if elements is not None:
        return _elements(elements, _given(values.get("index_where"), resolve), table, resolve)
    if "spread" in values:
        return Unresolved(f"the conflict target is given by {told(values['spread'])}")
    if "options" in values:
        return Unresolved(f"the conflict target is given by {told(resolve(values['options']))}")
    if action is Action.UPDATE:
        return Unresolved("on_conflict_do_update() is given no target, which SQLAlchemy refuses")
    return AnyArbiter()


def _given(value: Value | None, resolve: Resolve) -> Value | None:
    return None if value is None or is_absent(resolve(value)) else value


def _put_together(value: Value, table: TableDeclaration) -> str | None:
    """A name that is made of the table's own: `f"{table.name}_pkey"`."""
    parts = value.parts if isinstance(value, Join) else ()
    texts = [_piece(part, table) for part in parts]
    known = [one for one in texts if one is not None]
    return "".join(known) if known and len(known) == len(parts) else None


def _piece(part: Value, table: TableDeclaration) -> str | None:
    match part:
        case Text(known):
            return known
        case Member(Member(Param(index=0), "table"), "name"):  # what pandas gives to a function that writes
            return table.name
        case _:
            return None


def _constraint(value: Value, table: TableDeclaration, resolve: Resolve) -> ConflictTarget:
    key = _primary_key(value, resolve)
    if key is not None:
        return key
    match resolve(value):
        case Text(name):
            return NamedConstraint(name)
        case Call() as call if called_name(call) in _KEYS:
            return _key(call, table, resolve)
        case Call() as call if called_name(call) == "ExcludeConstraint":
            named = _name(call, resolve)
            return NamedConstraint(named) if named else Unresolved("the exclusion constraint has no name")
        case Call() as call if called_name(call) == "Index":
            return _index(call, table, resolve)
        case known:
            named = _put_together(known, table)
            return NamedConstraint(named) if named else Unresolved(f"the constraint is {told(known)}")


def _primary_key(value: Value, resolve: Resolve) -> ConflictTarget | None:
    """`Model.__table__.primary_key`, `table.primary_key`, `inspect(Model).primary_key`: by name if it has one."""
    if not isinstance(value, Member) or value.name != "primary_key":
        return None
    owner = value.object
    if isinstance(owner, Call) and called_name(owner) == "inspect" and owner.args:
        owner = owner.args[0]
    table = read_table(owner, resolve)
    if isinstance(table, Undeclared):
        return Unresolved(table.reason)
    if table.primary_key_name:
        return NamedConstraint(table.primary_key_name)
    if table.primary_key_name == "" or table.primary_key is None:
        return Unresolved(f'the primary key of "{table.name}" is not declared in a way that can be read')
    return columns_target(table.primary_key)


def _name(call: Call, resolve: Resolve) -> str | None:
    given = argument(call, 99, "name")
    return text(given, resolve) if given is not None else None


def _key(call: Call, table: TableDeclaration, resolve: Resolve) -> ConflictTarget:
    """A constraint object: ON CONSTRAINT when it has a name of its own or by convention, else its columns."""
    if argument(call, 99, "name") is not None:
        name = _name(call, resolve)
        return NamedConstraint(name) if name else Unresolved("the name of the constraint is computed")
    found = [_key_column(arg, table, resolve) for arg in call.args]
    columns = tuple(one for one in found if one is not None)
    if not columns or len(columns) != len(found):
        return Unresolved("the columns of the constraint are computed")
    conventional = conventional_name(table, "pk" if called_name(call) == "PrimaryKeyConstraint" else "uq", columns)
    if conventional == "":
        return Unresolved("the name of the constraint is made by a convention that cannot be read")
    return NamedConstraint(conventional) if conventional else columns_target(columns)


def _key_column(value: Value, table: TableDeclaration, resolve: Resolve) -> str | None:
    key = text(value, resolve)
    if key is not None:
        column = table.by_key(key)
        return column.name if column else key
    known = Renderer(table, resolve).column(value)
    return known.name if known else None


def _index(call: Call, table: TableDeclaration, resolve: Resolve) -> ConflictTarget:
    """An Index object: its expressions and its `postgresql_where`."""
    renderer = Renderer(table, resolve)
    elements: list[str | None] = []
    for arg in call.args[1:]:
        column = _key_column(arg, table, resolve)
        elements.append(quoted(column) if column is not None else renderer.expression(arg))
    where = argument(call, 99, "postgresql_where")
    return _written(elements, where, renderer)


def _elements(value: Value, where: Value | None, table: TableDeclaration, resolve: Resolve) -> ConflictTarget:
    key = _key_elements(value, resolve)
    if key is not None and where is None:
        return key
    listed = value if isinstance(value, Sequence) else resolve(value)
    match listed:
        case Text(name):  # a text is a sequence of its characters to SQLAlchemy
            items: tuple[Value, ...] = tuple(Text(one) for one in name)
        case Sequence(items=items, complete=True):
            pass
        case Choice():
            return Unresolved("the conflict target is one of several")
        case _:
            return Unresolved(f"the conflict target is {told(listed)}")
    renderer = Renderer(table, resolve)
    return _written([_element(item, renderer) for item in items], where, renderer)


def _key_elements(value: Value, resolve: Resolve) -> ConflictTarget | None:
    """`index_elements=Model.__table__.primary_key` (or its columns), which counts as a list of columns."""
    inner = value.object if isinstance(value, Member) and value.name in {"columns", "c"} else value
    found = _primary_key(inner, resolve)
    if isinstance(found, NamedConstraint) and isinstance(inner, Member):
        table = read_table(inner.object, resolve)
        columns = None if isinstance(table, Undeclared) else table.primary_key
        return columns_target(columns) if columns else Unresolved("the primary key is not declared")
    return found


def _element(item: Value, renderer: Renderer) -> str | None:
    if isinstance(item, Member) and item.name in {"name", "key"}:  # Model.x.name
        column = renderer.column(item.object)
        if column is not None:
            return quoted(column.name if item.name == "name" else column.key)
    known = renderer.expression(item)
    if known is not None:
        return known
    name = text(item, renderer.resolve)
    return quoted(name) if name is not None else None


def _written(elements: list[str | None], where: Value | None, renderer: Renderer) -> ConflictTarget:
    known = tuple(one for one in elements if one is not None)
    if not known or len(known) != len(elements):
        return Unresolved("the conflict target holds an element that is computed")
    if where is None:
        return written_target(known)
    predicate = renderer.expression(where)
    if predicate is None:
        return Unresolved(f"the predicate of the conflict target is {told(renderer.resolve(where))}")
    return written_target(known, predicate)
