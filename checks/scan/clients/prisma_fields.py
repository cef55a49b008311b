"""What Prisma writes of `create`, `update` and `data`: columns by their fields, and what its client fills in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Choice, Constant, Record, Sequence
from .payload import Payload
from .reading import is_absent, told

if TYPE_CHECKING:
    from ..declarations.prisma import Model, Schema
    from ..model import Resolve
    from ..values import Value


@dataclass(frozen=True, slots=True)
class Given:
    """The fields of one object, with their values as they are written; `relations`: rows of other models are named."""

    values: tuple[tuple[str, Value], ...] = ()
    complete: bool = False
    relations: bool = False
    reason: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(name for name, _ in self.values)


def opened(value: Value | None, resolve: Resolve) -> Value | None:
    """What the value is; the values in an object that is written out stay as they are, which is much quicker."""
    if not isinstance(value, Record):
        return None if value is None else resolve(value)
    entries: list[tuple[str, Value]] = []
    at, complete = 0, value.complete or bool(value.spreads)
    for index, spread in (*value.spreads, (len(value.entries), Record(()))):
        entries += value.entries[at:index]
        at, known = index, resolve(spread)
        entries += known.entries if isinstance(known, Record) else ()
        nothing = isinstance(known, Constant) and not known.value
        complete = complete and (nothing or (isinstance(known, Record) and known.complete))
    last = {key: entry for key, entry in entries if not (isinstance(entry, Constant) and entry.undefined)}
    return Record(tuple(last.items()), complete, value.offset)


def given_fields(value: Value | None, model: Model, schema: Schema, resolve: Resolve) -> Given:
    """The fields that an object of `create` or `update` gives a value; `undefined` is none."""
    known = opened(value, resolve)
    if isinstance(known, Choice):
        return _one_of([given_fields(option, model, schema, resolve) for option in known.options])
    if not isinstance(known, Record):
        return Given(reason=f"the written columns are those of {told(known)}" if known is not None else None)
    found: list[tuple[str, Value]] = []
    relations = False
    for key, entry in known.entries:
        declared = model.field(key)
        if declared is None or schema.is_relation(declared):
            relations = relations or declared is not None or isinstance(entry, Record)
            found += [(name, entry) for name in (declared.scalars if declared is not None else ())]  # of the other row
        else:
            found.append((key, entry))
    reason = None if known.complete else "a row holds a spread or a computed key"
    return Given(tuple(found), known.complete, relations, reason)


def _one_of(options: list[Given]) -> Given:
    first = options[0]
    if all(option.fields == first.fields for option in options):
        return first
    shared = tuple((name, value) for name, value in first.values if all(name in one.fields for one in options))
    return Given(
        shared, complete=False, relations=any(one.relations for one in options), reason="one of several values"
    )


def inserted(given: Given, model: Model, *, rows: int | None = 1) -> Payload:
    """The columns of an INSERT of these fields: with them those that have a default that the client knows."""
    names = [*given.fields, *(one.name for one in model.fields if one.client_default)]
    columns = tuple(dict.fromkeys(column(name, model) for name in names))
    nulls = tuple(column(name, model) for name, value in given.values if is_absent(value))
    return Payload(columns, given.complete, rows, nulls, (), given.reason)


def assigned(given: Given, model: Model) -> Payload:
    """The columns of SET: with those given the ones that are set anew on every update."""
    if given.complete and not given.values:
        return Payload(())  # nothing at all is set then
    names = [*given.fields, *(one.name for one in model.fields if one.updated)]
    reason = None if given.complete else "the columns of SET are only known at run time"
    return Payload(tuple(dict.fromkeys(column(name, model) for name in names)), given.complete, reason=reason)


def column(name: str, model: Model) -> str:
    """The column of a field."""
    declared = model.field(name)
    return declared.column if declared is not None else name


def inserted_many(value: Value | None, model: Model, schema: Schema, resolve: Resolve) -> Payload:
    """The columns of `data`: one object, or a list of them."""
    known = value if isinstance(value, Sequence) else opened(value, resolve)
    if not isinstance(known, Sequence):
        rows = 1 if isinstance(known, Record) else None
        return inserted(given_fields(value, model, schema, resolve), model, rows=rows)
    given = [given_fields(item, model, schema, resolve) for item in known.items]
    if not given:
        return Payload(None, complete=False, reason="the rows are put together elsewhere")
    names = tuple(dict.fromkeys((name, entry) for one in given for name, entry in one.values))
    reason = next((one.reason for one in given if one.reason), None)
    whole = Given(names, all(one.complete for one in given), reason=reason)
    return inserted(whole, model, rows=len(given) if known.complete else None)
