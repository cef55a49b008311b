"""Which schema.prisma a file's client is made from, and which version of Prisma runs."""

from __future__ import annotations

import json
import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .prisma import names_datasource, read_schema

if TYPE_CHECKING:
    from ..model import Resolve, SourceFile
    from .prisma import Schema

_PACKAGES = ("@prisma/client", "prisma")
_VERSION = re.compile(r"(\d+)\.(\d+)")
_COPIES = frozenset({"docs", "doc", "documentation", "examples", "example", "fixtures", "testdata", "__fixtures__"})
_NATIVE_SINCE = (4, 6)  # "native database upserts", of the docs of upsert()


def schemas(path: str, resolve: Resolve) -> tuple[Schema, ...]:
    """The schemas of the project that are nearest to a file: one, or several that are as near as each other.

    Copies that serve as documentation, examples or fixtures only count for files beside them.
    """
    files = resolve.files("*.prisma")
    roots = _roots(files)
    if not roots:
        return (read_schema(tuple(file.text for file in files)),) if files else ()
    shared = {root: len(posixpath.commonprefix([_steps(path), _steps(root)])) for root in roots}
    shared = {root: size for root, size in shared.items() if _COPIES.isdisjoint(_steps(root)[size:])} or shared
    nearest = max(shared.values())
    chosen = [root for root, size in shared.items() if size == nearest]
    return _read(tuple(chosen), roots, files)


@lru_cache(maxsize=64)
def _read(chosen: tuple[str, ...], roots: tuple[str, ...], files: tuple[SourceFile, ...]) -> tuple[Schema, ...]:
    """The schemas of these folders, each of them once: hashing the texts is far quicker than hashing what they say."""
    return tuple(read_schema(texts) for texts in dict.fromkeys(_texts(root, roots, files) for root in chosen))


@lru_cache(maxsize=8)
def _roots(files: tuple[SourceFile, ...]) -> tuple[str, ...]:
    """The folders whose files make one schema each: those that hold a datasource."""
    return tuple(dict.fromkeys(posixpath.dirname(file.path) for file in files if names_datasource(file.text)))


def _texts(root: str, roots: tuple[str, ...], files: tuple[SourceFile, ...]) -> tuple[str, ...]:
    """The texts of a schema: the files in its folder and below, but for those of another schema."""
    own = [file for file in files if _root_of(file.path, roots) == root]
    beside = [file for file in own if posixpath.dirname(file.path) == root]
    alone = sum(names_datasource(file.text) for file in beside) > 1  # several schemas side by side
    chosen = beside[:1] if alone else own
    return tuple(file.text for file in sorted(chosen, key=lambda file: file.path))


def _root_of(path: str, roots: tuple[str, ...]) -> str | None:
    holding = [root for root in roots if not root or path.startswith(f"{root}/")]
    return max(holding, key=len, default=None)


def _steps(path: str) -> list[str]:
    return path.split("/")


def has_native_upsert(path: str, resolve: Resolve) -> bool:
    """Whether the version in the nearest package.json sends ON CONFLICT; it does when no version is known."""
    for file in resolve.files("package.json"):
        folder = posixpath.dirname(file.path)
        if folder and not path.startswith(f"{folder}/"):
            continue
        version = _version(file.text)
        if version is not None:
            return version >= _NATIVE_SINCE
    return True


@lru_cache(maxsize=64)
def _version(text: str) -> tuple[int, int] | None:
    try:
        package: Any = json.loads(text)
    except ValueError:
        return None
    parts = [package.get(part) for part in ("dependencies", "devDependencies")] if isinstance(package, dict) else []
    given = {name: str(version) for part in reversed(parts) if isinstance(part, dict) for name, version in part.items()}
    match = next((found for name in _PACKAGES if (found := _VERSION.search(given.get(name, "")))), None)
    return None if match is None else (int(match[1]), int(match[2]))
