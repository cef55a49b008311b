"""What Ecto sets on conflict: `:replace_all`, `{:replace, fields}`, `[set: .., inc: ..]`, or a query with an update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import InferenceClause
from ..declarations.ecto import EctoSchema
from ..values import Call, Record, Sequence, Text
from .payload import Payload
from .reading import called_name, list_of_texts

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..model import Resolve
    from ..values import Value
    from .ecto_rows import Rows

_OPERATIONS = frozenset({"set", "inc", "push", "pull"})
_UNKNOWN = Payload(None, complete=False, reason="the columns of SET are only known at run time")


def assigned_of(given: Value, target: ConflictTarget, rows: Rows, resolve: Resolve) -> Payload | None:
    """The columns of SET; None when it is not known that there is an update at all."""
    match given:
        case Text("replace_all"):
            return _all_but((), target, rows)
        case Sequence(items=(Text("replace"), fields)):
            names = list_of_texts(fields, resolve)
            return _UNKNOWN if names is None else Payload(tuple(rows.column(name) for name in names))
        case Sequence(items=(Text("replace_all_except"), fields)):
            names = list_of_texts(fields, resolve)
            return _UNKNOWN if names is None else _all_but(names, target, rows)
        case Record():
            return _operations(given, rows, resolve)
        case Call():
            return _of_query(given, rows, resolve)
        case _:
            return None


def _all_but(names: tuple[str, ...], target: ConflictTarget, rows: Rows) -> Payload:
    """Every field that may be updated, but for those and the columns of the target."""
    if not isinstance(rows.schema, EctoSchema):
        return _UNKNOWN
    own = target.columns if isinstance(target, InferenceClause) else ()
    kept = tuple(column for field, column in rows.schema.updatable if field not in names and column not in own)
    return Payload(kept, rows.schema.table.complete, reason=_UNKNOWN.reason)


def _operations(given: Record, rows: Rows, resolve: Resolve) -> Payload | None:
    """`[set: [a: 1], inc: [n: 1]]`."""
    if not given.entries or any(key not in _OPERATIONS for key, _ in given.entries):
        return None
    names: list[str] = []
    complete = given.complete
    for _, value in given.entries:
        known = resolve(value)
        if isinstance(known, Record):
            names += [rows.column(key) for key, _ in known.entries]
        complete = complete and isinstance(known, Record) and known.complete
    return Payload(tuple(dict.fromkeys(names)) or None, complete, reason=_UNKNOWN.reason)


def _of_query(query: Call, rows: Rows, resolve: Resolve) -> Payload | None:
    """`from(i in Item, update: [set: ..], where: ..)`, `Item |> update([i], set: ..)`."""
    given = next((value for key, value in query.keywords if key == "update"), None)
    if given is None and called_name(query) == "update":
        given = Record(query.keywords) if query.keywords else query.args[-1] if query.args[1:] else None
    if given is not None:
        known = resolve(given)
        return _operations(known, rows, resolve) if isinstance(known, Record) else _UNKNOWN
    before = resolve(query.args[0]) if query.args else None
    if isinstance(before, Call):
        return _of_query(before, rows, resolve)
    return _UNKNOWN if called_name(query) == "from" else None
