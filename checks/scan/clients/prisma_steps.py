"""Prisma: lookups, updates and deletes by a key in a function that creates a row of the same model afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..model import NoSite, SiteFact, Step
from ..values import Call, Member, Record, Sequence, Text
from .prisma_fields import column, given_fields, opened
from .prisma_place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.model import Undeclared
    from ..declarations.prisma import Model
    from ..model import Module, Resolve
    from ..values import Value
    from .prisma_place import OtherProvider

_MECHANISMS = {
    "findUnique": Mechanism.SELECT_THEN_INSERT,
    "findFirst": Mechanism.SELECT_THEN_INSERT,
    "updateMany": Mechanism.UPDATE_THEN_INSERT,
    "deleteMany": Mechanism.DELETE_INSERT,
    "delete": Mechanism.DELETE_INSERT,
}
_LISTING = frozenset({"orderBy", "cursor", "skip", "distinct"})  # the last of a list is asked for, not whether a row is
_NO_STEP = NoSite("no row of the same model is created after it")


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each step that a `create` of the same function follows, and that `create`; steps without one, too."""
    steps = [call for call in module.calls(frozenset(_MECHANISMS)) if _accessor(call) is not None]
    creates = [call for call in module.calls(frozenset({"create"})) if _accessor(call) is not None] if steps else []
    followed: dict[int, list[Value]] = {}
    for create in creates:
        function = module.function_at(create.offset)
        before = [step for step in steps if _accessor(step) == _accessor(create) and step.offset < create.offset]
        own = [step for step in before if function is not None and function.offset <= step.offset]
        for step in own:
            followed.setdefault(step.offset, []).append(create.args[0])
        if own:
            yield _fact(create, {"method": Text("create")})
    for step in steps:
        if step.offset in followed:
            created = Sequence(tuple(followed[step.offset]))
            yield _fact(step, {"method": Text("step"), "step": Text(_method(step)), "created": created})
        else:
            yield _fact(step, {"method": Text("step"), "step": Text("")})


def _accessor(call: Call) -> str | None:
    """The model that `x.model.create({..})` names."""
    owner = call.callee.object if isinstance(call.callee, Member) else None
    given = call.args[0] if len(call.args) == 1 else None
    return owner.name if isinstance(owner, Member) and isinstance(given, Record) else None


def _method(call: Call) -> str:
    return call.callee.name if isinstance(call.callee, Member) else ""


def _fact(call: Call, values: dict[str, Value]) -> SiteFact:
    if isinstance(call.callee, Member):
        values = {**values, "receiver": call.callee.object, "arguments": call.args[0]}
    return SiteFact(client="prisma", values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def finish_step(fact: SiteFact, place: Place | Undeclared | OtherProvider, resolve: Resolve) -> Step | NoSite:
    """The step with its table and the columns that it looks rows up by."""
    kind, arguments = fact.values["step"], opened(fact.values["arguments"], resolve)
    if not isinstance(place, Place) or not isinstance(arguments, Record) or kind == Text(""):
        return _NO_STEP
    if any(key in _LISTING for key, _ in arguments.entries):
        return _NO_STEP
    fields = _fields(arguments.get("where"), place.model, resolve)
    if not fields or not isinstance(kind, Text) or not _are_given(fields, fact.values.get("created"), place, resolve):
        return _NO_STEP
    table = QualifiedName(place.model.schema, place.model.table)
    return Step(_MECHANISMS[kind.text], table, tuple(column(one, place.model) for one in fields), fact.statement)


def _are_given(fields: tuple[str, ...], created: Value | None, place: Place, resolve: Resolve) -> bool:
    """Whether any of the rows that are created is given these fields: a new one that the client makes is another."""
    for arguments in created.items if isinstance(created, Sequence) else ():
        known = opened(arguments, resolve)
        data = known.get("data") if isinstance(known, Record) else None
        row = given_fields(data, place.model, place.schema, resolve)
        if not row.complete or set(fields) <= set(row.fields):
            return True
    return False


def _fields(where: Value | None, model: Model, resolve: Resolve) -> tuple[str, ...]:
    """The fields that have to equal a value; none when `where` holds any other condition."""
    known = opened(where, resolve)
    if not isinstance(known, Record) or not known.complete:
        return ()
    names: list[str] = []
    for key, value in known.entries:
        fields = model.key(key)
        if fields is not None and len(fields) > 1:
            names += fields
        elif model.field(key) is None or isinstance(value, Record):
            return ()
        else:
            names.append(key)
    return tuple(names)
