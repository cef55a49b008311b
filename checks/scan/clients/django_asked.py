"""Django: rows that are created or saved where the same function has asked for one with the same values before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Mechanism
from ..model import SiteFact
from ..values import Call, Choice, Constant, Member, Name, Record, Text
from .asked import Asked, Made, pairs
from .chain import name_of
from .managers import receiver_of
from .reading import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module
    from ..values import Value
    from .managers import Receiver

CREATES = frozenset({"create", "acreate"})
SAVES = frozenset({"save", "asave"})
_BY_ARGUMENTS = frozenset({"get", "aget"})
_BY_FILTER = frozenset({"first", "afirst", "exists", "aexists"})
_CHANGES = {
    "update": Mechanism.UPDATE_THEN_INSERT,
    "aupdate": Mechanism.UPDATE_THEN_INSERT,
    "delete": Mechanism.DELETE_INSERT,
    "adelete": Mechanism.DELETE_INSERT,
}
_ONE_ROW = (b".exists()", b".aexists()", b".first()", b".afirst()", b"DoesNotExist", b"update(", b"delete()")
_LOOKUP = re.compile(rb"(\b[A-Z]\w*)\.objects\.")
# What may stand between the manager and the lookup without changing which rows are looked at.
_KEEPING = frozenset({
    "filter", "all", "using", "db_manager", "select_for_update", "select_related", "prefetch_related", "only", "defer",
    "values", "values_list",
})  # fmt: skip


def is_paired(data: bytes) -> bool:
    """Whether a file looks up and makes rows of one class."""
    if b".objects." not in data or not any(word in data for word in _ONE_ROW):
        return False
    saves = b"save(" in data
    return any(
        name + b".objects.create(" in data or name + b".objects.acreate(" in data or (saves and name + b"(" in data)
        for name in set(_LOOKUP.findall(data))
    )


def find_asked(module: Module) -> Iterator[SiteFact]:
    """Each row that a lookup by values that it is given stands before."""
    made = [*_created(module), *_saved(module)]
    if not made:
        return
    for one, lookup in pairs(module, made, _asked(module), _named):
        receiver = _owner_of(module, one)
        values: dict[str, Value] = {
            "method": Text("asked"),
            "path": Text(module.file.path),
            "call": one.call,
            "root": receiver.root,
            "owner": receiver.owner,
            "manager": Text(receiver.manager),
            "narrowed": Constant(value=False),
            "shown": Constant("django" in module.file.text),
            "mechanism": Text(lookup.mechanism),
            "keys": lookup.keys,
            "row": one.row,
        }
        start, end = lookup.offset, one.call.end
        yield SiteFact(client="django", values=values, offset=one.call.name_offset, statement=start, end=end)


def _named(name: str) -> str:
    """One name for a field and its attribute: `user`, `user_id`, `user__id`, `user__exact`."""
    for ending in ("__exact", "__id", "__pk", "_id"):
        name = name.removesuffix(ending)
    return name


def _created(module: Module) -> Iterator[Made]:
    """`Model.objects.create(a=1)`."""
    for call in module.calls(CREATES):
        if isinstance(call.callee, Member) and call.keywords and not call.args:
            receiver = receiver_of(module, call.callee.object)
            owner = path_of(receiver.root)
            if owner is not None and all(name_of(link) in _KEEPING - {"filter"} for link in receiver.links):
                yield Made(owner, _record(call), call.offset, call)


def _saved(module: Module) -> Iterator[Made]:
    """`Model(a=1).save()`, or the row in a variable."""
    for call in module.calls(SAVES):
        made = _instance(module, call.callee.object) if isinstance(call.callee, Member) else None
        owner = path_of(made.callee) if made is not None else None
        if made is not None and owner is not None and made.keywords and not made.args:
            yield Made(f"{owner}.objects", _record(made), made.offset, call)


def _instance(module: Module, value: Value) -> Call | None:
    """The call that makes the row which is saved; of several values the one that is made of names and values."""
    meant = module.lookup(value.name, value.offset) if isinstance(value, Name) else value
    options = meant.options if isinstance(meant, Choice) else (meant,)
    made = [one for one in options if isinstance(one, Call) and one.keywords and _is_class(one.callee)]
    return made[-1] if made else None


def _is_class(value: Value) -> bool:
    name = value.name if isinstance(value, (Name, Member)) else ""
    return name[:1].isupper()


def _record(call: Call) -> Record:
    entries = tuple((key, value) for key, value in call.keywords if key != "**")
    return Record(entries, len(entries) == len(call.keywords), call.offset)


def _owner_of(module: Module, made: Made) -> Receiver:
    """The manager that the row is created by, or would be: a model is saved by its own."""
    callee = made.call.callee
    inner = callee.object if isinstance(callee, Member) else callee
    if name_of(made.call) in CREATES:
        return receiver_of(module, inner)
    row = _instance(module, inner)
    return receiver_of(module, Member(row.callee if row is not None else inner, "objects", made.offset))


def _asked(module: Module) -> Iterator[Asked]:
    """`Model.objects.get(a=1)`, `Model.objects.filter(a=1).first()`, `.exists()`, `.update(b=2)`, `.delete()`."""
    for call in module.calls(_BY_ARGUMENTS | _BY_FILTER | frozenset(_CHANGES)):
        if not isinstance(call.callee, Member) or call.args or (name_of(call) in _BY_FILTER and call.keywords):
            continue
        receiver = receiver_of(module, call.callee.object)
        owner = path_of(receiver.root)
        filters = [link for link in (*reversed(receiver.links), call) if link.keywords]
        plain = all(name_of(link) in _KEEPING for link in receiver.links)
        if owner is None or not plain or any(link.args for link in filters):
            continue
        records = [_record(link) for link in filters if name_of(link) in {"filter", *_BY_ARGUMENTS}]
        entries = tuple(entry for record in records for entry in record.entries)
        complete = all(record.complete for record in records) and all("__" not in _named(key) for key, _ in entries)
        mechanism = _CHANGES.get(name_of(call), Mechanism.SELECT_THEN_INSERT)
        yield Asked(owner, Record(entries, complete, call.offset), call.offset, call.end, mechanism)
