"""Which foreign keys reference a table: the children that must not be lost when a row of it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..quoting import literal, quoted
from .model import OnlineError, Table
from .relation import rows_of
from .session import document

if TYPE_CHECKING:
    from .session import Session


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: `columns` of `child` reference `referenced`; `equals` compares referenced with referencing.

    `rows`: the child for FROM, with ONLY where tables inherit from it. `own`: the table references itself.
    `follows`: an update of what is referenced writes into the child (ON UPDATE CASCADE, SET NULL, SET DEFAULT).
    """

    name: str
    child: Table
    rows: str
    columns: tuple[str, ...]
    referenced: tuple[str, ...]
    equals: tuple[str, ...]
    own: bool
    follows: bool

    def joined(self, parent: str, child: str, names: tuple[str, ...] | None = None) -> str:
        """Condition: the child's row references the parent's, whose columns may go under other names."""
        return " AND ".join(
            f"{parent}.{quoted(theirs)} {equal} {child}.{quoted(ours)}"
            for theirs, equal, ours in zip(names or self.referenced, self.equals, self.columns, strict=True)
        )

    def __str__(self) -> str:
        """For messages."""
        return f'foreign key "{self.name}" of {self.child}'


def references(session: Session, table: Table) -> tuple[Reference, ...]:
    """All foreign keys that reference the table, a partition of it, or a partitioned table that it is part of.

    Raises OnlineError for one over periods of time, which names no row.
    """
    target = f"{literal(str(table))}::regclass"
    found = session.rows(
        f"""
        SELECT c.conname, n.nspname, r.relname, c.conrelid = {target},
               (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(num, n)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
               (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(num, n)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num),
               (SELECT pg_catalog.json_agg('OPERATOR(' || pg_catalog.quote_ident(s.nspname) || '.' || o.oprname || ')'
                                           ORDER BY k.n)
                FROM unnest(c.conpfeqop) WITH ORDINALITY k(op, n) JOIN pg_catalog.pg_operator o ON o.oid = k.op
                JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace),
               c.confupdtype IN ('c', 'n', 'd'),
               coalesce((pg_catalog.to_jsonb(c) ->> 'conperiod')::bool, false)
        FROM pg_catalog.pg_constraint c
        JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
        WHERE c.contype = 'f' AND c.conparentid = 0
          AND c.confrelid IN (SELECT {target} UNION SELECT relid FROM pg_catalog.pg_partition_tree({target})
                              UNION SELECT relid FROM pg_catalog.pg_partition_ancestors({target}))
        ORDER BY n.nspname, r.relname, c.conname
        """
    )
    return tuple(_reference(session, row) for row in found)


def _reference(session: Session, row: tuple[Any, ...]) -> Reference:
    name, schema, child, own, columns, referenced, equals, follows, period = row
    found = Table(child, schema)
    if period:
        raise OnlineError(
            f'foreign key "{name}" of {found} is over periods of time, which name no single row; nothing was changed',
            "Remove the rows by hand.",
        )
    ours, theirs, compared = (tuple(document(each)) for each in (columns, referenced, equals))
    return Reference(name, found, rows_of(session, found), ours, theirs, compared, own, follows)
