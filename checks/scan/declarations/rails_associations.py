"""What associations of Rails models lead to, and the columns that point back (activerecord 8.1 Reflection)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..values import Call, Class, Member, Name, Text
from .rails_inflections import words_of

if TYPE_CHECKING:
    from ..model import Module, Resolve
    from ..values import Value
    from .rails import RailsModel
    from .ruby_words import Words

_MANY = frozenset({"has_many", "has_and_belongs_to_many"})
_ONE = frozenset({"has_one", "belongs_to"})


@dataclass(frozen=True, slots=True)
class Association:
    """An association: the class that it leads to, named where it is declared, and the columns of that which point back.

    `keys` None: the columns are not known, or there are none (`through`).
    """

    name: str
    target: Name
    keys: tuple[str, ...] | None
    single: bool = False


def associations_of(model: RailsModel, resolve: Resolve) -> tuple[Association, ...]:
    """Those of a class and of those that it derives from."""
    words = words_of(resolve)
    return tuple(
        one
        for owner in model.lineage
        for key, value in owner.body
        if key.removeprefix("@") in _MANY | _ONE and (one := _association(value, owner, words)) is not None
    )


def named_anywhere(name: str, resolve: Resolve) -> tuple[Association, ...]:
    """Those of that name in all classes."""
    holding = (resolve.modules_holding(b"has_many"), resolve.modules_holding(b"belongs_to"))
    return _by_name(*holding, words_of(resolve)).get(name, ())


@lru_cache(maxsize=4)
def _by_name(many: tuple[Module, ...], one: tuple[Module, ...], words: Words) -> dict[str, tuple[Association, ...]]:
    found: dict[str, tuple[Association, ...]] = {}
    for module in dict.fromkeys((*many, *one)):
        for call in module.calls(_MANY | _ONE):
            owner = module.lookup("self", call.offset)
            known = _association(call, owner, words) if isinstance(owner, Class) else None
            if known is not None:
                found[known.name] = (*found.get(known.name, ()), known)
    return found


def _association(value: Value, owner: Class, words: Words) -> Association | None:
    if not isinstance(value, Call) or not value.args or not isinstance(value.args[0], Text):
        return None
    kind = value.callee.name if isinstance(value.callee, (Name, Member)) else ""
    name, options = value.args[0].text, dict(value.keywords)
    if "polymorphic" in options:
        return None
    given, source = options.get("class_name"), options.get("source")
    if isinstance(given, Text):
        target = given.text.removeprefix("::")
    else:
        word = source.text if isinstance(source, Text) else name
        target = camelized(words.singular(word) if kind in _MANY else word)
    meant = Name(target, value.offset, owner.path)
    return Association(name, meant, _keys(kind, options, owner, words), kind in _ONE)


def _keys(kind: str, options: dict[str, Value], owner: Class, words: Words) -> tuple[str, ...] | None:
    if "through" in options or kind in {"has_and_belongs_to_many", "belongs_to"}:
        return None
    key, as_ = options.get("foreign_key"), options.get("as")
    if as_ is not None:
        return (f"{as_.text}_id", f"{as_.text}_type") if isinstance(as_, Text) and key is None else None
    if key is not None:
        return (key.text,) if isinstance(key, Text) else None
    if not owner.bases:  # a concern: the key is named for the class that includes it
        return None
    return (words.underscored(owner.name.rpartition("::")[2]) + "_id",)


def camelized(word: str) -> str:
    """`blog_post` to `BlogPost`."""
    return "::".join("".join(part[:1].upper() + part[1:] for part in one.split("_")) for one in word.split("/"))
