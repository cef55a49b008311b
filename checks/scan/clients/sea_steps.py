"""SeaORM: lookups, updates and deletes by a key, which an INSERT may follow.

`Users::find().filter(users::Column::Email.eq(x)).one(db)`, `Users::find_by_id(id).one(db)`, `Users::update_many()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.sea_orm import entity_of, iden_of
from ..model import NoSite, SiteFact, Step
from ..values import Call, Member, Text
from .chain import chains, name_of, own_links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.model import TableDeclaration
    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_MECHANISMS = {
    "find": Mechanism.SELECT_THEN_INSERT,
    "find_by_id": Mechanism.SELECT_THEN_INSERT,
    "update_many": Mechanism.UPDATE_THEN_INSERT,
    "delete_many": Mechanism.DELETE_INSERT,
    "delete_by_id": Mechanism.DELETE_INSERT,
}
_BY_ID = frozenset({"find_by_id", "delete_by_id"})
_LISTING = frozenset({"order_by", "order_by_asc", "order_by_desc", "limit", "offset", "group_by", "count"})


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each query of a module that asks for one row, or changes rows, by a key."""
    for call in module.calls(frozenset({"one", "exec"})):
        links = own_links(call)[1]
        names = {name_of(link) for link in links}
        first = name_of(links[0]) if links else ""
        ends = name_of(call) == "one" if first in {"find", "find_by_id"} else name_of(call) == "exec"
        if first in _MECHANISMS and ends and not names & _LISTING:
            values: dict[str, Value] = {"step": Text(first), "query": call}
            yield SiteFact(
                client="sea-orm", values=values, offset=call.name_offset, statement=call.offset, end=call.end
            )


def finish_step(fact: SiteFact, resolve: Resolve) -> Step | NoSite:
    """The step with its table and columns."""
    kind = fact.values["step"]
    for chain in chains(fact.values["query"], resolve):
        first = chain.links[0] if chain.links else None
        owner = first.callee.object if first is not None and isinstance(first.callee, Member) else None
        table = entity_of(owner, resolve) if owner is not None else None
        columns = _columns(chain, table, resolve) if table is not None else ()
        if columns and table is not None and isinstance(kind, Text):
            return Step(_MECHANISMS[kind.text], QualifiedName(table.schema, table.name), columns, fact.statement)
    return NoSite("a query that asks for no row by a key")


def _columns(chain: Chain, table: TableDeclaration, resolve: Resolve) -> tuple[str, ...]:
    found: list[str] = []
    for link in chain.links:
        if name_of(link) in _BY_ID:
            found += table.primary_key or ()
        for condition in link.args if name_of(link) == "filter" else ():
            found += _compared(condition, resolve)
    return tuple(dict.fromkeys(found))


def _compared(condition: Value, resolve: Resolve) -> Iterator[str]:
    """The columns of `users::Column::Email.eq(x).and(..)`."""
    if not isinstance(condition, Call) or not isinstance(condition.callee, Member):
        return
    owner = condition.callee.object
    if condition.callee.name == "eq":
        column = iden_of(owner, resolve)
        yield from () if column is None else (column,)
    elif condition.callee.name == "and":
        for one in (owner, *condition.args):
            yield from _compared(one, resolve)
