"""The states of a schema source: as the old tree has it, then after each revision that the new one adds."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from .. import schema
from ..catalog.inside import read_inside
from ..catalog.read import read_catalog
from ..errors import SchemaError
from ..migrate.child import pending, started, told
from ..model import QualifiedName
from ..schema.detect import detect
from ..schema.extensions import Extensions
from ..schema.filling import filled
from ..schema.isolation import interpreter
from ..schema.loading import Loader
from ..schema.model import Loaded, SchemaInfo, ServerInfo
from ..schema.order import read_files
from ..schema.revisions import task_for
from ..schema.session import Session
from ..schema.source import SourceKind, parse
from . import files
from .model import GateError, Ran, State
from .scripts import changed
from .trees import lend_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from psycopg import Connection

    from ..catalog.read import Catalog
    from ..migrate.child import Child
    from ..migrate.model import Event, Revision
    from ..schema.filling import Filled
    from ..schema.loading import LoadedFiles
    from ..schema.source import Source
    from ..settings import Settings
    from .files import Migration
    from .trees import Tree

    Connect = Callable[[], AbstractContextManager[Connection[Any]]]

_SILENT = ("select", "show", "set", "reset", "begin", "commit", "insert", "update", "delete")
_OTHER_SOURCE = "Name a commit that has it, or with --schema the source that both have."
_LABEL = 14  # characters of a revision's name at the head of a column


@dataclass(frozen=True, slots=True)
class Moment:
    """A state with its catalog. Its connection is good until the next moment is asked for."""

    state: State
    loaded: Loaded
    connect: Connect
    live: bool = False


@dataclass(slots=True)
class Telling:
    """What is found on the way: sentences for the report, and the names of SQL files that were loaded."""

    notes: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    source: str = ""
    catalog: Catalog | None = None  # of the last state


@dataclass(slots=True)
class Database:
    """The throwaway database of a source, read anew at each state."""

    found: Filled
    connection: Connection[Any]
    settings: Settings
    telling: Telling
    _incomplete: dict[str, str] = field(default_factory=dict)
    _oids: dict[int, str] = field(default_factory=dict)  # of incomplete relations, which may get other names

    def moment(self, state: State, incomplete: Iterable[tuple[str, str]] = ()) -> Moment:
        """What its catalog is now; `incomplete` as in Loaded, of the statements that have run since the last time."""
        catalog = read_catalog(self.connection, search_path=self.settings.search_path)
        known = {name: reason for name, reason in self._incomplete.items() if name not in self._oids.values()}
        for oid, former in self._oids.items():
            if (relation := catalog.by_oid(oid)) is not None:
                known[relation.qualified_name] = self._incomplete[former]
        for name, reason in incomplete:
            known.setdefault(name, reason)
        self._remember(catalog, known)
        version = (self.connection.info.parameter_status("server_version") or "").partition(" ")[0]
        server = ServerInfo(version, str(self.found.server.kind), "throwaway")
        loaded = Loaded(
            catalog,
            server,
            SchemaInfo(self.telling.source),
            live=False,
            incomplete=tuple(sorted(known.items())),
            inside=read_inside(self.connection),
        )
        return Moment(state, loaded, self._connected)

    def _remember(self, catalog: Catalog, known: dict[str, str]) -> None:
        self._incomplete, self._oids = known, {}
        for name in known:
            place, _, own = name.rpartition(".")
            if (relation := catalog.resolve(QualifiedName(place or None, own))) is not None:
                self._oids[relation.oid] = name

    @contextmanager
    def _connected(self) -> Iterator[Connection[Any]]:
        yield self.connection


@contextmanager
def database(
    source: Source, given: Sequence[Migration], settings: Settings, telling: Telling
) -> Iterator[tuple[Database, LoadedFiles]]:
    """A source in a throwaway database, and what loading it gave; of SQL the files that are `given`."""
    pieces = tuple(piece for each in given for piece in each.pieces)
    telling.files.update(piece.path for piece in pieces)
    with filled(settings, source, pieces, None, lambda *_: None) as found:
        telling.notes += (*found.notes, *found.result.notes)
        with psycopg.connect(found.place.owner, autocommit=True, prepare_threshold=None) as connection:
            yield Database(found, connection, settings, telling), found.result


def of_files(
    source: Source,
    before: Sequence[Migration],
    after: Sequence[Migration],
    settings: Settings,
    telling: Telling,
    *,
    name: str = "before",
) -> Generator[Moment, None, None]:
    """The schema with the files `before`, then with each of those `after` it."""
    with database(source, before, settings, telling) as (own, result):
        _tell_failed(result, telling)
        yield own.moment(State(name, name), result.incomplete)
        place = own.found.place
        session = Session(place.owner)
        try:
            for each in after:
                telling.files.update(piece.path for piece in each.pieces)
                with own.found.server.roles_tracked():
                    extensions = Extensions(session, place.as_admin if place.admin else None)
                    ran = Loader(place, session, extensions).load(each.pieces)
                _tell_failed(ran, telling)
                state = State(each.name, each.label, each.path, tuple(_ran(each)), follows=True)
                yield own.moment(state, ran.incomplete)
        finally:
            session.close()


def _tell_failed(result: LoadedFiles, telling: Telling) -> None:
    for failure in result.failed[:3]:
        telling.notes.append(f"{failure.path}:{failure.line} did not load: {failure.message}")
    if len(result.failed) > 3:  # noqa: PLR2004 - those that are told
        telling.notes.append(f"{len(result.failed) - 3} more statements there did not load")


def _ran(migration: Migration) -> Iterator[Ran]:
    from .. import sql  # noqa: PLC0415 - the parser takes time to load

    for piece in migration.pieces:
        for statement in sql.split(piece.text):
            yield Ran(piece.path, piece.text.count("\n", 0, statement.offset) + 1, statement.text)


def of_trees(text: str, old: Tree, new: Tree, settings: Settings, telling: Telling) -> Generator[Moment, None, None]:
    """The states between two trees of the source of that name, as `located` has it."""
    last = source_in(new, text)
    first = _former(old, text, last)
    telling.source = last.name
    if SourceKind.ALEMBIC in (first.kind, last.kind):
        yield from _of_alembic(first, last, (old, new), settings, telling)
    elif files.is_history(last) and files.is_history(first):
        had = files.migrations(read_files(first, old.root))
        found = files.history(had, files.migrations(read_files(last, new.root)))
        telling.notes += found.notes
        yield from of_files(first, found.before, found.pending, settings, telling)
    else:
        yield from _written_out(text, old, new, settings, telling)


def _former(old: Tree, text: str, last: Source) -> Source:
    """The source of that name in the old tree, else files of migrations that lie elsewhere there.

    Raises GateError where there are none.
    """
    try:
        return source_in(old, text)
    except GateError:
        found = _elsewhere(old, last.kind) if files.is_history(last) else None
        if found is None:
            raise
        return found


def _elsewhere(old: Tree, kind: SourceKind) -> Source | None:
    """Files of migrations of that kind below the tree's root, else below the nearest directory above it."""
    for place in (old.root, *old.root.parents):
        if not place.is_relative_to(old.top):
            break
        source, colon, where = (detect(place).source or "").partition(":")
        if colon:
            found = source_in(old, f"{source}:{Path(os.path.relpath(place / where, old.root)).as_posix()}")
            if found.kind is kind and files.is_history(found):
                return found
    return None


def source_in(tree: Tree, text: str) -> Source:
    """The source of that name in a tree. Raises GateError where the tree does not have it."""
    try:
        found = parse(text, tree.root)
    except SchemaError as error:
        if tree.commit is None:
            raise
        raise GateError(f'revision "{tree.name}": {tree.shown(error.message)}', _OTHER_SOURCE) from None
    if tree.commit is not None and not found.path.resolve().is_relative_to(tree.top):
        raise GateError(f'revision "{tree.name}": schema source "{text}" does not exist', _OTHER_SOURCE)
    return found


def _written_out(
    text: str, old: Tree, new: Tree, settings: Settings, telling: Telling
) -> Generator[Moment, None, None]:
    """Sources that say how the schema is: there is nothing in between."""
    for tree, state in ((old, State("before", "before")), (new, State("end", "end"))):
        chosen = replace(tree.settings(settings), schema=text, database_url=None, in_database=False)
        if chosen.python is None:
            chosen = replace(chosen, python=interpreter(tree.beside, None))
        with schema.open(chosen, tree.root) as opened:
            info = opened.loaded.schema
            telling.notes += [f"{state.name}: {note}" for note in info.notes]
            telling.notes += [
                f"{state.name}: {each.path}:{each.line} did not load: {each.message}" for each in info.failed[:3]
            ]
            telling.files.update(file.path for file in opened.files())
            yield Moment(state, opened.loaded, opened.connection)


def _of_alembic(
    first: Source, last: Source, both: tuple[Tree, Tree], settings: Settings, telling: Telling
) -> Generator[Moment, None, None]:
    """The old tree's revisions run by its own scripts, then each that is pending by those of the new one."""
    old, new = both
    if first.kind is not last.kind:
        raise GateError("the schema is made by Alembic in one of the two trees only", "Name one source with --schema.")
    directory = new.beside / last.path.resolve().parent.relative_to(new.root.resolve())
    chosen = replace(settings, python=interpreter(directory, settings.python))
    for tree, source in ((old, first), (new, last)):
        if tree.commit is not None:
            lend_environment(tree.beside, tree.root, tree.top, source.path.resolve().parent)
    try:
        with ExitStack() as stack:
            own = _at_base(stack, replace(first, revision=None), old, chosen, telling)
            yield own.moment(State("before", "before"))
            telling.notes += changed(first.path, last.path)
            task, notes = task_for(last.path, own.found.place)
            telling.notes += notes
            steps = Steps(task, last.revision, chosen.python, telling)
            yield from (own.moment(state) for state in steps.states())
    except SchemaError as error:
        raise type(error)(new.shown(old.shown(error.message)), error.hint) from None


def _at_base(stack: ExitStack, source: Source, old: Tree, settings: Settings, telling: Telling) -> Database:
    """The database that the base's own scripts make; what they lack, an interpreter of today may have no more."""
    try:
        return stack.enter_context(database(source, (), settings, telling))[0]
    except SchemaError as error:
        raise type(error)(f'base "{old.name}": {error.message}', error.hint) from None


@dataclass(slots=True)
class Steps:
    """Alembic's pending revisions, run one by one in a throwaway database.

    `bring`: says, for a "script" event, to which revisions the database is brought before the first one.
    """

    task: dict[str, Any]
    revision: str | None
    python: str | None
    telling: Telling
    bring: Callable[[Event], tuple[str, ...]] | None = None
    _current: tuple[str, ...] = ()
    _pending: dict[str, Revision] = field(default_factory=dict)
    _statements: list[str] = field(default_factory=list)

    def states(self, *, brought: bool = False) -> Iterator[State]:
        """A state for each revision once it is committed; with `brought` one before the first, too."""
        task = {**self.task, "mode": "plan", "revision": self.revision or "heads"}
        with started(task, self.python, live=False) as child:
            for event in child.events():
                if event is None:
                    continue
                if event["event"] == "stamped":
                    yield self._state(event["revision"])
                elif event["event"] == "brought" and brought:
                    yield State("before", "before")
                self._hear(event, child)

    def _state(self, name: str) -> State:
        found = self._pending[name]
        ran = tuple(Ran(found.path, None, text) for text in self._statements)
        doc = found.doc.partition("\n")[0]
        return State(f"{name} {doc}".strip(), name[:_LABEL], found.path, ran, follows=True)

    def _hear(self, event: Event, child: Child) -> None:
        match event["event"]:
            case "script":
                self._begin(event)
            case "bring":
                child.answer(f"go {json.dumps(self._current)}")
            case "brought":
                self._pending = {each.revision: each for each in pending(event)}
                child.answer()
            case "revision":
                self._statements.clear()
                child.answer()
            case "stamping" | "stamped" | "committed":
                child.answer()
            case "statement" if not event["stamp"] and not event["sql"].lstrip().casefold().startswith(_SILENT):
                self._statements.append(event["sql"].strip())
            case "failed":
                raise self._failed(event)
            case _:
                pass

    def _begin(self, event: Event) -> None:
        if event["unknown"]:
            shown = ", ".join(f'"{each}"' for each in event["unknown"])
            raise GateError(
                f"revision {shown}, which the base is at, is not among the new scripts: alembic upgrade would refuse",
                "Give the new scripts a revision of that name, or name a base that is at one of theirs.",
            )
        self._current = self.bring(event) if self.bring is not None else tuple(event["current"])

    def _failed(self, event: Event) -> GateError:
        message, hint = told(event)
        which = event.get("bringing") or event.get("revision")
        where = f"revision {which} does not run in a throwaway database: " if which else ""
        return GateError(f"{where}{message}", hint or "What comes after it cannot be judged.")
