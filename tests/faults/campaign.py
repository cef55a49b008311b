"""Kills runs of a scenario at its steps, runs it again, and compares with a run that nobody disturbed."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict

from .driver import Driver, Event, Outcome, Stop
from .state import Row, State, lost, read_accounts, read_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server

    from .scenarios import Scenario

ROOT = Path(__file__).parents[2]
HOWS = ("process", "backend")
_ENVIRONMENT = {"PGARBITER_ONLINE_BATCH_ROWS": "3", "PGARBITER_ONLINE_PATIENCE_S": "60"}
_WAIT_MS = 30.0


@contextmanager
def driver(environment: dict[str, str]) -> Iterator[Driver]:
    """The process that runs operations, until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.driver"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**environment, **_ENVIRONMENT},
    ) as child:  # fmt: skip
        yield Driver(child)


@dataclass(frozen=True, slots=True)
class Kill:
    """A kill and what came of it: `problems` is empty when nothing of it shows any more."""

    scenario: str
    step: str
    event: str
    stop: Stop
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Subject:
    """A scenario on a server: its template database, how it ends undisturbed, and what happens on the way."""

    scenario: Scenario
    server: Server
    driver: Driver
    template: str = ""
    events: tuple[Event, ...] = ()
    expected: State | None = None
    before: dict[str, list[Row]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the template, and run the operation once to its end. Raises AssertionError when that fails already."""
        self.template = self.server.create_database()
        with psycopg.connect(self.template, autocommit=True) as connection:
            connection.execute(self.scenario.setup.encode())
        for number in range(len(self.scenario.earlier)):
            _ended(self.driver.run(self.template, self.scenario.title, earlier=number))
        with psycopg.connect(self.template, autocommit=True) as connection:
            self.before = read_accounts(connection, self.scenario)
        with self.copy() as conninfo:
            self.events = _ended(self.driver.run(conninfo, self.scenario.title)).events
            with psycopg.connect(conninfo, autocommit=True) as connection:
                self.expected = read_state(connection, self.scenario.volatile)
                problems = lost(connection, self.scenario, self.before)
            _ended(self.driver.run(conninfo, self.scenario.title))  # once more, and nothing happens
            problems += self.problems(conninfo)
        assert not problems, "undisturbed: " + "; ".join(problems)

    def drop(self) -> None:
        """Drop the template."""
        self.server.drop_database(self.template)

    @contextmanager
    def copy(self) -> Iterator[str]:
        """A database as the template has it."""
        conninfo = self.server.create_database(str(conninfo_to_dict(self.template)["dbname"]))
        try:
            yield conninfo
        finally:
            self.server.drop_database(conninfo)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that ran, in order."""
        return tuple(dict.fromkeys(event.step for event in self.events if event.what == "before"))

    def kills(self) -> list[Kill]:
        """The kills of a whole campaign: of each step before, after, after a batch, between and in statements."""
        points = [point for step in ("", *self.steps) for point in self._points(step)]
        return [
            Kill(self.scenario.title, self.events[stop.at].step, event, replace(stop, how=how))
            for how in HOWS
            for event, stop in points
            if not (stop.hold and how == "process")  # who holds it would die too
        ]

    def _points(self, step: str) -> Iterator[tuple[str, Stop]]:
        """What to stop at: one event of each kind, the longest statement, and concurrent work that waits."""
        at: dict[str, list[int]] = {}
        for number, event in enumerate(self.events):
            if event.step == step:
                at.setdefault(event.what, []).append(number)
        for what, numbers in at.items():
            number = random.choice(numbers)
            yield what, Stop(number, "", self._flight(number) if what == "sent" else None)
        longest = max(at["sent"], key=self._length)
        yield "longest", Stop(longest, "", self._flight(longest))
        for number in at["sent"]:
            if " CONCURRENTLY " in self.events[number].statement:
                yield "waits for writers", Stop(number, "", _WAIT_MS, f"LOCK TABLE {self._table} IN ROW EXCLUSIVE MODE")
                yield "waits for snapshots", Stop(number, "", _WAIT_MS, "SELECT 1")

    @property
    def _table(self) -> str:
        return str(self.scenario.operation.table)

    def _length(self, number: int) -> float:
        """Milliseconds that the statement sent by this event took, undisturbed."""
        return self.events[number + 1].at_ms - self.events[number].at_ms

    def _flight(self, number: int) -> float:
        return random.uniform(0.05, 1.1) * self._length(number)

    def suffer(self, kill: Kill) -> Kill:
        """Run, be killed, run again: the kill with its problems."""
        with self.copy() as conninfo:
            first = self.driver.run(conninfo, self.scenario.title, kill.stop)
            problems = [*_complaints(first, kill.stop)]
            again = self.driver.run(conninfo, self.scenario.title)
            if again.error or again.signal:
                problems.append(f"the second run failed: {again.error}")
            problems += self.problems(conninfo)
        return Kill(kill.scenario, kill.step, kill.event, kill.stop, tuple(problems))

    def problems(self, conninfo: str) -> list[str]:
        """What the database has otherwise than after the undisturbed run, and the rows that it has lost."""
        assert self.expected
        with psycopg.connect(conninfo, autocommit=True) as connection:
            differences = read_state(connection, self.scenario.volatile).differences(self.expected)
            return [*differences, *lost(connection, self.scenario, self.before)]


def _complaints(outcome: Outcome, stop: Stop) -> Iterator[str]:
    """What a run that lost its backend must not do: fail without a hint, or with the error of a library."""
    if outcome.error and not outcome.hint:
        yield f"the first run said: {outcome.error}"
    if stop.how == "process" and stop.flight_ms is None and not outcome.signal:
        yield "the first run did not come to where it was to be killed"


def _ended(outcome: Outcome) -> Outcome:
    assert outcome.error is None, f"undisturbed, it says: {outcome.error} ({outcome.hint})"
    assert outcome.signal == 0
    return outcome
