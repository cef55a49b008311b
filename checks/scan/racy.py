"""An INSERT whose table was looked up, updated or cleared by a key before, in one function or one statement.

Another session can do the same between the two, so that both insert. It counts as one when the INSERT writes a column
that was compared; after an UPDATE only when what lies between asks whether that found a row, after a DELETE only when
one row is inserted for those that are gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ..model import Mechanism
from ..sql.lookups import read_lookups, serialised_by
from .flatten import variants
from .literals import place_of
from .values import Call, Constant, Member, Name, Record, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import QualifiedName, Write
    from ..sql import ParsedWrite
    from ..sql.lookups import Lookup
    from .flatten import Flat
    from .model import Draft, Module, Resolve
    from .values import Value

_LOOKUP = r"(?i)\b(select|lock|serializable|update|delete)\b"
# What asks how many rows an UPDATE has changed, and what repeats an INSERT.
_ASKS = re.compile(
    r"""(?is)\brow_?count|rows_?affected|affected_?rows|\bnot\s+found\b|\.changes\b|num_?rows|["']UPDATE 0["']"""
    r"""|\breturning\b.*(\bnot\b|\bnone\b|\bnull\b|\blength\b|\bempty\b|!)"""
)
_REPEATS = re.compile(r"(?i)\b(for|while|loop|foreach|executemany|execute_values|execute_batch|map)\b")
_RUNS = frozenset({
    "query", "execute", "exec", "fetch", "fetchrow", "fetchval", "fetchone", "fetch_one", "fetch_val", "fetchall",
    "fetch_all", "one", "oneOrNone", "manyOrNone", "any", "none", "run", "all", "get", "first", "scalar", "scalars",
    "unsafe",
    "Execute", "ExecuteAsync", "ExecuteScalar", "ExecuteScalarAsync", "ExecuteSqlRaw", "ExecuteSqlRawAsync", "Query",
    "QueryAsync", "QueryFirstOrDefault", "QueryFirstOrDefaultAsync", "QuerySingleOrDefault",
    "QuerySingleOrDefaultAsync", "NpgsqlCommand", "CreateCommand",
    "prepareStatement", "queryForObject", "queryForList", "queryForMap", "createUpdate", "createNativeQuery",
})  # fmt: skip


class Earlier:
    """The statements that one module's functions run, so that those before an INSERT can be found."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._runs: list[Call] | None = None
        self._spots: list[tuple[int, Value]] | None = None

    def before(self, begin: int) -> Sequence:
        """The strings that the function which runs the string at `begin` may have run before, in source order.

        With each: whether something between asks how many rows it changed, and whether something repeats what follows.
        """
        used = self._used_at(begin)
        if used is None:
            return Sequence(())
        found = []
        for offset, value in self._all_spots():
            function = self._module.function_at(offset) if offset < used else None
            inside = function is not None and function.offset <= used < function.end
            if inside and not self._kept(begin, value) and self._module.leads(offset, used, asked=False):
                between = self._module.file.text[offset:used]
                flags = (Constant(_ASKS.search(between) is not None), Constant(_REPEATS.search(between) is not None))
                found.append(Sequence((value, *flags)))
        return Sequence(tuple(found))

    def _kept(self, begin: int, value: Value) -> bool:
        """Whether an object keeps both, prepared: nobody knows when and in which order they run."""
        place = place_of(value)
        return place is not None and self._module.is_prepared(begin) and self._module.is_prepared(place)

    def _used_at(self, begin: int) -> int | None:
        """Where the string is run: where it stands inside a function, else where its name is given to a call."""
        if self._module.function_at(begin) is not None:
            return begin
        return next((run.offset for run in self._all_runs() if self._stands_at(run.args[0]) == begin), None)

    def _all_runs(self) -> list[Call]:
        """Calls that are given a statement by name."""
        if self._runs is None:
            runs = self._module.calls(_RUNS)
            self._runs = [run for run in runs if run.args and isinstance(run.args[0], Name | Member)]
        return self._runs

    def _all_spots(self) -> list[tuple[int, Value]]:
        if self._spots is None:
            strings = [
                (place, value) for value in self._module.strings(_LOOKUP) if (place := place_of(value)) is not None
            ]
            self._spots = sorted([*strings, *((run.offset, run.args[0]) for run in self._all_runs())], key=_offset)
        return self._spots

    def _stands_at(self, value: Value) -> int | None:
        meant = self._meant(value)
        return None if meant is None else place_of(meant)

    def _meant(self, value: Value) -> Value | None:
        match value:
            case Name(name, offset):
                return self._module.lookup(name, offset)
            case Member(object=Name() as owner, name=name):
                record = self._meant(owner)
                return record.get(name) if isinstance(record, Record) else None
            case _:
                return None


def _offset(spot: tuple[int, Value]) -> int:
    return spot[0]


@dataclass(frozen=True, slots=True)
class _Found:
    lookup: Lookup
    flat: Flat
    asked: bool
    repeated: bool


def across(drafts: tuple[Draft, ...], earlier: Value | None, resolve: Resolve) -> tuple[Draft, ...]:
    """The drafts of a string, those that insert what an `earlier` string asked for with the mechanism of the two."""
    plain = any(draft.mechanism is Mechanism.PLAIN_INSERT for draft in drafts)
    if not plain or not isinstance(earlier, Sequence) or not earlier.items:
        return drafts
    spots = [item.items for item in earlier.items if isinstance(item, Sequence)]
    flats = [(flat, flags) for value, *flags in spots for flat in variants(resolve(value))]
    found = [
        _Found(one, flat, asked == Constant(value=True), repeated == Constant(value=True))
        for flat, (asked, repeated) in flats
        for one in _read(flat.text)[0]
        if one.routine is None
    ]
    lock = next((lock for flat, _ in flats if (lock := _read(flat.text)[1])), None)
    return tuple(_raced(draft, found, lock) for draft in drafts)


@lru_cache(maxsize=1024)
def _read(text: str) -> tuple[tuple[Lookup, ...], str | None]:
    """What a text looks up, and what keeps others out: the INSERTs of one function follow the same texts."""
    return read_lookups(text), serialised_by(text)


def _raced(draft: Draft, found: Iterable[_Found], lock: str | None) -> Draft:
    own = [
        one
        for one in found
        if not one.lookup.absent
        and one.lookup.insert is None
        and looks_up(one.lookup, draft)
        and _counts(one.lookup, draft, asked=one.asked, repeated=one.repeated)
    ]
    last = max(own, key=lambda one: _weight(one.lookup), default=None)  # of several alike the first
    if last is None:
        return draft
    last = [one for one in own if _weight(one.lookup) == _weight(last.lookup)][-1]
    place = last.flat.place(last.lookup.offset)
    here = place is not None and place[0] == draft.path
    return racy(draft, last.lookup, place[1] if place is not None and here else draft.statement, lock)


def _weight(lookup: Lookup) -> int:
    """A SELECT decides before an UPDATE does, and that before a DELETE."""
    order = (Mechanism.DELETE_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.SELECT_THEN_INSERT)
    return order.index(lookup.mechanism)


def _counts(lookup: Lookup, draft: Draft, *, asked: bool, repeated: bool) -> bool:
    """Whether the INSERT stands for rows that an UPDATE did not find, or for the one that a DELETE took away."""
    match lookup.mechanism:
        case Mechanism.UPDATE_THEN_INSERT:
            return asked
        case Mechanism.DELETE_INSERT:
            columns = draft.write.columns or ()
            return not repeated and draft.write.rows == 1 and set(lookup.columns) <= set(columns)
        case _:
            return True


def within(drafts: Iterable[Draft], writes: Iterable[ParsedWrite], flat: Flat) -> list[Draft]:
    """The drafts of the writes of one text, in order; select-then-insert where a routine or NOT EXISTS looks up."""
    pairs = list(zip(drafts, writes, strict=True))
    if not any(write.mechanism is Mechanism.PLAIN_INSERT for _, write in pairs):
        return [draft for draft, _ in pairs]
    variables = frozenset(name for _, write in pairs for name in write.write.variables)
    lookups = read_lookups(flat.text, variables)
    return [_decided(draft, write, lookups, flat) for draft, write in pairs]


def _decided(draft: Draft, write: ParsedWrite, lookups: Iterable[Lookup], flat: Flat) -> Draft:
    found = [one for one in lookups if looks_up(one, draft) and _decides(one, write, draft, flat.text)]
    if not found:
        return draft
    heaviest = max(map(_weight, found))
    last = [one for one in found if _weight(one) == heaviest][-1]
    start, end = last.routine or (write.offset, write.end)
    place = flat.place(last.offset)
    statement = draft.statement if last.absent or place is None else place[1]
    return racy(draft, last, statement, serialised_by(flat.text[start:end]))


def _decides(lookup: Lookup, write: ParsedWrite, draft: Draft, text: str) -> bool:
    """Whether the lookup stands before the INSERT in one routine, in its own NOT EXISTS, or in its WITH clause."""
    if lookup.absent:
        return write.offset < lookup.offset < write.end
    if lookup.insert is not None:
        return lookup.insert == write.offset
    extent = lookup.routine
    if extent is None or not extent[0] <= lookup.offset < write.offset < extent[1]:
        return False
    between = text[lookup.offset : write.offset]
    asked, repeated = _ASKS.search(between) is not None, _REPEATS.search(between) is not None
    return _counts(lookup, draft, asked=asked, repeated=repeated)


def looks_up(lookup: Lookup, draft: Draft) -> bool:
    """Whether a plain INSERT writes the table that was looked up, and by a key that it writes."""
    if draft.mechanism is not Mechanism.PLAIN_INSERT or not _same(lookup.table, draft.write.table):
        return False
    return _writes_any(draft.write, lookup.columns)


def _same(one: QualifiedName, other: QualifiedName | None) -> bool:
    if other is None or one.name != other.name:
        return False
    return one.schema is None or other.schema is None or one.schema == other.schema


def _writes_any(write: Write, keys: tuple[str, ...]) -> bool:
    return write.columns is None or not write.complete or any(key in write.columns for key in keys)


def racy(draft: Draft, lookup: Lookup, statement: int, lock: str | None) -> Draft:
    """The INSERT of a draft with the mechanism that it and the lookup are together."""
    return replace(
        draft,
        mechanism=lookup.mechanism,
        statement=statement,
        key_columns=lookup.columns,
        alone=lookup.absent or lookup.insert is not None,
        reason=f"the function runs under {lock}" if lock else None,
    )
