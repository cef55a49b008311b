"""Which file of a project an import means."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from .values import Record, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .values import Value

_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
_COMPILED = re.compile(r"\.(m|c)?jsx?$")


class Imports:
    """Resolves import specifiers among the files of one tree. `document` reads a JSON file, comments allowed."""

    def __init__(self, paths: frozenset[str], document: Callable[[str], Value | None]) -> None:
        self._paths = paths
        self._document = document
        self._aliases: tuple[tuple[str, str, str], ...] | None = None
        self._packages: dict[str, str] | None = None
        self._known: dict[tuple[str, str], str | None] = {}

    def file_of(self, module: str, importer: str) -> str | None:
        """The file that `module` means in `importer`; None for a library."""
        key = module, posixpath.dirname(importer)
        if key not in self._known:
            self._known[key] = self._file_of(module, importer)
        return self._known[key]

    def _file_of(self, module: str, importer: str) -> str | None:
        if importer.endswith((".py", ".pyi", ".ipynb")):
            return next((p for p in self._python(module, importer) if p in self._paths), None)
        return next((p for base in self._bases(module, importer) for p in _scripts(base) if p in self._paths), None)

    def _python(self, module: str, importer: str) -> Iterator[str]:
        dots = len(module) - len(module.lstrip("."))
        parts = [part for part in module.split(".") if part]
        folder = posixpath.dirname(importer)
        if dots:
            for _ in range(dots - 1):
                folder = posixpath.dirname(folder)
            roots = [folder]
        else:
            roots = list(_ancestors(folder))
            roots += [posixpath.join(root, "src") for root in roots]
        for root in roots:
            base = posixpath.join(root, *parts)
            yield f"{base}.py"
            yield posixpath.join(base, "__init__.py")
            yield f"{base}.pyi"

    def _bases(self, module: str, importer: str) -> Iterator[str]:
        folder = posixpath.dirname(importer)
        if module.startswith("."):
            yield posixpath.normpath(posixpath.join(folder, module))
            return
        for root, pattern, target in self._tsconfig():
            if not _is_below(folder, root):
                continue
            head, star, tail = pattern.partition("*")
            if module == pattern or (star and module.startswith(head) and module.endswith(tail)):
                middle = module[len(head) : len(module) - len(tail)] if star else ""
                yield posixpath.normpath(posixpath.join(root, target.replace("*", middle)))
        if module[:2] in {"@/", "~/"}:
            for root in _ancestors(folder):
                yield posixpath.join(root, "src", module[2:])
                yield posixpath.join(root, module[2:])
        yield from self._workspace(module)

    def _tsconfig(self) -> tuple[tuple[str, str, str], ...]:
        if self._aliases is None:
            found = [alias for path in sorted(filter(_is_tsconfig, self._paths)) for alias in self._aliases_of(path)]
            self._aliases = tuple(sorted(found, key=lambda alias: (-len(alias[0]), -len(alias[1]))))
        return self._aliases

    def _aliases_of(self, path: str) -> Iterator[tuple[str, str, str]]:
        options = _entry(self._document(path), "compilerOptions")
        base, table = _entry(options, "baseUrl"), _entry(options, "paths")
        root = posixpath.dirname(path)
        start = posixpath.normpath(posixpath.join(root, base.text)) if isinstance(base, Text) else root
        if isinstance(base, Text):
            yield root, "*", posixpath.relpath(posixpath.join(start, "*"), root or ".")
        for pattern, targets in table.entries if isinstance(table, Record) else ():
            for target in targets.items if isinstance(targets, Sequence) else ():
                if isinstance(target, Text):
                    yield root, pattern, posixpath.relpath(posixpath.join(start, target.text), root or ".")

    def _workspace(self, module: str) -> Iterator[str]:
        if self._packages is None:
            named = {p: _entry(self._document(p), "name") for p in sorted(filter(_is_package, self._paths))}
            self._packages = {n.text: posixpath.dirname(p) for p, n in named.items() if isinstance(n, Text)}
        parts = module.split("/")
        size = 2 if module.startswith("@") else 1
        folder = self._packages.get("/".join(parts[:size]))
        if folder is None:
            return
        inner = "/".join(parts[size:])
        for base in ("src", ""):
            yield posixpath.normpath(posixpath.join(folder, base, inner or "index"))


def _entry(value: Value | None, key: str) -> Value | None:
    return value.get(key) if isinstance(value, Record) else None


def _scripts(base: str) -> Iterator[str]:
    yield base
    stem = _COMPILED.sub("", base)  # import "./x.js" of a file x.ts
    for name in dict.fromkeys((base, stem)):
        yield from (name + suffix for suffix in _SCRIPTS)
    yield from (posixpath.join(base, f"index{suffix}") for suffix in _SCRIPTS)


def _ancestors(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _is_below(folder: str, root: str) -> bool:
    return not root or folder == root or folder.startswith(root + "/")


def _is_tsconfig(path: str) -> bool:
    return path.endswith(".json") and posixpath.basename(path).startswith(("tsconfig", "jsconfig"))


def _is_package(path: str) -> bool:
    return path.endswith("package.json") and posixpath.basename(path) == "package.json"
