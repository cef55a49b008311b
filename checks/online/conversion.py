"""How values of a column become values of another type: one expression, evaluated alike by everyone who converts.

It lives in a function that gives NULL for what cannot be converted, and in the trigger function that fills the shadow
column. Both run under fixed settings, so a writer's own TimeZone or DateStyle does not change what a value becomes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .attributes import regclass
from .journal import SCHEMA
from .names import derived_name

if TYPE_CHECKING:
    from .model import Table
    from .session import Session

# What decides how values are read and written. Each costs some microseconds a row, so dates take but what they need.
_DATES = ("search_path = pg_catalog, pg_temp", "TimeZone = 'UTC'", "DateStyle = 'ISO, YMD'")
_OTHERS = ("IntervalStyle = 'postgres'", "extra_float_digits = 1", "bytea_output = 'hex'")
# What says that it is the value which cannot be converted: of a type, of a domain, of a function of the user's.
_OF_VALUES = "data_exception OR integrity_constraint_violation OR raise_exception"
# Row triggers fire in the order of their names: ours has to see what all others have made of the row.
_LAST = "~~pgarbiter"


@dataclass(frozen=True, slots=True)
class Conversion:
    """`column` of `table`, of type `old`, as `type` by SQL expression `using` over the column's own name.

    `kept`: the name of a column with former values of the target type, if there is one: such a value is taken where
    `forward`, the expression that had converted it, still gives the column's value. `safe`: a cast that fits any value
    and depends on no setting; `dates`: the target is a date or time.
    """

    table: Table
    column: str
    old: str
    type: str
    using: str | None = None
    kept: str | None = None
    forward: str | None = None
    safe: bool = False
    dates: bool = False

    @property
    def shadow(self) -> str:
        """The name of the column that holds the converted values until it takes the column's place."""
        return derived_name(self.column, "pgarbiter")

    @property
    def before(self) -> str:
        """The name of the old column, afterwards."""
        return derived_name(self.column, "before")

    @property
    def proof(self) -> str:
        """The name of the CHECK that proves that no value is missing."""
        return derived_name(self.table.name, self.column, "converted")

    @property
    def trigger(self) -> str:
        """The name of the trigger that fills the shadow column."""
        return f"{_LAST}_{self._mark}"

    @property
    def function(self) -> str:
        """The conversion, qualified."""
        return f"{SCHEMA}.convert_{self._mark}"

    @property
    def filler(self) -> str:
        """The trigger function, qualified."""
        return f"{SCHEMA}.fill_{self._mark}"

    @property
    def converted(self) -> str:
        """The converted value of a row, as an expression over its columns."""
        return f"{self.function}({', '.join(quoted(each) for each in self._sources)})"

    @property
    def definitions(self) -> tuple[str, ...]:
        """Both functions. Nobody but their owner may call them; triggers fire without that right."""
        settings = "" if self.safe else " ".join(f"SET {each}" for each in (*_DATES, *(() if self.dates else _OTHERS)))
        parameters = f"pgarbiter_value {self.old}" + (f", pgarbiter_kept {self.type}" if self.kept else "")
        as_writer = f"LANGUAGE plpgsql STABLE {settings} AS {literal(self._body)}"
        as_owner = f"LANGUAGE plpgsql SECURITY DEFINER AS {literal(self._fill)}"
        return (
            f"CREATE OR REPLACE FUNCTION {self.function}({parameters}) RETURNS {self.type} {as_writer}",
            f"CREATE OR REPLACE FUNCTION {self.filler}() RETURNS trigger {as_owner}",
            f"REVOKE ALL ON FUNCTION {self.function}, {self.filler} FROM PUBLIC",
        )

    @property
    def triggers(self) -> tuple[str, ...]:
        """The trigger: on each column's change, since other triggers may change ours; also for replicated rows."""
        name = quoted(self.trigger)
        fires = f"BEFORE INSERT OR UPDATE ON {self.table} FOR EACH ROW EXECUTE FUNCTION {self.filler}()"
        return (
            f"CREATE OR REPLACE TRIGGER {name} {fires}",
            f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER {name}",
        )

    @property
    def removal(self) -> tuple[str, ...]:
        """What takes the functions away."""
        return (f"DROP FUNCTION IF EXISTS {self.filler}, {self.function}",)

    def is_defined(self, session: Session) -> bool:
        """Whether both functions are there, with this very conversion in them."""
        return self._source(session, self.function) == self._body and self._source(session, self.filler) == self._fill

    def is_another(self, session: Session) -> bool:
        """Whether the shadow column is being filled by another conversion than this."""
        there = session.value(
            f"SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = {regclass(self.table)}"
            f" AND tgname = {literal(self.trigger)})"
        )
        return bool(there) and not self.is_defined(session)

    def is_gone(self, session: Session) -> bool:
        """Whether neither function is there."""
        return bool(
            session.value(
                f"SELECT pg_catalog.to_regproc({literal(self.function)}) IS NULL"
                f" AND pg_catalog.to_regproc({literal(self.filler)}) IS NULL"
            )
        )

    @property
    def _sources(self) -> tuple[str, ...]:
        return (self.column,) if self.kept is None else (self.column, self.kept)

    def _source(self, session: Session, function: str) -> str | None:
        found: str | None = session.value(
            f"SELECT prosrc FROM pg_catalog.pg_proc WHERE oid = pg_catalog.to_regproc({literal(function)})"
        )
        return found

    @property
    def _fill(self) -> str:
        new = ", ".join(f"NEW.{quoted(each)}" for each in self._sources)
        return f"BEGIN NEW.{quoted(self.shadow)} := {self.function}({new}); RETURN NEW; END"

    @property
    def _mark(self) -> str:
        return hashlib.sha256(f"{self.table} {quoted(self.column)} {self.type}".encode()).hexdigest()[:16]

    @property
    def _body(self) -> str:
        if self.safe:
            return "BEGIN RETURN pgarbiter_value; END"
        name = quoted(self.column)
        using = self.using or f"CAST({name} AS {self.type})"
        recover = ""
        if self.kept and self.forward:
            recover = (
                " BEGIN IF (SELECT " + f"({self.forward}) FROM (SELECT pgarbiter_kept AS {name}) pgarbiter_row)"
                " = pgarbiter_value THEN RETURN pgarbiter_kept; END IF;"
                f" EXCEPTION WHEN {_OF_VALUES} THEN NULL; END;"
            )
        return (
            "#variable_conflict use_column\n"
            f"BEGIN IF pgarbiter_value IS NULL THEN RETURN NULL; END IF;{recover}"
            f" RETURN (SELECT {using} FROM (SELECT pgarbiter_value AS {name}) pgarbiter_row);"
            f" EXCEPTION WHEN {_OF_VALUES} THEN RETURN NULL; END"
        )
