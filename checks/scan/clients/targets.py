"""Conflict targets that a client builds from names, as the server would read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import sql
from ...errors import PgArbiterError
from ...model import InferenceClause, InferenceElement, Unresolved

if TYPE_CHECKING:
    from ...model import ConflictTarget


def quoted(name: str) -> str:
    """The name as a quoted identifier, case kept."""
    return '"' + name.replace('"', '""') + '"'


def columns_target(names: tuple[str, ...]) -> InferenceClause:
    """`ON CONFLICT ("a", "b")`: exact column names, as clients that quote them send them."""
    return InferenceClause(tuple(InferenceElement(text=_plain(name), column=name) for name in names))


def _plain(name: str) -> str:
    simple = name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and not name[0].isdigit()
    return name if simple else quoted(name)


def written_target(elements: tuple[str, ...], predicate: str | None = None) -> ConflictTarget:
    """`ON CONFLICT (elements) WHERE predicate`, each given as SQL; Unresolved when that is not SQL."""
    where = "" if predicate is None else f" WHERE {predicate}"
    clause = f"({', '.join(elements)}){where}"
    statement = "INSERT INTO t DEFAULT VALUES ON CONFLICT " + clause + " DO NOTHING"  # noqa: S608 -- parsed, never run
    try:
        writes = sql.parse_writes(statement)
    except PgArbiterError as error:
        return Unresolved(f"the conflict target is no SQL: {error.message}")
    target = writes[0].write.target if len(writes) == 1 else None
    return target if isinstance(target, InferenceClause) else Unresolved("the conflict target is not one target")
