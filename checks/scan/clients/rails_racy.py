"""Rails: `find_or_create_by`, `first_or_create`, `create_or_find_by`, `find_or_initialize_by` and what they save.

What is sent follows activerecord 8.1, Relation: a SELECT and then an INSERT, or an INSERT and after it a SELECT.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, Mechanism, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..declarations.rails import RailsModel, aliases_of
from ..declarations.rails_schema import dump_of
from ..model import NoSite
from ..values import Call, Class, Constant, Lambda, Member, Name, Record, Text
from .chain import own_links
from .drafting import Conflict, Racy, insert
from .payload import Payload
from .rails_find import fact_of
from .rails_receiver import compared, receiver_of
from .rails_stamps import stamps_of
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.rails_schema import DumpedTable
    from ..model import Draft, Module, Resolve, SiteFact
    from ..values import Value
    from .rails_receiver import Receiver

_BY = frozenset({"find_or_create_by", "find_or_create_by!", "create_or_find_by", "create_or_find_by!"})
_FIRST = frozenset({"first_or_create", "first_or_create!"})
_NEW = frozenset({"find_or_initialize_by", "first_or_initialize"})
_SAVING = frozenset(
    {"save", "save!", "update", "update!", "update_attributes", "update_attributes!", "update_attribute"}
)
# What a class may say without setting a column of new rows by that.
_SILENT = frozenset({
    "@validates", "@validate", "@belongs_to", "@has_many", "@has_one", "@scope", "@delegate", "@alias_attribute",
    "@validates_presence_of", "@validates_uniqueness_of", "@validates_length_of", "@has_and_belongs_to_many",
    "@private", "@public", "@protected", "@attr_readonly", "@private_class_method", "@primary_abstract_class",
    "@connects_to", "@validates_associated", "@attr_reader", "@attr_accessor", "@attr_writer", "@private_constant",
    "@module_function",
})  # fmt: skip
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
    saved = fact.values.get("saved")
    if isinstance(saved, Constant) and not saved.value:
        return NoSite(f"{method} writes nothing, and nothing after it in its method saves")
    receiver = receiver_of(fact.values["receiver"], resolve)
    if isinstance(receiver, str):
        return NoSite(receiver)
    within = fact.values.get("within")
    if isinstance(within, Text) and _is_called_on_relations(within.text, resolve):
        receiver = replace(receiver, complete=False)
    return (_draft(fact, call, method, receiver, resolve),)


def _is_called_on_relations(method: str, resolve: Resolve) -> bool:
    """Whether a method of the class is called on what may be a relation, which then compares more columns."""
    for module in resolve.modules_holding(f".{method}".encode()):
        for call in module.calls(frozenset({method})):
            if isinstance(call.callee, Member):
                root, links = own_links(call.callee.object)
                if links or not isinstance(resolve(root), Class):
                    return True
    return False


def _draft(fact: SiteFact, call: Call, method: str, receiver: Receiver, resolve: Resolve) -> Draft:
    model = receiver.model
    table = model if isinstance(model, Undeclared) else model.table
    dump = dump_of(resolve)
    dumped = dump.table(str(table)) if isinstance(table, QualifiedName) else None
    given = () if method.startswith("first_") else compared(call, resolve)
    keys = None if given is None else tuple(dict.fromkeys((*receiver.scoped, *given)))
    names = None if keys is None else _columns(keys, model, dumped)
    known = names if names and receiver.complete else None
    more, whole = _written(call, method, resolve)
    more = (*receiver.added, *more)
    columns = tuple(dict.fromkeys((*(names or ()), *_columns(more, model, dumped))))
    declared = isinstance(model, RailsModel) and (bool(model.lineage) or not dump.known)
    saves = not method.endswith(("initialize", "initialize_by"))
    complete = whole and saves and known is not None and declared and _is_silent(model)
    reason = None if complete else "blocks and callbacks of the model may set more columns"
    rows = Payload(columns, complete, 1, reason=reason)
    mechanism = Mechanism.INSERT_THEN_SELECT if method.startswith("create_") else Mechanism.SELECT_THEN_INSERT
    target = columns_target(known) if known else Unresolved(_unread(receiver))
    racy = Racy(mechanism, known, f"{method.rstrip('!')} {_WHY[mechanism]}")
    draft = insert(fact, table, rows, Conflict(target, Action.NOTHING), racy=racy)
    stamps = stamps_of(model, dump, table, resolve, recorded=None, bulk=False)
    left = tuple(name for name in (*stamps.sure, *stamps.maybe) if name not in columns)
    return replace(draft, write=replace(draft.write, optional=left))


def _unread(receiver: Receiver) -> str:
    if isinstance(receiver.model, Undeclared):
        return receiver.model.reason
    return "the rows are looked up by a condition that is not read"


def _columns(keys: tuple[str, ...], model: RailsModel | Undeclared, dumped: DumpedTable | None) -> tuple[str, ...]:
    """Columns by attributes: aliases, and what `belongs_to` points by."""
    aliases = aliases_of(model) if isinstance(model, RailsModel) else {}
    points = _pointing(model) if isinstance(model, RailsModel) else {}
    found: list[str] = []
    for key in keys:
        name = aliases.get(key, key)
        missing = dumped is not None and name not in dumped.columns and f"{name}_id" in dumped.columns
        found += points.get(name, (f"{name}_id",) if missing else (name,))
    return tuple(dict.fromkeys(found))


def _pointing(model: RailsModel) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for call in model.calls("belongs_to"):
        options = dict(call.keywords)
        key = options.get("foreign_key")
        if not call.args or not isinstance(call.args[0], Text) or (key is not None and not isinstance(key, Text)):
            continue
        name = call.args[0].text
        column = key.text if isinstance(key, Text) else f"{name}_id"
        polymorphic = isinstance(one := options.get("polymorphic"), Constant) and bool(one.value)
        found.setdefault(name, (column, f"{name}_type") if polymorphic else (column,))
    return found


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


def _is_silent(model: RailsModel | Undeclared) -> bool:
    """Whether nothing in the class sets columns that a call does not name: no callbacks, defaults or concerns."""
    if isinstance(model, Undeclared):
        return False
    said = {key for one in model.lineage for key, _ in one.body if key.startswith("@")}
    return not model.inherited and said <= _SILENT
