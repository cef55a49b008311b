"""Conflict targets that an application writes as SQL: `(lower(email)) WHERE active`, `ON CONSTRAINT name`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ... import sql
from ...model import Unresolved
from ...sql.holes import MARKER
from ..flatten import variants
from ..values import Call, Constant, Join, Sequence, Text
from .reading import called_name, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Action, ConflictTarget
    from ..model import Resolve
    from ..values import Value


def clause_target(clause: str) -> ConflictTarget:
    """What stands between ON CONFLICT and its action, as the server reads it; Unresolved when it is no SQL."""
    statement = "INSERT INTO t DEFAULT VALUES ON CONFLICT " + clause + " DO NOTHING"  # noqa: S608 -- parsed, never run
    reading = sql.read_writes(statement)
    target = reading.writes[0].write.target if len(reading.writes) == 1 and not reading.problems else None
    if target is None or isinstance(target, Unresolved):
        return Unresolved(f'the conflict target "{" ".join(clause.split())}" is no SQL')
    return target


@dataclass(frozen=True, slots=True)
class Clause:
    """A whole conflict clause: target, action and the columns of SET."""

    target: ConflictTarget
    action: Action
    set_columns: tuple[str, ...] | None
    set_complete: bool


def clause_action(written: str) -> Clause | None:
    """The clause that `(id) DO UPDATE SET a = 1` is, ON CONFLICT left out; None for a text of another kind."""
    statement = "INSERT INTO t DEFAULT VALUES ON CONFLICT " + written  # noqa: S608 -- parsed, never run
    reading = sql.read_writes(statement)
    if len(reading.writes) != 1 or reading.problems:
        return None
    write = reading.writes[0].write
    return None if write.action is None else Clause(write.target, write.action, write.set_columns, write.set_complete)


def raw_target(value: Value, resolve: Resolve) -> ConflictTarget | None:
    """The target that `raw("...", bindings)` is; None for a value of another kind."""
    text = raw_text(value, resolve)
    return text if text is None or isinstance(text, Unresolved) else clause_target(text)


def raw_text(value: Value, resolve: Resolve) -> str | Unresolved | None:
    """The SQL of `raw("...", bindings)`, those put in; Unresolved with the reason, None for a value of another kind."""
    known = resolve(value)
    if not (isinstance(known, Join) and known.tag == "raw"):
        return None
    flats = tuple(variants(known))
    if len(flats) != 1:
        return Unresolved("the SQL is one of several texts")
    hole = MARKER.search(flats[0].text)
    if hole is not None:
        return Unresolved(f"the SQL is made with {told(flats[0].holes[int(hole[1])])}")
    return _bound(flats[0].text, _bindings(value, resolve))


def _bindings(value: Value, resolve: Resolve) -> Iterator[Value]:
    """What is bound, in order: the second argument, a list or one value."""
    given = value.args[1] if isinstance(value, Call) and called_name(value) == "raw" and value.args[1:] else None
    known = resolve(given) if given is not None else Sequence(())
    yield from known.items if isinstance(known, Sequence) else (known,)


def _bound(text: str, bindings: Iterator[Value]) -> str | Unresolved:
    """`??` is a name, `?` a parameter, as Knex reads them."""
    out: list[str] = []
    parameters = 0
    pieces = text.split("?")
    index = 0
    while index < len(pieces) - 1:
        out.append(pieces[index])
        named = not pieces[index + 1] and index + 2 < len(pieces)
        bound = next(bindings, Constant(None))
        if named and not isinstance(bound, Text):
            return Unresolved(f"a name in the SQL is {told(bound)}")
        if named and isinstance(bound, Text):
            out.append(".".join(f'"{part}"' for part in bound.text.split(".")))
        else:
            parameters += 1
            out.append(f"${parameters}")
        index += 2 if named else 1
    return "".join([*out, pieces[-1]]) if index < len(pieces) else "".join(out)
