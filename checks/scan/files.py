"""Which files of a source tree are read, and their bytes as text."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SourceError

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


@dataclass(frozen=True, slots=True)
class Tree:
    """The files below the root, posix relative paths in order, and what was not looked into."""

    root: Path
    paths: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()  # directories and files that were not looked into, with the reason


def tree_of(paths: Sequence[Path], settings: Settings) -> Tree:
    """Every file below `paths` that is not ignored. Raises SourceError for one that is no file and no directory."""
    chosen = [path.resolve() for path in paths] or [Path.cwd()]
    for path, asked in zip(chosen, paths or chosen, strict=True):
        if not path.exists():
            raise SourceError(f'path "{asked}" does not exist')
        if not (path.is_dir() or path.is_file()):
            raise SourceError(f'path "{asked}" is neither a file nor a directory')  # a pipe may never end
    common = Path(os.path.commonpath([str(path) for path in chosen]))
    root = common if common.is_dir() else common.parent
    wanted = _globs(settings)
    found: set[str] = set()
    passed: set[tuple[str, str]] = set()
    for path in chosen:
        prefix = "" if path == root else path.relative_to(root).as_posix()
        for name in _walk(path, prefix, passed) if path.is_dir() else (prefix,):
            if wanted(name):
                found.add(name)
            else:
                passed.add((name, "left out by --include or --exclude, or by the settings"))
    return Tree(root, tuple(sorted(found)), tuple(sorted(passed)))


def _globs(settings: Settings) -> Callable[[str], bool]:
    if not settings.include and not settings.exclude:
        return lambda _: True
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most runs never need it

    include, exclude = (GitIgnoreSpec.from_lines(globs) for globs in (settings.include, settings.exclude))
    return lambda name: (not settings.include or include.match_file(name)) and not exclude.match_file(name)


def _walk(directory: Path, prefix: str, passed: set[tuple[str, str]]) -> Iterator[str]:
    """The files below a directory; what is never a project's own source is added to `passed`."""
    own: set[str] = set()
    lead = f"{prefix}/" if prefix else ""
    yield from (lead + name for name in (_git_files(directory, own) or _scanned(str(directory), own)))
    passed.update((f"{lead}{name}/", _NOT_OWN) for name in own)


def _in_repository(directory: Path) -> bool:
    return any((place / ".git").exists() for place in (directory, *directory.parents))


def _git_files(directory: Path, passed: set[str]) -> list[str] | None:
    """What git would track, relative to `directory`; None outside of a repository, or when git cannot say."""
    if not _in_repository(directory):
        return None
    # A stranger's repository may name programs in its configuration: fsmonitor is one that ls-files would start.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, check=False)
    except OSError:
        return None
    if done.returncode:
        return None
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    kept = [name for name in dict.fromkeys(names) if not _left_out(name, passed)]
    nested = [name for name in kept if _is_nested(directory, name)]
    return [
        *(name for name in kept if name not in nested),
        *(f"{name.rstrip('/')}/{inner}" for name in nested for inner in _scanned(str(directory / name), set())),
    ]


def _is_nested(directory: Path, name: str) -> bool:
    """Whether a name that git lists is another repository inside (a submodule), which it does not look into."""
    dot = name.rfind(".")
    return (name.endswith("/") or dot < name.rfind("/") + 1) and (directory / name).is_dir()


def _left_out(name: str, passed: set[str]) -> bool:
    folders = name.split("/")[:-1]
    if LEFT_OUT.isdisjoint(folders):
        return False
    depth = next(index for index, folder in enumerate(folders) if folder in LEFT_OUT)
    passed.add("/".join(folders[: depth + 1]))
    return True


def _scanned(top: str, passed: set[str]) -> Iterator[str]:
    """The same by hand: os.scandir and the .gitignore files on the way. Links to directories are not followed."""
    stack: list[tuple[str, str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [(top, "", ())]
    while stack:
        directory, prefix, specs = stack.pop()
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError:
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
                passed.add(name)
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


def decode(data: bytes) -> tuple[str, str | None]:
    """The text of a file, line ends as they are, and a note when it is neither UTF-8 nor marked UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), None
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return data.decode("latin-1"), "neither UTF-8 nor UTF-16, read as Latin-1"
