"""One index on a whole partition tree: built on each leaf by itself, attached level by level, with brief locks only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from . import build
from .index_state import Absent, Valid, state
from .model import OnlineError, Table
from .names import derived_name

if TYPE_CHECKING:
    from .definition import Wanted
    from .session import Session
    from .work import Work


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition and what is attached of it: `index` is the quoted name of its index below the parent's."""

    table: Table
    partitioned: bool
    index: str | None = None


def leaves(session: Session, table: Table) -> tuple[Table, ...]:
    """The partitions that hold rows, however deep.

    Raises OnlineError for foreign tables among them, which can have no index here.
    """
    found = session.rows(
        "SELECT c.relname, n.nspname, c.relkind::text"
        f" FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass({literal(str(table))})) p"
        " JOIN pg_catalog.pg_class c ON c.oid = p.relid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE p.isleaf AND c.relkind <> 'p' ORDER BY 2, 1"
    )
    if foreign := [str(Table(name, schema)) for name, schema, kind in found if kind == "f"]:
        raise OnlineError(
            f'partitions of "{table}" are foreign tables: "{", ".join(foreign)}"; nothing was changed',
            "Detach them first: a unique index cannot span them.",
        )
    return tuple(Table(name, schema) for name, schema, _ in found)


def levels(session: Session, table: Table) -> tuple[Table, ...]:
    """The partitioned tables of the tree, the table itself first; each has to have its partition key in the key."""
    found = session.rows(
        "SELECT c.relname, n.nspname"
        f" FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass({literal(str(table))})) p"
        " JOIN pg_catalog.pg_class c ON c.oid = p.relid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'p' ORDER BY p.level, 2, 1"
    )
    return tuple(Table(name, schema) for name, schema in found)


def leaf_index(leaf: Table, name: str) -> str:
    """The name of the part of index `name` that lies on the leaf."""
    return derived_name(leaf.name, name)


def parent_statement(wanted: Wanted, name: str, *, constraint: bool, on: Table | None = None) -> str:
    """What makes the INVALID index of a partitioned table alone, without its partitions."""
    definition = wanted.definition
    return definition.constraint(name, on=on) if constraint else definition.statement(name, on=on, how="ONLY")


def complete(work: Work, wanted: Wanted, name: str, *, constraint: bool) -> int:
    """Build and attach what the index of the tree lacks, until the server calls it valid; the parts made.

    Partitions that appear meanwhile are picked up. Raises DBAPIError as `build` does (23505: duplicates).
    """
    table, made = wanted.definition.table, 0
    for _ in range(work.limits.rebuilds):
        made += _Tree(work, wanted, name, constraint=constraint).below(table, table.beside(name))
        if isinstance(state(work.session, table.beside(name)), Valid):
            break
    return made


class _Tree:
    """One walk over the tree. `total` counts the leaves, for whoever watches."""

    def __init__(self, work: Work, wanted: Wanted, name: str, *, constraint: bool) -> None:
        self._work, self._wanted, self._name, self._constraint = work, wanted, name, constraint
        self._total = len(leaves(work.session, wanted.definition.table))
        self._done = 0

    def below(self, table: Table, index: str) -> int:
        """Complete the index (quoted name) of a partitioned table."""
        made = 0
        parts = _partitions(self._work.session, table, index)
        for part in parts:
            made += self._level(part, index) if part.partitioned else self._leaf(part, index)
        if not made and parts and not isinstance(state(self._work.session, index), Valid):
            # A partition that lacked its index is gone: attaching once more makes the server look again.
            self._attach(index, parts[0].index or "")
        return made

    def _level(self, part: Partition, above: str) -> int:
        name = leaf_index(part.table, self._name)
        index = part.index or part.table.beside(name)
        made = 0
        if isinstance(state(self._work.session, index), Absent):
            statement = parent_statement(self._wanted, name, constraint=self._constraint, on=part.table)
            self._work.transact_all((statement,))
            made += 1
        made += self.below(part.table, index)
        if part.index is None:
            self._attach(above, index)
        return made

    def _leaf(self, part: Partition, above: str) -> int:
        made = 0
        if part.index is None:
            name = leaf_index(part.table, self._name)
            definition = self._wanted.definition
            build.build(self._work, part.table, name, definition.statement(name, on=part.table))
            self._wanted.verify(self._work.session, name, on=part.table, constraint=None)
            if self._constraint and not self._wanted.made(self._work.session, name, on=part.table, constraint=True):
                self._work.transact_all((using_index(part.table, name, name),))
            self._attach(above, part.table.beside(name))
            made = 1
        self._done += 1
        self._work.tell(self._done, self._total)
        return made

    def _attach(self, above: str, index: str) -> None:
        self._work.transact_all((f"ALTER INDEX {above} ATTACH PARTITION {index}",))


def using_index(table: Table, name: str, index: str) -> str:
    """ALTER TABLE that makes a constraint of a valid unique index, which takes the constraint's name."""
    return f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} UNIQUE USING INDEX {quoted(index)}"


def _partitions(session: Session, table: Table, index: str) -> tuple[Partition, ...]:
    found = session.rows(
        "SELECT c.relname, n.nspname, c.relkind = 'p', ("
        "   SELECT pg_catalog.format('%I.%I', xn.nspname, x.relname) FROM pg_catalog.pg_inherits h"
        "   JOIN pg_catalog.pg_index i ON i.indexrelid = h.inhrelid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
        "   JOIN pg_catalog.pg_namespace xn ON xn.oid = x.relnamespace"
        f"  WHERE h.inhparent = pg_catalog.to_regclass({literal(index)}) AND i.indrelid = c.oid"
        ") FROM pg_catalog.pg_inherits p JOIN pg_catalog.pg_class c ON c.oid = p.inhrelid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE p.inhparent = pg_catalog.to_regclass({literal(str(table))}) AND NOT p.inhdetachpending ORDER BY 2, 1"
    )
    return tuple(Partition(Table(name, schema), kind, attached) for name, schema, kind, attached in found)
