"""What it costs to give a column another type: nothing, a rewrite, or values that the new type has no room for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

_INTEGERS = {"smallint": 5, "integer": 10, "bigint": 19}  # digits
_FLOATS = ("real", "double precision")
_TEXTS = ("text", "character varying", "character")
_TIMED = ("timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone")
_MICROSECONDS = 6


class Loss(Enum):
    """What becomes of the values."""

    NONE = auto()
    SOME = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class TypeChange:
    """Whether the table is rewritten, and what becomes of the values."""

    rewrites: bool
    loss: Loss


@dataclass(frozen=True, slots=True)
class _Type:
    """A type as format_type() writes it: `numeric(12,2)[]` is numeric, (12, 2) and an array."""

    name: str
    modifiers: tuple[int, ...] = ()
    array: bool = False


def type_change(old: str, new: str) -> TypeChange:
    """What ALTER COLUMN ... TYPE does, from the names of the types alone.

    A rewrite is spared where the new type holds the same bytes (PostgreSQL documentation, "ALTER TABLE": binary
    coercible types; varchar_support(), numeric_support() and timestamp_support() for modifiers).
    """
    one, two = _parsed(old), _parsed(new)
    if one is None or two is None or one.array != two.array:
        return TypeChange(rewrites=True, loss=Loss.UNKNOWN)
    if one.name == two.name:
        return _other_modifiers(one, two)
    return _other_type(one, two)


def _parsed(written: str) -> _Type | None:
    """None for a quoted name and for modifiers that are no numbers."""
    bare = written.removesuffix("[]")
    head, bracket, rest = bare.partition("(")
    inner, _, tail = rest.partition(")")
    if '"' in written or (bracket and not inner.replace(",", "").replace("-", "").isdigit()):
        return None
    modifiers = tuple(map(int, inner.split(","))) if bracket else ()
    return _Type(head.strip() + tail.rstrip(), modifiers, written != bare)


def _other_modifiers(old: _Type, new: _Type) -> TypeChange:
    if old.name == "numeric":
        kept = _numeric_holds(new.modifiers, old.modifiers)
        same_scale = not new.modifiers or (bool(old.modifiers) and old.modifiers[1] == new.modifiers[1])
        return TypeChange(rewrites=not (kept and same_scale), loss=Loss.NONE if kept else Loss.SOME)
    if old.name in (*_TEXTS, "bit", "bit varying"):
        kept = not new.modifiers or (bool(old.modifiers) and new.modifiers[0] >= old.modifiers[0])
        spared = old.name in ("character varying", "bit varying") and kept
        return TypeChange(rewrites=not spared, loss=Loss.NONE if kept else Loss.SOME)
    if old.name in _TIMED or old.name == "interval":
        kept = _precision(new) >= _precision(old)
        return TypeChange(rewrites=not kept, loss=Loss.NONE if kept else Loss.SOME)
    return TypeChange(rewrites=True, loss=Loss.UNKNOWN)


def _precision(timed: _Type) -> int:
    return timed.modifiers[0] if timed.modifiers else _MICROSECONDS


def _numeric_holds(new: tuple[int, ...], old: tuple[int, ...]) -> bool:
    """Whether numeric(new) has room for every value of numeric(old); a modifier is precision and scale."""
    if not new:
        return True
    return bool(old) and new[1] >= old[1] and new[0] - new[1] >= old[0] - old[1]


def _other_type(old: _Type, new: _Type) -> TypeChange:
    if new.name in ("text", "character varying") and not new.modifiers:
        # A domain or an extension's type may be binary coercible too: a rewrite is then told that does not happen.
        return TypeChange(rewrites=old.name not in ("text", "character varying"), loss=Loss.NONE)
    if old.name in _TEXTS and new.name in _TEXTS:
        kept = bool(old.modifiers) and bool(new.modifiers) and new.modifiers[0] >= old.modifiers[0]
        return TypeChange(rewrites=True, loss=Loss.NONE if kept else Loss.SOME)
    return TypeChange(rewrites=True, loss=_loss(old, new))


def _loss(old: _Type, new: _Type) -> Loss:
    known = (*_INTEGERS, *_FLOATS, "numeric")
    if old.name in known and new.name in known:
        return Loss.NONE if _number_holds(old, new) else Loss.SOME
    widened = {("date", "timestamp without time zone"), ("json", "text"), ("jsonb", "json"), ("cidr", "inet")}
    if (old.name, new.name) in widened:
        return Loss.NONE
    narrowed = {("timestamp without time zone", "date"), ("timestamp with time zone", "date"), ("inet", "cidr")}
    return Loss.SOME if (old.name, new.name) in narrowed else Loss.UNKNOWN


def _number_holds(old: _Type, new: _Type) -> bool:
    if old.name in _INTEGERS:
        digits = _INTEGERS[old.name]
        if new.name in _INTEGERS:
            return digits <= _INTEGERS[new.name]
        if new.name == "numeric":
            return _numeric_holds(new.modifiers, (digits, 0))
        return digits <= {"real": 5, "double precision": 10}[new.name]
    return (old.name, new.name) == ("real", "double precision")
