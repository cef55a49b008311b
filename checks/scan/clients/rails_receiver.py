"""Which model a method of Active Record is called on: a class, a relation of it, an association, the class around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..declarations.model import Undeclared
from ..declarations.rails import RailsModel, constant_name, model_of
from ..declarations.rails_inflections import words_of
from ..values import Call, Choice, Class, Import, Lambda, Member, Name, Record, Text
from .reading import expanded, told

if TYPE_CHECKING:
    from ..model import Module, Resolve
    from ..values import Value

_SCOPING = frozenset({"where", "rewhere", "find_or_initialize_by", "create_with"})
# What a relation may be narrowed or widened by; none of these sets attributes of new rows.
_NEUTRAL = frozenset({
    "all", "unscoped", "order", "limit", "includes", "joins", "left_joins", "select", "not", "distinct", "lock",
    "readonly", "strict_loading", "preload", "eager_load", "references", "reorder", "offset", "unscope", "with_deleted",
    "with_discarded", "kept", "reload", "load", "itself", "group", "having", "from", "uncached",
})  # fmt: skip
_MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class Receiver:
    """A model, the attributes that its relation gives to new rows, and whether there may be more of these."""

    model: RailsModel | Undeclared
    scoped: tuple[str, ...] = ()
    complete: bool = True


def receiver_of(value: Value, resolve: Resolve) -> Receiver | str:
    """What a method is called on; why it is no model of Active Record, where that is known."""
    links: list[Call] = []
    while isinstance(value, Call) and isinstance(value.callee, Member) and len(links) < _MOST_LINKS:
        links.insert(0, value)
        value = value.callee.object
    known = resolve(value)
    if isinstance(known, Choice):
        return Receiver(Undeclared(f"the model is {told(known)}"), complete=False)
    if isinstance(known, Class) or constant_name(known) is not None:
        return _of_class(known, links, resolve)
    if isinstance(known, Call) and isinstance(known.callee, Class) and not links:
        return _of_class(known.callee, links, resolve)
    return _associated(known, links, resolve)


def _of_class(known: Value, links: list[Call], resolve: Resolve) -> Receiver | str:
    model = model_of(known, resolve)
    if model is None:
        return f"{told(known)} is no model of Active Record"
    receiver = Receiver(model)
    for link in links:
        receiver = _narrowed(receiver, link, resolve)
    return receiver


def _narrowed(receiver: Receiver, link: Call, resolve: Resolve) -> Receiver:
    """The receiver after one more method of its chain; a scope or a method of the model may set what it likes."""
    name = link.callee.name if isinstance(link.callee, Member) else ""
    if name in _SCOPING:
        keys = compared(link, resolve)
        return Receiver(receiver.model, (*receiver.scoped, *(keys or ())), receiver.complete and keys is not None)
    return receiver if name in _NEUTRAL else Receiver(receiver.model, receiver.scoped, complete=False)


def compared(call: Call, resolve: Resolve) -> tuple[str, ...] | None:
    """The columns that `where(a: 1)` compares with one value each; None when it does more, or less."""
    named = tuple((key, value) for key, value in call.keywords if key != "&")
    if call.args and (named or len(call.args) > 1):
        return None
    given = resolve(call.args[0]) if call.args else expanded(Record(named), resolve)
    if not isinstance(given, Record) or not given.complete or not given.entries:
        return None
    nested = any(isinstance(resolve(value), Record) for _, value in given.entries)
    return None if nested else tuple(key for key, _ in given.entries)


def _associated(owner: Value, links: list[Call], resolve: Resolve) -> Receiver | str:
    """`user.posts`: the one class that associations of that name lead to, whatever class declares them."""
    at = next((i for i, link in enumerate(links) if not link.args and not link.keywords), None)
    if isinstance(owner, (Lambda, Text)):
        return f"is called on {told(owner)}"
    found: set[tuple[str, str | None]] = set()
    if at is not None and isinstance(link := links[at].callee, Member):
        for module in resolve.modules_holding(b"has_many"):
            found |= _leading(module, link.name, resolve)
    if len({model for model, _ in found}) != 1 or at is None:
        what: Value = owner if not links else links[-1]
        return Receiver(Undeclared(f"the model is {told(what)}"), complete=False)
    keys = {key for _, key in found}
    (name,) = {model for model, _ in found}
    model = model_of(resolve(Name(name, 0)), resolve)
    if model is None:
        return f'"{name}" is no model of Active Record'
    own = tuple(key for key in keys if key is not None)
    receiver = Receiver(model, own if len(keys) == 1 else (), len(keys) == 1 and bool(own))
    for link in links[at + 1 :]:
        receiver = _narrowed(receiver, link, resolve)
    return receiver


def _leading(module: Module, name: str, resolve: Resolve) -> set[tuple[str, str | None]]:
    """The classes that `has_many :name` of a file leads to, each with the column that points back, if it is one."""
    words = words_of(resolve)
    found: set[tuple[str, str | None]] = set()
    for call in module.calls(frozenset({"has_many"})):
        if not call.args or not isinstance(call.args[0], Text) or call.args[0].text != name:
            continue
        options = dict(call.keywords)
        if "through" in options:
            found.add((_class_name(name, options, resolve), None))
            continue
        owner = module.lookup("self", call.offset)
        key = options.get("foreign_key")
        column = key.text if isinstance(key, Text) else None
        if key is None and "as" not in options and isinstance(owner, Class):
            column = words.underscored(owner.name.rpartition("::")[2]) + "_id"
        found.add((_class_name(name, options, resolve), column))
    return found


def _class_name(name: str, options: dict[str, Value], resolve: Resolve) -> str:
    given = options.get("class_name")
    if isinstance(given, Text):
        return given.text.removeprefix("::")
    source = options.get("source")
    words = words_of(resolve)
    singular = source.text if isinstance(source, Text) else words.singular(name)
    return "".join(part[:1].upper() + part[1:] for part in singular.split("_"))


def is_constant(value: Value) -> bool:
    """Whether a receiver as it is written begins with a constant, or is the class around."""
    while isinstance(value, Call) and isinstance(value.callee, Member):
        value = value.callee.object
    return isinstance(value, (Name, Import)) and ((value.name or "")[:1].isupper() or value.name == "self")


__all__ = ["Receiver", "compared", "is_constant", "receiver_of"]
