"""Rails: `find_or_create_by`, `first_or_create`, `create_or_find_by`, `find_or_initialize_by` and what they save.

What is sent follows activerecord 8.1, Relation: a SELECT and then an INSERT, or an INSERT and after it a SELECT. From
7.1 on `find_or_create_by` answers RecordNotUnique by another SELECT, as `create_or_find_by` does; `first_or_create`
does not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, Mechanism, QualifiedName, Unresolved
from ..answered import ANSWERED, answered_since
from ..declarations.locked import active_record
from ..declarations.model import Undeclared
from ..declarations.rails import RailsModel
from ..declarations.rails_schema import dump_of
from ..model import NoSite
from ..values import Call, Constant, Lambda, Member, Name, Record, Text
from .drafting import Conflict, Racy, insert
from .payload import Payload
from .rails_columns import columns_by, is_silent, with_stamps
from .rails_find import fact_of
from .rails_receiver import Receiver, compared, receiver_of
from .rails_steps import finish_step
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Module, Resolve, SiteFact
    from ..values import Value

_BY = frozenset({"find_or_create_by", "find_or_create_by!", "create_or_find_by", "create_or_find_by!"})
_FIRST = frozenset({"first_or_create", "first_or_create!"})
_NEW = frozenset({"find_or_initialize_by", "first_or_initialize"})
_SAVING = frozenset(
    {"save", "save!", "update", "update!", "update_attributes", "update_attributes!", "update_attribute"}
)
_ANSWERING = (7, 1)  # the first release in which a unique index decides
_WHY = {
    Mechanism.SELECT_THEN_INSERT: "selects first, and inserts when it found nothing",
    Mechanism.INSERT_THEN_SELECT: "inserts first, and selects when a unique index refuses the row",
}


def find_racy(module: Module) -> Iterator[SiteFact]:
    """Every call that looks a row up, and creates it when it finds none."""
    for call in module.calls(_BY | _FIRST):
        yield fact_of("rails", call, module, racy=Constant(value=True))
    news = list(module.calls(_NEW))
    saves = list(module.calls(_SAVING)) if news else []
    for call in news:
        saved = any(_saves(save, call, module) for save in saves)
        yield fact_of("rails", call, module, racy=Constant(value=True), saved=Constant(saved))


def _saves(save: Call, found: Call, module: Module) -> bool:
    """Whether a record that was looked up is saved: in the chain of the lookup, or after it in the same method."""
    if save.offset <= found.offset and found.end <= save.end:
        return True
    around, other = module.function_at(found.offset), module.function_at(save.offset)
    same = around is not None and other is not None and around.offset == other.offset
    return save.name_offset > found.end and (same or (around is None and other is None))


def finish_racy(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The one site of a call that looks a row up, and creates it when it finds none."""
    call = fact.values["call"]
    assert isinstance(call, Call)  # noqa: S101 - `find_racy` puts nothing else there
    method = call.callee.name if isinstance(call.callee, (Member, Name)) else ""
    lookup, saved = fact.values.get("lookup"), fact.values.get("saved")
    if lookup is not None:
        return finish_step(fact, lookup, resolve)
    if isinstance(saved, Constant) and not saved.value:
        return NoSite(f"{method} writes nothing, and nothing after it in its method saves")
    receiver = receiver_of(fact.values["receiver"], resolve)
    if isinstance(receiver, str):
        return NoSite(receiver)
    within = fact.values.get("within")
    if isinstance(within, Text) and _is_called_on_relations(within.text, receiver.model, resolve):
        receiver = replace(receiver, complete=False)
    return (_draft(fact, call, method, receiver, resolve),)


def _is_called_on_relations(method: str, model: RailsModel | Undeclared, resolve: Resolve) -> bool:
    """Whether a method of the class is called on a relation somewhere, which then compares more columns."""
    if isinstance(model, Undeclared):
        return True
    for module in resolve.modules_holding(f".{method}".encode()):
        for call in module.calls(frozenset({method})):
            found = receiver_of(call.callee.object, resolve) if isinstance(call.callee, Member) else ""
            own = isinstance(found, Receiver) and isinstance(found.model, RailsModel) and found.model.name == model.name
            if isinstance(found, Receiver) and own and (found.scoped or not found.complete):
                return True
    return False


def _draft(fact: SiteFact, call: Call, method: str, receiver: Receiver, resolve: Resolve) -> Draft:
    model = receiver.model
    table = model if isinstance(model, Undeclared) else model.table
    dump = dump_of(resolve)
    dumped = dump.table(str(table)) if isinstance(table, QualifiedName) else None
    given = () if method.startswith("first_") else compared(call, resolve)
    keys = None if given is None else tuple(dict.fromkeys((*receiver.scoped, *given)))
    names = None if keys is None else columns_by(keys, model, dumped)
    known = names if names and receiver.complete else None
    more, whole = _written(call, method, resolve)
    more = (*receiver.added, *more)
    columns = tuple(dict.fromkeys((*(names or ()), *columns_by(more, model, dumped))))
    declared = isinstance(model, RailsModel) and (bool(model.lineage) or not dump.known)
    saves = not method.endswith(("initialize", "initialize_by"))
    complete = whole and saves and known is not None and declared and is_silent(model)
    reason = None if complete else "blocks and callbacks of the model may set more columns"
    rows = Payload(columns, complete, 1, reason=reason)
    mechanism = Mechanism.INSERT_THEN_SELECT if method.startswith("create_") else Mechanism.SELECT_THEN_INSERT
    target = columns_target(known) if known else Unresolved(_unread(receiver))
    why = (f"{method.rstrip('!')} {_WHY[mechanism]}", *_answer(method, resolve))
    racy = Racy(mechanism, known, "; ".join(why))
    draft = insert(fact, table, rows, Conflict(target, Action.NOTHING), racy=racy)
    return with_stamps(draft, model, table, resolve)


def _answer(method: str, resolve: Resolve) -> tuple[str, ...]:
    """What the method does when its INSERT fails, in words."""
    if not method.startswith("find_or_create_by"):
        return ()
    release = active_record(resolve)
    if release is None:
        return (answered_since("Rails 7.1"),)
    return (ANSWERED,) if release >= _ANSWERING else ()


def _unread(receiver: Receiver) -> str:
    if isinstance(receiver.model, Undeclared):
        return receiver.model.reason
    return "the rows are looked up by a condition that is not read"


def _written(call: Call, method: str, resolve: Resolve) -> tuple[tuple[str, ...], bool]:
    """The attributes that the INSERT has besides those of the lookup, and whether these are all."""
    block = any(key == "&" and isinstance(value, Lambda) for key, value in call.keywords)
    names: tuple[str, ...] = ()
    complete = not block
    if method.startswith("first_"):
        given: Value = resolve(call.args[0]) if call.args else Record(_plain(call))
        known = given if isinstance(given, Record) else Record((), complete=False)
        names, complete = tuple(key for key, _ in known.entries), complete and known.complete
    return names, complete


def _plain(call: Call) -> tuple[tuple[str, Value], ...]:
    return tuple(pair for pair in call.keywords if pair[0] not in {"&", "**"})
