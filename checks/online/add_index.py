"""`op.add_index_online` and `op.drop_index_online`: plain indexes, which no ON CONFLICT depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from . import build, partitions
from .definition import Definition, Wanted, found
from .directives import register
from .model import Lock, LockMode, OnlineError, Operation, Step, Table
from .names import default_name
from .removal import drop
from .subject import subject

if TYPE_CHECKING:
    from .session import Session
    from .work import Work


@register
@dataclass(frozen=True, slots=True)
class AddIndex(Operation):
    """Add an index on `columns` (see `op.add_unique_online` for their spelling), called `name`."""

    directive: ClassVar[str] = "add_index_online"
    table: Table
    columns: tuple[str, ...]
    name: str | None = None
    where: str | None = None
    include: tuple[str, ...] = ()
    method: str = "btree"

    @property
    def index(self) -> str:
        """The name of the index."""
        return self.name or default_name(self.table.name, self.columns, "idx")

    def steps(self, session: Session) -> tuple[Step, ...]:
        """One concurrent build; on a partitioned table one for each partition."""
        target = subject(session, self.table)
        definition = self._definition(target.table)
        wanted = Wanted(definition, definition.features(session))
        steps = (self._build(wanted, partitioned=target.partitioned),)
        return (self._parent(wanted), *steps) if target.partitioned else steps

    def reverse(self) -> Operation:
        """Drop it."""
        return DropIndex(self.table, self.index, self.columns, self.where, self.include, self.method)

    def script(self) -> tuple[str, ...]:
        """The build."""
        return (self._definition(self.table).statement(self.index),)

    def _definition(self, table: Table) -> Definition:
        return Definition(table, self.columns, unique=False, where=self.where, include=self.include, method=self.method)

    def _parent(self, wanted: Wanted) -> Step:
        return Step(
            "parent",
            "the partitioned table gets its index alone, INVALID until each partition has its part",
            (partitions.parent_statement(wanted, self.index, constraint=False),),
            lambda s: wanted.verify(s, self.index, valid=False),
            (Lock(str(wanted.definition.table), LockMode.SHARE),),
        )

    def _build(self, wanted: Wanted, *, partitioned: bool) -> Step:
        table, statement = wanted.definition.table, wanted.definition.statement(self.index)

        def run(work: Work) -> int:
            if partitioned:
                return partitions.complete(work, wanted, self.index, constraint=False)
            return build.build(work, table, self.index, statement)

        return Step(
            "build",
            "reads and writes go on; it waits for every older transaction",
            (statement,),
            lambda s: wanted.verify(s, self.index),
            (Lock(str(table), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False),),
            transactional=False,
            undo=f"DROP INDEX CONCURRENTLY {table.beside(self.index)}",
            run=run,
        )


@register
@dataclass(frozen=True, slots=True)
class DropIndex(Operation):
    """Drop the index `name`, which is not unique. The other arguments describe it for the way back."""

    directive: ClassVar[str] = "drop_index_online"
    table: Table
    name: str
    columns: tuple[str, ...] = ()
    where: str | None = None
    include: tuple[str, ...] = ()
    method: str = "btree"

    def steps(self, session: Session) -> tuple[Step, ...]:
        """One concurrent drop; that of a partitioned table's index is brief, but cannot go concurrently."""
        target = subject(session, self.table)
        there = found(session, target.table, self.name)
        if there is not None and not there.on_table:
            raise OnlineError(
                f'index "{target.table.beside(self.name)}" is not one of "{target.table}"; nothing was changed',
                "Mend the name.",
            )
        if there is not None and (there.unique or there.constraint):
            raise OnlineError(
                f'index "{target.table.beside(self.name)}" may be the arbiter of an upsert: {there.shown};'
                " nothing was changed",
                "Use op.drop_unique_online, or op.replace_unique_online when another one takes its place.",
            )
        return (drop(target.table, self.name, constraint=False, partitioned=target.partitioned),)

    def reverse(self) -> Operation | None:
        """Add it again, if `columns` were given."""
        if not self.columns:
            return None
        return AddIndex(self.table, self.columns, self.name, self.where, self.include, self.method)

    def script(self) -> tuple[str, ...]:
        """The drop."""
        return drop(self.table, self.name, constraint=False, partitioned=False).sql
