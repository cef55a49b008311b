"""Rows that a new rule does not allow: refused, given a value, or taken out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import batches, quarantine
from .model import Lock, LockMode, OnlineError, Step, Table
from .relation import family

if TYPE_CHECKING:
    from collections.abc import Callable

    from .preflight import Found
    from .session import Session
    from .work import Work


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Rows for which `condition` holds, and what to do with them.

    `reason` is a sentence fragment about such a row: 'column "a" is NULL'. `policy`: "refuse", "backfill" (SET
    `values`) or "quarantine" (under `rule`). `cure`: what to write in the directive instead of "refuse". `look`
    counts them and shows some. `inherited`: the rule holds for the rows of tables that inherit from this one too.
    `settle`: to take a row out can put another one in the way, so that it goes on until there is none.
    """

    table: Table
    condition: str
    reason: str
    policy: str
    rule: str
    cure: str
    look: Callable[[Session], Found]
    values: dict[str, str] = field(default_factory=dict)
    inherited: bool = True
    settle: bool = False

    def step(
        self, name: str, over: Callable[[Session], bool], state: str = "nothing was changed", *, lasting: bool = True
    ) -> Step:
        """The step after which there are none, or only those that writers have added since, if it is not `lasting`.

        `over`: whether a later step makes it needless. `state`: what to say of the table where rows are refused.
        """
        return Step(
            name,
            _WHY[self.policy],
            (),
            lambda session: over(session) or not self._remain(session),
            (Lock(str(self.table), LockMode.ACCESS_SHARE if self.policy == "refuse" else LockMode.ROW_EXCLUSIVE),),
            undo=f'op.restore_online("{self.table.name}", "{self.rule}")' if self.policy == "quarantine" else None,
            run=lambda work: self._run(work, state),
            lasting=lasting,
        )

    def refuse_policy(self, known: tuple[str, ...]) -> None:
        """Raise OnlineError when the policy is none of these."""
        if self.policy not in known:
            raise OnlineError(
                f'"{self.policy}" is no policy for rows of "{self.table}" where {self.reason}; nothing was changed',
                f"Choose one of: {', '.join(known)}.",
            )

    def _remain(self, session: Session) -> bool:
        look = batches.remain if self.inherited else quarantine.exists
        return look(session, self.table, self.condition)

    def _take_out(self, work: Work) -> int:
        parts = family(work.session, self.table) if self.inherited else (self.table,)
        return sum(
            quarantine.take_out(work, each, self.condition, rule=self.rule, reason=self.reason, settle=self.settle)
            for each in parts
        )

    def _run(self, work: Work, state: str) -> int:
        if self.policy == "backfill":
            return batches.change(work, batches.Change(self.table, self.values, self.condition))
        if self.policy == "quarantine":
            return self._take_out(work)
        if found := self.look(work.session):
            raise OnlineError(
                f"{found}; {state}",
                f"Mend these rows, or write {self.cure} in the directive; then run the same command again.",
            )
        return 0  # they have gone meanwhile


_WHY = {
    "refuse": "rows that are in the way are told before anything is changed",
    "backfill": "rows that are in the way get their value in small transactions",
    "quarantine": "rows that are in the way are kept in quarantine, with the reason",
}
