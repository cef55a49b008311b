"""Runs operations in child processes that are to die: one request a line on stdin, one answer a line on stdout.

Each run is a fork of this process, which has imported everything and holds no connection: a kill costs milliseconds.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass, replace
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import psycopg
from sqlalchemy import create_engine, event, pool

from pgarbiter.errors import PgArbiterError
from pgarbiter.online import execute
from pgarbiter.online.execute import observer
from pgarbiter.online.session import Session

from .scenarios import titled

if TYPE_CHECKING:
    from pgarbiter.online.model import Operation, Step


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a run ends: at event number `at`, by `how`, "process" (kill -9) or "backend" (pg_terminate_backend).

    `flight_ms`: not at the event itself but that much later, while the statement runs; None for at once. `hold`:
    what another session runs in a transaction of its own first, so that a concurrent build waits for it when it dies.
    """

    at: int
    how: str
    flight_ms: float | None = None
    hold: str | None = None


class Event(NamedTuple):
    """What happened in which step, and when: "sent" and "ran" of each statement, and what observers are told."""

    what: str
    step: str
    at_ms: float
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `signal` that killed it or 0; `error` and `hint` of what it said; its `events`, if it ended."""

    signal: int
    error: str | None
    hint: str | None
    events: tuple[Event, ...]


class Run:
    """One run: counts what happens, and ends it where it is told to."""

    def __init__(self, conninfo: str, stop: Stop | None) -> None:
        self.events: list[Event] = []
        self._conninfo, self._stop, self._step = conninfo, stop, ""
        self._pid = 0
        self._killer: threading.Thread | None = None

    def execute(self, operation: Operation) -> None:
        """Run the operation as its directive does."""
        engine = create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(self._conninfo), poolclass=pool.NullPool
        ).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection, psycopg.connect(self._conninfo, autocommit=True) as self._other:
            session = Session(connection)
            self._pid = int(session.value("SELECT pg_backend_pid()"))
            found = session.resolve(operation.table)
            event.listen(engine, "before_cursor_execute", lambda _, __, sql, *___: self._happened("sent", sql))
            event.listen(engine, "after_cursor_execute", lambda *_: self._happened("ran"))
            observer.set(self._told)
            try:
                execute(operation if found is None else replace(operation, table=found), session)  # type: ignore[type-var]
            finally:
                if self._killer:
                    self._killer.join()

    def _told(self, what: str, operation: Operation, step: Step) -> None:
        del operation
        if what == "before":
            self._step = step.name
        self._happened(what)
        if what == "after":
            self._step = ""

    def _happened(self, what: str, statement: str = "") -> None:
        self.events.append(Event(what, self._step, time.monotonic() * 1000, statement))
        if self._stop and len(self.events) - 1 == self._stop.at:
            self._end(self._stop)

    def _end(self, stop: Stop) -> None:
        if stop.hold:
            self._other.execute(f"BEGIN ISOLATION LEVEL REPEATABLE READ; {stop.hold}")  # type: ignore[call-overload]
        if stop.how == "backend" and stop.flight_ms:
            self._killer = threading.Thread(target=self._terminate, args=(stop.flight_ms,))
            self._killer.start()
        elif stop.how == "backend":
            self._terminate(0)
        elif stop.flight_ms:
            signal.setitimer(signal.ITIMER_REAL, stop.flight_ms / 1000)  # SIGALRM, not caught, ends a process at once
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    def _terminate(self, flight_ms: float) -> None:
        time.sleep(flight_ms / 1000)
        self._other.execute("SELECT pg_terminate_backend(%s, 10000)", [self._pid])
        self._other.execute("ROLLBACK")


class Driver:
    """The process that forks runs, seen from outside."""

    def __init__(self, child: Any) -> None:
        self._child = child

    def run(self, conninfo: str, scenario: str, stop: Stop | None = None, earlier: int | None = None) -> Outcome:
        """One run of the operation of the scenario with that title, or of its earlier one of that number."""
        self.send(conninfo, scenario, stop, earlier)
        return self.receive()

    def send(self, conninfo: str, scenario: str, stop: Stop | None = None, earlier: int | None = None) -> None:
        """Begin a run."""
        asked = {"conninfo": conninfo, "scenario": scenario, "stop": asdict(stop) if stop else None, "earlier": earlier}
        self._child.stdin.write(json.dumps(asked) + "\n")
        self._child.stdin.flush()

    def receive(self) -> Outcome:
        """Wait for its end."""
        told = json.loads(self._child.stdout.readline())
        return Outcome(told["signal"], told["error"], told["hint"], tuple(Event(*each) for each in told["events"]))


def _child(asked: dict[str, Any], answer: IO[str]) -> None:
    scenario, stop = titled(asked["scenario"]), asked["stop"]
    run = Run(asked["conninfo"], Stop(**stop) if stop else None)
    told: dict[str, Any] = {"error": None, "hint": None}
    try:
        run.execute(scenario.operation if asked["earlier"] is None else scenario.earlier[asked["earlier"]])
    except PgArbiterError as error:
        told = {"error": str(error), "hint": error.hint}
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
        told = {"error": f"{type(error).__name__}: {error}", "hint": None}
    json.dump({**told, "events": run.events}, answer)


def _forked(asked: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as answer:
            _child(asked, answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):  # maybe in the middle of its answer
        return {"error": None, "hint": None, "events": [], "signal": os.WTERMSIG(status)}
    return {**cast("dict[str, Any]", json.loads(text)), "signal": 0}


def main() -> None:
    """Answer until stdin ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_forked(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
