"""The steps by which a unique index comes to be on a live table, whether it is new or replaces another one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from . import build, partitions, preflight, quarantine
from .definition import Definition, Wanted
from .guard import guard
from .index_state import Absent, state
from .model import Lock, LockMode, OnlineError, Step, Table
from .names import derived_name
from .relation import rows_of
from .session import sqlstate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .session import Session
    from .work import Work

_DUPLICATE = "23505"  # unique_violation


@dataclass(frozen=True, slots=True)
class Policy:
    """What becomes of rows that are duplicates by the key: see `op.add_unique_online`.

    `by`: what reasons call the key, where its own columns are not what people know.
    """

    duplicates: str
    rule: str
    keep: str | None = None
    merge: Mapping[str, str] = field(default_factory=dict)
    children: str = "re-point"
    by: str | None = None

    def check(self) -> None:
        """Raise OnlineError for a policy that cannot be followed."""
        if self.duplicates not in ("refuse", "quarantine"):
            raise OnlineError(f'duplicates is "{self.duplicates}", wanted "refuse" or "quarantine"')
        if self.duplicates == "quarantine" and not self.keep:
            raise OnlineError(
                'duplicates="quarantine" needs to know which row of each group is kept',
                'Write keep="updated_at DESC, id", for example: the first row in this order stays.',
            )
        if self.children not in ("re-point", "quarantine"):
            raise OnlineError(f'children is "{self.children}", wanted "re-point" or "quarantine"')


@dataclass(frozen=True, slots=True)
class Making:
    """How one unique index is made: its name while it is built, and `over`: it, or what it became, is there."""

    wanted: Wanted
    name: str
    partitioned: bool
    constraint: bool
    policy: Policy
    over: Callable[[Session], bool]
    why: str = "it is an arbiter as soon as it is valid"

    @property
    def table(self) -> Table:
        """The table that it is made on."""
        return self.wanted.definition.table

    def steps(self, *after: Step) -> tuple[Step, ...]:
        """All steps; `after` come when the index is valid, before the guard goes."""
        made = (*self._tree(), self._build(), *after)
        if self.policy.duplicates == "refuse":
            return made
        install, remove = guard(self.table, self.wanted.definition.key, self.name, self.over)
        return (self._helper(), install, self._quarantine(), *made, remove, self._no_helper())

    def _spots(self, session: Session) -> tuple[Table, ...]:
        return partitions.leaves(session, self.table) if self.partitioned else (self.table,)

    def _helper_name(self, leaf: Table) -> str:
        own = derived_name(self.name, "pgarbiter")
        return partitions.leaf_index(leaf, own) if self.partitioned else own

    def _helper_definition(self) -> Definition:
        wanted = self.wanted.definition
        return Definition(wanted.table, wanted.elements, unique=False, where=wanted.where)

    def _helper(self) -> Step:
        helper = self._helper_definition()

        def run(work: Work) -> int:
            wanted = Wanted(helper, helper.features(work.session))
            for leaf in self._spots(work.session):
                name = self._helper_name(leaf)
                if not wanted.made(work.session, name, on=leaf):
                    build.remove(work, leaf, name)  # of another key, from before the directive was changed
                build.build(work, leaf, name, helper.statement(name, on=leaf))
            return 0

        def done(session: Session) -> bool:
            if self.over(session):
                return True
            wanted = Wanted(helper, helper.features(session))
            return all(wanted.made(session, self._helper_name(leaf), on=leaf) for leaf in self._spots(session))

        return Step(
            "helper",
            "the guard and the search for duplicates look rows up by the key",
            (helper.statement(self._helper_name(self.table)),),
            done,
            self._slow(),
            transactional=False,
            undo=f"DROP INDEX CONCURRENTLY {self.table.beside(self._helper_name(self.table))}",
            run=run,
        )

    def _no_helper(self) -> Step:
        def run(work: Work) -> int:
            return sum(build.remove(work, leaf, self._helper_name(leaf)) for leaf in self._spots(work.session))

        def done(session: Session) -> bool:
            return all(
                isinstance(state(session, leaf.beside(self._helper_name(leaf))), Absent)
                for leaf in self._spots(session)
            )

        return Step(
            "drop helper",
            "the unique index does its work now",
            (f"DROP INDEX CONCURRENTLY {self.table.beside(self._helper_name(self.table))}",),
            done,
            self._slow(),
            transactional=False,
            run=run,
        )

    def _quarantine(self) -> Step:
        def run(work: Work) -> int:
            rows = 0
            for _ in range(work.limits.rebuilds):
                rows += self._deduplicate(work)
                if not self._duplicated(work.session):
                    break
            return rows

        return Step(
            "quarantine",
            "one row of each group of duplicates stays, the others are kept in pgarbiter_data.quarantine",
            (),
            lambda s: self.over(s) or not self._duplicated(s),
            (Lock(str(self.table), LockMode.ROW_EXCLUSIVE),),
            undo=f"op.restore_online brings the rows of rule {self.policy.rule!r} back",
            run=run,
        )

    def _deduplicate(self, work: Work) -> int:
        key, policy = self.wanted.definition.key, self.policy
        return quarantine.deduplicate(
            work,
            self.table,
            key,
            rule=policy.rule,
            keep=policy.keep or "",
            merge=dict(policy.merge),
            children=policy.children,
            by=policy.by,
        )

    def _duplicated(self, session: Session) -> bool:
        key, rows = self.wanted.definition.key, rows_of(session, self.table)
        found: bool = session.value(
            f"SELECT EXISTS (SELECT FROM {rows} WHERE {key.counted}"
            f" GROUP BY {', '.join(key.values(session, self.table))} HAVING count(*) > 1)"
        )
        return found

    def _tree(self) -> tuple[Step, ...]:
        if not self.partitioned:
            return ()

        def done(session: Session) -> bool:
            return self.over(session) or self.wanted.verify(session, self.name, constraint=self.constraint, valid=False)

        mode = LockMode.ACCESS_EXCLUSIVE if self.constraint else LockMode.SHARE
        return (
            Step(
                "parent",
                "the partitioned table gets its index alone, INVALID until each partition has its part",
                (partitions.parent_statement(self.wanted, self.name, constraint=self.constraint),),
                done,
                (Lock(str(self.table), mode),),
                undo=f"DROP INDEX {self.table.beside(self.name)}",
            ),
        )

    def _build(self) -> Step:
        statement = self.wanted.definition.statement(self.name)
        return Step(
            "build",
            f"reads and writes go on; it waits for every older transaction; {self.why}",
            (statement,),
            self.over,
            self._slow(),
            transactional=False,
            undo=f"DROP INDEX CONCURRENTLY {self.table.beside(self.name)}",
            run=self._built,
        )

    def _built(self, work: Work) -> int:
        """Build, and take duplicates out again that slipped through the guard. Raises OnlineError where they stay."""
        refuse, rows = self.policy.duplicates == "refuse", 0
        if refuse:
            self._refuse(work.session)
        for left in reversed(range(work.limits.rebuilds)):
            try:
                self._make(work)
                break
            except DBAPIError as error:
                if sqlstate(error) != _DUPLICATE or not (left or refuse):
                    raise
                if refuse:
                    self._refuse(work.session)
                    raise
                rows += self._deduplicate(work)
        return rows

    def _make(self, work: Work) -> None:
        if self.partitioned:
            partitions.complete(work, self.wanted, self.name, constraint=self.constraint)
        else:
            build.build(work, self.table, self.name, self.wanted.definition.statement(self.name))

    def _refuse(self, session: Session) -> None:
        found = preflight.duplicates(session, self.table, self.wanted.definition.key)
        if found:
            raise OnlineError(
                f"{found}; no index was made",
                'Mend the rows, or write duplicates="quarantine" and keep="updated_at DESC, id", for example, to keep'
                " one row of each group; then run the same command again.",
            )

    def _slow(self) -> tuple[Lock, ...]:
        return (Lock(str(self.table), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False),)
