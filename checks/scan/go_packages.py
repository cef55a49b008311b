"""Which directory of a project a Go import path means, told by the go.mod files in it."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class GoPackages:
    """The Go modules of one tree. `data` reads a file's bytes."""

    def __init__(self, paths: Iterable[str], data: Callable[[str], bytes]) -> None:
        self._paths = paths
        self._data = data

    @cached_property
    def _modules(self) -> dict[str, str]:
        """Module paths to the directories of their go.mod files."""
        named = {posixpath.dirname(path): path for path in self._paths if posixpath.basename(path) == "go.mod"}
        modules = {_module_path(self._data(path)): folder for folder, path in sorted(named.items(), reverse=True)}
        modules.pop("", None)
        return modules

    def folder_of(self, path: str) -> str | None:
        """The directory of the package with that import path; None for one of a library."""
        for inside in _parents(path):
            if inside in self._modules:
                rest = path[len(inside) :].strip("/")
                return posixpath.join(self._modules[inside], rest) if rest else self._modules[inside]
        return None


def _parents(path: str) -> Iterable[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def _module_path(data: bytes) -> str:
    for line in data.decode("utf-8", "replace").splitlines():
        words = line.split("//", 1)[0].split()
        if len(words) == 2 and words[0] == "module":  # noqa: PLR2004 - the directive and its argument
            return words[1].strip('"`')
    return ""
