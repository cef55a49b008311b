"""Which columns the rows handed to a client write: objects, arrays of objects, mapped rows, spreads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..values import Choice, Constant, Record, Sequence
from .reading import is_absent, told

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Payload:
    """Keys of the rows. `columns` None: nothing known; `complete` False: at least these (one of several: at most).

    `rows` is None when their number is not known. `nulls` are keys that hold a literal null in some row, `lacking` keys
    that some row does not have while another has them. `unsure` are keys that a row has on a condition that is another
    for each row.
    """

    columns: tuple[str, ...] | None
    complete: bool = True
    rows: int | None = None
    nulls: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    reason: str | None = None
    unsure: tuple[str, ...] = ()

    @property
    def uneven(self) -> tuple[str, ...]:
        """Keys that, of several rows, some may have a value for while others do not."""
        return () if self.rows == 1 else tuple(dict.fromkeys((*self.lacking, *self.unsure)))


def payload(value: Value | None, resolve: Resolve) -> Payload:
    """The columns of one object, of a list of objects, or of whatever is known of them. Never raises."""
    if value is None:
        return Payload(None, complete=False, reason="no rows are given")
    return _payload(value, resolve, 0)


def _payload(value: Value, resolve: Resolve, depth: int) -> Payload:
    known = resolve(value)
    if depth > _DEEPEST:
        return _unknown(known)
    match known:
        case Record():
            return _record(known, resolve)
        case Sequence(items=items, complete=complete):
            return _many([_payload(item, resolve, depth + 1) for item in items], complete=complete, whole=known)
        case Choice(options, listed):
            filled = [option for option in options if not _is_empty(option)]
            found = _one_of([_payload(option, resolve, depth + 1) for option in filled or options])
            if not listed:
                found = replace(found, complete=False, reason="the rows are one of more values than are looked at")
            return found if len(filled) == len(options) else replace(found, rows=None)
        case _:
            return _unknown(known)


def _is_empty(value: Value) -> bool:
    """No rows at all: `[]`, before a loop fills it, or for want of any."""
    return is_absent(value) or (isinstance(value, Sequence) and not value.items)


def _unknown(value: Value) -> Payload:
    return Payload(None, complete=False, reason=f"the written columns are those of {told(value)}")


def _record(record: Record, resolve: Resolve) -> Payload:
    if not record.entries:  # `row = {}`, filled by means that the host did not see
        return Payload(None, complete=False, reason="a row is put together elsewhere")
    keys = {key: resolve(value) for key, value in record.entries}
    columns = tuple(key for key, value in keys.items() if not _is_undefined(value))
    nulls = tuple(key for key in columns if is_absent(keys[key]))
    reason = None if record.complete else "a row holds a spread or a computed key"
    unsure = tuple(key for key in record.sometimes if key in columns)
    return Payload(columns, record.complete, 1, nulls, (), reason, unsure)


def _is_undefined(value: Value) -> bool:
    """A key whose value is the literal `undefined` is not serialised (JSON.stringify)."""
    return isinstance(value, Constant) and value.undefined


def _many(rows: list[Payload], *, complete: bool, whole: Sequence) -> Payload:
    known = [row.columns for row in rows if row.columns is not None]
    if not known:
        return _unknown(whole) if rows else Payload(None, complete=False, reason="the rows are put together elsewhere")
    columns = tuple(dict.fromkeys(key for row in known for key in row))
    all_known = len(known) == len(rows) and all(row.complete for row in rows)
    lacking = tuple(key for key in columns if any(key not in row for row in known)) if all_known else ()
    return Payload(
        columns,
        all_known,
        len(rows) if complete else None,
        tuple(dict.fromkeys(key for row in rows for key in row.nulls)),
        lacking,
        next((row.reason for row in rows if row.reason), None),
        tuple(dict.fromkeys(key for row in rows for key in row.unsure)),
    )


def _one_of(options: list[Payload]) -> Payload:
    known = [option for option in options if option.columns is not None]
    if not known:
        return options[0] if options else Payload(None, complete=False, reason="no rows are given")
    columns = tuple(dict.fromkeys(key for option in known for key in option.columns or ()))
    alike = len(known) == len(options) and all(set(option.columns or ()) == set(columns) for option in known)
    complete = alike and all(option.complete for option in options)
    counts = {option.rows for option in options}
    return Payload(
        columns,
        complete,
        counts.pop() if len(counts) == 1 else None,
        (),
        (),
        None if complete else "the rows are one of several values",
        tuple(dict.fromkeys(key for option in known for key in option.unsure)),
    )
