"""The gate itself: both trees scanned once, each database of the project judged in each of its states."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .. import __version__
from ..catalog.collector import paused
from ..proposal import parts
from ..scan import scan
from ..schema.detect import HOW_TO_NAME_ONE, detect
from ..schema.source import relative
from ..shares import doubted, narrowed, shares
from ..wording import plural
from . import live
from .access import Absent
from .causes import whys
from .code import code as own_code
from .code import outside
from .judging import Sites, settled
from .matrix import Matrix, counted, doubts, drift, inside, lines, unknown
from .model import Answer, Code, Count, Gate, GateError, Order, Part, State
from .states import Telling, of_trees, source_in
from .trees import located, trees

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    from ..catalog.read import Catalog
    from ..model import WriteSite
    from ..scan.model import ScanResult
    from ..settings import Settings
    from .judging import Judged
    from .model import Cell
    from .states import Moment
    from .trees import Tree

    Progress = Callable[[str, int, int], None]

_DOUBTS = 3  # reasons that are told
_DRIFTS = 5  # sites


@dataclass(frozen=True, slots=True)
class Asked:
    """Which commits are compared, and in which order they are deployed. `head` None: the work tree."""

    base: str | None = None
    head: str | None = None
    order: Order = Order.MIGRATIONS_FIRST


@dataclass(frozen=True, slots=True)
class _Both:
    """The two trees, and what was found in them."""

    old: Tree
    new: Tree
    sites: dict[Code, tuple[WriteSite, ...]]


def gate(paths: Sequence[Path], root: Path, asked: Asked, settings: Settings, progress: Progress | None = None) -> Gate:
    """Old and new code below `paths` against each state of the schema; `root`: what all of `paths` lie in.

    The repository is only read, and so is the live database of `settings.database_url`, whose schema is the first state
    then. Raises GateError, SourceError, SchemaError or ServerError when commits, sources or servers cannot be had.
    """
    with paused(), trees(paths or [root], root, asked.base, asked.head) as (old, new):
        chosen = _with_parts(settings, new)
        found = {code: _scanned(tree, chosen, progress) for code, tree in _codes(old, new)}
        sites = {code: own_code(found[code].sites, tree.root) for code, tree in _codes(old, new)}
        both = _Both(old, new, sites)
        judged = tuple(_parts_of(both, chosen, guessed=chosen is not settings))
        return Gate(
            version=__version__,
            base=old.name,
            head=new.name,
            order=asked.order,
            parts=judged,
            notes=tuple(_notes(old, new)),
            incomplete=tuple(
                f"{tree.name}: {each.path}: {each.reason}"
                for code, tree in _codes(old, new)
                for each in found[code].failed
                if each.unforeseen
                and os.path.lexists(tree.root / each.path)  # not one that is deleted, and in the index
            ),
        )


def _codes(old: Tree, new: Tree) -> tuple[tuple[Code, Tree], ...]:
    return (Code.OLD, old), (Code.NEW, new)


def _notes(old: Tree, new: Tree) -> Iterator[str]:
    if not old.paths:
        yield "The base has none of these paths: there is no old code."
    if old.commit == new.commit:
        yield "Base and head are the same commit: there is nothing to deploy."
    elif new.commit is None and old.is_head:
        yield "The base is HEAD itself: only what is not committed yet is judged."


def _with_parts(settings: Settings, new: Tree) -> Settings:
    """The settings, with the parts of the project that have a schema of their own, when no schema is asked for."""
    if settings.schema is not None or settings.database_url is not None or settings.database:
        return settings
    default, found = parts(new.root)
    return replace(settings, schema=default, database=found, base=new.root) if found else settings


def _scanned(tree: Tree, settings: Settings, progress: Progress | None) -> ScanResult:
    told = (lambda done, total: progress(f"scan {tree.name}", done, total)) if progress else None
    if not tree.paths:
        from ..scan.model import ScanResult  # noqa: PLC0415 - hardly ever

        return ScanResult(())
    return scan(tree.paths, tree.settings(settings), progress=told)


@dataclass(frozen=True, slots=True)
class _Own:
    """The sites of one database; `settings` None: they are judged by nothing, and `why` not."""

    name: str | None
    settings: Settings | None
    sites: Sites
    why: str = ""


def _parts_of(both: _Both, settings: Settings, *, guessed: bool) -> Iterator[Part]:
    """One after the other: no two servers at a time. `guessed`: nobody has said which files write to which."""
    catalogs: dict[str, Catalog | None] = {}
    for own in _owns(both, settings, guessed=guessed):
        if own.settings is None:
            if any(own.sites.of.values()):
                yield _unjudged(own)
            continue
        sites, judged, telling = _judged(own.sites, both, own.settings)
        if own.name is not None:
            catalogs[own.name] = telling.catalog
        elif guessed:
            judged = [_doubted(each, catalogs) for each in judged]
        yield _part(own.name, sites, judged, telling)


def _owns(both: _Both, settings: Settings, *, guessed: bool) -> Iterator[_Own]:
    if not settings.database or settings.only_database is not None:
        one = narrowed(settings, both.new.root)
        yield _Own(settings.only_database or None, one, Sites(*both.sites.values()))
        return
    old, new = (
        shares(both.sites[code], tree.settings(settings), tree.root, guessed=guessed)
        for code, tree in _codes(both.old, both.new)
    )
    for had, has in zip(old, new, strict=True):
        chosen = (has.settings if has.sites else None) or (had.settings if had.sites else None)
        yield _Own(has.name, chosen, Sites(had.sites, has.sites), has.why)


def _unjudged(own: _Own) -> Part:
    """Sites that nobody says the schema of: unknown, in the one state that there is."""
    counts = {Code.DATABASE: Count(), **{code: unknown(sites) for code, sites in own.sites.of.items()}}
    state = State("before", "before")
    return Part(own.name, "none", "", (state,), (), (), counts, 0, 0, doubts=(own.why,))


def _judged(every: Sites, both: _Both, settings: Settings) -> tuple[Sites, list[Judged], Telling]:
    """The sites that are none of the schema's own files, in each state; and what was found on the way."""
    telling = Telling()
    text = located(_source(settings, both.new), both.new)
    place = relative(source_in(both.new, text).path, both.new.root)
    sites = Sites(*(outside(each, place) for each in every.of.values()))
    found, absent = [], Absent(settings)
    with closing(_moments(text, both, settings, telling)) as moments:
        for moment in moments:
            found.append(sites.judged(moment, settings, both.new.root))
            absent.look(moment.loaded.catalog)
            telling.catalog = moment.loaded.catalog
    if telling.catalog is not None:
        absent.refuse(telling.catalog)
    judged = settled(found, both.new.root, both.new.settings(settings), telling.files)
    return sites, judged, telling


def _moments(text: str, both: _Both, settings: Settings, telling: Telling) -> Generator[Moment, None, None]:
    if settings.database_url is not None:
        return live.of_database(settings.database_url, text, both.new, settings, telling)
    return of_trees(text, both.old, both.new, replace(settings, in_database=False), telling)


def _source(settings: Settings, new: Tree) -> str:
    if settings.schema is not None:
        return settings.schema
    found = detect(new.root)
    if found.source is None:
        notes = "".join(f"; {note}" for note in found.notes)
        raise GateError(f"no schema source was found{new.shown(notes)}", HOW_TO_NAME_ONE)
    return found.source


def _doubted(judged: Judged, catalogs: dict[str, Catalog | None]) -> Judged:
    bounds = {code: tuple(doubted(each, catalogs) for each in own) for code, own in judged.bounds.items()}
    return replace(judged, bounds=bounds)


def _part(name: str | None, sites: Sites, judged: Sequence[Judged], telling: Telling) -> Part:
    states = tuple(each.state for each in judged if each is not judged[0] or not each.live)
    states = (replace(states[0], name="before", label="before"), *states[1:])
    old, new, within = lines(judged, Code.OLD), lines(judged, Code.NEW), inside(judged)
    matrix = Matrix.of(old, new, within, len(states))
    rows = matrix.rows()
    return Part(
        name=name,
        source=telling.source,
        server=judged[-1].server,
        states=states,
        rows=rows,
        whys=whys(rows, (*old, *new, *within), states),
        counts={
            Code.OLD: counted(old, sites.of[Code.OLD]),
            Code.NEW: counted(new, sites.of[Code.NEW]),
            Code.DATABASE: counted(within, [line.site for line in within]),
        },
        first_for_new=matrix.first_for_new(),
        last_for_old=matrix.last_for_old(),
        first_inside=matrix.first_inside(),
        notes=tuple(dict.fromkeys((*telling.notes, *_drifts(judged)))),
        doubts=doubts((*old, *new, *within))[:_DOUBTS],
    )


def _drifts(judged: Sequence[Judged]) -> Iterator[str]:
    """Where the live database is not what its source makes of it, as far as write sites are about it."""
    told = {
        site.span.place: (site, here, there)
        for code in (Code.OLD, Code.NEW)
        for site, here, there in drift(judged, code)
    }
    for place, (_, here, there) in sorted(told.items())[:_DRIFTS]:
        yield (
            f"The live database is not what the source makes: {place} is {_said(here)} there, "
            f"{_said(there)} by the source; judged as the live one until a revision changes that."
        )
    if len(told) > _DRIFTS:
        yield f"{plural(len(told) - _DRIFTS, 'more site')} differ so between the live database and the source."


def _said(cell: Cell) -> str:
    if cell.answer is Answer.OK:
        return "taken"
    word = "refused" if cell.answer is Answer.BREAKS else "unknown"
    return f"{word} ({cell.sqlstate or cell.said})"
