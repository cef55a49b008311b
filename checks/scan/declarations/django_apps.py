"""Which app a file of models belongs to, and its label."""

from __future__ import annotations

import ast
import posixpath
import re
from typing import TYPE_CHECKING

from .model import Undeclared
from .once import once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve, SourceFile


def app_label(path: str, resolve: Resolve) -> str | Undeclared:
    """The label of the app that holds the file: the nearest directory around it that is an app.

    A directory is one when an AppConfig stands in its apps.py, when it holds migrations, or when INSTALLED_APPS names
    it; without any of these, the directory of `models.py` or `models/`.
    """
    labels = _labels(resolve.holding(b"AppConfig"))
    migrated = _migrated(resolve.holding(b"migrations.Migration"))
    installed = _installed(resolve.holding(b"INSTALLED_APPS"))
    for folder in _folders(path):
        name = posixpath.basename(folder)
        if folder in labels:
            return labels[folder] or name or Undeclared(f'the app of "{path}" has no name here')
        if name and (folder in migrated or name in installed):
            return name
    holder = posixpath.dirname(path)
    holder = posixpath.dirname(holder) if posixpath.basename(holder) == "models" else holder
    if posixpath.basename(holder) and posixpath.basename(path) != "__init__.py":
        return posixpath.basename(holder)
    return Undeclared(f'the app that "{path}" belongs to is not known')


def _folders(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


@once
def _labels(files: tuple[SourceFile, ...]) -> dict[str, str | None]:
    """By directory, the label that its AppConfig gives; None: it gives none, the directory's own name is it."""
    found: dict[str, str | None] = {}
    for file in files:
        if posixpath.basename(file.path) in {"apps.py", "__init__.py"} and (configs := _configs(file.text)):
            chosen = next((one for one in configs if one.get("default") is True), configs[0])
            label, name = chosen.get("label"), chosen.get("name")
            dotted = name.rpartition(".")[2] if isinstance(name, str) else None
            found[posixpath.dirname(file.path)] = label if isinstance(label, str) else dotted
    return found


def _configs(text: str) -> list[dict[str, object]]:
    """The literal attributes of each AppConfig of a module, those of other configurations left out."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    return [
        {
            target.id: statement.value.value
            for statement in node.body
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("AppConfig") for base in node.bases)
    ]


@once
def _migrated(files: tuple[SourceFile, ...]) -> frozenset[str]:
    """The directories whose `migrations` hold migrations."""
    folders = (posixpath.dirname(file.path) for file in files)
    return frozenset(posixpath.dirname(one) for one in folders if posixpath.basename(one) == "migrations")


@once
def _installed(files: tuple[SourceFile, ...]) -> frozenset[str]:
    """The last parts of the dotted names in files with INSTALLED_APPS."""
    quoted = re.compile(r"""["']((?:\w+\.)*\w+)["']""")
    found: set[str] = set()
    for file in files:
        for listed in re.finditer(r"_?APPS\s*(?::[^=\n]+)?\+?=\s*[\[(]([^\])]*)", file.text):
            for match in quoted.finditer(listed[1]):
                head, _, last = match[1].partition(".apps.")
                found.add((head if last else match[1]).rpartition(".")[2])
    return frozenset(found)
