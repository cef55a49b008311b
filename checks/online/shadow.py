"""The steps of a change of type: a shadow column that writers fill, proven complete, then swapped in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from . import batches, beforehand, build, constraint, firing, proof
from .attributes import columns, regclass
from .default import MARK, comment
from .definition import Definition, Wanted
from .incoming import validated_again
from .index_state import Valid, state
from .journal import SCHEMA
from .locking import lock
from .model import Lock, LockMode, OnlineError, Step, Table
from .obstacles import Obstacle
from .swap import Swap, twin
from .unique import Making

if TYPE_CHECKING:
    from . import policies
    from .carried import Index, Rule
    from .conversion import Conversion
    from .incoming import Incoming
    from .preflight import Found
    from .session import Session
    from .unique import Policy
    from .views import View
    from .work import Work


@dataclass(frozen=True, slots=True)
class Shadow:
    """How one column changes its type. `not_null`: whether the column is."""

    conversion: Conversion
    indexes: tuple[Index, ...]
    rules: tuple[Rule, ...]
    keys: tuple[Incoming, ...]
    policies: tuple[policies.Policy, ...]
    views: tuple[View, ...]
    policy: Policy
    unparsable: str
    not_null: bool
    keep_old: bool

    def steps(self) -> tuple[Step, ...]:
        """All of them, the same before and after the swap."""
        return (
            self._functions(),
            self._look(),
            self._column(),
            self._backfill(),
            *self._proof(),
            *(step for each in self.indexes if each.unique for step in self._unique(each)),
            *((self._plain(),) if any(not each.unique for each in self.indexes) else ()),
            *((self._constraints(),) if self.rules else ()),
            self._swap(),
            *((self._references(),) if self.keys else ()),
            *(() if self.keep_old else (self._drop(),)),
            self._tidy(),
        )

    def swapped(self, session: Session) -> bool:
        """Whether the column has its new type."""
        found = columns(session, self._table).get(self.conversion.column)
        return found is not None and found.type == self.conversion.type

    @property
    def _table(self) -> Table:
        return self.conversion.table

    @property
    def _own(self) -> str:
        return quoted(self.conversion.column)

    @property
    def _shadow(self) -> str:
        return quoted(self.conversion.shadow)

    @property
    def _missing(self) -> str:
        return f"{self._own} IS NOT NULL AND {self._shadow} IS NULL"

    def _brief(self) -> tuple[Lock, ...]:
        return (Lock(str(self._table), LockMode.ACCESS_EXCLUSIVE),)

    def _long(self) -> tuple[Lock, ...]:
        return (Lock(str(self._table), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False),)

    def _functions(self) -> Step:
        return Step(
            "functions",
            "all who convert do it by the same function, and under the same settings",
            self.conversion.definitions,
            lambda s: self.swapped(s) or self.conversion.is_defined(s),
            undo=self.conversion.removal[0],
        )

    def _look(self) -> Step:
        def done(session: Session) -> bool:
            return self.swapped(session) or self._has_column(session) or not self._found(session)

        def run(work: Work) -> int:
            for cure, found in self._found(work.session).items():
                work.transact_all(self.conversion.removal)
                raise OnlineError(f"{found}; nothing was changed", f"{cure}; then run the same command again.")
            return 0

        return Step(
            "look",
            "values that cannot be converted, or meet, are told before anything is changed",
            (),
            done,
            (Lock(str(self._table), LockMode.ACCESS_SHARE),),
            run=run,
        )

    def _found(self, session: Session) -> dict[str, Found]:
        """What is to be refused, by its cure: unparsable values, else rows that need theirs, else values that meet."""
        if self.unparsable == "refuse" and (found := beforehand.unparsable(session, self.conversion)):
            return {f"Mend these rows, or write {_TAKE} in the directive": found}
        if self.unparsable == "quarantine" and (found := beforehand.referenced(session, self.conversion)):
            return {"Point them to other rows, or take them out first": found}
        if self.policy.duplicates == "refuse":
            found = beforehand.meeting(session, self.conversion, self.indexes)
            return {f"Mend these rows, or write {_KEEP} in the directive": found} if found else {}
        return {}

    def _has_column(self, session: Session) -> bool:
        return bool(
            session.value(
                f"SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = {regclass(self._table)}"
                f" AND tgname = {literal(self.conversion.trigger)} AND tgenabled = 'A')"
            )
        )

    def _column(self) -> Step:
        # A domain's own default would stand in the place of values that are not converted yet.
        add = f"ALTER TABLE {self._table} ADD COLUMN {self._shadow} {self.conversion.type} DEFAULT NULL"
        return Step(
            "shadow",
            "from here on each row that is written fills the shadow column too",
            (add, *self.conversion.triggers),
            lambda s: self.swapped(s) or self._has_column(s),
            self._brief(),
            undo=f"DROP TRIGGER {quoted(self.conversion.trigger)} ON {self._table};"
            f" ALTER TABLE {self._table} DROP COLUMN {self._shadow}",
        )

    def _backfill(self) -> Step:
        only = f"{self.conversion.converted} IS NOT NULL"
        where = f"{self._missing} AND {only}"

        def run(work: Work) -> int:
            quiet = firing.settings(work.session, self.conversion)
            # The trigger converts: to do it here as well would only take longer.
            values = {self.conversion.shadow: "NULL"}
            return batches.change(work, batches.Change(self._table, values, self._missing, only, quiet))

        return Step(
            "backfill",
            "each batch locks its own rows only, for the length of one short transaction; no other trigger fires",
            (f"UPDATE {self._table} SET {self._shadow} = {self.conversion.converted} WHERE {where}",),
            lambda s: self.swapped(s) or not batches.remain(s, self._table, where),
            (Lock(str(self._table), LockMode.ROW_EXCLUSIVE),),
            run=run,
        )

    def _proof(self) -> tuple[Step, ...]:
        """A CHECK that no value is missing; for a NOT NULL column it also spares SET NOT NULL its scan."""
        obstacle = Obstacle(
            self._table,
            self._missing,
            f'column "{self.conversion.column}" holds no {self.conversion.type}',
            self.unparsable,
            self.policy.rule,
            _TAKE,
            lambda s: beforehand.unparsable(s, self.conversion),
        )
        obstacle.refuse_policy(("refuse", "quarantine"))
        whole = f"{self._shadow} IS NOT NULL" if self.not_null else f"{self._own} IS NULL OR {self._shadow} IS NOT NULL"
        return proof.check(self._table, self.conversion.proof, whole, self.swapped).steps(obstacle)

    def _unique(self, index: Index) -> tuple[Step, ...]:
        definition = Definition(
            self._table,
            index.elements,
            where=index.where,
            nulls_not_distinct=index.nulls_not_distinct,
            include=index.include,
            written=index.rest,
        )
        name = twin(index.name)
        making = Making(
            Wanted(definition, ""),
            name,
            partitioned=False,
            constraint=False,
            policy=replace(self.policy, by=self._known_as(index)),
            over=lambda s: self.swapped(s) or self._is_built(s, name),
            why="it enforces the key over the new values, and becomes the arbiter with the swap",
        )
        return tuple(replace(each, name=f"{each.name} {index.name}") for each in making.steps())

    def _known_as(self, index: Index) -> str:
        """The key in words that name the column and not the shadow of it."""
        new = f"{self._own} as {self.conversion.type}"
        shown = (each if each.startswith("(") else quoted(each) for each in index.elements)
        return f"({', '.join(new if each == self._shadow else each for each in shown)})"

    def _is_built(self, session: Session, name: str) -> bool:
        return isinstance(state(session, self._table.beside(name)), Valid)

    def _plain(self) -> Step:
        def statement(index: Index) -> str:
            return f"CREATE INDEX CONCURRENTLY {quoted(twin(index.name))} ON {self._table} {index.rest}"

        def run(work: Work) -> int:
            for each in wanted:
                build.build(work, self._table, twin(each.name), statement(each))
            return 0

        wanted = tuple(each for each in self.indexes if not each.unique)
        return Step(
            "indexes",
            "reads and writes go on; each waits for every older transaction",
            tuple(map(statement, wanted)),
            lambda s: self.swapped(s) or all(self._is_built(s, twin(each.name)) for each in wanted),
            self._long(),
            transactional=False,
            run=run,
        )

    def _constraints(self) -> Step:
        def done(session: Session) -> bool:
            return self.swapped(session) or all(self._is_kept(session, each) for each in self.rules)

        def run(work: Work) -> int:
            for each in self.rules:
                if constraint.constraint(work.session, self._table, twin(each.name)) is None:
                    work.transact_all((proof.added(self._table, twin(each.name), each.definition),))
                if each.validated:
                    work.transact_all((proof.validated(self._table, twin(each.name)),))
            return 0

        return Step(
            "constraints",
            "checks and foreign keys over the new values, each added without a scan and validated while writers run",
            tuple(proof.added(self._table, twin(each.name), each.definition) for each in self.rules),
            done,
            self._long(),
            run=run,
        )

    def _is_kept(self, session: Session, rule: Rule) -> bool:
        found = constraint.constraint(session, self._table, twin(rule.name))
        return found is not None and found.validated >= rule.validated

    def _swap(self) -> Step:
        swap = Swap(self.conversion, self.indexes, self.rules, self.keys, self.policies, self.views)

        def run(work: Work) -> int:
            # Without statistics of the new column the first plans after the swap would be blind.
            work.alone(f"ANALYZE {self._table} ({self._shadow})")

            attempts = count()

            def all_of_it() -> int:
                lock(work, swap.locking(work.session, next(attempts)))
                # So that all that is read here names what it means, and means the same when it is written again.
                work.session.run("SET LOCAL search_path = pg_catalog, pg_temp")
                for statement in swap.statements(work.session):
                    work.session.run(work.marked(statement))
                return 0

            return work.transact(all_of_it)

        return Step(
            "swap",
            "the columns change their names, indexes and constraints in one transaction, without a scan",
            (),
            self.swapped,
            swap.locks,
            run=run,
        )

    def _references(self) -> Step:
        return validated_again(self._table, self.conversion.column, self.keys, self.swapped)

    def _drop(self) -> Step:
        before = quoted(self.conversion.before)
        return Step(
            "drop old",
            "the old values are no longer needed; a change of the catalog alone",
            (f"ALTER TABLE {self._table} DROP COLUMN {before}",),
            lambda s: not self._has_old(s),
            self._brief(),
        )

    def _has_old(self, session: Session) -> bool:
        """Whether the column that was swapped out is still there: by its mark, since a name could be anybody's."""
        return (comment(session, self.conversion, self.conversion.before) or "").startswith(MARK)

    def _tidy(self) -> Step:
        """Quarantined rows also forget the shadow column, which is no more."""
        clean = (
            f"UPDATE {SCHEMA}.quarantine SET row_data = row_data - {literal(self.conversion.shadow)}"
            f" WHERE rule = {literal(self.policy.rule)} AND source = {literal(str(self._table))}"
            f" AND row_data ? {literal(self.conversion.shadow)}"
        )
        return Step(
            "tidy",
            "the functions have done their work",
            (clean, *self.conversion.removal),
            self.conversion.is_gone,
        )


_TAKE = 'unparsable="quarantine"'
_KEEP = 'duplicates="quarantine" with keep="updated_at DESC, id", for example,'
