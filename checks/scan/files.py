"""Which files of a source tree are read, and their bytes as text."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SourceError
from .grounds import address_of, project_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pathspec import GitIgnoreSpec

    from ..settings import Settings

# Never a project's own source: dependencies, environments, build output, caches.
LEFT_OUT = frozenset({
    ".git", ".hg", ".svn", "node_modules", "bower_components", "vendor", "site-packages", ".venv", "venv", ".tox",
    ".nox", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", "dist", "build", ".next", ".nuxt",
    ".output", ".svelte-kit", ".turbo", ".vercel", ".yarn", ".gradle", "coverage", "Pods", ".terraform", ".eggs",
})  # fmt: skip
_TOOLS = frozenset({".git", ".hg", ".svn", "__pycache__"})  # nobody would look for source there
_NOT_OWN = "not looked into: by its name it holds dependencies, build output or caches"
MOST_BYTES = 5_000_000  # of a host file; no hand writes more
MOST_SQL_BYTES = 256_000_000  # of a file of SQL, which may be a dump
_BUNDLE_LINE = 5_000  # characters; longer lines in a big file are a minifier's
_BUNDLE_BYTES = 200_000
_UNREAD = re.compile(r"^warning: could not open directory '(.+)': (.+)$", re.MULTILINE)
_HEAD = 8_000  # bytes; git, too, takes a file with a zero byte among them for no text


@dataclass(frozen=True, slots=True)
class Tree:
    """The files below the root, posix relative paths in order, and what was not looked into.

    A run may be asked for a part of them: `asked` are those (None: all), and `lead` is where that part stands below the
    root ("src/"), which paths in reports leave out. `address` is where the root stands in its repository.
    """

    root: Path
    paths: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()  # directories and files that were not looked into, with the reason
    unread: tuple[tuple[str, str], ...] = ()  # directories that could not be looked into, with what the system said
    asked: frozenset[str] | None = None
    lead: str = ""
    address: str = ""
    files_only: bool = False  # no directory was asked for

    def is_asked(self, path: str) -> bool:
        """Whether a run was asked for that file."""
        return self.asked is None or path in self.asked

    def shown(self, path: str) -> str:
        """The path as reports have it."""
        return path.removeprefix(self.lead)


@dataclass(frozen=True, slots=True)
class _Passed:
    """What a walk passes by: directories by name alone, and those that cannot be read, with what the system said."""

    by_name: set[str] = field(default_factory=set)
    unread: dict[str, str] = field(default_factory=dict)


def tree_of(paths: Sequence[Path], settings: Settings, *, whole: bool = False) -> Tree:
    """Every file below `paths` that is not ignored; `whole`: also the other files of the project, to be consulted.

    Raises SourceError for a path that is no file and no directory.
    """
    chosen = [path.resolve() for path in paths] or [Path.cwd()]
    for path, asked in zip(chosen, paths or chosen, strict=True):
        if not path.exists():
            raise SourceError(f'path "{asked}" does not exist')
        if not (path.is_dir() or path.is_file()):
            raise SourceError(f'path "{asked}" is neither a file nor a directory')  # a pipe may never end
    common = Path(os.path.commonpath([str(path) for path in chosen]))
    shown = common if common.is_dir() else common.parent
    root = project_of(shown) if whole else shown
    walk = _Walk(root, "" if shown == root else f"{shown.relative_to(root).as_posix()}/", wanted(settings))
    found = {name for path in chosen for name in walk.below(path)}
    tree = Tree(
        root,
        tuple(sorted(found)),
        tuple(sorted(walk.passed)),
        tuple(sorted(walk.unread)),
        lead=walk.lead,
        address=address_of(root) if whole else "",
        files_only=all(path.is_file() for path in chosen),
    )
    if settings.changed is not None:
        return replace(tree, asked=frozenset(settings.changed), files_only=True)
    if not whole or root in chosen:
        return tree
    others = _Walk(root, walk.lead, walk.is_wanted).below(root)
    passed = {name for name, _ in (*walk.passed, *walk.unread)}
    return replace(tree, paths=tuple(sorted({*found, *others})), asked=frozenset(found | passed))


@dataclass(frozen=True, slots=True)
class _Walk:
    """Files by their paths from a root; `lead` as in Tree, since globs may be written from there."""

    root: Path
    lead: str
    is_wanted: Callable[[str], bool]
    passed: set[tuple[str, str]] = field(default_factory=set)
    unread: set[tuple[str, str]] = field(default_factory=set)

    def below(self, path: Path) -> Iterator[str]:
        """The files below a directory, or the one file."""
        prefix = "" if path == self.root else path.relative_to(self.root).as_posix()
        for name in _walk(path, prefix, self.passed, self.unread) if path.is_dir() else (prefix,):
            if self.is_wanted(name.removeprefix(self.lead)):
                yield name
            else:
                self.passed.add((name, "left out by --include or --exclude, or by the settings"))


def wanted(settings: Settings) -> Callable[[str], bool]:
    """Whether `include` and `exclude` let a path in."""
    if not settings.include and not settings.exclude:
        return lambda _: True
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most runs never need it

    include, exclude = (GitIgnoreSpec.from_lines(globs) for globs in (settings.include, settings.exclude))
    return lambda name: (not settings.include or include.match_file(name)) and not exclude.match_file(name)


def _walk(directory: Path, prefix: str, passed: set[tuple[str, str]], unread: set[tuple[str, str]]) -> Iterator[str]:
    """The files below a directory; what is never a project's own source is added to `passed`."""
    own = _Passed()
    lead = f"{prefix}/" if prefix else ""
    yield from (lead + name for name in (_git_files(directory, own) or _scanned(str(directory), own)))
    passed.update((f"{lead}{name}/", _NOT_OWN) for name in own.by_name)
    unread.update((f"{lead}{name}", why) for name, why in own.unread.items())


def _in_repository(directory: Path) -> bool:
    return any((place / ".git").exists() for place in (directory, *directory.parents))


def _git_files(directory: Path, passed: _Passed) -> list[str] | None:
    """What git would track, relative to `directory`; None outside of a repository, or when git cannot say."""
    if not _in_repository(directory):
        return None
    # A stranger's repository may name programs in its configuration: fsmonitor is one that ls-files would start.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(
            command, cwd=directory, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}
        )
    except OSError:
        return None
    if done.returncode:
        return None
    passed.unread.update(_UNREAD.findall(os.fsdecode(done.stderr)))
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    kept = [name for name in dict.fromkeys(names) if not _left_out(name, passed)]
    nested = [name for name in kept if _is_nested(directory, name)]
    return [
        *(name for name in kept if name not in nested),
        *(f"{name.rstrip('/')}/{inner}" for name in nested for inner in _scanned(str(directory / name), _Passed())),
    ]


def _is_nested(directory: Path, name: str) -> bool:
    """Whether a name that git lists is another repository inside (a submodule), which it does not look into."""
    dot = name.rfind(".")
    may_be = name.endswith("/") or dot < name.rfind("/") + 1
    return may_be and not (directory / name).is_symlink() and (directory / name).is_dir()


def _left_out(name: str, passed: _Passed) -> bool:
    folders = name.split("/")[:-1]
    if LEFT_OUT.isdisjoint(folders):
        return False
    depth = next(index for index, folder in enumerate(folders) if folder in LEFT_OUT)
    passed.by_name.add("/".join(folders[: depth + 1]))
    return True


def _scanned(top: str, passed: _Passed) -> Iterator[str]:
    """The same by hand: os.scandir and the .gitignore files on the way. Links to directories are not followed."""
    stack: list[tuple[str, str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [(top, "", ())]
    while stack:
        directory, prefix, specs = stack.pop()
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError as error:
            passed.unread[prefix or "./"] = error.strerror or str(error)
            continue
        own = next((entry for entry in entries if entry.name == ".gitignore"), None)
        if own is not None and _is_file(own):
            specs = (*specs, (prefix, _ignore_file(own.path)))
        for entry in entries:
            name = prefix + entry.name
            is_directory = entry.is_dir(follow_symlinks=False)
            if specs and _ignored(name + "/" if is_directory else name, specs):
                continue
            if is_directory and entry.name not in LEFT_OUT:
                stack.append((entry.path, name + "/", specs))
            elif is_directory and entry.name not in _TOOLS:
                passed.by_name.add(name)
            elif not is_directory and _is_file(entry):
                yield name


def _is_file(entry: os.DirEntry[str]) -> bool:
    """A file, or a link to one; a link that leads nowhere, or to itself, is none."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _ignore_file(path: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most runs never need it

    return GitIgnoreSpec.from_lines(Path(path).read_text("utf-8", "replace").splitlines())


def _ignored(name: str, specs: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    """The nearest .gitignore that says anything decides."""
    for prefix, spec in reversed(specs):
        told = spec.check_file(name[len(prefix) :]).include
        if told is not None:
            return told
    return False


def most_bytes(path: str) -> int:
    """How large a file of that name may be."""
    return MOST_SQL_BYTES if path.casefold().endswith((".sql", ".psql", ".pgsql")) else MOST_BYTES


def is_too_large(path: str, size: int) -> bool:
    """Whether a file of that name and size is left out."""
    return size > most_bytes(path)


def is_bundle(name: str, data: bytes) -> bool:
    """Whether a script is a minifier's output."""
    if name.endswith((".min.js", ".min.mjs", ".bundle.js")):
        return True
    if len(data) < _BUNDLE_BYTES or not name.endswith((".js", ".mjs", ".cjs")):
        return False
    lines = data.count(b"\n") + 1
    return len(data) / lines > _BUNDLE_LINE or max(map(len, data.split(b"\n"))) > _BUNDLE_LINE * 10


def is_binary(data: bytes) -> bool:
    """Whether the bytes are no text; UTF-16, which holds zero bytes too, says what it is by its mark."""
    return b"\0" in data[:_HEAD] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


def decode(data: bytes) -> tuple[str, str | None]:
    """The text of a file, line ends as they are, and a note when it is neither UTF-8 nor marked UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), None
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return data.decode("latin-1"), "neither UTF-8 nor UTF-16, read as Latin-1"
