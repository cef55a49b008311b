"""TypeORM: lookups, updates and deletes by a key, and the plain INSERT that follows one of them.

`users.findOne({ where: { email } })`, `users.findOneBy({ email })`, `users.existsBy({ email })`,
`manager.findOneBy(User, { email })`, then `users.insert(row)`, `users.save(row)` or `users.save(users.create(row))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.typeorm import Entity
from ..values import Call, Choice, Class, Member, Record
from .followed import Asking, writes_what_was_asked
from .reading import called_name
from .step_facts import find
from .typeorm_entity import repository_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve, SiteFact
    from ..values import Value
    from .typeorm_entity import Target

_LOOKUP = Mechanism.SELECT_THEN_INSERT
_STEPS = {
    "findOne": _LOOKUP,
    "findOneBy": _LOOKUP,
    "exist": _LOOKUP,
    "exists": _LOOKUP,
    "existsBy": _LOOKUP,
    "update": Mechanism.UPDATE_THEN_INSERT,
    "delete": Mechanism.DELETE_INSERT,
}
_WITH_OPTIONS = frozenset({"findOne", "exist", "exists"})
_LISTING = frozenset({"order", "skip"})
_INSERTS = frozenset({"insert", "save"})
_WORDS = (
    (b".save(", b".insert("),
    (b".findOne", b".exist", b"affected", b".delete({"),
    (b"Repository", b"typeorm"),
)
_OF_MANAGER = 3  # arguments, for which `repository_of` takes the first for the entity


def is_paired(data: bytes) -> bool:
    """Whether a file may hold an INSERT and what is asked before it."""
    return all(any(word in data for word in words) for words in _WORDS)


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each statement of a repository or manager that an INSERT follows, and these."""
    asking = [
        Asking(_STEPS[called_name(call) or ""], call)
        for call in module.calls(frozenset(_STEPS))
        if isinstance(call.callee, Member) and any(isinstance(arg, Record) for arg in call.args[:2])
    ]
    made = module.calls(_INSERTS) if asking else ()
    inserts = [call for call in made if isinstance(call.callee, Member) and len(call.args) in {1, 2}]
    yield from find("typeorm", module, asking, [(call, call.name_offset) for call in inserts])


def target_of(call: Call, resolve: Resolve) -> tuple[Target, tuple[Value, ...]] | None:
    """What a method writes to or reads, and its arguments after the entity."""
    if not isinstance(call.callee, Member):
        return None
    args = call.args
    if len(args) > 1 and isinstance(resolve(args[0]), Class):
        target = repository_of(call.callee.object, [args[0]] * _OF_MANAGER, resolve, named=False)
        return None if target is None else (target, args[1:])
    target = repository_of(call.callee.object, [], resolve, named=False)
    return None if target is None else (target, args)


def asked_by(step: Call, insert: Call, resolve: Resolve) -> tuple[QualifiedName, tuple[str, ...]] | None:
    """The table and the columns by which a statement asks for the row of an INSERT; None when it does not."""
    asked, written = target_of(step, resolve), target_of(insert, resolve)
    if asked is None or written is None or not asked[1] or not written[1]:
        return None
    entity, table, row = asked[0].entity, asked[0].table, row_of(insert, written[1][0], resolve)
    keys = _keys(step, asked[1][0], resolve)
    if not isinstance(entity, Entity) or not isinstance(table, QualifiedName) or table != written[0].table:
        return None
    if not keys or row is None or not writes_what_was_asked(keys, row, resolve):
        return None
    properties = [entity.at(name) for name, _ in keys]
    columns = tuple(one.column for one in properties if one is not None and one.column is not None)
    return (table, columns) if len(columns) == len(keys) else None


def _keys(step: Call, given: Value, resolve: Resolve) -> tuple[tuple[str, Value], ...]:
    """What has to equal a value; none when there is any other condition."""
    where = resolve(given)
    if isinstance(where, Record) and called_name(step) in _WITH_OPTIONS and where.get("where") is not None:
        if not where.complete or any(key in _LISTING for key, _ in where.entries):
            return ()
        inner = where.get("where")
        where = resolve(inner) if inner is not None else where
    return where.entries if isinstance(where, Record) and where.complete else ()


def row_of(insert: Call, given: Value, resolve: Resolve) -> Value | None:
    """The new row that a method is given; None for what may have been read before, which `save` updates."""
    if called_name(insert) == "insert":
        return given
    known = resolve(given)
    for option in known.options if isinstance(known, Choice) else (known,):
        if isinstance(option, Record):
            return option
        if isinstance(option, Call) and called_name(option) == "create" and option.args:
            return option.args[-1]
    return None
