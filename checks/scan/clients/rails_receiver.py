"""Which model a method of Active Record is called on: a class, a relation of it, an association, the class around."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..declarations.model import Undeclared
from ..declarations.rails import RailsModel, constant_name, model_of
from ..declarations.rails_associations import Association, associations_of, named_anywhere
from ..declarations.rails_concerns import including
from ..values import Call, Class, Import, Lambda, Member, Name, Record, Text
from .chain import own_links
from .reading import expanded, told

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

# What a relation may be narrowed or widened by; none of these sets attributes of new rows.
_NEUTRAL = frozenset({
    "all", "unscoped", "order", "limit", "includes", "joins", "left_joins", "select", "distinct", "lock", "readonly",
    "strict_loading", "preload", "eager_load", "references", "reorder", "offset", "unscope", "reload", "load", "itself",
    "group", "having", "uncached", "left_outer_joins", "reset", "extending", "annotate",
})  # fmt: skip
_RECORDS = frozenset({
    "find", "find_by", "find_by!", "first", "first!", "last", "last!", "take", "take!", "sole", "find_sole_by",
    "create", "create!", "new", "build", "find_or_create_by", "find_or_create_by!", "find_or_initialize_by",
    "create_or_find_by", "create_or_find_by!", "first_or_create", "first_or_create!", "first_or_initialize",
    "tap", "second",
})  # fmt: skip
_MOST_LINKS = 30
QUERIES = _NEUTRAL | {"where", "rewhere", "create_with"}  # what a class is asked for without a receiver


@dataclass(frozen=True, slots=True)
class Receiver:
    """A model, what its relation compares and gives to new rows, what else it gives, and whether that is all.

    `record`: one row of the model.
    """

    model: RailsModel | Undeclared
    scoped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    complete: bool = True
    record: bool = field(default=False)


def receiver_of(value: Value, resolve: Resolve) -> Receiver | str:
    """What a method is called on; why it is no model of Active Record, where that is known."""
    root, links = _chain(value, resolve)
    if isinstance(root, (Lambda, Text)):
        return f"is called on {told(root)}"
    receiver: Receiver | str
    if isinstance(root, Class) or constant_name(root) is not None:
        model: RailsModel | Undeclared | None = model_of(root, resolve)
        model = model if model is not None or not isinstance(root, Class) else including(root, resolve)
        receiver = Receiver(model) if model is not None else f"{told(root)} is no model of Active Record"
    else:
        receiver = _implicit(root, resolve) or Receiver(
            Undeclared(f"the model is {told(root)}"), complete=False, record=True
        )
    for link in links:
        receiver = receiver if isinstance(receiver, str) else _after(receiver, link, resolve)
    if isinstance(receiver, Receiver) and receiver.record and links:
        return replace(receiver, model=Undeclared(f"the model is {told(links[-1])}"), complete=False)
    return receiver


def _implicit(root: Value, resolve: Resolve) -> Receiver | None:
    """`posts` in a method of a record, `where(a: 1)` in one of a class: what `self` would be called by that name."""
    callee = root.callee if isinstance(root, Call) else root
    if not isinstance(callee, Name):
        return None
    owner = resolve(Name("self", callee.offset, callee.path))
    model = model_of(owner, resolve) if isinstance(owner, Class) else None
    if model is None:
        return None
    given = (root.args, root.keywords) if isinstance(root, Call) else ((), ())
    link = Call(Member(owner, callee.name), *given, callee.offset, callee.offset, callee.offset)
    found = _after(Receiver(model, record=callee.name not in QUERIES), link, resolve)
    return found if isinstance(found, Receiver) else None


def _chain(value: Value, resolve: Resolve) -> tuple[Value, list[Call]]:
    """What a chain starts from, through variables, and its calls in order."""
    links: list[Call] = []
    while len(links) < _MOST_LINKS:
        value, own = own_links(value)
        links = [*own, *links]
        known = resolve(value)
        if isinstance(known, Call) and isinstance(known.callee, Class) and not known.callee.name.startswith("Struct"):
            return known.callee, [Call(Member(known.callee, "new"), known.args, (), 0, 0, 0), *links]
        if not isinstance(known, Call) or not isinstance(known.callee, Member) or known == value:
            return known, links
        value = known
    return value, links


def _after(receiver: Receiver, link: Call, resolve: Resolve) -> Receiver | str:
    """The receiver after one more method of its chain."""
    name = link.callee.name if isinstance(link.callee, Member) else ""
    if receiver.record:
        return _associated(receiver, link, name, resolve)
    if name in {"where", "rewhere"}:
        keys = compared(link, resolve)
        return replace(
            receiver, scoped=(*receiver.scoped, *(keys or ())), complete=receiver.complete and keys is not None
        )
    if name == "create_with":
        keys = named(link, resolve)
        return replace(receiver, added=(*receiver.added, *(keys or ())))
    if name in _RECORDS:
        return replace(receiver, record=True)
    if not link.args and _leads_on(receiver, name, resolve):  # what stands before it was no scope, but gave a record
        return _associated(replace(receiver, record=True), link, name, resolve)
    # A scope or a method of the model may compare and set what it likes.
    return receiver if name in _NEUTRAL else replace(receiver, complete=False)


def _leads_on(receiver: Receiver, name: str, resolve: Resolve) -> bool:
    """Whether only a record of the model has a method of that name, by an association of it or of a concern."""
    model = receiver.model
    if not isinstance(model, RailsModel) or name in _NEUTRAL:
        return False
    if any(one.name == name for one in associations_of(model, resolve)):
        return True
    scopes = {call.args[0].text for call in model.calls("scope") if call.args and isinstance(call.args[0], Text)}
    return name not in scopes and not any(model.entries(name)) and bool(named_anywhere(name, resolve))


def _associated(receiver: Receiver, link: Call, name: str, resolve: Resolve) -> Receiver | str:
    """`user.posts`: what the model's own association of that name leads to, or all of that name where it is unknown."""
    if name in {"tap", "reload", "lock!"}:
        return receiver
    lost = Receiver(Undeclared(f"the model is {told(link)}"), complete=False)
    if link.args:
        return lost
    known = receiver.model if isinstance(receiver.model, RailsModel) else None
    own = {one for one in associations_of(known, resolve) if one.name == name} if known is not None else set()
    found = own or set(named_anywhere(name, resolve))  # it may stand in a concern
    targets = {_identity(known): known for known in (resolve(one.target) for one in found)}
    if not targets and receiver.record:  # an attribute, or what the project does not declare: a record, if anything
        return replace(lost, record=True)
    if len(targets) != 1:
        return lost
    model = model_of(next(iter(targets.values())), resolve)
    if model is None:
        return f'"{name}" leads to no model of Active Record'
    return _by(model, found)


def _identity(value: Value) -> tuple[str | None, int] | str | None:
    return (value.path, value.offset) if isinstance(value, Class) else constant_name(value)


def _by(model: RailsModel, found: set[Association]) -> Receiver:
    keys = {one.keys for one in found}
    (own,) = keys if len(keys) == 1 else (None,)
    single = all(one.single for one in found)
    return Receiver(model, own or (), (), own is not None, record=single)


def compared(call: Call, resolve: Resolve) -> tuple[str, ...] | None:
    """The columns that `where(a: 1)` compares with one value each; None when it does more, or less."""
    given = _given(call, resolve)
    if given is None or not given.complete or not given.entries:
        return None
    nested = any(isinstance(value, Record) for _, value in given.entries)
    return None if nested else tuple(key for key, _ in given.entries)


def named(call: Call, resolve: Resolve) -> tuple[str, ...] | None:
    """The attributes that `create_with(a: 1)` gives."""
    given = _given(call, resolve)
    return None if given is None or not given.complete else tuple(key for key, _ in given.entries)


def _given(call: Call, resolve: Resolve) -> Record | None:
    pairs = tuple((key, value) for key, value in call.keywords if key != "&")
    if call.args and (pairs or len(call.args) > 1):
        return None
    given = resolve(call.args[0]) if call.args else expanded(Record(pairs), resolve)
    return given if isinstance(given, Record) else None


def is_constant(value: Value) -> bool:
    """Whether a receiver as it is written begins with a constant, or is the class around."""
    root, _ = own_links(value)
    return isinstance(root, (Name, Import)) and ((root.name or "")[:1].isupper() or root.name == "self")


__all__ = ["QUERIES", "Receiver", "compared", "is_constant", "named", "receiver_of"]
