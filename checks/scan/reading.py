"""Files to facts: each is read, and asked for what clients find in it, unless an earlier run has kept both."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from .asked import writers_at
from .clients import client
from .files import is_binary, is_bundle, is_too_large, most_bytes
from .kept import Entry, Remembered, decoded_facts, digest, encoded_facts
from .languages import language_of
from .triggers import triggered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Module, SiteFact
    from .project import Project


class Reader:
    """Reads the files of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._kept = project.kept
        self._found: dict[str, tuple[SiteFact, ...]] = {}  # of which nothing is kept

    def clients_of(self, path: str) -> tuple[str, ...] | None:
        """The clients of which the file holds a trigger word; None, with a note, for a file that is not read."""
        if path in self._project.edited:
            return triggered(path, self._project.edited[path])
        entry = self._unchanged(path)
        if entry is None:
            return self._read(path)
        if entry.note is not None:
            self._project.fail(path, entry.note, left_out=True)
            return None
        return entry.clients

    def _unchanged(self, path: str) -> Entry | None:
        """What is kept of the file, if it is what it was."""
        entry = self._kept.entries.get(path)
        if entry is None:
            return None
        try:
            status = os.stat(f"{self._project.tree.root}/{path}")  # noqa: PTH116 - a Path each is too slow
            if entry.is_of(status) and not entry.is_doubtful:
                entry.changed = False
                return entry
            if entry.digest is None or entry.size != status.st_size:
                return None
            data = self._bytes(path)[1]
        except OSError:  # told when it is read
            return None
        if data is None or digest(data) != entry.digest:
            return None
        self._project.keep(path, data)
        entry.again(status)
        return entry

    def _read(self, path: str) -> tuple[str, ...] | None:
        try:
            status, data = self._bytes(path)
        except FileNotFoundError:
            return None  # git lists what was deleted and not committed
        except OSError as error:
            why = f"could not read: {(error.strerror or str(error)).lower()}"
            self._project.fail(path, why, left_out=True, unforeseen=True)
            return None
        note = _note(path, data)
        entry = Entry.of(status, data, note=note)
        if self._kept.place is not None:
            self._kept.entries[path] = entry
        if note is not None or data is None:
            self._project.fail(path, note or "", left_out=True)
            return None
        self._project.keep(path, data)
        entry.clients = triggered(path, data)
        entry.digest = digest(data) if entry.clients and entry.digest is None else entry.digest
        return entry.clients

    def _bytes(self, path: str) -> tuple[os.stat_result, bytes | None]:
        """A file's contents with the status that it has when they are read; None when it is too large."""
        with open(f"{self._project.tree.root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123 - a Path each is too slow
            status = os.fstat(file.fileno())
            return status, None if is_too_large(path, status.st_size) else file.read()

    def facts(self, path: str, clients: tuple[str, ...]) -> Iterator[tuple[str, SiteFact]]:
        """What these clients find in the file, one after the other."""
        entry = self._entry(path)
        if entry is not None and entry.facts is not None:
            self._project.module(path)
            yield from ((path, fact) for fact in decoded_facts(json.loads(entry.facts.partition("\n")[2])))
        else:
            found = self._found.get(path)
            yield from ((path, fact) for fact in (self._find(path, clients) if found is None else found))

    def writers(self, path: str, clients: tuple[str, ...]) -> tuple[tuple[bytes, ...], ...]:
        """By fact, in order, the names of the functions in which these clients find it."""
        entry = self._entry(path)
        if entry is None or entry.facts is None:
            if path not in self._found:
                self._found[path] = tuple(self._find(path, clients))
            return self._writers(path, self._found[path])
        kept = entry.facts.partition("\n")[0].encode("utf-8", "surrogatepass")
        return tuple(tuple(names.split()) for names in kept.split(b"\t"))

    def _entry(self, path: str) -> Entry | None:
        return self._kept.entries.get(path) if path not in self._project.edited else None

    def _find(self, path: str, clients: tuple[str, ...]) -> list[SiteFact]:
        found: list[SiteFact] = []
        sound = True
        for name in clients:
            try:
                module = self._parsed(path)
                found += client(name).find(module) if module is not None else ()
            except Exception as error:  # noqa: BLE001 - one odd file must not hide all others
                reason = f"{name}: {type(error).__name__} while reading it: {error}"
                self._project.fail(path, reason, unforeseen=True)
                sound = False
        entry = self._entry(path)
        if entry is not None and sound and _is_worth_keeping(path) and not self._project.is_noted(path):
            self._keep(path, entry, found)
        return found

    def _parsed(self, path: str) -> Module | None:
        module = self._project.module(path)
        return module.parsed if isinstance(module, Remembered) else module

    def _writers(self, path: str, facts: Iterable[SiteFact]) -> tuple[tuple[bytes, ...], ...]:
        module = self._parsed(path)
        return tuple(tuple(sorted({*writers_at(module, fact.offset)})) for fact in facts) if module is not None else ()

    def _keep(self, path: str, entry: Entry, found: list[SiteFact]) -> None:
        """In one line the names of the functions that each fact stands in, then the facts."""
        try:
            names = b"\t".join(map(b" ".join, self._writers(path, found))).decode("utf-8", "surrogatepass")
            entry.facts = f"{names}\n{json.dumps(encoded_facts(found))}"
        except (TypeError, RecursionError):  # what cannot be written is found again each time
            entry.facts = None


def _note(path: str, data: bytes | None) -> str | None:
    if data is None:
        return f"larger than {most_bytes(path) // 1_000_000} MB, left out"
    if is_binary(data):
        return "binary, left out"
    return "a minified bundle, left out" if is_bundle(path, data) else None


def _is_worth_keeping(path: str) -> bool:
    """Whether finding facts takes a parser; of a file of SQL it is the whole text."""
    language = language_of(path)
    return language is not None and language.grammar is not None
