"""Conflict targets that a client builds from names, as the server would read them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ... import sql
from ...errors import PgArbiterError
from ...model import InferenceClause, InferenceElement, Unresolved
from .bound import binds, sent, shown

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from .bound import Pieces


def quoted(name: str) -> str:
    """The name as a quoted identifier, case kept."""
    return '"' + name.replace('"', '""') + '"'


def columns_target(names: tuple[str, ...]) -> InferenceClause:
    """`ON CONFLICT ("a", "b")`: exact column names, as clients that quote them send them."""
    return InferenceClause(tuple(InferenceElement(text=_plain(name), column=name) for name in names))


def _plain(name: str) -> str:
    simple = name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and not name[0].isdigit()
    return name if simple else quoted(name)


def bound_target(elements: tuple[str, ...], predicate: Pieces | None) -> ConflictTarget:
    """The same for a client that binds the values in a predicate, as far as the values are known."""
    if predicate is None or not binds(predicate):
        return written_target(elements, None if predicate is None else shown(predicate))
    target, asked = (written_target(elements, text) for text in (shown(predicate), sent(predicate)))
    if not isinstance(target, InferenceClause) or not isinstance(asked, InferenceClause):
        return target
    return replace(target, predicate_parameters=True, sent_predicate=asked.predicate)


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
