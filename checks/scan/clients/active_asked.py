"""Peewee, Tortoise and Piccolo: rows that are made where the same function has asked for one with their values before.

`User.get_or_none(User.mail == mail)`, `User.filter(mail=mail).first()`, `User.objects().get(..)`, and then
`User.create(mail=mail)` or `User(mail=mail).save()`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.model import TableDeclaration
from ..model import NoSite, SiteFact
from ..values import Call, Choice, Class, Member, Name, Record, Text
from .asked import NOT_ASKED, Asked, Made, mechanism_of, pairs, racy
from .chain import name_of
from .conditions import compared
from .drafting import insert
from .managers import receiver_of
from .reading import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..declarations.model import ColumnDeclaration, Undeclared
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .managers import Receiver
    from .payload import Payload

_CREATES, _SAVES = frozenset({"create"}), frozenset({"save"})
_FINAL = frozenset({"get_or_none", "get", "first", "exists", "where"})  # the last for Piccolo's `exists().where(..)`
_CHANGES = {"update": Mechanism.UPDATE_THEN_INSERT, "delete": Mechanism.DELETE_INSERT}
_KEEPING = frozenset(
    {"select", "where", "filter", "objects", "exists", "all", "using_db", "select_for_update", "output"}
)
_PLAIN = frozenset({"objects", "using_db"})  # before a row is created
_LOOKUP = re.compile(rb"\b([A-Z]\w*)\.(?:get_or_none|get|filter|select|objects|exists|update|delete)\(")


def is_paired(data: bytes) -> bool:
    """Whether a file looks up and makes rows of one class."""
    saves = b".save(" in data
    return (saves or b".create(" in data) and any(
        name + b".create(" in data or name + b".objects().create(" in data or (saves and name + b"(" in data)
        for name in set(_LOOKUP.findall(data))
    )


def find_asked(client: str, module: Module) -> Iterator[SiteFact]:
    """Each row that a lookup by values that it is given stands before."""
    made = [*_created(module), *_saved(module)]
    for one, lookup in pairs(module, made, [*_asked(module), *_changed(module)]) if made else ():
        owner = _made_of(module, one)
        values: dict[str, Value] = {
            "method": Text("asked"),
            "model": owner,
            "call": one.call,
            "mechanism": Text(lookup.mechanism),
            "keys": lookup.keys,
            "row": one.row,
        }
        start, end = lookup.offset, one.call.end
        yield SiteFact(client=client, values=values, offset=one.call.name_offset, statement=start, end=end)


def _created(module: Module) -> Iterator[Made]:
    """`Model.create(a=1)`, `Model.objects().create(a=1)`."""
    for call in module.calls(_CREATES):
        receiver = receiver_of(module, call.callee.object) if isinstance(call.callee, Member) else None
        if receiver is not None and _is_class(receiver.root) and {name_of(link) for link in receiver.links} <= _PLAIN:
            yield Made(path_of(receiver.root) or "", _record(call), call.offset, call)


def _saved(module: Module) -> Iterator[Made]:
    """`Model(a=1).save()`, or the row in a variable."""
    for call in module.calls(_SAVES):
        made = _instance(module, call.callee.object) if isinstance(call.callee, Member) else None
        if made is not None:
            yield Made(path_of(made.callee) or "", _record(made), made.offset, call)


def _made_of(module: Module, made: Made) -> Value:
    """The class of a row."""
    inner = made.call.callee.object if isinstance(made.call.callee, Member) else made.call.callee
    if name_of(made.call) in _CREATES:
        return receiver_of(module, inner).root
    row = _instance(module, inner)
    return row.callee if row is not None else inner


def _instance(module: Module, value: Value) -> Call | None:
    """The call that makes the row which is saved; of several values the one that is made of names and values."""
    meant = module.lookup(value.name, value.offset) if isinstance(value, Name) else value
    options = meant.options if isinstance(meant, Choice) else (meant,)
    made = [one for one in options if isinstance(one, Call) and one.keywords and not one.args and _is_class(one.callee)]
    return made[-1] if made else None


def _is_class(value: Value) -> bool:
    return isinstance(value, (Name, Member)) and value.name[:1].isupper()


def _record(call: Call) -> Record:
    entries = tuple((key, value) for key, value in call.keywords if key != "**")
    return Record(entries, len(entries) == len(call.keywords) and not call.args, call.offset)


def _asked(module: Module) -> Iterator[Asked]:
    for call in module.calls(_FINAL):
        receiver = receiver_of(module, call.callee.object) if isinstance(call.callee, Member) else None
        owner = path_of(receiver.root) if receiver is not None and _is_class(receiver.root) else None
        if receiver is None or owner is None or not _is_of_one(call, receiver):
            continue
        links = [link for link in (*reversed(receiver.links), call) if link.args or link.keywords]
        conditions = [link for link in links if name_of(link) != "select"]
        yield Asked(owner, _conditions(module, conditions, call, owner), call.offset, call.end)


def _changed(module: Module) -> Iterator[Asked]:
    """`User.filter(mail=mail).update(n=1)` of Tortoise, `User.update(n=1).where(User.mail == mail)` of the others."""
    for call in module.calls(frozenset({"where", *_CHANGES})):
        receiver = receiver_of(module, call.callee.object) if isinstance(call.callee, Member) else None
        links = (call, *receiver.links) if receiver is not None and _is_class(receiver.root) else ()
        changing = next((link for link in links if name_of(link) in _CHANGES), None)
        owner = path_of(receiver.root) if receiver is not None else None
        if changing is None or owner is None or not {name_of(link) for link in links} <= {*_KEEPING, *_CHANGES}:
            continue
        conditions = [link for link in links if name_of(link) in {"where", "filter"}]
        keys = _conditions(module, conditions, call, owner)
        yield Asked(owner, keys, call.offset, call.end, _CHANGES[name_of(changing)])


def _conditions(module: Module, links: list[Call], call: Call, owner: str) -> Record:
    records = [_of_link(module, link, owner) for link in links]
    entries = tuple(entry for record in records for entry in record.entries)
    return Record(entries, all(record.complete for record in records), call.offset)


def _is_of_one(call: Call, receiver: Receiver) -> bool:
    """Whether a call asks for one row, or whether there is one."""
    names = {name_of(link) for link in receiver.links}
    return names <= _KEEPING and (name_of(call) != "where" or names == {"exists"})


def _of_link(module: Module, link: Call, owner: str) -> Record:
    if not link.args:
        return _record(link)
    found = compared(module, link, owner)
    return found if not link.keywords else Record(found.entries, complete=False)


def finish_asked(
    fact: SiteFact,
    is_model: Callable[[Value, Resolve], bool],
    read: Callable[[Class, Resolve], TableDeclaration | Undeclared],
    rows: Callable[[TableDeclaration, frozenset[str]], Payload],
    resolve: Resolve,
) -> tuple[Draft, ...] | NoSite:
    """The site of a row, in the words of one client."""
    model, keys, row = resolve(fact.values["model"]), fact.values["keys"], fact.values["row"]
    table = read(model, resolve) if isinstance(model, Class) and is_model(model, resolve) else None
    if not isinstance(table, TableDeclaration) or not isinstance(keys, Record) or not isinstance(row, Record):
        return NoSite(NOT_ASKED)
    names = tuple(column.name for key, _ in keys.entries if (column := _column(table, key)) is not None)
    if not names or len(names) != len(keys.entries):
        return NoSite(NOT_ASKED)
    found = rows(table, frozenset(key for key, _ in row.entries))
    return (insert(fact, QualifiedName(table.schema, table.name), found, racy=racy(names, mechanism_of(fact))),)


def _column(table: TableDeclaration, name: str) -> ColumnDeclaration | None:
    return table.by_attribute(name) or table.by_key(name)
