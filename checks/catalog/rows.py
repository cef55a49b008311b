"""Raw catalog rows, kept as the server sent them until someone asks for a relation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Row = Any  # a tuple of the server or a list of a snapshot: the builder unpacks both


class Facets(NamedTuple):
    """The rows of one relation, by the statement that fetched them."""

    columns: Sequence[Row] = ()
    indexes: Sequence[Row] = ()
    constraints: Sequence[Row] = ()
    policies: Sequence[Row] = ()
    triggers: Sequence[Row] = ()
    rules: Sequence[Row] = ()
    views: Sequence[Row] = ()


# Rows that are few and belong to no relation, or that are needed to find one.
SHARED = (
    "schemas", "relations", "types", "domains", "parents", "collations", "opclasses", "methods", "system", "roles",
    "versions", "functions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Session:
    """What the reading session was: its database and user, its search path, its own temporary schema (0: none)."""

    version: int
    database: str
    user: str
    search_path: tuple[str, ...]
    temp_schema: int


class Store(Protocol):
    """Where a Catalog takes its rows from: a server's answers or a snapshot."""

    @property
    def session(self) -> Session:
        """The session that read them."""
        ...

    @property
    def shared(self) -> Mapping[str, Sequence[Row]]:
        """The rows of SHARED, by statement."""
        ...

    def facets(self, oid: int) -> Facets:
        """The rows of that relation."""
        ...

    def index_names(self) -> Sequence[Row]:
        """(OID of the table, name) of each index."""
        ...


class FetchedRows:
    """The rows of one reading, grouped by relation, with no object built from them."""

    def __init__(self, session: Session, fetched: Mapping[str, Sequence[Row]]) -> None:
        self.session = session
        self.shared = {name: fetched[name] for name in SHARED}
        self.fetched = fetched
        self._groups = tuple(_grouped(fetched[name]) for name in Facets._fields)

    def facets(self, oid: int) -> Facets:
        """The rows of that relation."""
        return Facets(*(group.get(oid, ()) for group in self._groups))

    def index_names(self) -> Sequence[Row]:
        """(OID of the table, name) of each index."""
        return [(row[0], row[2]) for row in self.fetched["indexes"]]


def _grouped(rows: Sequence[Row]) -> Mapping[int, Sequence[Row]]:
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return groups
