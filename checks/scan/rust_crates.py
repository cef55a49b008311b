"""Which file of a project a path of Rust modules means, told by the Cargo.toml files in it."""

from __future__ import annotations

import contextlib
import posixpath
import tomllib
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .declared import distance
from .values import Import, Member, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .model import Module
    from .values import Value

_ROOTS = ("lib.rs", "main.rs", "mod.rs")
_TARGETS = ("bin", "test", "bench", "example")
_MOST_GLOBS = 100  # modules that are looked into for one name
_APART = frozenset({"tests", "examples", "benches", "bin"})  # directories whose every file is a crate of its own


class RustCrates:
    """The crates of one tree. `data` reads a file's bytes, `module` parses a file."""

    def __init__(
        self, paths: Iterable[str], data: Callable[[str], bytes], module: Callable[[str], Module | None]
    ) -> None:
        self._all = paths
        self._data = data
        self._module = module
        self._known: dict[tuple[str, str], Value | None] = {}

    def imported(self, value: Import, importer: str) -> Value | None:
        """What a path means in a file: an item, or the whole module of that name; None for one of a library."""
        place = self.place(value.module, importer) if value.name is not None else None
        if place is None or value.name is None:
            return None
        file, inner = place
        first, *rest = (*inner, value.name)
        found = self._named(file, first)
        return None if found is None else _inside(found, rest)

    def _named(self, file: str, name: str) -> Value | None:
        """What a file means by a name: an item, a module below it, or an item of a module that it imports whole."""
        if (file, name) not in self._known:
            self._known[file, name] = self._search(file, name)
        return self._known[file, name]

    def _search(self, file: str, name: str) -> Value | None:
        waiting: list[tuple[str, tuple[str, ...]]] = [(file, ())]
        for place in waiting:  # grows
            path, inner = place
            module = self._module(path)
            if module is None:
                continue
            found = module.exported(inner[0] if inner else name)
            if found is not None:
                return _inside(found, [*inner[1:], name]) if inner else found
            below = self.place(f"self::{name}", path) if not inner else None
            if below is not None and not below[1] and below[0] != path:
                return Import(f"self::{name}", None, path)
            further = self._handed_on(module, path) if not inner else []
            waiting += [one for one in further if one not in waiting and len(waiting) < _MOST_GLOBS]
        return None

    def _handed_on(self, module: Module, path: str) -> list[tuple[str, tuple[str, ...]]]:
        """The modules of which a file imports all names."""
        globs = module.exported("*")
        named = globs.items if isinstance(globs, Sequence) else ()
        places = [self.place(glob.text, path) for glob in named if isinstance(glob, Text)]
        return [place for place in places if place is not None]

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(path for path in self._all if path.endswith(".rs"))

    @cached_property
    def _crates(self) -> dict[str, list[str]]:
        """Directories of the sources of all crates, by the names that other crates use."""
        found: dict[str, list[str]] = {}
        for folder, document in self._documents:
            package, library = document.get("package"), document.get("lib")
            name = (library or {}).get("name") or (package or {}).get("name") if isinstance(package, dict) else None
            if isinstance(name, str):
                source = posixpath.dirname(posixpath.join(folder, (library or {}).get("path", "src/lib.rs")))
                found.setdefault(name.replace("-", "_"), []).append(source)
        return found

    @cached_property
    def _targets(self) -> frozenset[str]:
        """The directories of binaries and tests whose root file is named in a manifest."""
        found: set[str] = set()
        for folder, document in self._documents:
            for target in (one for kind in _TARGETS for one in document.get(kind, ()) if isinstance(one, dict)):
                path = posixpath.join(folder, str(target.get("path", "")))
                found |= {posixpath.dirname(path)} if posixpath.basename(path) in _ROOTS else set()
        return frozenset(found)

    @cached_property
    def _documents(self) -> list[tuple[str, dict[str, Any]]]:
        """The manifests, each with its directory."""
        found: list[tuple[str, dict[str, Any]]] = []
        for path in sorted(self._manifests):
            with contextlib.suppress(ValueError, RecursionError):
                found.append((posixpath.dirname(path), tomllib.loads(self._data(path).decode("utf-8", "replace"))))
        return found

    @cached_property
    def _manifests(self) -> frozenset[str]:
        return frozenset(path for path in self._all if posixpath.basename(path) == "Cargo.toml")

    def place(self, module: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        """The file of a module, and the names that lead on inside of it; None for one of a library."""
        first, *rest = module.split("::")
        found = self._start(first, rest, importer)
        if found is None:
            return None
        folder, file, rest = found
        while rest:
            inner = next((p for p in _files(posixpath.join(folder, rest[0])) if p in self._paths), None)
            if inner is None:
                break
            folder, file, rest = posixpath.join(folder, rest[0]), inner, rest[1:]
        return None if file is None else (file, tuple(rest))

    def _start(self, first: str, rest: list[str], importer: str) -> tuple[str, str | None, list[str]] | None:
        """The directory in which modules are looked for, the file that declares them, and the names that are left."""
        if first == "crate" and posixpath.basename(posixpath.dirname(importer)) in _APART:
            return posixpath.dirname(importer), importer, rest
        if first == "crate":
            folder = self._root(importer)
            return folder, self._root_file(folder, importer), rest
        if first in {"self", "super"}:
            folder, file = _children(importer), importer
            above = [first, *rest]
            while above and above[0] == "super":
                folder, above = posixpath.dirname(folder), above[1:]
                owner = next((p for p in (f"{folder}.rs", *self._in(folder)) if p in self._paths), None)
                file = owner or file
            return folder, file, above[1:] if above[:1] == ["self"] else above
        if first in self._crates:
            folder = min(self._crates[first], key=lambda one: distance(f"{one}/", importer))
            return folder, self._root_file(folder, importer), rest
        child = posixpath.join(_children(importer), first)
        own = next((p for p in _files(child) if p in self._paths), None)
        return None if own is None else (child, own, rest)

    def _root(self, importer: str) -> str:
        """The directory of the modules of the crate that a file belongs to."""
        folder = posixpath.dirname(importer)
        while folder:
            if folder in self._targets or any(posixpath.join(folder, name) in self._paths for name in _ROOTS[:2]):
                return folder
            if posixpath.join(folder, "Cargo.toml") in self._manifests:
                return posixpath.join(folder, "src")
            folder = posixpath.dirname(folder)
        return "src" if importer.startswith("src/") else posixpath.dirname(importer)

    def _root_file(self, folder: str, importer: str) -> str | None:
        found = [path for path in self._in(folder) if path in self._paths]
        return importer if importer in found else next(iter(found), None)

    @staticmethod
    def _in(folder: str) -> tuple[str, ...]:
        return tuple(posixpath.join(folder, name) for name in _ROOTS)


def _inside(value: Value, names: list[str]) -> Value:
    for name in names:
        value = Member(value, name)
    return value


def _files(base: str) -> tuple[str, str]:
    return f"{base}.rs", posixpath.join(base, "mod.rs")


def _children(path: str) -> str:
    """The directory that holds the modules that a file declares."""
    folder, name = posixpath.split(path)
    return (
        folder
        if name in _ROOTS or posixpath.basename(folder) in _APART
        else posixpath.join(folder, name.removesuffix(".rs"))
    )
