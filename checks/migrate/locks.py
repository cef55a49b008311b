"""Locks as a plan shows them: what a statement adds to those that its transaction holds, and what it rewrites."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import sql
from ..model import QualifiedName
from ..online.model import LockMode
from .model import TakenLock
from .statements import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .live import Connection

_SIZES = """
SELECT n.nspname, c.relname, c.oid, c.relfilenode, c.relkind,
       CASE WHEN c.reltuples < 0 THEN NULL ELSE c.reltuples::bigint END, pg_catalog.pg_total_relation_size(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_INDEX_KINDS = ("i", "I")
_ORDER = list(LockMode)


@dataclass(frozen=True, slots=True)
class Size:
    """A relation of the live database. `rows` is the server's estimate, None where it has none yet."""

    kind: str
    rows: int | None
    bytes: int


def sizes(connection: Connection) -> dict[tuple[str, str], Size]:
    """All tables and indexes of the live database by schema and name."""
    return {(row[0], row[1]): Size(row[4], row[5], row[6]) for row in connection.execute(_SIZES.encode())}


@dataclass(slots=True)
class Held:
    """The locks of one transaction after the other, as a child's events tell them."""

    live: Mapping[tuple[str, str], Size]
    hidden: frozenset[str] = frozenset()  # names of relations of Alembic's own
    search_path: tuple[str, ...] = ("public",)
    _modes: dict[int, LockMode] = field(default_factory=dict)
    _files: dict[int, int] = field(default_factory=dict)
    changed: set[tuple[str, str]] = field(default_factory=set)  # whose rows some statement has changed

    def look(self, connection: Connection) -> None:
        """Nothing is held any more; remember in which file each relation of the throwaway database is by now."""
        self._modes.clear()
        self._files = {row[2]: row[3] for row in connection.execute(_SIZES.encode())}

    def take(self, rows: Iterable[list[Any]], *, alone: bool) -> tuple[TakenLock, ...]:
        """What a statement has added, strongest first; for relations that the live database has, others block nobody.

        `rows` are [oid, schema, name, kind, mode, relfilenode]; `alone`: they are released with the statement.
        """
        new: dict[int, tuple[LockMode, list[Any]]] = {}
        for row in rows:
            mode = LockMode(row[4])
            if mode is LockMode.ROW_EXCLUSIVE:
                self.changed.add((row[1], row[2]))
            held = new.get(row[0], (None, row))[0] or self._modes.get(row[0])
            if held is None or _ORDER.index(mode) > _ORDER.index(held):
                new[row[0]] = mode, row
        taken = tuple(self._taken(new))
        self._modes.update({oid: mode for oid, (mode, _) in new.items()})
        self._files.update({row[0]: row[5] for _, row in new.values()})
        if alone:
            self._modes.clear()
        return tuple(sorted(taken, key=lambda each: (-_rank(each.mode), each.relation)))

    def declared(self, locks: Iterable[Mapping[str, Any]]) -> tuple[TakenLock, ...]:
        """The locks that a step of an online operation names itself; tables that are not there yet are left out."""
        found = (self.of(_named(each["table"]), LockMode(each["mode"]), brief=each["brief"]) for each in locks)
        return tuple(each for each in found if each is not None)

    def concurrent(self, statement: str) -> tuple[TakenLock, ...]:
        """Those of a statement that runs CONCURRENTLY: SHARE UPDATE EXCLUSIVE on its table."""
        names = [*sql.touched(statement).relations]
        if not names and words(statement)[:1] == ["drop"]:
            return ()
        found = (self.of(name, LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False) for name in names)
        return tuple(each for each in found if each is not None)

    def of(self, name: QualifiedName, mode: LockMode, *, brief: bool | None) -> TakenLock | None:
        """A lock on a table by its name; None if the live database does not have it."""
        schemas = (name.schema,) if name.schema else self.search_path
        for schema in schemas:
            if (size := self.live.get((schema, name.name))) and size.kind not in _INDEX_KINDS:
                return _lock(schema, name.name, mode, size, brief=brief, rewrite=False)
        return None

    def _taken(self, new: Mapping[int, tuple[LockMode, list[Any]]]) -> Iterator[TakenLock]:
        exclusive = any(m is LockMode.ACCESS_EXCLUSIVE and r[3] not in _INDEX_KINDS for m, r in new.values())
        for oid, (mode, row) in new.items():
            size = self.live.get((row[1], row[2]))
            index = row[3] in _INDEX_KINDS
            if size is None or row[2] in self.hidden or mode is LockMode.ACCESS_SHARE:
                continue
            # An index is worth a word only where its lock says more than that of its table.
            if index and (exclusive or mode is not LockMode.ACCESS_EXCLUSIVE):
                continue
            before = self._files.get(oid)
            yield _lock(row[1], row[2], mode, size, brief=None, rewrite=before not in (None, row[5]) and not index)


def covers(named: TakenLock, seen: TakenLock) -> bool:
    """Whether what a step names says all of a lock that the server shows."""
    return named.relation == seen.relation and _rank(named.mode) >= _rank(seen.mode) and not seen.rewrite


def _lock(schema: str, name: str, mode: LockMode, size: Size, *, brief: bool | None, rewrite: bool) -> TakenLock:
    relation = name if schema == "public" else f"{schema}.{name}"
    return TakenLock(relation, str(mode), mode.blocks, brief, rewrite, size.rows, size.bytes)


def _rank(mode: str) -> int:
    return next(_ORDER.index(each) for each in _ORDER if str(each) == mode)


def _named(table: str) -> QualifiedName:
    """The quoted, perhaps qualified name of a step's lock."""
    parts = words(table)
    return QualifiedName(parts[0], parts[1]) if len(parts) > 1 else QualifiedName(None, table.strip('"'))
