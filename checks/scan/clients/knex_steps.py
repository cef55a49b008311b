"""Knex and Objection: lookups, updates and deletes by a key, and the plain INSERT that follows one of them.

`knex("users").where({ email }).first()`, `User.query().findOne({ email })`, `knex("users").where(..).update(..)` and
`.del()`. An INSERT that follows none of these is no site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..values import Call, Record
from .chain import name_of, own_links
from .followed import Asking, longest, writes_what_was_asked
from .knex_query import query_of
from .payload import Payload
from .reading import text
from .step_facts import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve, SiteFact
    from ..values import Value

_INSERTS = frozenset({"insert", "insertAndFetch"})
_CHANGES = {
    "update": Mechanism.UPDATE_THEN_INSERT,
    "patch": Mechanism.UPDATE_THEN_INSERT,
    "del": Mechanism.DELETE_INSERT,
    "delete": Mechanism.DELETE_INSERT,
}
_CONDITIONS = frozenset({"where", "andWhere", "findOne"})
_PLAIN = frozenset({
    "first", "select", "column", "columns", "from", "table", "withSchema", "limit", "transacting", "forUpdate",
    "returning", "pluck", "query", "timeout", "withGraphFetched", "context", *_CONDITIONS, *_CHANGES,
})  # fmt: skip
_LAST = _CONDITIONS | _CHANGES.keys() | {"first", "select", "pluck", "returning", "transacting", "limit", "forUpdate"}
_OPERATED = 3  # arguments of `where("a", "=", x)`


def find_steps(module: Module, conflicting: frozenset[int]) -> Iterator[SiteFact]:
    """Each query that asks for rows, or changes them, before an INSERT, and those INSERTs.

    `conflicting` is where the names of calls stand which a conflict clause follows.
    """
    asking = list(_asking(module))
    chains = longest(module, _INSERTS | {"into", "returning"}) if asking else ()
    inserts = [links[-1] for links in chains if not conflicting & {link.name_offset for link in links} and _row(links)]
    yield from find("knex", module, asking, [(call, _offset(call)) for call in inserts])


def _offset(insert: Call) -> int:
    return next(link.name_offset for link in own_links(insert)[1] if name_of(link) in _INSERTS)


def _asking(module: Module) -> Iterator[Asking]:
    for links in longest(module, _LAST):
        names = [name_of(link) for link in links]
        own = names[1:] if names[0] not in _PLAIN else names  # `this.knex("users")`
        if not _CONDITIONS & set(own) or not set(own) <= _PLAIN | _listed_on(links):
            continue
        change = next((_CHANGES[name] for name in own if name in _CHANGES), None)
        several = not {"first", "findOne"} & set(own)
        yield Asking(change or Mechanism.SELECT_THEN_INSERT, links[-1], several=several)


def _listed_on(links: tuple[Call, ...]) -> frozenset[str]:
    """The names before a query of a model, which may be anything: `this.users().query()`."""
    names = [name_of(link) for link in links]
    return frozenset(names[: names.index("query")]) if "query" in names else frozenset()


def _row(links: tuple[Call, ...]) -> Value | None:
    given = next((link.args for link in links if name_of(link) in _INSERTS), ())
    return given[0] if given else None


def asked_by(step: Call, insert: Call, resolve: Resolve) -> tuple[QualifiedName, tuple[str, ...]] | None:
    """The table and the columns by which a query asks for the row of an INSERT; None when it does not."""
    keys, row = _keys(own_links(step)[1], resolve), _row(own_links(insert)[1])
    if not keys or row is None or not writes_what_was_asked(keys, row, resolve):
        return None
    asked, written = query_of(step, resolve), query_of(insert, resolve)
    columns = written.columns(Payload(tuple(dict.fromkeys(name for name, _ in keys)))).columns
    if not isinstance(written.table, QualifiedName) or asked.table != written.table or not columns:
        return None
    known = written.model is not None or resolve.holding(b"knex") or resolve.holding(b"Knex")
    return (written.table, columns) if known else None


def _keys(links: tuple[Call, ...], resolve: Resolve) -> list[tuple[str, Value]] | None:
    """What has to equal a value; None when there is any other condition."""
    found: list[tuple[str, Value]] = []
    for link in links:
        keys = _compared(link, resolve) if name_of(link) in _CONDITIONS else []
        if keys is None:
            return None
        found += keys
    return found


def _compared(link: Call, resolve: Resolve) -> list[tuple[str, Value]] | None:
    """`where({ a: x })`, `where("t.a", x)`, `where("a", "=", x)`."""
    if len(link.args) == 1:
        record = resolve(link.args[0])
        if not isinstance(record, Record) or not record.complete or not record.entries:
            return None
        return [(name.rpartition(".")[2], value) for name, value in record.entries]
    column = text(link.args[0], resolve) if link.args else None
    if column is None or len(link.args) > _OPERATED:
        return None
    equal = len(link.args) < _OPERATED or text(link.args[1], resolve) == "="
    return [(column.rpartition(".")[2], link.args[-1])] if equal else None
