"""Diesel: lookups, updates and deletes by a key, which an INSERT may follow.

`users::table.filter(email.eq(x)).first(conn)`, `select(exists(..))`, `update(users::table.filter(..))`, `delete(..)`.
What lists or counts rows does not ask whether one is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.diesel import table_of
from ..declarations.model import TableDeclaration
from ..model import NoSite, SiteFact, Step
from ..values import Call, Member, Text
from .chain import chains, name_of, own_links
from .diesel_expression import Expressions
from .reading import called_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_MECHANISMS = {
    "first": Mechanism.SELECT_THEN_INSERT,
    "get_result": Mechanism.SELECT_THEN_INSERT,
    "exists": Mechanism.SELECT_THEN_INSERT,
    "update": Mechanism.UPDATE_THEN_INSERT,
    "delete": Mechanism.DELETE_INSERT,
}
_FINAL = frozenset({"first", "get_result"})
_LISTING = frozenset({"order", "order_by", "then_order_by", "limit", "offset", "count", "group_by", "distinct_on"})
_KEYS = frozenset({"filter", "find"})


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each query of a module that asks for rows by a key."""
    for call in module.calls(frozenset(_MECHANISMS)):
        kind = called_name(call) or ""
        query = call if kind in _FINAL else call.args[0] if len(call.args) == 1 else None
        names = {name_of(link) for link in own_links(query)[1]} if query is not None else set[str]()
        if query is not None and names & _KEYS and not names & (_LISTING | {"set"}):
            values: dict[str, Value] = {"step": Text(kind), "query": query}
            yield SiteFact(client="diesel", values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def finish_step(fact: SiteFact, resolve: Resolve) -> Step | NoSite:
    """The step with its table and columns."""
    kind = fact.values["step"]
    for chain in chains(fact.values["query"], resolve):
        table = table_of(chain.root, resolve)
        columns = _columns(chain, table, resolve) if isinstance(table, TableDeclaration) else ()
        if columns and isinstance(table, TableDeclaration) and isinstance(kind, Text):
            name = QualifiedName(table.schema, table.name)
            return Step(_MECHANISMS[kind.text], name, columns, fact.statement)
    return NoSite("a query that asks for no row by a key")


def _columns(chain: Chain, table: TableDeclaration, resolve: Resolve) -> tuple[str, ...]:
    found: list[str] = []
    for link in chain.named("filter", "find"):
        if name_of(link) == "find":
            found += table.primary_key or ()
        for condition in link.args if name_of(link) == "filter" else ():
            found += _compared(condition, Expressions(table, resolve))
    return tuple(dict.fromkeys(found))


def _compared(condition: Value, expressions: Expressions) -> Iterator[str]:
    """The columns of `a.eq(x).and(b.eq(y))`."""
    if not isinstance(condition, Call) or not isinstance(condition.callee, Member):
        return
    owner = condition.callee.object
    if condition.callee.name == "eq":
        column = expressions.column(owner)
        yield from () if column is None else (column,)
    elif condition.callee.name == "and":
        for one in (owner, *condition.args):
            yield from _compared(one, expressions)
