"""One INSERT of a client, as a draft: what is not known of it becomes its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import AnyArbiter, Mechanism, QualifiedName, Unresolved, Write
from ..declarations.model import Undeclared
from ..model import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Action, ConflictTarget
    from ..model import SiteFact
    from .payload import Payload


@dataclass(frozen=True, slots=True)
class Conflict:
    """What an INSERT does on conflict. `assigned` holds the columns of SET; `action` None: chosen at run time."""

    target: ConflictTarget
    action: Action | None
    assigned: Payload | None = None


@dataclass(frozen=True, slots=True)
class Racy:
    """A statement of several steps, by what it looks rows up, and why two clients can come between."""

    mechanism: Mechanism
    key_columns: tuple[str, ...] | None
    reason: str


def insert(
    fact: SiteFact,
    table: QualifiedName | Undeclared,
    rows: Payload,
    conflict: Conflict | None = None,
    *,
    racy: Racy | None = None,
    not_postgres: str | None = None,
    caution: str | None = None,
) -> Draft:
    """The draft of an INSERT of `rows`, whose names are those of columns; without a conflict of a plain one."""
    undeclared = table.reason if isinstance(table, Undeclared) else None
    assigned = conflict.assigned if conflict is not None else None
    unread = rows.reason if rows.columns is None or not rows.complete else None
    write = Write(
        table=table if isinstance(table, QualifiedName) else None,
        target=conflict.target if conflict is not None else AnyArbiter(),
        action=conflict.action if conflict is not None else None,
        columns=rows.columns,
        complete=rows.complete,
        nulls=rows.nulls,
        rows=rows.rows,
        set_columns=assigned.columns if assigned is not None else None,
        set_complete=assigned is None or assigned.complete,
        reason=undeclared or unread,
    )
    usual = Mechanism.PLAIN_INSERT if conflict is None else Mechanism.ON_CONFLICT
    reasons = (undeclared, *_reasons(conflict), unread, *_of_set(conflict, rows), racy.reason if racy else None)
    return Draft(
        mechanism=racy.mechanism if racy is not None else usual,
        write=write,
        offset=fact.offset,
        statement=fact.statement,
        end=fact.end,
        reason="; ".join(dict.fromkeys(reason for reason in reasons if reason)) or None,
        caution=caution,
        not_postgres=not_postgres,
        key_columns=racy.key_columns if racy is not None else None,
    )


def _reasons(conflict: Conflict | None) -> Iterator[str]:
    if conflict is not None and isinstance(conflict.target, Unresolved):
        yield conflict.target.reason
    if conflict is not None and conflict.action is None:
        yield "the conflict action is chosen at run time"


def _of_set(conflict: Conflict | None, rows: Payload) -> Iterator[str]:
    assigned = conflict.assigned if conflict is not None else None
    if assigned is not None and not assigned.complete and assigned != rows:
        yield assigned.reason or "the columns of SET are only known at run time"
