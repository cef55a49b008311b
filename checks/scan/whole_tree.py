"""A whole tree read: the files that hold trigger words, what clients find in them, and what that means."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from ..cachedir import directory as cache_directory
from .asked import narrowed
from .clients import clients
from .databases import Databases
from .files import tree_of
from .gather import Gathered
from .kept import code, earlier_result, keep_result, opened, question_of
from .languages import language_of
from .model import FailedFile, ScanResult
from .portions import Portions
from .processes import MOST, cores
from .project import Project
from .reading import Reader
from .remarks import remarks
from .task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from ..settings import Settings
    from .files import Tree
    from .kept import Kept
    from .link import Linked
    from .model import Hits, Skipped

FEWEST = 200  # files of a tree of which something is kept


def scan(
    paths: Sequence[Path],
    settings: Settings,
    *,
    progress: Callable[[int, int], None] | None = None,
    edited: Mapping[str, bytes] | None = None,
    explain: bool = False,
    whole: bool = False,
) -> ScanResult:
    """All write sites below `paths`. `progress` is told (files done, files to do).

    `edited`: files, by their paths in the report, that are read as if they held these bytes. `explain`: every hit of a
    trigger word that is no part of a site stands in `skipped`, also those in files that are not read. `whole`: what
    names mean is looked for in the whole project that holds the paths.

    Raises SourceError for a path that does not exist; a file that cannot be read is a note in `failed`.
    """
    tree = tree_of(paths, settings, whole=whole)
    seen = [path for path in tree.paths if language_of(path) is not None]
    cache = _cache(paths, settings, tree, len(seen))
    kept = opened(*cache)
    project = Project(tree, {tree.lead + path: data for path, data in (edited or {}).items()}, kept)
    reader = Reader(project)
    named = _named(reader, seen, progress or (lambda *_: None))
    databases = Databases(settings, tree.root)
    question = question_of(project, databases, settings.only_database)
    result = None if explain else earlier_result(project, question)
    if result is None:
        portions = Portions(project, reader, databases)
        hits = portions.concern.of([(path, own) for path, own in named if own])
        linked = portions.linked(hits, _task(tree, settings, cache, kept))
        result = _result(project, linked, Gathered(project, databases, linked), settings, explain=explain)
        asked = [(path, own) for path, own in named if tree.is_asked(path)]
        result = replace(result, remarks=remarks(project, [path for path, _ in asked]), failed=_sorted(project.failed))
        result = replace(result, sealed=tuple(sorted(project.seals.found)))
        kept.drop_all_but(seen)
        project.remember()
        read = sum(own is not None for _, own in asked)
        result = narrowed(replace(result, seen=len(asked), read=read, trouble=kept.trouble), tree)
        if not explain:
            keep_result(project, question, replace(result, trouble=None))
    kept.save()
    if progress is not None:
        progress(len(seen), len(seen))
    unread = (
        FailedFile(tree.shown(path), f"could not read: {why.lower()}", unforeseen=True) for path, why in tree.unread
    )
    return replace(result, failed=(*unread, *result.failed)) if tree.unread else result


def _result(project: Project, linked: Linked, gathered: Gathered, settings: Settings, *, explain: bool) -> ScanResult:
    """What was found, in an order that does not depend on the machine."""
    sites = tuple(site for site in gathered.sites() if settings.only_database in {None, site.database or ""})
    skipped, counted = _explained(project, gathered) if explain else (linked.skipped, None)
    return ScanResult(
        sites=sites,
        skipped=tuple(sorted(skipped, key=lambda one: (one.path, one.line, one.reason))),
        parsed=sum(map(project.tree.is_asked, project.parsed)),
        notes=_sorted(project.notes),
        hits=counted,
        fallbacks=gathered.fallbacks(),
    )


def _sorted(notes: Iterable[FailedFile]) -> tuple[FailedFile, ...]:
    return tuple(sorted(notes, key=lambda note: (note.path, note.reason)))


def _named(
    reader: Reader, seen: Sequence[str], progress: Callable[[int, int], None]
) -> list[tuple[str, tuple[str, ...] | None]]:
    """Each file with the clients of which it holds a trigger word; None for one that is not read."""
    named = []
    for index, path in enumerate(seen):
        named.append((path, reader.clients_of(path)))
        if index % 64 == 0:
            progress(index, len(seen))
    return named


def _cache(paths: Sequence[Path], settings: Settings, tree: Tree, seen: int) -> tuple[Path | None, str, str]:
    """Where that is which earlier runs have kept, for which tree, and of which code.

    No place for a small tree, which is sooner read than looked up.
    """
    directory = cache_directory(settings.cache_dir) if settings.cache and seen >= FEWEST else None
    chosen = sorted(str(path.resolve()) for path in paths)
    whole = tree.asked is not None or chosen == [str(tree.root)]  # read for a part of it too
    what = json.dumps([str(tree.root), [] if whole else chosen, settings.include, settings.exclude])
    return directory, what, code() if directory is not None else ""


def _task(tree: Tree, settings: Settings, cache: tuple[Path | None, str, str], kept: Kept) -> Task:
    unchanged = frozenset(path for path, entry in kept.entries.items() if not entry.changed)
    processes = settings.jobs or min(cores(), MOST)
    return Task(tree, settings, cache, None if cache[0] is None else unchanged, processes)


def _explained(project: Project, gathered: Gathered) -> tuple[Iterable[Skipped], Hits]:
    """Every hit that is no site's, and calls that may be of a wrapper; how many hits there are."""
    from .accounting import Account  # noqa: PLC0415 - most runs never need it

    account = Account(project, clients(), gathered)
    account.settle(project.left_out)
    return account.skipped | set(gathered.unsure), account.hits
