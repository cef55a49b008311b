"""What every client reads off resolved values: texts, lists of texts, options, and why something is not known."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, assert_never

from .. import ways
from ..values import (
    Call,
    Choice,
    Class,
    Constant,
    Import,
    Join,
    Lambda,
    Member,
    Name,
    Opaque,
    Param,
    Record,
    Sequence,
    Text,
)

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

is_absent = ways.is_absent  # a client reads it off a value, too
MOST_ALTERNATIVES = 8  # more than that is a lookup, not a choice


def called_name(call: Call) -> str | None:
    """`f` of `f(...)`, `m` of `x.m(...)`."""
    match call.callee:
        case Name(name) | Member(name=name):
            return name
        case Import(name=str(name)):
            return name
        case _:
            return None


def method(value: Value, names: frozenset[str]) -> tuple[Value, Call] | None:
    """The receiver and the call, when `value` is `receiver.name(...)` with one of these names."""
    match value:
        case Call(callee=Member(object=receiver, name=name)) if name in names:
            return receiver, value
        case _:
            return None


def argument(call: Call, index: int, *keywords: str) -> Value | None:
    """The argument at that position, or by one of these keywords."""
    for name, value in call.keywords:
        if name in keywords:
            return value
    return call.args[index] if index < len(call.args) else None


def texts(value: Value, resolve: Resolve) -> tuple[str, ...] | None:
    """Every text that the value may be, in order and without doubles; None when one of them is not known."""
    found = _texts(value, resolve, 0)
    return None if found is None else tuple(dict.fromkeys(found))


def text(value: Value, resolve: Resolve) -> str | None:
    """The one text that the value is."""
    found = texts(value, resolve)
    return found[0] if found is not None and len(found) == 1 else None


def _texts(value: Value, resolve: Resolve, depth: int) -> tuple[str, ...] | None:
    if depth > MOST_ALTERNATIVES:
        return None
    match resolve(value):
        case Text(found):
            return (found,)
        case Choice(options):
            return _flat([_texts(option, resolve, depth + 1) for option in options])
        case Join(parts):
            return _joined([_texts(part, resolve, depth + 1) for part in parts], "")
        case Call() as call:
            return _called(call, resolve, depth)
        case _:
            return None


def _called(call: Call, resolve: Resolve, depth: int) -> tuple[str, ...] | None:
    """`["a", "b"].join(",")`, `",".join(("a", "b"))`, `name.trim()`."""
    match call:
        case Call(callee=Member(object=left, name="join"), args=(right,)):
            return _list_joined(left, right, resolve, depth)
        case Call(callee=Member(object=inner, name="trim" | "strip"), args=()):
            found = _texts(inner, resolve, depth + 1)
            return None if found is None else tuple(one.strip() for one in found)
        case _:
            return None


def _flat(found: list[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    known = [one for one in found if one is not None]
    return tuple(one for many in known for one in many) if len(known) == len(found) else None


def _joined(parts: list[tuple[str, ...] | None], separator: str) -> tuple[str, ...] | None:
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    size = 1
    for part in known:
        size *= len(part)
    return tuple(separator.join(one) for one in product(*known)) if size <= MOST_ALTERNATIVES else None


def _list_joined(left: Value, right: Value, resolve: Resolve, depth: int) -> tuple[str, ...] | None:
    """`["a", "b"].join(",")` of JavaScript and `",".join(("a", "b"))` of Python."""
    for items, separator in ((resolve(left), resolve(right)), (resolve(right), resolve(left))):
        if isinstance(items, Sequence) and isinstance(separator, Text) and items.complete:
            return _joined([_texts(item, resolve, depth + 1) for item in items.items], separator.text)
    return None


def list_of_texts(value: Value, resolve: Resolve) -> tuple[str, ...] | None:
    """The items of a list of known texts, in order."""
    known = resolve(value)
    if not isinstance(known, Sequence) or not known.complete:
        return None
    items = [text(item, resolve) for item in known.items]
    found = tuple(item for item in items if item is not None)
    return found if len(found) == len(items) else None


def boolean(value: Value | None, resolve: Resolve, *, default: bool) -> bool | None:
    """True or False when known, None when only known at run time."""
    if value is None:
        return default
    match resolve(value):
        case Constant(bool(known)):
            return known
        case known if is_absent(known):
            return default
        case _:
            return None


def expanded(record: Record, resolve: Resolve) -> Record:
    """Keyword arguments with `**options` put in where they are known."""
    entries: list[tuple[str, Value]] = []
    complete = record.complete
    for key, value in record.entries:
        known = resolve(value) if key == "**" else None
        entries += [(key, value)] if key != "**" else known.entries if isinstance(known, Record) else []
        complete = complete and (key != "**" or (isinstance(known, Record) and known.complete))
    return Record(tuple(entries), complete, record.offset)


def told(value: Value) -> str:
    """What an unknown value is, for a reason: `the parameter "table" of "save"`, `"TABLE"`, `"cfg.table"`."""
    match value:
        case Param(function=function, name=name):
            return f'the parameter "{name}"' + (f' of "{function}"' if function else "")
        case Name() | Member() | Import() | Class() | Opaque():
            return _told_name(value)
        case Call():
            name = path_of(value.callee) or called_name(value) or ""
            return f'the result of "{name}"' if name else "the result of a call"
        case Join(parts):
            hole = next((part for part in parts if not isinstance(part, Text)), None)
            return f"a text made with {told(hole)}" if hole is not None else "a text"
        case Text() | Constant() | Record() | Sequence() | Choice() | Lambda():
            return {Choice: "one of several values", Sequence: "a list"}.get(type(value), "a value of another kind")
        case _:
            assert_never(value)


def _told_name(value: Name | Member | Import | Class | Opaque) -> str:
    match value:
        case Import(module=module, name=name):
            return f'"{name}" of module "{module}"' if name else f'module "{module}"'
        case Class(name=name):
            return f'class "{name}"'
        case Opaque(source):
            return f'"{" ".join(source.split())}"'
        case Member(owner, "*"):
            return f"an item of {told(owner)}"
        case Name(name) | Member(name=name):
            return f'"{path_of(value) or name}"'


def path_of(value: Value) -> str | None:
    """`a.b.c` of a dotted name whose root is a name or an imported module, with the module's own name in front."""
    match value:
        case Name(name) | Param(name=name):
            return name
        case Import(module=module, name=None):
            return module
        case Import(module=module, name=str(name)):
            return f"{module}.{name}"
        case Member(object=inner, name=name):
            path = path_of(inner)
            return f"{path}.{name}" if path else None
        case _:
            return None
