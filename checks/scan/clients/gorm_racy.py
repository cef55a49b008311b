"""GORM's FirstOrCreate: a SELECT by conditions, then an INSERT when it found nothing.

Source: gorm.io/gorm 1.31 DB.FirstOrCreate, Statement.BuildCondition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, Mechanism, Unresolved
from ...sql.lookups import read_lookups
from ..declarations.go_structs import struct_of
from ..declarations.go_words import gorm_name
from ..declarations.gorm import GormTable, naming_of, qualified, table_of
from ..declarations.model import Undeclared
from ..values import Call, Class, Name, Record, Text
from .drafting import Conflict, Racy, insert
from .gorm_rows import rows_of, with_optional
from .payload import Payload
from .reading import called_name, text, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...model import QualifiedName
    from ..model import Draft, Resolve, SiteFact
    from ..values import Value
    from .chain import Chain

_WHY = "FirstOrCreate selects first, and inserts when it found nothing"


def racy_drafts(fact: SiteFact, call: Call, chain: Chain, resolve: Resolve) -> tuple[Draft, ...]:
    """The one site of a FirstOrCreate."""
    conditions = [link.args for link in chain.named("Where") if link.args]
    if call.args[1:]:
        conditions.append(call.args[1:])
    model = _model(call, chain, resolve)
    keys = [condition_columns(args[0], model, resolve) for args in conditions]
    known = tuple(dict.fromkeys(name for one in keys if one is not None for name in one))
    complete = bool(known) and None not in keys
    target = columns_target(known) if complete else Unresolved("the rows are looked up by a condition that is not read")
    assigns = chain.named("Assign")
    action = Action.UPDATE if assigns else Action.NOTHING
    given = [*conditions, *(link.args for link in chain.named("Assign", "Attrs") if link.args)]
    named = [condition_columns(args[0], model, resolve) or () for args in given]
    table = _table(call, chain, model, given, resolve)
    if isinstance(model, GormTable):
        rows = rows_of(model, call.args[0] if call.args else None, chain, resolve)
        extra = tuple(name for one in named for name in one)
        rows = Payload(tuple(dict.fromkeys((*(rows.columns or ()), *extra))), rows.complete, 1, reason=rows.reason)
    else:
        rows = Payload(tuple(dict.fromkeys(name for one in named for name in one)), complete, 1)
    updated = [condition_columns(link.args[0], model, resolve) for link in assigns if link.args]
    assigned = (
        Payload(tuple(dict.fromkeys(n for one in updated if one for n in one)), None not in updated)
        if assigns
        else None
    )
    racy = Racy(Mechanism.SELECT_THEN_INSERT, known or None, _WHY)
    draft = insert(fact, table, rows, Conflict(target, action, assigned), racy=racy)
    return (with_optional(draft, model if isinstance(model, GormTable) else None, rows),)


def _model(call: Call, chain: Chain, resolve: Resolve) -> GormTable | Undeclared:
    named = [link.args[0] for link in chain.named("Model") if link.args]
    value = named[-1] if named else call.args[0] if call.args else None
    found = struct_of(value, resolve) if value is not None else None
    if isinstance(found, Class):
        return table_of(found, resolve)
    return Undeclared(f"the model is that of {told(found)}" if found is not None else "no row is given")


def _table(
    call: Call, chain: Chain, model: GormTable | Undeclared, given: Iterable[tuple[Value, ...]], resolve: Resolve
) -> QualifiedName | Undeclared:
    named = [link.args[0] for link in chain.named("Table") if link.args]
    if named:
        name = text(named[-1], resolve)
        return qualified(name) if name else Undeclared(f"the table is {told(resolve(named[-1]))}")
    if isinstance(model, GormTable):
        return model.name
    made = [resolve(args[0]) for args in given]
    types = {called_name(one) for one in made if isinstance(one, Call) and isinstance(one.callee, Name)}
    own = next(iter(types)) if len(types) == 1 else None
    first = resolve(call.args[0]) if call.args else None
    if own and isinstance(first, Name):  # a type that nothing declares, in a snippet
        return naming_of(resolve).table(own)
    return model


def condition_columns(condition: Value, model: GormTable | Undeclared, resolve: Resolve) -> tuple[str, ...] | None:
    """The columns that a condition compares with `=`: a struct's, a map's, or those of SQL; None when not known."""
    known = resolve(condition)
    match known:
        case Call(keywords=keywords) if keywords:
            return tuple(_column(name, model) for name, _ in keywords)
        case Record(entries, True) if entries:
            return tuple(_column(name, model) for name, _ in entries)
        case Text(sql) if sql.replace("_", "").isalnum():  # Where("email", value)
            return (_column(sql, model),)
        case Text(sql):
            found = read_lookups(f"SELECT 1 FROM t WHERE {sql}")  # noqa: S608 - parsed, never sent
            return found[0].columns or None if len(found) == 1 else None
        case _:
            return None


def _column(name: str, model: GormTable | Undeclared) -> str:
    field = model.called(name) if isinstance(model, GormTable) else None
    return field.name if field is not None else gorm_name(name) if name[:1].isupper() else name
