"""How a row is written into quarantine: as jsonb and, where that would not give the same row back, as texts too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .columns import as_json, columns
from .journal import SCHEMA
from .relation import primary_key

if TYPE_CHECKING:
    from .columns import Column
    from .model import Table
    from .session import Session

QUARANTINE = f"{SCHEMA}.quarantine"


@dataclass(frozen=True, slots=True)
class Record:
    """Writes rows of one table into quarantine, for one run and rule."""

    table: Table
    run_id: str
    rule: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @classmethod
    def of(cls, session: Session, table: Table, run_id: str, rule: str) -> Record:
        """Read what it needs of the table from the catalog."""
        return cls(table, run_id, rule, columns(session, table), primary_key(session, table))

    def primary_key(self, alias: str) -> str:
        """SQL for the row's primary key as an object; NULL for a table without one."""
        return as_json(self.key, alias)

    def values(self, alias: str) -> str:
        """SQL for primary_key, row_data, row_text of the row under `alias`: `.*`, since a column may have its name."""
        return f"{self.primary_key(alias)}, pg_catalog.to_jsonb({alias}.*), {self._text(alias)}"

    def insert(self, kind: str, reason: str, rows: str) -> str:
        """INSERT of the rows of a query that gives `values`, kept_key and written."""
        fixed = ", ".join(literal(text) for text in (self.run_id, self.rule, reason, str(self.table), kind))
        return (
            f"INSERT INTO {QUARANTINE} (run_id, rule, reason, source, kind,"
            " primary_key, row_data, row_text, kept_key, written)"
            f" SELECT {fixed.replace(literal(self.run_id), literal(self.run_id) + '::uuid', 1)}, s.* FROM ({rows}) s"
        )

    def _text(self, alias: str) -> str:
        """An object of column to text form, where jsonb loses something: json, array bounds, -0.0, types of users.

        The text is what the type's output function gives, which its input function reads back.
        """
        texts = ", ".join(
            f"({literal(column.name)}, CASE WHEN pg_catalog.num_nulls({alias}.{quoted(column.name)}) = 0"
            f" THEN pg_catalog.format('%s', {alias}.{quoted(column.name)}) END)"
            for column in self.columns
        )
        text = f"(SELECT pg_catalog.jsonb_object_agg(c.k, c.v)::text FROM (VALUES {texts}) c(k, v))"
        if not all(column.plain for column in self.columns):
            return text
        same = (
            f"pg_catalog.jsonb_populate_record(NULL::{self.table}, pg_catalog.to_jsonb({alias}.*))"
            f" OPERATOR(pg_catalog.*=) {alias}.*"
        )
        return f"CASE WHEN {same} THEN NULL ELSE {text} END"
