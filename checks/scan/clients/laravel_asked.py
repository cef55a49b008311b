"""Laravel: a row that is created where the same function has asked for one with the same values before.

`User::where('email', $email)->exists()`, then `User::create(['email' => $email])`; and `DB::table('users')` alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import SiteFact
from ..values import Call, Constant, Import, Member, Name, Record, Text
from .asked import Asked, Made, pairs
from .chain import name_of, own_links
from .reading import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module
    from ..values import Value

_CREATES = frozenset({"create", "insert", "forceCreate", "insertGetId"})
_FINAL = frozenset({"first", "exists", "doesntExist"})
# What changes neither which rows are looked at nor that one of them is asked for.
_KEEPING = frozenset({"query", "newQuery", "lockForUpdate", "sharedLock", "where", *_FINAL})
_ONE_ROW = (b"->first()", b"->exists()", b"->doesntExist()")


def is_paired(data: bytes) -> bool:
    """Whether a file asks for one row by a condition and creates one."""
    made = b"::create([" in data or b"->insert([" in data or b"->create([" in data
    return made and b"where(" in data and any(word in data for word in _ONE_ROW)


def find_asked(module: Module) -> Iterator[SiteFact]:
    """Each row that a lookup by values that it is given stands before."""
    made = list(_created(module))
    for one, lookup in pairs(module, made, _asked(module)) if made else ():
        receiver = one.call.callee.object if isinstance(one.call.callee, Member) else one.call
        values: dict[str, Value] = {
            "method": Text("asked"),
            "made": Text(name_of(one.call)),
            "receiver": receiver,
            "call": one.call,
            "row": one.row,
            "keys": lookup.keys,
        }
        start, end = lookup.offset, one.call.end
        yield SiteFact(client="laravel", values=values, offset=one.call.name_offset, statement=start, end=end)


def _created(module: Module) -> Iterator[Made]:
    """`User::create([..])`, `DB::table('users')->insert([..])` of one row that is written out."""
    for call in module.calls(_CREATES):
        owner, links = _owner(call)
        row = call.args[0] if len(call.args) == 1 else None
        if owner is not None and not links[:-1] and isinstance(row, Record) and row.entries:
            yield Made(owner, row, call.offset, call)


def _asked(module: Module) -> Iterator[Asked]:
    for call in module.calls(_FINAL):
        owner, links = _owner(call)
        names = {name_of(link) for link in links}
        if owner is None or call.args or "where" not in names or not names <= _KEEPING:
            continue
        compared = [entry for link in links if name_of(link) == "where" for entry in _compared(link)]
        known = tuple(entry for entry in compared if entry is not None)
        yield Asked(owner, Record(known, len(known) == len(compared), call.offset), call.offset, call.end)


def _owner(call: Call) -> tuple[str | None, tuple[Call, ...]]:
    """What a chain is about as it is written, a class or the table of `DB::table(..)`, and the calls on that."""
    root, links = own_links(call)
    path = path_of(root) if isinstance(root, (Name, Member, Import)) else None
    if path is None or not path.rpartition(".")[2][:1].isupper():
        return None, ()
    if links and name_of(links[0]) == "table":
        given = links[0].args[0] if len(links[0].args) == 1 else None
        return (f"table {given.text}" if isinstance(given, Text) else None), links[1:]
    return path, links


def _compared(link: Call) -> Iterator[tuple[str, Value] | None]:
    """`where('a', $a)`, `where('a', '=', $a)`, `where(['a' => $a])`."""
    match link.args:
        case (Text(name), value) if not link.keywords and not isinstance(value, Constant):
            yield name, value
        case (Text(name), Text("="), value):
            yield name, value
        case (Record(entries, True),):
            yield from entries
        case _:
            yield None
