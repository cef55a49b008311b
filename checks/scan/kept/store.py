"""What earlier runs have read of each file of one tree, in a file of the user's cache directory.

A file is what it was when its size, inode, and times of modification and of status say so. Where it was modified as
late as it was read the clock cannot tell, and its contents are compared.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_LAYOUT = 3
_TICK = 100_000_000  # nanoseconds: more than the clocks of file systems with fine times
_COARSE_TICK = 2_100_000_000  # of those that count whole seconds, or two
_SECOND = 1_000_000_000
_WAIT = 0.5  # seconds for another run to finish writing
_MOST_FILES = 32  # of the cache: one for each tree
_MOST_STALE = 64  # files that have changed since a word was looked for last; it is hardly asked for any more
_MOST_WHOLE = 4  # results of one tree: with other settings it has another
_SCHEMA = """
CREATE TABLE about (code TEXT NOT NULL, tree TEXT NOT NULL, writes INTEGER NOT NULL);
CREATE TABLE files (
    path TEXT PRIMARY KEY, size INTEGER, mtime INTEGER, ctime INTEGER, inode INTEGER, read INTEGER, digest BLOB,
    clients TEXT, note TEXT, facts TEXT, answers TEXT, checksum BLOB
) WITHOUT ROWID;
CREATE TABLE words (word BLOB PRIMARY KEY, paths TEXT, checksum BLOB) WITHOUT ROWID;
CREATE TABLE results (question BLOB PRIMARY KEY, result TEXT, checksum BLOB);
"""


@dataclass(slots=True)
class Entry:
    """What is known of one file; `facts` and `answers` as the codec writes them, in JSON until they are asked for."""

    size: int
    mtime: int
    ctime: int
    inode: int
    read: int  # when, in nanoseconds
    digest: bytes | None  # of the contents; None for a file without a trigger word that was old when it was read
    clients: tuple[str, ...] = ()
    note: str | None = None  # why it was left out
    facts: str | None = None
    answers: str | None = None
    changed: bool = True  # the file does not hold what it did when the entry was kept
    dirty: bool = True  # the entry is not as it was kept
    known: dict[str, Any] = field(default_factory=dict)  # `answers`, once they were asked for

    @classmethod
    def of(cls, status: os.stat_result, data: bytes | None, *, note: str | None = None) -> Entry:
        """A file that was read just now; `data` None: it was too large to be read."""
        entry = cls(
            status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, time.time_ns(), None, note=note
        )
        if data is not None and entry.is_doubtful:
            entry.digest = digest(data)
        return entry

    def is_of(self, status: os.stat_result) -> bool:
        """Whether the file looks as it did."""
        own = (self.size, self.mtime, self.ctime, self.inode)
        return own == (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    @property
    def is_doubtful(self) -> bool:
        """Whether it may have been modified after it was read, in the same tick of its clock."""
        latest = max(self.mtime, self.ctime)
        return latest > self.read - (_TICK if latest % _SECOND else _COARSE_TICK)

    def again(self, status: os.stat_result) -> None:
        """The file has other times, or was read once more, but holds the same."""
        self.size, self.mtime, self.ctime, self.inode = (
            status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino,
        )  # fmt: skip
        self.read, self.changed, self.dirty = time.time_ns(), False, True

    def learn(self, facts: str | None, answers: str | None) -> None:
        """What another process has found in the file, besides what is known."""
        self.facts = facts if self.facts is None else self.facts
        if answers is not None:
            self.known = {**self.answered(), **json.loads(answers)}
            self.answers = json.dumps(self.known)
        self.dirty = True

    def answered(self) -> dict[str, Any]:
        """The answers of its module, by question."""
        if not self.known and self.answers:
            self.known = json.loads(self.answers)
        return self.known


def digest(data: bytes) -> bytes:
    """A digest of a file's contents."""
    return hashlib.blake2b(data, digest_size=16).digest()


@dataclass(slots=True)
class Kept:
    """The entries of one tree. `trouble`: why what was kept could not be used; it is no error."""

    place: Path | None
    about: tuple[str, str]  # the code that reads, and the tree
    entries: dict[str, Entry] = field(default_factory=dict)
    # By word: the files that hold it, and those that have changed since it was looked for.
    words: dict[bytes, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    trouble: str | None = None
    writes: int = 0  # how often it had been written when it was read
    _gone: set[str] = field(default_factory=set)
    sought: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    results: dict[bytes, str] = field(default_factory=dict)  # of whole runs, by what was asked and of which files
    concluded: dict[bytes, str] = field(default_factory=dict)  # the same, of this run

    @property
    def is_as_it_was(self) -> bool:
        """Whether each file of which something is kept was looked at in this run, and holds what it did."""
        return not any(entry.changed for entry in self.entries.values())

    def holding(self, word: bytes, paths: Iterable[str], holds: Callable[[str], bool]) -> Iterator[str]:
        """Those of the paths whose files hold the word; only files that have changed since it was sought are read."""
        if word in self.sought:
            yield from self.sought[word]
            return
        known = self.words.get(word)
        before, stale = map(frozenset, known or ((), ()))
        found = []
        for path in paths:
            entry = self.entries.get(path)
            same = known is not None and entry is not None and not entry.changed and path not in stale
            if (path in before) if same else holds(path):
                found.append(path)
                yield path
        self.sought[word] = tuple(found)

    def forget(self) -> None:
        """Go on as if nothing was kept."""
        self.entries.clear()
        self.words.clear()
        self.results.clear()

    def drop_all_but(self, paths: Iterable[str]) -> None:
        """Forget files that are no longer there."""
        present = set(paths)
        self._gone = {path for path in self.entries if path not in present}
        for path in self._gone:
            del self.entries[path]

    def save(self) -> None:
        """Write what has changed, all or nothing; a cache that cannot be written is no error."""
        changed = {path: entry for path, entry in self.entries.items() if entry.dirty}
        same = not self._gone and self.is_as_it_was
        words = {**self._older(), **{word: (paths, ()) for word, paths in self.sought.items()}}
        results = {**(self.results if same else {}), **self.concluded}
        if self.place is None or not (changed or self._gone or words != self.words or results != self.results):
            return
        self.words, self.results = words, dict([*results.items()][-_MOST_WHOLE:])
        with contextlib.suppress(OSError, sqlite3.Error, UnicodeEncodeError):
            self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(self.place, changed)
            _shrink(self.place.parent)

    def _older(self) -> dict[bytes, tuple[tuple[str, ...], tuple[str, ...]]]:
        """The words that were not looked for in this run, which are known of the files as they were."""
        now = [path for path, entry in self.entries.items() if entry.changed]
        older = {
            word: (paths, tuple(dict.fromkeys((*stale, *now))))
            for word, (paths, stale) in self.words.items()
            if word not in self.sought
        }
        return {word: known for word, known in older.items() if len(known[1]) <= _MOST_STALE}

    def _write(self, place: Path, changed: dict[str, Entry]) -> None:
        mask = os.umask(0o077)
        try:
            connection = sqlite3.connect(place, timeout=_WAIT, isolation_level=None)
        finally:
            os.umask(mask)
        with contextlib.closing(connection):
            connection.execute("BEGIN IMMEDIATE")
            found = _about(connection)
            if found is None or found[:2] != self.about:
                _make(connection, self.about)
                changed = self.entries
            rows = [_row(path, entry) for path, entry in changed.items() if _is_unicode(path)]
            connection.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in self._gone])
            connection.executemany(f"REPLACE INTO files VALUES ({','.join('?' * 12)})", rows)  # noqa: S608 - placeholders
            connection.execute("DELETE FROM words")
            connection.execute("DELETE FROM results")
            if found is None or found[:2] != self.about or found[2] == self.writes:
                words = [_word(*one) for one in self.words.items()]
                connection.executemany("INSERT INTO words VALUES (?, ?, ?)", words)
                results = [(*one, _checksum(*one)) for one in self.results.items()]
                connection.executemany("INSERT INTO results VALUES (?, ?, ?)", results)
            # Else another run has written meanwhile: of files that this one has not seen as they are now.
            connection.execute("UPDATE about SET writes = writes + 1")
            connection.execute("COMMIT")


def opened(directory: Path | None, tree: str, code: str) -> Kept:
    """What this version of the code has kept of a tree; empty, with the trouble, if it cannot be read.

    `tree` says which files of which directory it is.
    """
    if directory is None:
        return Kept(None, ("", ""))
    name = hashlib.sha256(os.fsencode(tree)).hexdigest()[:32]
    kept = Kept(directory / "scans" / f"{name}.sqlite3", (code, name))
    try:
        _load(kept)
    except sqlite3.OperationalError:  # another run is writing
        kept.forget()
    except (OSError, sqlite3.Error, ValueError, TypeError, AttributeError) as error:
        kept.forget()
        kept.trouble = f'the cache "{kept.place}" was not used: {error}'
        _remove(kept.place)
    return kept


def _remove(place: Path | None) -> None:
    with contextlib.suppress(OSError):
        if place is not None and place.lstat().st_uid == os.geteuid():
            place.unlink()


def _load(kept: Kept) -> None:
    place = kept.place
    if place is None or not place.exists():
        return
    status = place.lstat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ValueError("it belongs to someone else, or others may write to it")
    read_only = sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True, timeout=_WAIT, isolation_level=None)
    with contextlib.closing(read_only) as connection:
        connection.execute("BEGIN")
        found = _about(connection)
        if found is None or found[:2] != kept.about:
            return  # of another version: it is written anew
        kept.writes = found[2]
        for path, *columns, checksum in connection.execute("SELECT * FROM files"):
            if _checksum(path, *columns) != checksum:
                raise ValueError("it is not as it was written")
            size, mtime, ctime, inode, read, contents, clients, note, facts, answers = columns
            kept.entries[path] = Entry(
                size, mtime, ctime, inode, read, contents, tuple(clients.split()), note, facts, answers, dirty=False
            )
        for word, paths, checksum in connection.execute("SELECT * FROM words"):
            if _checksum(word, paths) != checksum:
                raise ValueError("it is not as it was written")
            held, stale = json.loads(paths)
            kept.words[word] = tuple(held), tuple(stale)
        for question, result, checksum in connection.execute("SELECT * FROM results ORDER BY rowid"):
            if _checksum(question, result) != checksum:
                raise ValueError("it is not as it was written")
            kept.results[question] = result


def _is_unicode(path: str) -> bool:
    return path.isascii() or path.encode("utf-8", "replace").decode() == path


def _about(connection: sqlite3.Connection) -> tuple[str, str, int] | None:
    if connection.execute("PRAGMA user_version").fetchone()[0] != _LAYOUT:
        return None
    found: tuple[str, str, int] | None = connection.execute("SELECT code, tree, writes FROM about").fetchone()
    return found


def _make(connection: sqlite3.Connection, about: tuple[str, str]) -> None:
    for name in ("about", "files", "words", "results"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _SCHEMA.strip().removesuffix(";").split(";"):
        connection.execute(statement)
    connection.execute("INSERT INTO about VALUES (?, ?, 0)", about)
    connection.execute(f"PRAGMA user_version = {_LAYOUT}")


def _row(path: str, entry: Entry) -> tuple[Any, ...]:
    times = (entry.size, entry.mtime, entry.ctime, entry.inode, entry.read, entry.digest)
    row = (path, *times, " ".join(entry.clients), entry.note, entry.facts, entry.answers)
    return (*row, _checksum(*row))


def _word(word: bytes, known: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[bytes, str, bytes]:
    listed = json.dumps(known)
    return word, listed, _checksum(word, listed)


def _checksum(*columns: object) -> bytes:
    return hashlib.blake2b(repr(columns).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _shrink(directory: Path) -> None:
    """Drop the trees that were scanned longest ago."""
    found = sorted(directory.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[_MOST_FILES:]:
        path.unlink(missing_ok=True)
