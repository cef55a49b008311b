"""The two source trees of a gate: that of a commit, written out, and the work tree or that of another commit."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SchemaError
from ..schema.commits import FETCH_IT, checked_out, commit_id, is_shallow, merge_base
from .model import GateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..settings import Settings

# Where the default branch is found, the server's own answer first.
_DEFAULT_BRANCHES = ("refs/remotes/origin/HEAD", "origin/main", "origin/master", "main", "master")
_SHORT = 10  # characters of a commit's name


@dataclass(frozen=True, slots=True)
class Tree:
    """A source tree. `name` as reports show it; `root`: what paths are relative to; `top`: of all its files.

    `paths` are those that are scanned. `beside`: the same directory in the work tree, where the interpreter is;
    `commit` None: it is the work tree itself.
    """

    name: str
    root: Path
    top: Path
    paths: tuple[Path, ...]
    beside: Path
    commit: str | None = None
    is_head: bool = False  # it is what HEAD says

    def settings(self, settings: Settings) -> Settings:
        """The settings as they hold for this tree; what is read of a commit is kept for nobody."""
        if self.commit is None:
            return settings
        base = settings.base
        inside = base is not None and base.is_relative_to(self._work_top)
        moved = self.top / base.relative_to(self._work_top) if base is not None and inside else base
        return replace(settings, base=moved, cache=False)

    @property
    def _work_top(self) -> Path:
        depth = len(self.root.relative_to(self.top).parts)
        return self.beside.parents[depth - 1] if depth else self.beside

    def shown(self, text: str) -> str:
        """A message without the directory that a commit was written to."""
        return text.replace(f"{self.top}/", "") if self.commit is not None else text


@contextmanager
def trees(paths: Sequence[Path], root: Path, base: str | None, head: str | None) -> Iterator[tuple[Tree, Tree]]:
    """Old and new tree; `root` is the directory that the report's paths are relative to.

    Raises GateError for a directory outside of a repository, and for a commit that is not there.
    """
    root = root.resolve()
    try:
        with ExitStack() as stack:
            name, commit = (base, base) if base is not None else _merge_base(root, head or "HEAD")
            old = _of_commit(stack, name, commit, root, paths)
            new = _work_tree(root, paths, old) if head is None else _of_commit(stack, head, head, root, paths)
            yield old, new
    except SchemaError as error:
        raise GateError(error.message, error.hint) from None


def _merge_base(root: Path, head: str) -> tuple[str, str]:
    """What is compared with by default: how it is called, and its commit."""
    own = commit_id(root, head)
    for branch in _DEFAULT_BRANCHES:
        if found := merge_base(root, head, branch):
            if found == own and is_shallow(root):  # where the default branch is not there, its name may be this one's
                raise GateError(f'the clone is shallow, and holds no commit that runs before "{head}"', FETCH_IT)
            return f"merge base with {branch.removeprefix('refs/remotes/').removesuffix('/HEAD')}", found
    raise GateError(
        f'git finds no commit that "{head}" has in common with the default branch',
        FETCH_IT if is_shallow(root) else "Name the commit that runs now with --base.",
    )


def _of_commit(stack: ExitStack, name: str, revision: str, root: Path, paths: Sequence[Path]) -> Tree:
    found = stack.enter_context(checked_out(revision, root))
    short = found.commit[:_SHORT]
    shown = short if found.commit.startswith(name) else f"{name} ({short})"
    if not found.root.is_dir():
        raise GateError(f'directory "{found.root.relative_to(found.tree)}" does not exist in revision "{shown}"')
    inside = tuple(found.root / path.resolve().relative_to(root) for path in paths)
    there = tuple(path for path in inside if path.exists())
    return Tree(shown, found.root, found.tree, there, root, found.commit, found.commit == commit_id(root, "HEAD"))


def _work_tree(root: Path, paths: Sequence[Path], old: Tree) -> Tree:
    depth = len(old.root.relative_to(old.top).parts)
    top = root.parents[depth - 1] if depth else root
    return Tree("work tree", root, top, tuple(paths), root)


def lend_environment(beside: Path, root: Path, top: Path, directory: Path) -> None:
    """Link the `.env` files of the work tree that git does not keep into a commit's tree, whose env.py may read them.

    Those of `directory`, in which env.py runs, and of all above it up to `top`; `beside` is what `root` is a copy of.
    """
    for place in (directory, *directory.parents):
        if not place.is_relative_to(top):
            return
        work = Path(os.path.normpath(beside / os.path.relpath(place, root)))
        for file in sorted(work.glob(".env*")):
            if file.is_file() and not os.path.lexists(place / file.name):
                (place / file.name).symlink_to(file)


def located(source: str, new: Tree) -> str:
    """A schema source of the settings or the command line, its path relative to the tree's root.

    A path may be relative to the root or to the working directory, or absolute.
    """
    kind, colon, where = source.partition(":")
    if not colon or kind not in ("sql", "supabase", "alembic"):
        kind, colon, where = "", "", source
    path, at, revision = where.rpartition("@") if kind == "alembic" and "@" in where else (where, "", "")
    work = Path(os.path.relpath(path, new.beside) if Path(path).is_absolute() else path)
    from_here = Path(os.path.relpath(Path.cwd() / path, new.beside))
    found = next((each for each in (work, from_here) if (new.root / each).exists()), work)
    return f"{kind}{colon}{found.as_posix()}{at}{revision}"
