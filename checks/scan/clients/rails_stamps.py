"""The timestamps that Active Record adds to rows (activerecord 8.1 Timestamp, InsertAll#keys_including_timestamps)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..declarations.locked import active_record
from ..declarations.rails import RailsModel
from ..values import Constant
from .reading import boolean

if TYPE_CHECKING:
    from ..declarations.model import Undeclared
    from ..declarations.rails_schema import Dump
    from ..model import Resolve
    from ..values import Value

_STAMPS = ("created_at", "created_on", "updated_at", "updated_on")
_BULK = (7, 0)  # the first version in which bulk methods set timestamps


@dataclass(frozen=True, slots=True)
class Stamps:
    """Columns that are written for sure, those that are if the table has them, and those that an update sets."""

    sure: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()  # of a model of which no dump says anything: what Rails gives to every table

    def written(self, *, updates: bool) -> tuple[str, ...]:
        """The columns to count as written; an upsert names those of a usual table in SET too."""
        return (*self.sure, *(self.usual if updates else ()))


def stamps_of(
    model: RailsModel | Undeclared,
    dump: Dump,
    table: QualifiedName | Undeclared,
    resolve: Resolve,
    *,
    recorded: Value | None = None,
    bulk: bool = True,
) -> Stamps:
    """What Rails adds to new rows; `recorded` is the option record_timestamps of a bulk method."""
    said = boolean(recorded, resolve, default=True)
    said = said if said is None or _is_recorded(model, resolve) else False
    if said is False or (bulk and (active_record(resolve) or _BULK) < _BULK):
        return Stamps()
    known = dump.table(str(table)) if isinstance(table, QualifiedName) else None
    if known is None:
        unseen = isinstance(model, RailsModel) and bool(model.lineage) and not dump.known and said is True
        return Stamps(maybe=_STAMPS, usual=("created_at", "updated_at") if unseen else ())
    own = tuple(name for name in _STAMPS if name in known.columns)
    if said is None:
        return Stamps(maybe=own)
    return Stamps(own, (), tuple(name for name in own if name.startswith("updated")))


def _is_recorded(model: RailsModel | Undeclared, resolve: Resolve) -> bool:
    given = next(model.entries("record_timestamps"), None) if isinstance(model, RailsModel) else None
    return given is None or not (isinstance(known := resolve(given), Constant) and known.value is False)
