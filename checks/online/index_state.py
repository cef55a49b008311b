"""What an index is right now: absent, valid, being built or dropped by whom, or what a failed build left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ..quoting import literal
from ..wording import plural
from .model import OnlineError

if TYPE_CHECKING:
    from .session import Session


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no relation of that name."""

    def __str__(self) -> str:
        return "is not there"


@dataclass(frozen=True, slots=True)
class Valid:
    """Valid, ready and live: it enforces and arbitrates."""

    def __str__(self) -> str:
        return "is valid"


@dataclass(frozen=True, slots=True)
class InProgress:
    """Process `pid` is building it; not to be touched."""

    pid: int

    def __str__(self) -> str:
        return f"is being built by process {self.pid}"


@dataclass(frozen=True, slots=True)
class BeingDropped:
    """DROP INDEX CONCURRENTLY has begun; `pid` is None when the process that did so is gone."""

    pid: int | None

    def __str__(self) -> str:
        return "is half dropped" if self.pid is None else f"is being dropped by process {self.pid}"


@dataclass(frozen=True, slots=True)
class Enforcing:
    """Left behind INVALID but ready: writers keep it up, and a unique one refuses duplicates, yet is no arbiter."""

    unique: bool = True

    def __str__(self) -> str:
        does = "still refuses duplicates" if self.unique else "still slows writers down"
        return f"is INVALID, was left behind by a failed build, and {does}"


@dataclass(frozen=True, slots=True)
class Inert:
    """Left behind INVALID and not ready: it does nothing."""

    def __str__(self) -> str:
        return "is INVALID, was left behind by a failed build, and does nothing"


@dataclass(frozen=True, slots=True)
class PartitionedParent:
    """The INVALID index of a partitioned table; `missing` partitions have no valid index attached to it."""

    missing: int

    def __str__(self) -> str:
        return f"is INVALID: {plural(self.missing, 'partition')} still to be attached to it"


IndexState: TypeAlias = Absent | Valid | InProgress | BeingDropped | Enforcing | Inert | PartitionedParent

# The progress view hides the relations of other roles' builds; the lock on the table tells them then. A build of
# REINDEX shows the index that it works on now, so its other new indexes are told by the table.
_QUERY = """\
SELECT c.relkind IN ('i', 'I'), c.relkind = 'I', i.indisunique, i.indisvalid AND i.indisready AND i.indislive,
    i.indisready, i.indislive, (
        SELECT min(p.pid) FROM pg_catalog.pg_stat_progress_create_index p
        WHERE p.datname = current_database() AND (
            p.index_relid = c.oid
            OR (p.relid = i.indrelid AND p.command LIKE 'REINDEX%' AND c.relname ~ '_ccnew[0-9]*$')
            OR (p.relid IS NULL AND EXISTS (
                SELECT FROM pg_catalog.pg_locks l
                WHERE l.pid = p.pid AND l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock'))
        )
    ), (
        SELECT min(l.pid) FROM pg_catalog.pg_locks l
        WHERE l.relation = c.oid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
            AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
            AND l.pid <> pg_catalog.pg_backend_pid()
    ), (
        SELECT count(*) FROM pg_catalog.pg_inherits h WHERE h.inhparent = i.indrelid
    ) - (
        SELECT count(*) FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_index x ON x.indexrelid = h.inhrelid
        WHERE h.inhparent = c.oid AND x.indisvalid
    )
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE c.oid = pg_catalog.to_regclass({name})"""


def state(session: Session, index: str) -> IndexState:
    """What the index of that name (quoted, with its schema) is now.

    Raises OnlineError when the name belongs to something that is no index.
    """
    found = session.rows(_QUERY.format(name=literal(index)))
    if not found:
        return Absent()
    ((is_index, partitioned, unique, valid, ready, live, builder, dropper, missing),) = found
    if not is_index:
        raise OnlineError(f'"{index}" is there, but is no index', "Choose another name for the index.")
    if valid:
        return Valid()
    if partitioned:
        return PartitionedParent(missing)
    if builder is not None:
        return InProgress(builder)
    if dropper is not None or not live:
        return BeingDropped(dropper)
    return Enforcing(unique) if ready else Inert()
