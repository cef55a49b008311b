"""Loads SQL files into a database, every statement in order; a failure is counted and never stops the rest."""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import psycopg

from .. import sql
from ..errors import PgArbiterError
from .effect import leading, place
from .extensions import LACKING, wanted
from .failures import Failures
from .model import Judged, LoadFailure
from .session import Item, Session
from .wire import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from psycopg import Connection

    from .extensions import Extensions, StandIn
    from .order import SourceFile
    from .owner import Place

    Judge = Callable[[Connection[Any], str], object]
    Progress = Callable[[int, int], None]

LOAD_SECONDS = 900.0
_ROLE_MISSING = re.compile(r'^role "(.+)" does not exist$')
_ROLE_DENIED = re.compile(r'^(?:permission denied to set role|must be member of role|must be able to SET ROLE) "(.+)"$')
_NOT_OBEYED = Refusal("58P01", "this command of psql was not obeyed: no such file below the source, or no file at all")
_NOT_RUN = Refusal("57014", f"not run: the time limit of {LOAD_SECONDS:.0f} s for the whole source was reached")


@dataclass(frozen=True, slots=True)
class LoadedFiles:
    """What loading gave. `incomplete` are relations ("schema.name") with the reason why they cannot be trusted.

    `refused` are the texts of the statements in `failed`.
    """

    statements: int
    failed: tuple[LoadFailure, ...]
    judged: tuple[Judged, ...]
    incomplete: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    stand_ins: tuple[StandIn, ...] = ()
    refused: tuple[str, ...] = ()


_UNJUDGED = {("create",), ("copy",)}
_ROWS_ONLY = {("insert",), ("update",), ("delete",)}  # statements that leave the catalog as it is


@dataclass(slots=True)
class Loader:
    """Loads files through one session; `judge` is asked about each INSERT just before it runs."""

    place: Place
    session: Session
    extensions: Extensions
    judge: Judge | None = None
    progress: Progress | None = None
    _failures: Failures = field(init=False)
    _judged: list[Judged] = field(default_factory=list)
    _copies: int = 0
    _answers: dict[object, object] = field(default_factory=dict)  # of the judge, since the catalog last changed

    def __post_init__(self) -> None:
        """Second tries use the same session."""
        self._failures = Failures(self.session)

    def load(self, files: Sequence[SourceFile]) -> LoadedFiles:
        """Run all statements of `files`; raises ServerError only when the server is gone for good."""
        scripts = [(file.follows, list(_items(file))) for file in files]
        total = sum(len(items) for _, items in scripts)
        limit = time.monotonic() + LOAD_SECONDS
        order = 0
        for follows, items in scripts:
            self._answers.clear()
            if not follows:
                self.session.begin_file()
            for item in items:
                order += 1
                self._run(item, order, late=time.monotonic() > limit)
                if self.progress:
                    self.progress(order, total)
            self.session.commit()
            self._take_undone(order)
        self._failures.try_again()
        return self._result(total)

    def _run(self, item: Item, order: int, *, late: bool) -> None:
        self._failures.watch(item, order)
        if not late:
            self._ask_judge(item)
        refusal = _NOT_RUN if late else self._attempt(item)
        if leading(item.text)[:1] not in _ROWS_ONLY:
            self._answers.clear()
        if refusal:
            self._failures.add(item, refusal, order)
        self._take_undone(order)

    def _take_undone(self, order: int) -> None:
        """What the server undid with its transaction has failed after all."""
        for item, refusal in self.session.take_undone():
            self._failures.add(item, refusal, order)

    def _attempt(self, item: Item) -> Refusal | None:
        if item.text.startswith("\\"):
            return _NOT_OBEYED
        if _is_copy_data(item.text):
            self._copies += 1
            return None
        if extension := wanted(item.text):
            return self.extensions.create(extension, item.text)
        refusal = self.session.run(item)
        if refusal and self._may_have_role(refusal.message):
            refusal = self.session.run(item)
        if refusal and refusal.sqlstate in LACKING and (text := self.extensions.without(item.text)):
            refusal = self.session.run(replace(item, text=text))
        return refusal

    def _may_have_role(self, message: str) -> bool:
        """Whether a role that a statement lacked is there, or the owner's to use, by now.

        The transaction ends: others do not see the roles that it made, nor it those of others for certain.
        """
        if missing := _ROLE_MISSING.match(message):
            self.session.commit()
            return self.place.create_role(missing[1])
        if denied := _ROLE_DENIED.match(message):
            self.session.commit()
            return self.place.lend_role(denied[1])
        return False

    def _ask_judge(self, item: Item) -> None:
        """Keep the judge's answer about an INSERT, unless the catalog entry of its table is uncertain here."""
        text = item.text
        lowered = text.casefold()
        if self.judge is None or "insert" not in lowered or "conflict" not in lowered or leading(text)[:1] in _UNJUDGED:
            return
        try:
            writes = sql.parse_writes(text)
            # A seed may hold thousands of alike statements, and each question reads the catalog.
            key = tuple((each.write, text.count("\n", 0, each.offset)) for each in writes)
            if key not in self._answers and self._is_certain(writes):
                connection = self.session.connection
                with connection.transaction(force_rollback=True):
                    self._answers[key] = self.judge(connection, text)
            if key in self._answers:
                self._judged.append(Judged(item.path, item.line, item.offset, self._answers[key]))
        except (PgArbiterError, psycopg.Error):
            return  # the site is then judged on the final catalog, as any other

    def _is_certain(self, writes: Sequence[sql.ParsedWrite]) -> bool:
        tables = [write.write.table for write in writes]
        places = [place(table, self.session.query) for table in tables if table is not None]
        return bool(places) and all(found.oid and found.name not in self._failures.suspect for found in places)

    def _result(self, total: int) -> LoadedFiles:
        failed = tuple(self._failures.reported())
        incomplete: dict[str, str] = {}
        for failure in failed:
            for name in failure.makes_unknown:
                incomplete.setdefault(name, f"{failure.path}:{failure.line} did not load: {failure.message}")
        return LoadedFiles(
            statements=total,
            failed=failed,
            judged=tuple(self._judged),
            incomplete=tuple(sorted(incomplete.items())),
            notes=tuple(self._notes()),
            refused=self._failures.texts(),
        )

    def _notes(self) -> Iterator[str]:
        yield from self.extensions.notes()
        if count := self._failures.without_keys:
            many = "one statement was" if count == 1 else f"{count} statements were"
            yield f"{many} loaded without the foreign keys to tables that did not load"
        if self._copies:
            many = "one COPY statement" if self._copies == 1 else f"{self._copies} COPY statements"
            yield f"the rows of {many} were not loaded"


def _items(file: SourceFile) -> Iterator[Item]:
    if file.command:
        yield Item(file.path, file.text.count("\n") + 1, len(file.text) - len(file.command), file.command)
        return
    starts = [0, *(match.end() for match in re.finditer("\n", file.text))]
    for statement in sql.split(file.text):
        yield Item(file.path, bisect_right(starts, statement.offset), statement.offset, statement.text)


def _is_copy_data(text: str) -> bool:
    """COPY FROM stdin, which a dump gives its rows with."""
    head = text[:2000].casefold().partition("\n")[0]
    return head.startswith("copy") and "stdin" in head
