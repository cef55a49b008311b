"""SQL that a builder puts together, with the values that it binds: shown with them, sent with `$n` in their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Constant, Join, Opaque, Text
from .reading import is_absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..values import Value


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound value: its literal, None when it is only known at run time."""

    literal: str | None


Pieces = tuple["str | Bound", ...]


def shown(pieces: Pieces) -> str:
    """The text with the values that are known."""
    return _written(pieces, known=True)


def sent(pieces: Pieces) -> str:
    """The text as the server gets it."""
    return _written(pieces, known=False)


def binds(pieces: Pieces) -> bool:
    """Whether any value is bound."""
    return any(isinstance(piece, Bound) for piece in pieces)


def _written(pieces: Pieces, *, known: bool) -> str:
    out, number = "", 0
    for piece in pieces:
        if isinstance(piece, str):
            out += piece
            continue
        number += 1
        out += piece.literal if known and piece.literal is not None else f"${number}"
    return out


def bound(value: Value) -> Bound:
    """A value in the place of a parameter."""
    return Bound(literal(value))


def literal(value: Value) -> str | None:
    """The SQL literal of a value that is known."""
    match value:
        case Text(known):
            return "'" + known.replace("'", "''") + "'"
        case Constant(bool(truth)):
            return "true" if truth else "false"
        case Constant(float(number) | int(number)):
            return f"{number:g}"
        case _:
            return "NULL" if is_absent(value) else None


def listed(parts: Iterable[Pieces | None], separator: str, around: tuple[str, str] = ("", "")) -> Pieces | None:
    """The parts one after the other, each in brackets if wanted; None when one of them is not known."""
    out: list[str | Bound] = []
    for part in parts:
        if part is None:
            return None
        out += [separator] if out else []
        out += [around[0], *part, around[1]] if around[0] else part
    return tuple(out)


def template(value: Join, part: Callable[[Value], Pieces | None]) -> Pieces | None:
    """A tagged template: its text, and what `part` makes of each hole; None when a hole may be any SQL."""
    out: list[str | Bound] = []
    for one in value.parts:
        known: Pieces | None
        match one:
            case Text(text):
                known = (text,)
            case Join(tag=str()):
                known = template(one, part)
            case Opaque() | Constant():
                known = (bound(one),)
            case _:
                known = part(one)
        if known is None:
            return None
        out += known
    return tuple(out)
