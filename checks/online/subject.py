"""The table that an index operation works on: looked up, and refused where nothing could be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal
from .model import OnlineError, Table

if TYPE_CHECKING:
    from .session import Session

_KINDS = {"v": "view", "m": "materialized view", "f": "foreign table", "S": "sequence", "i": "index", "c": "type"}
_QUERY = """\
SELECT c.relkind::text, pg_catalog.pg_has_role(c.relowner, 'USAGE'), pg_catalog.pg_get_userbyid(c.relowner),
    current_user
FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass({table})"""


@dataclass(frozen=True, slots=True)
class Subject:
    """An ordinary or partitioned table of which the session's role has the owner's rights."""

    table: Table
    partitioned: bool


def subject(session: Session, table: Table) -> Subject:
    """Look the table up. Raises OnlineError when it is absent, no table, or somebody else's."""
    resolved = session.resolve(table)
    if resolved is None:
        raise OnlineError(
            f'table "{table}" does not exist; nothing was changed', "Mend its name, or give its schema by schema=..."
        )
    ((kind, own, owner, role),) = session.rows(_QUERY.format(table=literal(str(resolved))))
    if kind not in ("r", "p"):
        raise OnlineError(f'"{resolved}" is no table but a {_KINDS.get(kind, kind)}; nothing was changed')
    if not own:
        raise OnlineError(
            f'role "{role}" is not the owner of table "{resolved}"; nothing was changed',
            f'Run the migration as "{owner}", or grant that role: GRANT "{owner}" TO "{role}";',
        )
    return Subject(resolved, kind == "p")


def dependents(session: Session, table: Table, index: str) -> tuple[str, ...]:
    """What stands in the way of dropping that unique index: foreign keys that reference it, replica identity."""
    oid = f"pg_catalog.to_regclass({literal(table.beside(index))})"
    keys = session.rows(
        "SELECT conname, conrelid::pg_catalog.regclass::text FROM pg_catalog.pg_constraint"
        f" WHERE contype = 'f' AND conparentid = 0 AND conindid = {oid} ORDER BY 2, 1"
    )
    identity = session.value(
        "SELECT i.indisreplident AND c.relreplident = 'i' FROM pg_catalog.pg_index i"
        f" JOIN pg_catalog.pg_class c ON c.oid = i.indrelid WHERE i.indexrelid = {oid}"
    )
    named = tuple(f'foreign key "{name}" on table "{referencing}"' for name, referencing in keys)
    return (*named, *((f'the replica identity of table "{table}"',) if identity else ()))


def refuse_dependents(session: Session, table: Table, index: str) -> None:
    """Raise OnlineError when something depends on the index."""
    if needed := dependents(session, table, index):
        raise OnlineError(
            f'"{table.beside(index)}" cannot be dropped, it is needed by {"; ".join(needed)}; nothing was changed',
            "Move these to another unique key first (foreign keys: drop, and add again with add_foreign_key_online).",
        )


def refuse_taken(session: Session, table: Table, name: str) -> None:
    """Raise OnlineError when a constraint of the table that is not a unique one has that name."""
    taken = session.value(
        "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint"
        f" WHERE conrelid = {literal(str(table))}::pg_catalog.regclass AND conname = {literal(name)}"
        " AND contype NOT IN ('u', 'p', 'x')"
    )
    if taken:
        raise OnlineError(
            f'constraint "{name}" of table "{table}" is another one: {taken}; nothing was changed',
            "Choose another name.",
        )
