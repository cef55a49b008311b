"""Values of this package's own classes as bytes, and read back from files that are ours.

`pickle` asks a frozen dataclass with slots for the list of its fields for each value anew, which takes longer than all
else; here they are asked for once.
"""

from __future__ import annotations

import io
import pickle
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

_OWN = __name__.partition(".")[0]


def dump(value: object, file: BinaryIO) -> None:
    """Write the value, which `pickle.load` reads too. Raises what `pickle.dump` raises."""
    _OwnPickler(file, protocol=5).dump(value)


def dumped(value: object) -> bytes:
    """The value as bytes. Raises what `pickle.dumps` raises."""
    file = io.BytesIO()
    dump(value, file)
    return file.getvalue()


def loaded(data: bytes) -> Any:
    """The value that was dumped; raises UnpicklingError for one that holds what is no class of ours."""
    return _OwnUnpickler(io.BytesIO(data)).load()


def made(kind: type, *values: object) -> Any:
    """A dataclass with slots from the values of its fields in their order; nothing of it is run."""
    found: object = object.__new__(kind)
    for put, value in zip(_setters(kind), values, strict=True):
        put(found, value)
    return found


@cache
def _setters(kind: type) -> tuple[Callable[[object, object], None], ...]:
    return tuple(getattr(kind, name).__set__ for name in _names(kind))


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass of ours with slots; none of anything else."""
    own = _is_own(kind) and is_dataclass(kind) and "__slots__" in vars(kind)
    return tuple(field.name for field in fields(kind)) if own else ()


def _is_own(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == _OWN


class _OwnPickler(pickle.Pickler):
    def reducer_override(self, obj: object) -> Any:
        if isinstance(obj, Enum) and _is_own(type(obj)):
            return type(obj), (obj.value,)  # Python 3.11.0 to 3.11.3 would look it up by `getattr`
        kind: Any = type(obj)  # which mypy does not take for hashable
        names = _names(kind)
        return (made, (kind, *(getattr(obj, name) for name in names))) if names else NotImplemented


class _OwnUnpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        own = module_name.partition(".")[0] == _OWN
        found = super().find_class(module_name, global_name) if own and "." not in global_name else None
        if not isinstance(found, type) and found is not made:
            raise pickle.UnpicklingError(f'"{module_name}.{global_name}" is not a type of ours')
        return found
