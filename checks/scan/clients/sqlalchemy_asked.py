"""SQLAlchemy and SQLModel: rows that a session adds where the same function has asked for one with these values before.

`session.scalar(select(User).where(User.email == email))`, `session.query(User).filter_by(email=email).first()`,
`User.query.filter_by(..).first()`, and then `session.add(User(email=email))` or `insert(User).values(email=email)`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Mechanism
from ..model import SiteFact
from ..values import Call, Choice, Constant, Member, Name, Record, Text
from .asked import Asked, Made, alike, pairs
from .chain import name_of
from .conditions import compared
from .reading import called_name, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module
    from ..values import Value

CLIENT = "sqlalchemy-session"
_LONGEST = 30
_FINAL = frozenset({"first", "one_or_none", "one", "scalar", "scalar_one_or_none", "scalar_one"})
_RUNS = frozenset({"execute", "exec", "scalars", "scalar"})
_CONDITIONS = frozenset({"filter_by", "filter", "where"})
# What changes neither which rows are looked at nor that one of them is asked for.
_KEEPING = _CONDITIONS | _FINAL | {"with_for_update", "options", "execution_options", "scalars", "unique", "exists"}
_CHANGES = {"update": Mechanism.UPDATE_THEN_INSERT, "delete": Mechanism.DELETE_INSERT}
_CONFLICTS = frozenset({"on_conflict_do_nothing", "on_conflict_do_update", "on_duplicate_key_update"})
_ONE_ROW = (b".first()", b"one_or_none()", b".one()", b"scalar_one()", b".scalar(", b"update(", b"delete(")
_QUERY = re.compile(rb"\b(?:select|query|update|delete)\(\s*(?:\w+\.)*?(\w+)|\b(\w+)\.query\.")
_GET = re.compile(rb"\.get\(\s*(?:\w+\.)*?([A-Z]\w+),")


def is_paired(data: bytes) -> bool:
    """Whether a file looks up and makes rows of one class or table."""
    if b".add(" not in data and b".values(" not in data:
        return False
    names = set(_GET.findall(data))
    if any(word in data for word in _ONE_ROW):
        names |= {name for found in _QUERY.findall(data) for name in found if name}
    return any(_makes(data, name) for name in names)


def _makes(data: bytes, name: bytes) -> bool:
    return any(made in data for made in (name + b"(", name + b".insert(", b"insert(" + name + b")"))


def find_asked(module: Module) -> Iterator[SiteFact]:
    """Each row that a lookup by values that it is given stands before."""
    made = [*_added(module), *_inserted(module)]
    if not made:
        return
    for one, lookup in pairs(module, made, [*_asked(module), *_got(module, made), *_changed(module)]):
        direct = name_of(one.call) != "add" or any(one.offset == argument.offset for argument in _calls_in(one.call))
        values: dict[str, Value] = {
            "model": _model(one, module) or one.call,
            "mechanism": Text(lookup.mechanism),
            "keys": lookup.keys,
            "row": one.row,
            "whole": Constant(direct or not is_changed(module, one.call, one.offset)),
        }
        start, end = lookup.offset, one.call.end
        yield SiteFact(client=CLIENT, values=values, offset=one.call.name_offset, statement=start, end=end)


def _calls_in(call: Call) -> tuple[Call, ...]:
    return tuple(argument for argument in call.args if isinstance(argument, Call))


def is_changed(module: Module, call: Call, made: int) -> bool:
    """Whether the function assigns to attributes of the row, which is in a variable, after it is made."""
    given = call.args[0] if call.args else None
    around = module.function_at(call.offset)
    if not isinstance(given, Name) or around is None:
        return True
    later = module.file.text[made : around.end]
    return (
        re.search(rf"\b{re.escape(given.name)}\.\w+\s*=[^=]|\bsetattr\(\s*{re.escape(given.name)}\b", later) is not None
    )


def _added(module: Module) -> Iterator[Made]:
    """`session.add(User(a=1))`, or of a row in a variable."""
    for call in module.calls(frozenset({"add"})):
        if not isinstance(call.callee, Member) or len(call.args) != 1:
            continue
        made = instance(module, call.args[0])
        owner = path_of(made.callee) if made is not None else None
        if made is not None and owner is not None:
            yield Made(owner, record(made), made.offset, call)


def instance(module: Module, value: Value) -> Call | None:
    """The call that makes a row; of several values the one that is made of names and values."""
    meant = module.lookup(value.name, value.offset) if isinstance(value, Name) else value
    options = meant.options if isinstance(meant, Choice) else (meant,)
    made = [one for one in options if isinstance(one, Call) and one.keywords and not one.args and _is_class(one.callee)]
    return made[-1] if made else None


def _is_class(value: Value) -> bool:
    name = value.name if isinstance(value, (Name, Member)) else ""
    return name[:1].isupper()


def record(call: Call) -> Record:
    """The values that a call is given by name."""
    entries = tuple((key, value) for key, value in call.keywords if key != "**")
    return Record(entries, len(entries) == len(call.keywords), call.offset)


def _inserted(module: Module) -> Iterator[Made]:
    """`insert(User).values(a=1)`, `users.insert().values({"a": 1})`, unless the function says what a conflict does."""
    conflicts = [module.function_at(call.offset) for call in module.calls(_CONFLICTS)]
    for call in module.calls(frozenset({"values"})):
        inserting = call.callee.object if isinstance(call.callee, Member) else None
        table = _table(inserting)
        owner = path_of(table) if table is not None else None
        given = call.args[0] if len(call.args) == 1 and not call.keywords else None
        row = given if isinstance(given, Record) else record(call)
        if owner is not None and row.entries and module.function_at(call.offset) not in conflicts:
            yield Made(owner, row, call.offset, call)


def _table(inserting: Value | None) -> Value | None:
    """What `insert(x)` or `x.insert()` inserts into."""
    if not isinstance(inserting, Call) or called_name(inserting) != "insert":
        return None
    if inserting.args:
        return inserting.args[0]
    return inserting.callee.object if isinstance(inserting.callee, Member) else None


def _model(made: Made, module: Module) -> Value | None:
    """The class or table of a row."""
    if name_of(made.call) == "add":
        row = instance(module, made.call.args[0])
        return row.callee if row is not None else None
    return _table(made.call.callee.object if isinstance(made.call.callee, Member) else None)


def _asked(module: Module) -> Iterator[Asked]:
    for call in module.calls(_FINAL | frozenset(_CHANGES)):
        links, owner = _query(module, call)
        conditions = [link for link in reversed(links) if name_of(link) in _CONDITIONS]
        if owner is None or not conditions or not all(name_of(link) in _KEEPING or link is call for link in links):
            continue
        records = [_of_link(module, link, owner) for link in conditions]
        entries = tuple(entry for record in records for entry in record.entries)
        keys = Record(entries, all(one.complete for one in records), call.offset)
        yield Asked(owner, keys, call.offset, call.end, _CHANGES.get(name_of(call), Mechanism.SELECT_THEN_INSERT))


def _changed(module: Module) -> Iterator[Asked]:
    """`update(User).where(User.mail == mail)`, `delete(User).where(..)`."""
    found: dict[int, tuple[list[Call], Call]] = {}
    for call in module.calls(_CONDITIONS):
        links: list[Call] = [call]
        base = call.callee.object if isinstance(call.callee, Member) else None
        while isinstance(base, Call) and called_name(base) not in _CHANGES and isinstance(base.callee, Member):
            links.append(base)
            base = base.callee.object
        if isinstance(base, Call) and called_name(base) in _CHANGES and len(base.args) == 1:
            known = found.get(base.offset)
            found[base.offset] = (links, base) if known is None or len(known[0]) < len(links) else known
    for links, base in found.values():
        conditions = [link for link in reversed(links) if name_of(link) in _CONDITIONS]
        owner = path_of(base.args[0])
        if owner is not None:
            records = [_of_link(module, link, owner) for link in conditions]
            entries = tuple(entry for record in records for entry in record.entries)
            keys = Record(entries, all(one.complete for one in records), base.offset)
            yield Asked(owner, keys, base.offset, links[0].end, _CHANGES[called_name(base) or ""])


def _of_link(module: Module, link: Call, owner: str) -> Record:
    if name_of(link) == "filter_by":
        return Record(link.keywords, not any(key == "**" for key, _ in link.keywords), link.offset)
    return compared(module, link, owner)


def _got(module: Module, made: list[Made]) -> Iterator[Asked]:
    """`session.get(User, key)`: by the attribute that a row of the class is given the same value for."""
    for call in module.calls(frozenset({"get"})):
        match call:
            case Call(Member(), (first, key, *_)) if _is_class(first) and (owner := path_of(first)) is not None:
                given = [
                    name for one in made if one.owner == owner for name, value in one.row.entries if alike(value, key)
                ]
                name = given[0] if given else "id"
                yield Asked(owner, Record(((name, key),), offset=call.offset), call.offset, call.end)
            case _:
                pass


def _query(module: Module, value: Value) -> tuple[list[Call], str | None]:
    """The calls of a query, latest first, through what runs it and variables; and what it selects from."""
    links: list[Call] = []
    for _ in range(_LONGEST):
        match value:
            case Name(name, offset):
                value = module.lookup(name, offset) or value
                if isinstance(value, Name):
                    return links, None
            case Call(callee, (first, *_)) if called_name(value) in {"select", "query"}:
                inner = isinstance(first, Call) and called_name(first) == "exists" and isinstance(callee, Member)
                if not inner:
                    return links, _selected(first) if len(value.args) == 1 else None
                value = first
            case Call(Member(name=name), (first, *_)) if name in _RUNS:
                value = first
            case Call(Member(owner)):
                links.append(value)
                value = owner
            case Member(owner, "query"):
                return links, path_of(owner) if _is_class(owner) else None
            case _:
                return links, None
    return links, None


def _selected(value: Value) -> str | None:
    """What `select(User)`, `select(User.id)` and `select(users.c.id)` select from."""
    if isinstance(value, Member) and not _is_class(value):
        inner = value.object
        value = inner.object if isinstance(inner, Member) and inner.name in {"c", "columns"} else inner
    return path_of(value)
