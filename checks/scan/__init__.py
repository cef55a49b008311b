"""Application source to write sites."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .clients import CLIENTS
from .databases import Databases
from .files import is_bundle, is_too_large, most_bytes, tree_of
from .languages import language_of
from .link import Linker
from .model import ScanResult
from .project import Project
from .triggers import Triggers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..settings import Settings
    from .model import Client, Hits, SiteFact, Skipped

__all__ = ["scan"]


def scan(
    paths: Sequence[Path],
    settings: Settings,
    *,
    progress: Callable[[int, int], None] | None = None,
    edited: Mapping[str, bytes] | None = None,
    explain: bool = False,
) -> ScanResult:
    """All write sites below `paths`. `progress` is told (files done, files to do).

    `edited`: files, by their paths in the report, that are read as if they held these bytes. `explain`: every hit of a
    trigger word that is no part of a site stands in `skipped`, also those in files that are not read.

    Raises SourceError for a path that does not exist; a file that cannot be read is a note in `failed`.
    """
    project = Project(tree_of(paths, settings), edited)
    seen = [path for path in project.tree.paths if language_of(path) is not None]
    triggers = Triggers(CLIENTS)
    hits: list[tuple[str, tuple[Client, ...]]] = []
    read = 0
    for index, path in enumerate(seen):
        data = _read(project, path)
        if progress is not None and index % 64 == 0:
            progress(index, len(seen))
        if data is None:
            continue
        read += 1
        clients = triggers.of(path, data)
        if clients:
            hits.append((path, clients))
    facts = list(_facts(project, hits))
    databases = Databases(settings, project.tree.root)
    linker = Linker(project, {client.name: client for client in CLIENTS}, databases)
    sites = tuple(site for site in linker.link(facts) if settings.only_database in {None, site.database or ""})
    if progress is not None:
        progress(len(seen), len(seen))
    skipped, counted = _explained(project, linker) if explain else (linker.skipped, None)
    return ScanResult(
        sites=sites,
        skipped=tuple(sorted(skipped, key=lambda one: (one.path, one.line, one.reason))),
        seen=len(seen),
        read=read,
        parsed=project.parsed,
        failed=tuple(sorted(project.failed, key=lambda note: (note.path, note.reason))),
        notes=tuple(sorted(project.notes, key=lambda note: (note.path, note.reason))),
        hits=counted,
    )


def _explained(project: Project, linker: Linker) -> tuple[Iterable[Skipped], Hits]:
    """Every hit that is no site's, and calls that may be of a wrapper; how many hits there are."""
    from .accounting import Account  # noqa: PLC0415 - most runs never need it

    account = Account(project, CLIENTS, linker)
    account.settle(project.left_out)
    return account.skipped | set(linker.unsure), account.hits


def _read(project: Project, path: str) -> bytes | None:
    """A file's bytes; None, with a note, for one that cannot be read or that nobody has written by hand."""
    if path in project.edited:
        return project.edited[path]
    try:
        with open(f"{project.tree.root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123 - a Path each is too slow
            large = is_too_large(path, os.fstat(file.fileno()).st_size)
            data = b"" if large else file.read()
    except FileNotFoundError:
        return None  # git lists what was deleted and not committed
    except OSError as error:
        project.fail(path, f"could not read: {(error.strerror or str(error)).lower()}", left_out=True)
        return None
    if large or is_bundle(path, data):
        why = f"larger than {most_bytes(path) // 1_000_000} MB" if large else "a minified bundle"
        project.fail(path, f"{why}, left out", left_out=True)
        return None
    project.keep(path, data)
    return data


def _facts(project: Project, hits: Sequence[tuple[str, tuple[Client, ...]]]) -> Iterator[tuple[str, SiteFact]]:
    for path, clients in hits:
        for client in clients:
            try:
                module = project.module(path)
                yield from ((path, fact) for fact in (client.find(module) if module is not None else ()))
            except Exception as error:  # noqa: BLE001 - one odd file must not hide all others
                reason = f"{client.name}: {type(error).__name__} while reading it: {error}"
                project.fail(path, reason)
