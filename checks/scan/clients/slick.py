"""Slick: `users.insertOrUpdate(row)`, which on PostgreSQL is an UPDATE, then an INSERT where there is no such row.

Source: Slick 3.5 PostgresProfile.PostgresUpsertBuilder, by the primary key; columns that count up by themselves are not
inserted. slick-pg sends ON CONFLICT with the key where a profile adds the capability insertOrUpdate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, Mechanism, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..declarations.slick import read_slick
from ..model import Client, NoSite, SiteFact
from ..values import Member
from .drafting import Conflict, Racy, insert
from .payload import Payload
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.model import TableDeclaration
    from ..model import Draft, Module, Resolve

_UPSERTS = frozenset({"insertOrUpdate", "insertOrUpdateAll"})
_NATIVE = b"apabilities.insertOrUpdate"
_WHY = "Slick updates first, and inserts where no row has the key"
_NO_KEY = "the table declares no primary key"


def _find(module: Module) -> Iterator[SiteFact]:
    """Each of them that is called on something."""
    for call in module.calls(_UPSERTS):
        if isinstance(call.callee, Member):
            values = {"query": call.callee.object, "call": call}
            yield SiteFact(client="slick", values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    table = read_slick(fact.values["query"], resolve)
    if table is None:
        return NoSite("is called on no table of Slick")
    if isinstance(table, Undeclared):
        return (insert(fact, table, Payload(None, complete=False), Conflict(Unresolved(table.reason), Action.UPDATE)),)
    return (_draft(fact, table, native=bool(resolve.holding(_NATIVE))),)


def _draft(fact: SiteFact, table: TableDeclaration, *, native: bool) -> Draft:
    key = table.primary_key
    target = columns_target(key) if key is not None else Unresolved(_NO_KEY)
    written = tuple(column.name for column in table.columns if not column.generated)
    rows = Payload(written, table.complete, reason="the columns are not all known")
    left = tuple(name for name in written if key is None or name not in key)
    conflict = Conflict(target, Action.UPDATE, Payload(left, table.complete))
    racy = Racy(Mechanism.UPDATE_THEN_INSERT, key, _WHY)
    return insert(fact, QualifiedName(table.schema, table.name), rows, conflict, racy=None if native else racy)


SLICK = Client(
    name="slick",
    languages=frozenset({"scala"}),
    triggers=(b".insertorupdate(", b".insertorupdateall("),
    find=_find,
    finish=_finish,
)
