"""The calls of a Ruby file that may be writes of Active Record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import SiteFact
from ..values import Call, Member, Name, Text
from .chain import own_links
from .rails_receiver import QUERIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module
    from ..values import Value

_METHODS = frozenset({"insert", "insert!", "insert_all", "insert_all!", "upsert", "upsert_all"})


def find_bulk(module: Module) -> Iterator[SiteFact]:
    """Every call of a bulk method; without a receiver it is one of the class around."""
    for call in module.calls(_METHODS):
        yield fact_of("rails", call, module)


def fact_of(client: str, call: Call, module: Module, **more: Value) -> SiteFact:
    """The fact of a call, with what it is called on."""
    callee = call.callee
    receiver = callee.object if isinstance(callee, Member) else Name("self", call.offset, module.file.path)
    values: dict[str, Value] = {"call": call, "receiver": receiver, **more}
    around = module.function_at(call.offset)
    if around is not None and around.name and _is_own(receiver):
        values["within"] = Text(around.name)
    return SiteFact(client=client, values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def _is_own(receiver: Value) -> bool:
    root, _ = own_links(receiver)
    callee = root.callee if isinstance(root, Call) else root
    return isinstance(callee, Name) and (callee.name == "self" or callee.name in QUERIES)
