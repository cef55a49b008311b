"""Piccolo: `Table.insert(...).on_conflict(...)` and `Table.objects().get_or_create(...)`.

What is sent follows piccolo 1.38: query.mixins.OnConflictItem, query.methods.insert.Insert. A text as the target is the
name of a constraint.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, QualifiedName, Unresolved
from ..declarations.model import TableDeclaration, Undeclared
from ..declarations.piccolo import is_piccolo, other_database, read_piccolo
from ..model import Client, NoSite, SiteFact
from ..values import Call, Choice, Class, Member, Sequence, Text
from .active_asked import find_asked, finish_asked, is_paired
from .drafting import Conflict, Racy, insert
from .fields import Fields
from .managers import receiver_of
from .operators import keyword
from .payload import Payload
from .reading import argument, is_absent, path_of, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value

_OPTIONS = ("target", "action", "values", "where")
_CONFLICT, _LOOKUP = "on_conflict", "get_or_create"
_INHERITED = "the table has columns that are declared outside of the project"


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(frozenset({_CONFLICT, _LOOKUP})):
        if not isinstance(call.callee, Member) or not {key for key, _ in call.keywords} <= {*_OPTIONS, "defaults"}:
            continue
        receiver = receiver_of(module, call.callee.object)
        values: dict[str, Value] = {"method": Text(call.callee.name), "model": receiver.root, "call": call}
        for position, name in enumerate(_OPTIONS):
            value = argument(call, position, name)
            values |= {name: value} if value is not None else {}
        if call.callee.name == _LOOKUP:
            where = keyword(module.file.text[call.offset : call.end], "where", call.offset, module.file.path, 0)
            values |= {"lookup": where} if where is not None else {}
        values["made"] = Sequence(tuple(arg for link in receiver.links for arg in link.args))
        yield SiteFact(client="piccolo", values=values, offset=call.name_offset, statement=call.offset, end=call.end)
    yield from find_asked("piccolo", module)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    if fact.values["method"] == Text("asked"):
        found = finish_asked(fact, is_piccolo, read_piccolo, _one_row, resolve)
        other = other_database(resolve)
        return found if isinstance(found, NoSite) else tuple(replace(draft, not_postgres=other) for draft in found)
    model = resolve(fact.values["model"])
    options = model.options if isinstance(model, Choice) else (model,)
    own = [one for one in options if isinstance(one, Class) and is_piccolo(one, resolve)]
    return tuple(_draft(fact, one, resolve) for one in own) or NoSite("is called on no table of Piccolo")


def _draft(fact: SiteFact, model: Class, resolve: Resolve) -> Draft:
    declared = read_piccolo(model, resolve)
    table = declared if isinstance(declared, Undeclared) else QualifiedName(declared.schema, declared.name)
    known = declared if isinstance(declared, TableDeclaration) else TableDeclaration("", None, complete=False)
    fields = Fields(known, resolve)
    made = fact.values["made"]
    rows = _rows(known, made.items if isinstance(made, Sequence) else (), resolve)
    racy = None
    if fact.values["method"] == Text(_LOOKUP):
        target = _looked_up(fact.values.get("lookup"), fields)
        keys = target.columns if isinstance(target, InferenceClause) else None
        conflict = Conflict(target, Action.NOTHING)
        racy = Racy(Mechanism.SELECT_THEN_INSERT, keys, "")
    else:
        conflict = _conflict(fact, fields, resolve)
    draft = insert(fact, table, rows, conflict, racy=racy, not_postgres=other_database(resolve))
    left = tuple(c.name for c in known.columns if c.generated and c.name not in (rows.columns or ()))
    return replace(draft, write=replace(draft.write, optional=left))  # a key of the server's is sent as DEFAULT


def _rows(table: TableDeclaration, made: tuple[Value, ...], resolve: Resolve) -> Payload:
    """Piccolo sends every column of the table."""
    calls = [one for arg in made if isinstance(one := resolve(arg), Call)]
    given = {name for call in calls for name, _ in call.keywords}
    columns = tuple(c.name for c in table.columns if not c.generated or c.attribute in given)
    return Payload(columns, table.complete, reason=None if table.complete else _INHERITED)


def _one_row(table: TableDeclaration, given: frozenset[str]) -> Payload:
    columns = tuple(c.name for c in table.columns if not c.generated or c.attribute in given)
    return Payload(columns, table.complete, 1, reason=None if table.complete else _INHERITED)


def _conflict(fact: SiteFact, fields: Fields, resolve: Resolve) -> Conflict:
    action = _action(fact.values.get("action"), resolve)
    given = fact.values.get("target")
    absent = given is None or is_absent(resolve(given))
    target: ConflictTarget = _target(given, fields, resolve) if given is not None and not absent else AnyArbiter()
    if absent and action is not Action.NOTHING:
        target = Unresolved("no target is given, which Piccolo refuses for DO UPDATE")
    assigned = _assigned(fact.values.get("values"), fields, resolve) if action is Action.UPDATE else None
    return Conflict(target, action, assigned)


def _action(given: Value | None, resolve: Resolve) -> Action | None:
    if given is None:
        return Action.NOTHING
    known = resolve(given)
    name = known.text if isinstance(known, Text) else (path_of(given) or "").rpartition(".")[2]
    return {"do nothing": Action.NOTHING, "do update": Action.UPDATE}.get(name.lower().replace("_", " "))


def _target(given: Value, fields: Fields, resolve: Resolve) -> ConflictTarget:
    column = fields.column(given)
    if column is not None:
        return columns_target((column.name,))
    known = resolve(given)
    if isinstance(known, Text):
        return NamedConstraint(known.text)
    items = given.items if isinstance(given, Sequence) else known.items if isinstance(known, Sequence) else ()
    columns = [fields.column(item) for item in items]
    names = tuple(one.name for one in columns if one is not None)
    if not names or len(names) != len(items):
        return Unresolved(f"the conflict target is {told(known)}")
    return columns_target(names)


def _assigned(given: Value | None, fields: Fields, resolve: Resolve) -> Payload:
    """The columns of `values`: columns, or pairs of a column and a value."""
    known = given if given is None or isinstance(given, Sequence) else resolve(given)
    if not isinstance(known, Sequence):
        columns = fields.table.columns if _is_all(given) else ()
        return Payload(tuple(one.name for one in columns) or None, bool(columns) and fields.table.complete)
    found = [
        fields.column(item.items[0] if isinstance(item, Sequence) and item.items else item) for item in known.items
    ]
    names = tuple(one.name for one in found if one is not None)
    return Payload(names or None, known.complete and bool(names) and len(names) == len(found))


def _is_all(given: Value | None) -> bool:
    """`values=Band.all_columns()`."""
    return isinstance(given, Call) and isinstance(given.callee, Member) and given.callee.name == "all_columns"


def _looked_up(given: Value | None, fields: Fields) -> ConflictTarget:
    """The columns of `(Band.name == "a") & (Band.genre == 1)`."""
    names = _compared(given, fields) if given is not None else None
    return columns_target(names) if names else Unresolved("the rows are looked up by a condition that is not read")


def _compared(given: Value, fields: Fields) -> tuple[str, ...] | None:
    match given:
        case Call(Member(left, "__and__"), (right,)):
            one, other = _compared(left, fields), _compared(right, fields)
            return None if one is None or other is None else (*one, *other)
        case Call(Member(left, "__eq__")):
            column = fields.column(left)
            return None if column is None else (column.name,)
        case _:
            return None


PICCOLO = Client(
    name="piccolo",
    languages=frozenset({"python"}),
    triggers=(b".on_conflict(", b".get_or_create("),
    find=_find,
    finish=_finish,
    paired=is_paired,
)
