"""Drizzle: lookups, updates and deletes by a key, which an INSERT of the same table follows.

`db.query.users.findFirst({ where: eq(users.email, x) })`, `db.select().from(users).where(eq(users.email, x)).limit(1)`,
`db.update(users).set(..).where(..)`, `db.delete(users).where(..)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..model import NoSite, SiteFact, Step
from ..values import Call, Lambda, Member, Name, Record, Text
from .chain import name_of, own_links
from .followed import Asking, longest, writes_what_was_asked
from .reading import called_name
from .step_facts import NO_STEP, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..declarations.model import TableDeclaration
    from ..model import Module, Resolve
    from ..values import Value
    from .drizzle_sql import Renderer

_MECHANISMS = {
    "select": Mechanism.SELECT_THEN_INSERT,
    "update": Mechanism.UPDATE_THEN_INSERT,
    "delete": Mechanism.DELETE_INSERT,
}
_LINKS = frozenset({"where", "limit", "get", "for", "returning", "execute", "all", "run"})
_LISTING = frozenset({
    "orderBy", "groupBy", "having", "offset", "innerJoin", "leftJoin", "rightJoin", "fullJoin", "crossJoin", "with",
    "union", "unionAll", "selectDistinctOn",
})  # fmt: skip
_LISTED = frozenset({"orderBy", "offset"})


def find_steps(module: Module, inserts: Iterable[Call], callbacks: frozenset[str]) -> Iterator[SiteFact]:
    """Each query of a module that asks for rows, or changes them, before one of the INSERTs.

    `callbacks` are the methods that give an instance to a function.
    """
    return steps_of("drizzle", module, _asking(module), inserts, callbacks)


def _asking(module: Module) -> Iterator[Asking]:
    for links in longest(module, _LINKS | _LISTING):
        verb, names = _verb(links), {name_of(link) for link in links}
        if verb is not None and "where" in names and not names & _LISTING:
            limited = any(name_of(link) == "limit" and _is_number_one(link) for link in links)
            yield Asking(_MECHANISMS[verb], links[-1], several=not limited and "get" not in names)
    for call in module.calls(frozenset({"findFirst"})):
        if _accessor(call) is not None:
            yield Asking(Mechanism.SELECT_THEN_INSERT, call)


def _verb(links: tuple[Call, ...]) -> str | None:
    """What the chain does: `select().from(t)`, `update(t).set(..)`, `delete(t)`."""
    names = [name_of(link) for link in links]
    for verb, given in (("select", "from"), ("update", "set"), ("delete", "where")):
        if verb in names and names[names.index(verb) + 1 :][:1] == [given]:
            return verb
    return None


def _is_number_one(link: Call) -> bool:
    given = link.args[0] if link.args else None
    return getattr(given, "value", None) == 1


def _accessor(call: Call) -> str | None:
    """The table's name in the schema, of `db.query.users.findFirst({..})`."""
    owner = call.callee.object if isinstance(call.callee, Member) else None
    if not isinstance(owner, Member) or len(call.args) != 1 or not isinstance(call.args[0], Record):
        return None
    return owner.name if isinstance(owner.object, Member) and owner.object.name == "query" else None


def step_of(
    fact: SiteFact, inserts: Iterable[tuple[Value, Value, TableDeclaration, Renderer]], resolve: Resolve
) -> Step | NoSite:
    """The step that one of the INSERTs follows, each of which has its table, its rows and what reads its columns."""
    call, mechanism = fact.values["step"], fact.values["mechanism"]
    if not isinstance(call, Call) or not isinstance(mechanism, Text):
        return NO_STEP
    for named, rows, table, renderer in inserts:
        keys = _keys(call, named, renderer, resolve)
        if keys and writes_what_was_asked([(attribute, value) for attribute, _, value in keys], rows, resolve):
            columns = tuple(dict.fromkeys(column for _, column, _ in keys))
            return Step(Mechanism(mechanism.text), QualifiedName(table.schema, table.name), columns, fact.statement)
    return NO_STEP


_Key = tuple[str, str, "Value"]  # attribute, column, what it is compared with


def _keys(call: Call, named: Value, renderer: Renderer, resolve: Resolve) -> tuple[_Key, ...]:
    """What has to equal a value, of a query of the table; none when there is any other condition."""
    if called_name(call) != "findFirst":
        wheres = [link.args[0] for link in own_links(call)[1] if name_of(link) == "where" and link.args]
        return (_compared(wheres[0], renderer, ()) or ()) if len(wheres) == 1 else ()
    options = resolve(call.args[0])
    if not isinstance(options, Record) or not options.complete or any(key in _LISTED for key, _ in options.entries):
        return ()
    if not isinstance(named, Name | Member) or named.name != _accessor(call):
        return ()
    where = options.get("where")
    if isinstance(where, Record):
        return _of_record(where, renderer)
    if isinstance(where, Lambda):
        return _compared(where.result, renderer, tuple(param.name for param in where.params[:1])) or ()
    return (_compared(where, renderer, ()) or ()) if where is not None else ()


def _of_record(where: Record, renderer: Renderer) -> tuple[_Key, ...]:
    """`{ email: x }` of version 1; an object as a value holds operators."""
    found: list[_Key] = []
    for attribute, value in where.entries:
        column = renderer.table.by_attribute(attribute)
        if column is None or isinstance(value, Record):
            return ()
        found.append((attribute, column.name, value))
    return tuple(found) if where.complete else ()


def _compared(condition: Value, renderer: Renderer, own: tuple[str, ...]) -> tuple[_Key, ...] | None:
    """`eq(t.a, x)`, `and(eq(..), eq(..))`; `own` is what a callback calls the table."""
    if not isinstance(condition, Call):
        return None
    if called_name(condition) == "and":
        parts = [_compared(part, renderer, own) for part in condition.args]
        known = [part for part in parts if part is not None]
        return tuple(key for part in known for key in part) if len(known) == len(parts) else None
    if called_name(condition) != "eq" or len(condition.args) != 2:  # noqa: PLR2004 - a column and a value
        return None
    left, value = condition.args
    if isinstance(left, Member) and isinstance(left.object, Name) and left.object.name in own:
        column = renderer.table.by_attribute(left.name)
    else:
        column = renderer.column(left)
    return None if column is None else ((column.attribute, column.name, value),)
