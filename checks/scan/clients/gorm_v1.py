"""GORM 1: `db.Set("gorm:insert_option", "ON CONFLICT (a) DO NOTHING").Create(&x)`.

Source: github.com/jinzhu/gorm 1.9 callback_create.go createCallback, which writes the option behind the values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..declarations.gorm import GormTable
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Member, Opaque, Text
from .chain import chains, own_links
from .go_builder import quoted, read, statement
from .gorm import model_of
from .gorm_rows import rows_of
from .reading import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.model import Undeclared
    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_OPTION = "gorm:insert_option"
_UNKNOWN = Opaque("the model", 0)


def _find(module: Module) -> Iterator[SiteFact]:
    """Each option that is set in the chain of a Create."""
    creates = list(module.calls(frozenset({"Create", "Save", "FirstOrCreate"})))
    for call in module.calls(frozenset({"Set", "InstantSet"})):
        given = call.args[0] if call.args[1:] and isinstance(call.callee, Member) else None
        if isinstance(given, Text) and given.text == _OPTION:
            whole = next((one for one in creates if any(_is(link, call) for link in own_links(one)[1])), call)
            values: dict[str, Value] = {"whole": whole, "option": call.args[1]}
            yield SiteFact(
                client="gorm-v1", values=values, offset=call.name_offset, statement=whole.offset, end=whole.end
            )


def _is(link: Call, call: Call) -> bool:
    return link.name_offset == call.name_offset


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    found: dict[Draft, None] = {}
    for chain in chains(fact.values["whole"], resolve):
        drafts = _drafts(fact, chain, resolve)
        found.update(dict.fromkeys(drafts if isinstance(drafts, tuple) else ()))
    return tuple(found) or NoSite("no ON CONFLICT of an INSERT")


def _drafts(fact: SiteFact, chain: Chain, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The statement: the model's columns and the option behind them."""
    whole = chain.links[-1] if chain.links else None
    given = whole.args[0] if whole is not None and whole.args and whole.name_offset != fact.offset else None
    model = model_of(given, resolve) if given is not None else None
    table = model if isinstance(model, GormTable) else None
    named = [link.args[0] for link in chain.named("Table") if link.args]
    name = text(named[-1], resolve) if named else _written(table.name) if table is not None else None
    rows = rows_of(table, given, chain, resolve)
    columns: tuple[Value, ...] = tuple(quoted(one) for one in rows.columns or ()) or (_UNKNOWN,)
    found = read(fact, statement(quoted(name) if name else _UNKNOWN, columns, [fact.values["option"]]), resolve)
    if isinstance(found, NoSite) or rows.complete:
        return found
    return tuple(
        replace(draft, write=replace(draft.write, complete=False), reason=draft.reason or rows.reason)
        for draft in found
    )


def _written(name: QualifiedName | Undeclared) -> str | None:
    """The name as it is written, a dot behind its schema."""
    return str(name) if isinstance(name, QualifiedName) else None


GORM_V1 = Client(
    name="gorm-v1",
    languages=frozenset({"go"}),
    triggers=(b'"gorm:insert_option"',),
    find=_find,
    finish=_finish,
)
