"""Classes whose decorators declare tables, as hosts give them: entries "@" of the class and "@name" of its members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clients.reading import called_name, path_of, told
from ..values import Call, Class, Import, Lambda, Member, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve
    from ..values import Value


def decorators(owner: Class, name: str) -> Iterator[tuple[str, Call | None]]:
    """The decorators of a class ("") or of a member, by name; None for one without parentheses."""
    for key, value in owner.body:
        if key == f"@{name}":
            call = value if isinstance(value, Call) else None
            named = called_name(call) if call is not None else (path_of(value) or "").rpartition(".")[2]
            yield named or "", call


def members(owner: Class) -> tuple[str, ...]:
    """The members that have decorators, in their order."""
    return tuple(dict.fromkeys(key[1:] for key, _ in owner.body if key.startswith("@") and key != "@"))


def lineage(owner: Class, resolve: Resolve, empty: frozenset[str]) -> tuple[list[Class], str | None]:
    """The class and its bases, and why one is missing; `empty` are bases of a library that declare nothing."""
    found, reason, todo = [owner], None, list(owner.bases)
    while todo:
        known = resolve(todo.pop(0))
        if isinstance(known, Class) and known not in found:
            found.append(known)
            todo += known.bases
        elif not (isinstance(known, Import | Name | Member) and (path_of(known) or "").rpartition(".")[2] in empty):
            reason = f'class "{owner.name}" extends {told(known)}'
    return found, reason


def made_by(owner: Class, call: Call | None, library: str, resolve: Resolve) -> bool:
    """Whether a class's decorator may be that library's: it is, or nothing says of which library it is."""
    value = call.callee if call is not None else next((one for key, one in owner.body if key == "@"), None)
    known = resolve(value) if value is not None else None
    if isinstance(known, Member):
        known = known.object
    return not isinstance(known, Import) or library in known.module or known.module.startswith(".")


def class_named(name: str, resolve: Resolve) -> Class | None:
    """The one class of the project that has this name."""
    found: list[Class] = []
    for module in resolve.modules_holding(f"class {name}".encode()):
        meant = module.lookup(name, len(module.file.text))
        if isinstance(meant, Class) and meant.name == name:
            found.append(meant)
    return found[0] if len(found) == 1 else None


def referred(value: Value, resolve: Resolve) -> Value:
    """What `() => Entity` gives, or the value itself."""
    known = resolve(value)
    return resolve(known.result) if isinstance(known, Lambda) else known
