"""The model whose methods a module holds: the one class of the project that includes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Class, Member, Name
from .model import Undeclared
from .rails import RailsModel, constant_name, model_of

if TYPE_CHECKING:
    from ..model import Resolve

_OF_CLASS = "::ClassMethods"
_TELLING = frozenset({"@included", "@class_methods"})
_MIXING = frozenset({"include", "prepend", "extend"})


def including(owner: Class, resolve: Resolve) -> RailsModel | Undeclared | None:
    """The model that includes a concern; None for what is no concern, or is included by no model."""
    name = owner.name.removesuffix(_OF_CLASS)
    if owner.bases or not (_is_concern(owner) or owner.name.endswith(_OF_CLASS)):
        return None
    last = name.rpartition("::")[2]
    found: dict[tuple[str | None, int], Class] = {}
    for module in resolve.modules_holding(last.encode()):
        for call in module.calls(_MIXING):
            around = module.lookup("self", call.offset) if _names(call, last) else None
            if isinstance(around, Class):
                found[around.path, around.offset] = around
    models = [model for one in found.values() if (model := model_of(one, resolve)) is not None]
    if len(models) == 1:
        return models[0]
    return Undeclared(f'the model is whichever includes "{name}"') if models or not found else None


def _is_concern(owner: Class) -> bool:
    extended = [arg for key, value in owner.body if key == "@extend" and isinstance(value, Call) for arg in value.args]
    named = any((constant_name(arg) or "").endswith("Concern") for arg in extended)
    return named or any(key in _TELLING for key, _ in owner.body)


def _names(call: Call, last: str) -> bool:
    given = (arg.name for arg in call.args if isinstance(arg, Name | Member))
    return isinstance(call.callee, Name) and any(name.rpartition("::")[2] == last for name in given)
