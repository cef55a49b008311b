"""`plan`: the pending revisions run in a throwaway database, and the live one is asked what stands in their way."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..catalog.read import declared_search_path
from ..schema.live import connect
from . import data, failure, live
from .child import ASKING, idle, pending, started, told
from .locks import Held, covers, sizes
from .model import Event, Plan, PlannedRevision, PlannedStep, Revision
from .place import throwaway
from .sites import Sites, found
from .statements import leading, shortened, step_of
from .status import unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..catalog.read import Catalog
    from ..model import WriteSite
    from ..online.model import Table
    from ..online.session import Session
    from ..settings import Settings
    from .live import Connection
    from .place import Throwaway

    Progress = Callable[[str, int, int], None]

_QUIET = frozenset((
    "select", "show", "values", "set", "reset", "begin", "start", "commit", "end", "rollback", "savepoint", "release",
    "with", "table", "",
))  # fmt: skip
_COMPANY = "is not the only statement of its revision"


def plan(
    ini: Path,
    url: str,
    paths: Sequence[Path],
    settings: Settings,
    *,
    revision: str = "heads",
    python: str | None = None,
    progress: Progress | None = None,
) -> Plan:
    """What the pending revisions up to `revision` will do to the database at `url`, which is only read.

    Write sites are those below `paths`. Raises MigrateError, SourceError and ServerError.
    """
    with live.reached():
        connected = connect(url)
    with (
        connected as connection,
        live.session(url, read_only=True) as session,
        throwaway(ini, connection, settings) as place,
    ):
        upserts, unread = found(paths, settings)
        halves = (f"half done, `up` goes on there: {each.what}" for each in unfinished(connection))
        notes = (*place.notes, *halves, *unread)
        made = Plan(live.described(connection), live.version(connection), (), [], notes=notes)
        planner = _Planner(made, ini, place, _Live(connection, session), upserts, settings, progress)
        planner.run(revision, python)
        return made


def _below(revisions: tuple[Revision, ...], current: tuple[str, ...]) -> set[str]:
    """The revisions that a database at `current` has had."""
    by_name = {each.revision: each for each in revisions}
    done: set[str] = set()
    left = list(current)
    while left:
        name = left.pop()
        if name not in done:
            done.add(name)
            left += by_name[name].down
    return done


@dataclass(frozen=True, slots=True)
class _Live:
    connection: Connection
    session: Session


@dataclass(slots=True)
class _Planner:
    """Listens to the child that runs the pending revisions."""

    plan: Plan
    ini: Path
    place: Throwaway
    live: _Live
    upserts: tuple[WriteSite, ...]
    settings: Settings
    progress: Progress | None
    _held: Held = field(init=False)
    _sites: Sites | None = None
    _table: str = ""  # Alembic's own
    _old: frozenset[int] = frozenset()  # relations that are there before the first pending revision
    _now: PlannedRevision | None = None
    _before: Catalog | None = None
    _statement: str = ""
    _steps: dict[str, PlannedStep] = field(default_factory=dict)  # of the online operation that runs
    _arguments: dict[str, Any] = field(default_factory=dict)
    _step: PlannedStep | None = None
    _operating: bool = False
    _company: bool = False  # something ran beside the online operation

    def run(self, revision: str, python: str | None) -> None:
        """Run the pending revisions up to `revision`; their plan is in `plan` then."""
        with started({**self.place.task, "mode": "plan", "revision": revision}, python, live=False) as child:
            for event in child.events():
                if event is not None:
                    self._hear(event)
                    if event["event"] == "bring":
                        child.answer(f"go {json.dumps(self.plan.current)}")
                    elif event["event"] in ASKING:
                        child.answer()
        if not self._table:
            raise idle()
        if self._sites is not None:
            self.plan.sites, self.plan.lost = len(self.upserts), self._sites.lost()

    def _hear(self, event: Event) -> None:
        match event["event"]:
            case "script":
                self._table = event["version_table"]
                self.plan.current = self.place.brought(event, self.live.connection, self.ini)
                done = _below(pending(event), self.plan.current)
                self.plan.revisions = [PlannedRevision(each) for each in pending(event) if each.revision not in done]
            case "brought":
                self._brought(event)
            case "revision":
                self._begin(event["revision"])
            case "committed":
                self._look()
            case "stamped":
                self._stamped()
            case "failed":
                self._failed(event)
            case _:
                self._hear_statement(event)

    def _brought(self, event: Event) -> None:
        """The throwaway database is where the live one is: look at both."""
        connection = self.live.connection
        path = self.settings.search_path or tuple(declared_search_path(connection))
        self._sites = Sites(self.place.connection, self.settings, self.upserts, path)
        self._old = frozenset(each.oid for each in self._sites.catalog.relations())
        self._held = Held(sizes(connection), frozenset((self._table,)), path)
        self.plan.revisions = [PlannedRevision(each) for each in pending(event)]

    def _hear_statement(self, event: Event) -> None:
        match event["event"]:
            case "operation":
                self._operation(event)
            case "operated":
                self._operating, self._step = False, None
            case "step":
                self._step = self._steps.get(event["step"]) if event["phase"] != "after" else self._step
            case "statement":
                self._statement = "" if event["stamp"] else event["sql"]
            case "ran":
                self._ran(event)
            case _:
                pass

    def _begin(self, revision: str) -> None:
        self._now = next(each for each in self.plan.revisions if each.revision.revision == revision)
        self._before, self._steps, self._arguments = self._catalog(), {}, {}
        self._step, self._operating, self._company = None, False, False
        self._held.look(self.place.connection)
        if self.progress:
            self.progress("plan", self.plan.revisions.index(self._now), len(self.plan.revisions))

    def _operation(self, event: Event) -> None:
        """Its steps as it says itself: those that have nothing to do without rows would not be seen running."""
        now = self._current()
        if now.online or now.steps:
            self._company = True
        now.online, self._operating = event["directive"], True
        self._arguments = event["arguments"]
        for step in event["steps"]:
            sql = "; ".join(step["sql"])
            locks = self._held.declared(step["locks"])
            planned = PlannedStep(step["name"], shortened(sql), step["why"], step["transactional"], locks)
            self._steps[step["name"]] = planned
            now.steps.append(planned)

    def _ran(self, event: Event) -> None:
        """A statement has run: `event` holds the locks that its transaction has by now."""
        locks = self._held.take(event["locks"], alone=event["alone"])
        if self._operating:
            self._add_seen(locks)
        elif self._statement and (locks or leading(self._statement) not in _QUIET):
            if event["alone"] and not locks:
                locks = self._held.concurrent(self._statement)
            now = self._current()
            self._company = self._company or now.online is not None
            brief = None if not event["alone"] else False
            locks = tuple(replace(each, brief=brief if each.brief is None else each.brief) for each in locks)
            self._step = PlannedStep("", shortened(self._statement), transactional=not event["alone"], locks=locks)
            now.steps.append(self._step)

    def _add_seen(self, locks: tuple[Any, ...]) -> None:
        """What the server shows beyond the locks that a step names."""
        marked = step_of(self._statement)
        step = self._steps.get(marked[1]) if marked else None
        if step is not None:
            more = (each for each in locks if each.blocks != "nothing" and not any(covers(n, each) for n in step.locks))
            # In a transaction of the operation's own, which ends with the step; the long ones are named by it.
            step.locks = (*step.locks, *(replace(each, brief=True) for each in more))

    def _look(self) -> None:
        """Something is committed, so that writers see it."""
        if self._now is not None and self._sites is not None and (changes := self._sites.look()):
            if self._step is None:
                self._step = self._now.steps[-1] if self._now.steps else PlannedStep("", "")
            self._step.sites = (*self._step.sites, *changes)

    def _stamped(self) -> None:
        self._look()
        now = self._current()
        if self._company:
            now.error = f"op.{now.online} {_COMPANY}"
        if self._before is not None:
            online = now.online is not None
            for need in data.needs(self._before, self._catalog(), self.place.connection, online=online):
                if need.relation.oid not in self._old:
                    continue  # what the pending revisions have made holds no rows but theirs
                key = (need.relation.schema, need.relation.name)
                changed = key in self._held.changed and not now.online
                now.data.append(
                    data.asked(
                        need, self.live.session, changed=changed, arguments=self._arguments, there=self._is_there
                    )
                )
        self._now = None

    def _catalog(self) -> Catalog:
        if self._sites is None:
            raise failure.brought({})
        return self._sites.catalog

    def _is_there(self, table: Table) -> bool:
        return (table.schema or "public", table.name) in self._held.live

    def _failed(self, event: Event) -> None:
        """The revision that failed and those after it are not planned; one in bad company is in error."""
        if self._sites is None:
            if not event.get("bringing"):
                raise failure.brought(event)
            for each in self.plan.revisions:
                each.not_planned = failure.brought(event).message
            return
        message, _ = told(event)
        failing = self._now
        if failing is None:
            raise failure.brought(event)
        if _COMPANY in message:
            failing.error = message
        else:
            failing.not_planned = message
        at = self.plan.revisions.index(failing)
        for each in self.plan.revisions[at + 1 :]:
            each.not_planned = f"it comes after {failing.revision.revision}"

    def _current(self) -> PlannedRevision:
        if self._now is None:
            raise failure.brought({})
        return self._now
