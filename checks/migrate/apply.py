"""`up` and `down`: the child runs revisions one by one, while we hold the lock, watch, verify and try again."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from ..errors import ServerError
from ..online.limits import limits
from ..schema.wire import first_line
from . import failure, live
from .account import Account
from .child import idle, scripts, started
from .model import Applied, Event, Interrupted, MigrateError, Revision
from .progress import Watch
from .statements import makes_index, shortened

if TYPE_CHECKING:
    from pathlib import Path

    from .audience import Audience
    from .child import Child
    from .live import Connection, InvalidIndex
    from .model import AppliedRevision, Scripts

# Only backends of ours: a number may be someone else's by now.
_SIGNAL = sql.SQL(
    "SELECT {function}(pid) FROM pg_catalog.pg_stat_activity"
    " WHERE pid = ANY (%s) AND usename = current_user AND application_name LIKE 'pgarbiter migrate %%'"
)
_AGAIN = ("55P03", "40P01")  # lock_not_available, deadlock_detected
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_CANCEL_S, _CANCEL_AGAIN_S = 10.0, 1.0
_RESTART_S = 10.0  # what a restart takes, before the state is said to be unknown
_KEPT = {
    True: "what the revision had committed is kept",
    False: "nothing of the revision is kept",
    None: "what the revision had committed, if anything, is kept",
}


def apply(
    ini: Path,
    url: str,
    revision: str,
    direction: str,
    *,
    audience: Audience,
    python: str | None = None,
    channel: str | None = "pgrst",
) -> Applied:
    """Run the revisions up or down to `revision`; at the end notify `channel` that the schema has changed.

    Raises MigrateError, which says in which state the database is, and Interrupted after Ctrl-C.
    """
    with live.alone(url, audience.note) as lock, live.again(url) as watched:
        run = _Run(ini, url, direction, audience, python, lock, watched)
        try:
            run.until_done(revision)
            current = live.stamped(run.watched, *run.version_table)
            told = _notify(run.watched, channel) if run.applied and channel else None
        except psycopg.Error as error:
            raise run.lost(error) from None
        finally:
            run.watched.close()  # another one than at the start when the server has been restarted
        return Applied(tuple(run.applied), current, tuple(run.notes), told)


def _notify(connection: Connection, channel: str) -> str:
    connection.execute("SELECT pg_catalog.pg_notify(%s, 'reload schema')", (channel,))
    return channel


@dataclass(slots=True)
class _Run:
    ini: Path
    url: str
    direction: str
    audience: Audience
    python: str | None
    lock: Connection
    watched: Connection
    account: Account = field(default_factory=Account)
    notes: list[str] = field(default_factory=list)
    version_table: tuple[str, str | None] = ("alembic_version", None)
    _known: dict[str, Revision] = field(default_factory=dict)
    _current: Revision | None = None
    _step: str | None = None
    _before: frozenset[InvalidIndex] = frozenset()
    _unchecked: frozenset[tuple[str, str]] = frozenset()
    _named: set[str] = field(default_factory=set)
    _target: str = ""
    _operating: bool = False
    _heard: bool = False  # of the scripts, since env.py has asked for them

    @property
    def applied(self) -> list[AppliedRevision]:
        """The revisions that are recorded, in their order."""
        return self.account.done

    def until_done(self, revision: str) -> None:
        """One child after the other, until none fails for want of a lock."""
        self._target = revision
        end, pause = time.monotonic() + limits().patience_s, _FIRST_PAUSE_S
        while True:
            before = len(self.applied)
            ended = self._child()
            if ended["event"] == "done":
                if not self._heard:
                    raise idle()
                self._check_committed()
                return
            if len(self.applied) > before:
                end, pause = time.monotonic() + limits().patience_s, _FIRST_PAUSE_S
            if not self._may_try_again(ended) or time.monotonic() > end:
                raise self._failed(ended)
            self.audience.note(f"revision {ended['revision']} waits for a lock ({ended['sqlstate']}); trying again")
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    def _check_committed(self) -> None:
        """An env.py that holds a transaction of its own may have forgotten to commit it."""
        current = live.stamped(self.watched, *self.version_table)
        if self.applied and (self.applied[-1].revision in current) != (self.direction == "up"):
            shown = ", ".join(each.revision for each in self.applied)
            raise MigrateError(
                f"env.py has not committed what it ran: {shown}; {self._at(current)}",
                "Leave the transaction to context.begin_transaction(), or commit the connection at the end of env.py.",
            )

    @staticmethod
    def _may_try_again(ended: Event) -> bool:
        """Only a revision of which nothing is kept; an online operation has had patience of its own."""
        return ended.get("sqlstate") in _AGAIN and bool(ended.get("revision")) and not ended.get("parts")

    def _child(self) -> Event:
        """One child from start to end; its last event."""
        task = {
            **live.task(self.ini, self.url),
            "mode": "run",
            "direction": self.direction,
            "revision": self._target,
        }
        with started(task, self.python, live=True) as child:
            try:
                return self._listen(child)
            except psycopg.Error as error:
                return {"event": "failed", "kind": "lost", "message": _said(error), **self._at_work()}
            except (KeyboardInterrupt, SystemExit):  # SystemExit: asked to end by a signal
                raise self._interrupted(child) from None

    def _listen(self, child: Child) -> Event:
        watch = Watch(self.watched, self.audience)
        last: Event = {"event": "failed", "message": "it said nothing"}
        for event in child.events():
            if event is not None:
                last = event
                self._hear(child, event)
            watch.look(child.pids)
        watch.end()
        return {**self._at_work(), **last} if last.get("kind") == "lost" else last

    def _at_work(self) -> Event:
        """What a child that can say nothing any more was at."""
        return {"revision": self._current and self._current.revision, "parts": None}

    def _hear(self, child: Child, event: Event) -> None:
        self.account.hear(event)
        match event["event"]:
            case "script":
                self._begin(scripts((), event))
            case "revision":
                self._begin_revision(event["revision"])
                child.answer()
            case "statement":
                self._statement(event)
            case "operation":
                self._operating, self._step = True, None
            case "operated":
                self._operating = False
            case "step" if event["phase"] == "before":
                self._step = str(event["step"])
                self.audience.step(self._step)
            case "stamping":
                broken = self._broken()
                child.answer(f"stop {broken}" if broken else "go")
            case "stamped":
                self._stamped(event["revision"], child.pids)
                child.answer()
            case "committed":
                child.answer()
            case _:
                pass

    def _begin(self, found: Scripts) -> None:
        self.version_table, self._heard = (found.version_table, found.version_schema), True
        self._known.update({each.revision: each for each in found.pending})
        if found.unknown:
            raise failure.unknown(found.unknown, self.ini)
        if found.outer and found.pending:
            self.notes.append("env.py holds one transaction around all revisions, so that they are committed together")
        if found.pending and self._target not in ("heads", "head", "base"):
            # A relative target would be counted anew after a try again.
            last = found.pending[-1]
            self._target = last.revision if self.direction == "up" else _below(last, self._target)

    def _begin_revision(self, revision: str) -> None:
        self._current, self._step = self._known.get(revision, Revision(revision, (), "", "")), None
        self._before, self._named, self._operating = frozenset(live.invalid(self.watched)), set(), False
        self._unchecked = frozenset(live.not_valid(self.watched))
        self.account.begin(self.watched)
        self.lock.execute("SELECT")  # whoever has lost the lock must not go on
        self.audience.revision(self._current)

    def _statement(self, event: Event) -> None:
        if event["stamp"]:
            return
        self._named |= makes_index(event["sql"])
        if not self._operating:
            self._step = shortened(event["sql"], 80)
            self.audience.step(self._step)

    def _broken(self) -> str | None:
        """Why the revision must not be recorded: an INVALID index that it has made, or has found and taken for its own.

        Partitioned parents are none: they are INVALID until their last partition has been attached.
        """
        for index in live.invalid(self.watched):
            if index.name in self._named or index not in self._before:
                return f"index {index} is INVALID: it is no arbiter"
        return None

    def _stamped(self, revision: str, pids: list[int]) -> None:
        self._current = None
        done = self.account.end(self._known.get(revision, Revision(revision, (), "", "")), self.watched, pids)
        for table, name in sorted(set(live.not_valid(self.watched)) - self._unchecked):
            self.notes.append(f'constraint "{name}" of {table} is NOT VALID: old rows may break it')
        self.audience.stamped(done)

    def _interrupted(self, child: Child) -> MigrateError:
        """Cancel what the child's backends do, and let it roll back and end."""
        self.audience.note("stopping: the running statement is cancelled; what is not committed is rolled back")
        ended: Event = {"event": "failed", "revision": self._current and self._current.revision, "parts": True}
        with suppress(KeyboardInterrupt, SystemExit, psycopg.Error):  # a second Ctrl-C: at once
            now = time.monotonic()
            again, limit = now, now + _CANCEL_S
            for event in child.events():
                if event is not None:
                    ended = event
                    if event.get("asks"):
                        child.answer("stop interrupted")
                if (now := time.monotonic()) > limit:
                    break
                if now >= again:  # not once: it may have been between two statements
                    self._signal("pg_cancel_backend", child.pids)
                    again = now + _CANCEL_AGAIN_S
        child.kill()
        with suppress(psycopg.Error):
            self._signal("pg_terminate_backend", child.pids)
        where = f"interrupted at revision {self._current.revision}" if self._current else "interrupted"
        return Interrupted(f"{where}; {self._state(ended)}", failure.resume(self._command()))

    def _failed(self, ended: Event) -> MigrateError:
        """The error for a child's last event, with the state that it has left."""
        state, command = self._state(ended), self._command()
        return failure.failed(ended, self._current, self._step, state, command, operating=self._operating)

    def lost(self, error: psycopg.Error) -> MigrateError:
        """The error for a connection of ours that has ended between the child's work."""
        ended = {"event": "failed", "kind": "lost", "message": _said(error), **self._at_work()}
        return self._failed(ended)

    def _reconnect(self) -> None:
        """A server that is restarted is there again in a moment. Raises ServerError when it is not."""
        with suppress(psycopg.Error):
            self.watched.execute("SELECT")
        end = time.monotonic() + _RESTART_S
        while self.watched.broken or self.watched.closed:
            try:
                self.watched = live.again(self.url)
            except ServerError:
                if time.monotonic() > end:
                    raise
                time.sleep(_FIRST_PAUSE_S)

    def _signal(self, function: str, pids: list[int]) -> None:
        self.watched.execute(_SIGNAL.format(function=sql.Identifier("pg_catalog", function)), (pids,))

    def _state(self, ended: Event) -> str:
        """What the database is like now, in one clause."""
        try:
            self._reconnect()
            try:
                current, invalid = self._read()
            except psycopg.OperationalError:  # a server that dies ends its sessions one by one: ours came last
                self._reconnect()
                current, invalid = self._read()
        except MigrateError as error:
            return error.message
        except psycopg.Error as error:
            return f"the state of the database is not known, since it cannot be read ({_said(error)})"
        except ServerError:
            return "the state of the database is not known, since it cannot be reached"
        at = self._at(current)
        left = [str(i) for i in invalid if i not in self._before or i.name in self._named]
        if not ended.get("revision"):
            return at if self.applied else f"{at}, no revision was run"
        kept = _KEPT[ended.get("parts")]
        return f"{at}, {kept}" + (f" but INVALID index {', '.join(left)}" if left and self._current else "")

    def _read(self) -> tuple[tuple[str, ...], tuple[InvalidIndex, ...]]:
        return live.stamped(self.watched, *self.version_table), live.invalid(self.watched)

    @staticmethod
    def _at(current: tuple[str, ...]) -> str:
        return f"the database is at {', '.join(current)}" if current else "the database is at no revision"

    def _command(self) -> str:
        return f"pgarbiter migrate {self.direction}" + ("" if self._target == "heads" else f" {self._target}")


def _said(error: psycopg.Error) -> str:
    return first_line(error.diag.message_primary or str(error)) or "the connection is lost"


def _below(revision: Revision, target: str) -> str:
    """What to go down to, said without counting: below the last of the revisions that are taken back."""
    counted: Any = target.startswith("-") or "-" in target
    if not counted or len(revision.down) > 1:
        return target
    return revision.down[0] if revision.down else "base"
