"""Rails: `Model.find_by(a: 1) || Model.create(a: 1)`, and `Model.create` after `Model.exists?` in one method."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.model import Undeclared
from ..declarations.rails_schema import dump_of
from ..model import NoSite
from ..values import Call, Constant, Member, Name
from .chain import own_links
from .drafting import Racy, insert
from .payload import Payload
from .rails_columns import columns_by, is_silent, with_stamps
from .rails_find import fact_of
from .rails_receiver import compared, named, receiver_of
from .reading import called_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Module, Resolve, SiteFact
    from ..values import Value
    from .rails_receiver import Receiver

_LOOKUPS = frozenset({"find_by", "exists?"})
_BY_WHERE = frozenset({"first", "take", "exists?", "any?", "none?", "empty?", "blank?", "present?"})
_CREATES = frozenset({"create", "create!"})


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Every row that is created where the same method has asked for one of the same class before."""
    creates = list(module.calls(_CREATES))
    if not creates:
        return
    lookups = [*module.calls(_LOOKUPS), *(call for call in module.calls(_BY_WHERE) if _where(call) is not None)]
    for call in creates:
        name = _constant(call)
        before = [one for one in lookups if name is not None and one.end <= call.offset and _constant(one) == name]
        around = module.function_at(call.offset)
        own = [one for one in before if around is not None and around.offset <= one.offset]
        last = max(own, key=lambda one: one.offset, default=None)
        if last is not None:
            fact = fact_of("rails", call, module, racy=Constant(value=True), lookup=last)
            yield replace(fact, statement=last.offset)


def _constant(call: Call) -> str | None:
    """The constant that a chain is written to begin with."""
    root, _ = own_links(call)
    return root.name if isinstance(root, Name) and root.name[:1].isupper() else None


def _where(call: Call) -> Call | None:
    """`where(..)` right before the last call of a chain."""
    inner = call.callee.object if isinstance(call.callee, Member) else None
    is_where = isinstance(inner, Call) and isinstance(inner.callee, Member) and inner.callee.name == "where"
    return inner if is_where and isinstance(inner, Call) else None


def finish_step(fact: SiteFact, lookup: Value, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The site of the two, when the row has a value for each column that was asked for."""
    call = fact.values["call"]
    assert isinstance(call, Call)  # noqa: S101 - `find_steps` puts nothing else there
    assert isinstance(lookup, Call)  # noqa: S101 - as above
    asking = lookup if called_name(lookup) in _LOOKUPS and (lookup.args or lookup.keywords) else _where(lookup)
    receiver = receiver_of(fact.values["receiver"], resolve)
    asked = receiver_of(_receiver(asking), resolve) if asking is not None else ""
    if isinstance(receiver, str) or isinstance(asked, str) or asking is None:
        return NoSite("creates a row, but of no model of Active Record that it has looked up before")
    keys, given = compared(asking, resolve), named(call, resolve)
    whole = asked.complete and receiver.complete and asked.model == receiver.model
    if not whole or keys is None or given is None or not set(keys) <= set(given):
        return NoSite("creates a row, but asks for none by columns that it has before")
    return (_draft(fact, receiver, keys, given, resolve),)


def _draft(
    fact: SiteFact, receiver: Receiver, keys: tuple[str, ...], given: tuple[str, ...], resolve: Resolve
) -> Draft:
    model = receiver.model
    table = model if isinstance(model, Undeclared) else model.table
    dumped = dump_of(resolve).table(str(table)) if isinstance(table, QualifiedName) else None
    call = fact.values["call"]
    block = isinstance(call, Call) and any(key == "&" for key, _ in call.keywords)
    complete = is_silent(model) and not block
    reason = None if complete else "blocks and callbacks of the model may set more columns"
    rows = Payload(columns_by((*receiver.scoped, *given), model, dumped), complete, 1, reason=reason)
    why = "a lookup before this INSERT decides whether it is made"
    racy = Racy(Mechanism.SELECT_THEN_INSERT, columns_by((*receiver.scoped, *keys), model, dumped), why)
    return with_stamps(insert(fact, table, rows, racy=racy), model, table, resolve)


def _receiver(call: Call) -> Value:
    return call.callee.object if isinstance(call.callee, Member) else call.callee
