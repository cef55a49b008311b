"""A schema source as of a commit: its tree written into a temporary directory, work tree and index left alone."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SchemaError
from . import sqlc
from .isolation import interpreter, scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..settings import Settings

PREFIX = "git:"
_SECONDS = 300.0
_SHOWN = 5  # branches
_NOT_INSIDE = ("postgresql", "postgres", "env", "git")  # sources that lie in no commit
_WITH_PATH = ("sql", "supabase", "alembic", "snapshot", "types")
_PROGRAMS = ("alembic", "models")  # which may read any file
_FILES = ("snapshot", "types")
# Ends of names: SQL, and what says which of it is a source, or what a dump lacks (detect.py, order.py, newer.py).
_OF_SQL = (".sql", "_journal.json", "migration_lock.toml", "alembic.ini", ".rb", ".exs", *sorted(sqlc.NAMES))
_LINK = "120000"
FETCH_IT = (
    'A shallow clone, as CI makes them, holds no other commits: fetch it first ("git fetch --depth=1 origin '
    'main:refs/remotes/origin/main"), or let CI clone all (fetch-depth: 0).'
)
# What no program reads to say how its schema is; partial clones may not have it.
_MEDIA = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".icns", ".bmp", ".psd", ".mp3", ".mp4", ".mov", ".webm",
    ".wav", ".ogg", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".pdf", ".zip", ".gz", ".jar", ".so", ".dll", ".wasm",
)  # fmt: skip
# Of a repository's own settings none may run a program.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.sparseCheckout=false")


@dataclass(frozen=True, slots=True)
class Checkout:
    """The whole tree of a commit as files. `top`: of the repository; `root`: where in `tree` the directory lies."""

    commit: str
    top: Path
    tree: Path
    root: Path


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit written out. `source`: the inner one, "" for the one that is detected; `root`: where it is named from.

    `name` stands before the inner source's own name in reports; `beside` is the directory of the work tree that `root`
    is a copy of, where the project's interpreter is.
    """

    source: str
    root: Path
    name: str
    beside: Path

    def settings(self, settings: Settings) -> Settings:
        """The settings for the inner source, whose code is run by the interpreter of the work tree."""
        python = settings.python
        if python is None and self.source.startswith(("alembic:", "models:")):
            path = Path(self.source.partition(":")[2]) if self.source.startswith("alembic:") else Path()
            place = self.beside / path
            python = interpreter(place if place.is_dir() else place.parent, None)
        return replace(settings, schema=self.source or None, database_url=None, python=python)


@contextmanager
def commit_of(text: str, root: Path) -> Iterator[Commit]:
    """The commit and inner source of `git:REV:SOURCE`; `root` lies in the repository.

    Raises SchemaError for a directory outside of a repository, an unknown revision, and a path that leads out of it.
    """
    revision, _, inner = text.removeprefix(PREFIX).partition(":")
    _check(text, revision, inner)
    directory = root.resolve()
    top = Path(_git(directory, "rev-parse", "--show-toplevel"))
    commit = commit_id(directory, revision)
    with tempfile.TemporaryDirectory(prefix="pgarbiter-") as temporary:
        tree = _write_out(top, commit, Path(temporary).resolve(), inner)
        inside = tree / directory.relative_to(top)
        _check_there(inner, inside, tree, revision)
        yield Commit(inner, inside, f"{PREFIX}{revision}:", directory)


@contextmanager
def checked_out(revision: str, directory: Path) -> Iterator[Checkout]:
    """All files of a commit of the repository that `directory` lies in, but pictures, sounds, fonts and archives.

    Raises SchemaError for a directory outside of a repository, and for an unknown revision.
    """
    directory = directory.resolve()
    top = Path(_git(directory, "rev-parse", "--show-toplevel"))
    commit = commit_id(directory, revision)
    with tempfile.TemporaryDirectory(prefix="pgarbiter-") as temporary:
        tree = _write_out(top, commit, Path(temporary).resolve(), "models:", but=_MEDIA)
        yield Checkout(commit, top, tree, tree / directory.relative_to(top))


def merge_base(directory: Path, one: str, other: str) -> str | None:
    """The newest commit that both have; None where there is none, or one of them is unknown."""
    try:
        return _git(directory, "merge-base", "--end-of-options", one, other) or None
    except SchemaError:
        return None


def is_shallow(directory: Path) -> bool:
    """Whether the repository that the directory lies in lacks older commits."""
    return _git(directory, "rev-parse", "--is-shallow-repository") == "true"


def _check(text: str, revision: str, inner: str) -> None:
    prefix, colon, where = inner.partition(":")
    if not revision or revision.startswith("-"):
        raise SchemaError(f'source "{text}" names no revision', "Write git:REV:SOURCE, as in git:main:sql:migrations.")
    if colon and prefix in _NOT_INSIDE:
        raise SchemaError(f'a source "{prefix}:" lies in no commit')
    path = where if colon and prefix in _WITH_PATH else inner
    if ".." in Path(path).parts or Path(path).is_absolute():
        raise SchemaError(f'path "{path}" leads out of the commit', "Name it as it is seen from this directory.")


def _check_there(inner: str, root: Path, tree: Path, revision: str) -> None:
    """A path that the commit lacks must not be looked for in the work tree, nor one be followed out of it."""
    prefix, colon, where = inner.partition(":")
    if colon and prefix not in _WITH_PATH:
        return
    path = where if colon else inner
    known = (path, path.rpartition("@")[0]) if prefix == "alembic" and "@" in path else (path,)
    found = [(root / each).resolve() for each in known if (root / each).exists()]
    if not found:
        raise SchemaError(f'"{path or "."}" does not exist in revision "{revision}"')
    if not found[0].is_relative_to(tree):
        raise SchemaError(f'path "{path}" leads out of the commit')


def commit_id(directory: Path, revision: str) -> str:
    """The full name of a commit. Raises SchemaError for one that git does not know, and outside of a repository."""
    try:
        return _git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except SchemaError:
        _git(directory, "rev-parse", "--git-dir")  # raises outside of a repository: no clone is at fault then
        raise SchemaError(f'revision "{revision}" is not known to git', _instead(directory, revision)) from None


def _instead(directory: Path, revision: str) -> str:
    """A hint on what to name in place of a revision that is not there."""
    if ".." in revision:  # which no name of a commit has
        return "That is a range of commits: name one of them."
    if is_shallow(directory):
        return FETCH_IT
    branches = _git(directory, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes").splitlines()
    if not branches and not _is_there(directory, "HEAD"):
        return "The repository has no commit yet."
    name = re.split("[~^]", revision, maxsplit=1)[0]
    if name != revision and _is_there(directory, name):
        return f'The history of "{name}" does not go back that far.'
    named = ", ".join(f'"{each}"' for each in branches[:_SHOWN])
    more = f" and {len(branches) - _SHOWN} more" if len(branches) > _SHOWN else ""
    return f"Its branches are {named}{more}." if branches else "Name a commit, or a tag: there is no branch."


def _is_there(directory: Path, revision: str) -> bool:
    try:
        return bool(_git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"))
    except SchemaError:
        return False


def _git(directory: Path, *arguments: str, index: Path | None = None, given: bytes = b"") -> str:
    """What git answers to `given`, without its last line break. Raises SchemaError with what it complains of."""
    command = ["git", *_SAFE, "-C", str(directory), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, timeout=_SECONDS, input=given, env=_environment(index)
        )
    except FileNotFoundError:
        raise SchemaError("git is not installed", "A source git:REV:SOURCE needs it.") from None
    except subprocess.TimeoutExpired:
        raise SchemaError(f"git did not finish within {_SECONDS:.0f} s") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        said = said.removeprefix("fatal: ").removeprefix("error: ")
        raise SchemaError(f"git: {scrubbed(said) or 'it failed without a word'}") from None
    return os.fsdecode(done.stdout.rstrip(b"\n"))


def _write_out(top: Path, commit: str, place: Path, inner: str, *, but: tuple[str, ...] = ()) -> Path:
    """The tree of the commit as files, by an index of its own; all of it, or what that source may be made of.

    `but`: ends of names that are left out.

    Not by `git archive`, which leaves out what is marked export-ignore.
    """
    target, index = place / "tree", place / "index"
    target.mkdir()
    tree = ("--work-tree", str(target))
    _git(top, *tree, "read-tree", commit, index=index)
    listed = _git(top, *tree, "ls-files", "--stage", "-z", "--full-name", ":/", index=index).split("\0")
    entries = (entry.partition("\t") for entry in listed if entry)
    kept = ((mode, name) for mode, _, name in entries if not name.casefold().endswith(but))
    names = [name for mode, name in kept if name.endswith(_made_of(inner)) or mode.startswith(_LINK)]
    given = "".join(f"{name}\0" for name in names)
    _git(top, *tree, "checkout-index", "--force", "--quiet", "-z", "--stdin", index=index, given=os.fsencode(given))
    return target


def _made_of(source: str) -> str | tuple[str, ...]:
    """How the names of files end that a source may be made of."""
    kind, colon, where = source.partition(":")
    if colon and kind in _PROGRAMS:
        return ""
    return Path(where).name if colon and kind in _FILES else _OF_SQL


def _environment(index: Path | None) -> dict[str, str]:
    quiet = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_LFS_SKIP_SMUDGE": "1"}
    return {**os.environ, **quiet, **({"GIT_INDEX_FILE": str(index)} if index else {})}
