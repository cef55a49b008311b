"""Kysely: lookups, updates and deletes by a key, which an INSERT of the same table follows.

`db.selectFrom("users").selectAll().where("email", "=", x).executeTakeFirst()`, `db.updateTable("users").set(..)`,
`db.deleteFrom("users").where(..)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..model import NoSite, SiteFact, Step
from ..values import Call, Lambda, Record, Text
from .chain import name_of, own_links
from .followed import Asking, writes_what_was_asked
from .kysely_clause import unwrapped
from .reading import called_name, text
from .step_facts import NO_STEP, steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..model import Module, Resolve
    from ..values import Value
    from .kysely_clause import Writing

_MECHANISMS = {
    "selectFrom": Mechanism.SELECT_THEN_INSERT,
    "updateTable": Mechanism.UPDATE_THEN_INSERT,
    "deleteFrom": Mechanism.DELETE_INSERT,
}
_RUNS = frozenset({"execute", "executeTakeFirst"})  # executeTakeFirstOrThrow() goes on only with a row
_LISTING = frozenset({
    "orderBy", "groupBy", "having", "offset", "innerJoin", "leftJoin", "rightJoin", "fullJoin", "crossJoin", "union",
    "unionAll", "distinctOn", "using", "from", "whereRef", "with",
})  # fmt: skip
_COMPARING = 3  # arguments of `where("a", "=", x)`
_EQUALS = frozenset({"=", "==", "is"})


def find_steps(module: Module, inserts: Iterable[Call], callbacks: frozenset[str]) -> Iterator[SiteFact]:
    """Each query of a module that asks for rows, or changes them, before one of the INSERTs.

    `callbacks` are the methods that give an instance to a function.
    """
    return steps_of("kysely", module, _asking(module), inserts, callbacks)


def _asking(module: Module) -> Iterator[Asking]:
    for call in module.calls(_RUNS):
        names = [name_of(link) for link in own_links(call)[1]]
        verb = next((name for name in names if name in _MECHANISMS), None)
        if verb is not None and "where" in names and not _LISTING & set(names):
            several = names[-1] == "execute"
            yield Asking(_MECHANISMS[verb], call, several=several)


def step_of(
    fact: SiteFact,
    inserts: Iterable[tuple[QualifiedName, Value, Writing]],
    table_of: Callable[[str], QualifiedName],
    resolve: Resolve,
) -> Step | NoSite:
    """The step that one of the INSERTs follows, each of which has its table and its rows."""
    call, mechanism = fact.values["step"], fact.values["mechanism"]
    if not isinstance(call, Call) or not isinstance(mechanism, Text):
        return NO_STEP
    links = own_links(call)[1]
    begin = next(link for link in links if name_of(link) in _MECHANISMS)
    named = text(begin.args[0], resolve) if begin.args else None
    keys = _keys(links, resolve)
    for table, rows, writing in inserts if named is not None and keys else ():
        row = unwrapped(rows, resolve) or rows
        if table_of(named or "") == table and writes_what_was_asked(keys or (), row, resolve):
            columns = tuple(dict.fromkeys(writing.rename(name) for name, _ in keys or ()))
            return Step(Mechanism(mechanism.text), table, columns, fact.statement)
    return NO_STEP


def _keys(links: tuple[Call, ...], resolve: Resolve) -> tuple[tuple[str, Value], ...] | None:
    """What has to equal a value; None when there is any other condition."""
    found: list[tuple[str, Value]] = []
    for link in links:
        if name_of(link) == "where":
            keys = _compared(link, resolve)
            if keys is None:
                return None
            found += keys
    return tuple(found)


def _compared(link: Call, resolve: Resolve) -> list[tuple[str, Value]] | None:
    """`where("t.a", "=", x)`, `where((eb) => eb.and({ a: x }))`."""
    if len(link.args) == _COMPARING:
        column, operator = text(link.args[0], resolve), text(link.args[1], resolve)
        return [(column.rpartition(".")[2], link.args[2])] if column and operator in _EQUALS else None
    given = link.args[0] if len(link.args) == 1 else None
    built = given.result if isinstance(given, Lambda) else given
    if not isinstance(built, Call):
        return None
    if called_name(built) == "eb":
        return _compared(built, resolve)
    record = built.args[0] if called_name(built) == "and" and len(built.args) == 1 else None
    return list(record.entries) if isinstance(record, Record) and record.complete else None
