"""What a foreign key references, in SQL: its definition, and which rows are orphans of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .attributes import column, regclass
from .model import OnlineError, Table

if TYPE_CHECKING:
    from .session import Session

_CODES = {"NO ACTION": "a", "RESTRICT": "r", "CASCADE": "c", "SET NULL": "n", "SET DEFAULT": "d"}


@dataclass(frozen=True, slots=True)
class Reference:
    """FOREIGN KEY (`columns`) REFERENCES `table` (`referenced`), MATCH SIMPLE. The actions as in SQL, or None.

    `rows`: `table` for FROM, with ONLY where tables inherit from it, whose rows nothing can reference.
    """

    columns: tuple[str, ...]
    table: Table
    referenced: tuple[str, ...]
    on_delete: str | None = None
    on_update: str | None = None
    rows: str | None = None

    def __str__(self) -> str:
        """As ADD CONSTRAINT takes it."""
        actions = "".join(
            f" ON {event} {action.upper()}"
            for event, action in (("UPDATE", self.on_update), ("DELETE", self.on_delete))
            if action is not None
        )
        return f"FOREIGN KEY ({listed(self.columns)}) REFERENCES {self.table} ({listed(self.referenced)}){actions}"

    @property
    def orphaned(self) -> str:
        """Condition on a row of the referencing table.

        The referenced columns are renamed, so that none of them hides one of the table's own.
        """
        names = [f"pgarbiter_{place}" for place, _ in enumerate(self.referenced)]
        renamed = ", ".join(f"{quoted(c)} AS {n}" for c, n in zip(self.referenced, names, strict=True))
        same = " AND ".join(f"{n} = {quoted(c)}" for c, n in zip(self.columns, names, strict=True))
        given = " AND ".join(f"{quoted(each)} IS NOT NULL" for each in self.columns)
        rows = f"SELECT {renamed} FROM {self.rows or self.table}"
        return f"{given} AND NOT EXISTS (SELECT FROM ({rows}) pgarbiter_r WHERE {same})"

    def refuse(self, session: Session, table: Table) -> None:
        """Raise OnlineError for what could not be a foreign key of `table`."""
        if not self.columns or len(self.columns) != len(self.referenced):
            raise OnlineError(
                f'{self} of "{table}" does not pair its columns; nothing was changed',
                "Name as many referenced columns as referencing ones.",
            )
        for each in self.columns:
            column(session, table, each)
        for each in self.referenced:
            column(session, self.table, each)
        for action in (self.on_delete, self.on_update):
            if action is not None and action.upper() not in _CODES:
                raise OnlineError(
                    f'"{action}" is no action of a foreign key; nothing was changed',
                    f"Choose one of: {', '.join(_CODES)}.",
                )

    def is_of(self, session: Session, table: Table, name: str) -> bool:
        """Whether constraint `name` of `table` is this foreign key."""
        deletes, updates = (_CODES[(each or "NO ACTION").upper()] for each in (self.on_delete, self.on_update))
        return bool(
            session.value(
                f"SELECT contype = 'f' AND confrelid = {regclass(self.table)} AND confmatchtype = 's'"
                f" AND confdeltype = '{deletes}' AND confupdtype = '{updates}' AND NOT condeferrable"
                f" AND conkey = {_numbers('conrelid', self.columns)}"
                f" AND confkey = {_numbers('confrelid', self.referenced)}"
                f" FROM pg_catalog.pg_constraint WHERE conrelid = {regclass(table)} AND conname = {literal(name)}"
            )
        )

    def is_indexed(self, session: Session, table: Table) -> bool:
        """Whether an index of `table` begins with the referencing columns, in whichever order."""
        return bool(
            session.value(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indisvalid AND indpred IS NULL"
                f" AND indrelid = {regclass(table)}"
                f" AND (indkey::int2[])[0:{len(self.columns) - 1}] @> {_numbers('indrelid', self.columns)})"
            )
        )


def listed(names: tuple[str, ...]) -> str:
    """The columns, quoted where needed."""
    return ", ".join(quoted(each) for each in names)


def _numbers(table: str, names: tuple[str, ...]) -> str:
    """SQL for the columns' numbers in the order of their names."""
    array = ", ".join(literal(each) for each in names)
    return (
        f"(SELECT pg_catalog.array_agg(a.attnum ORDER BY n.place) FROM unnest(ARRAY[{array}]::text[])"
        " WITH ORDINALITY n (name, place) JOIN pg_catalog.pg_attribute a"
        f" ON a.attrelid = {table} AND a.attname = n.name)"
    )
