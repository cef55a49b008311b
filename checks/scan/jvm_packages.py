"""Which declaration of a project a name means in Java, Kotlin and Scala: by package and import, in any of the three."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from .declared import MOST_FILES, declares, distance, is_said
from .values import Import, Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Module
    from .project import Project
    from .values import Value

_HEAD = 20_000  # bytes in which the package stands, below a licence too
LANGUAGES = ("java", "kotlin", "scala")
SUFFIXES = (".java", ".kt", ".kts", ".scala", ".sc")
_PACKAGE = re.compile(rb"(?m)^\s*package\s+(?!object\b)([\w.`]+)")
_WIDE = re.compile(rb"(?m)^\s*import\s+(?!static\b)([\w.`]+)\.(?:\*|_)\s*;?\s*$")
_FOREIGN = ("java.", "javax.", "jakarta.", "kotlin.", "kotlinx.", "scala.", "org.springframework.", "android.")


class JvmPackages:
    """The declarations of one project's sources, found when a name asks for them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, tuple[str, ...], str], Value | None] = {}

    def declared(self, name: str, importer: str) -> Value | None:
        """What a name that a file neither binds nor imports means: of its package, or of one imported as a whole."""
        data = self._project.data(importer)
        packages = (package_of(data), *(match[1].decode("utf-8", "replace") for match in _WIDE.finditer(data)))
        found = self._of_packages(name, packages, importer)
        inside = [one for one in packages[1:] if self._has(one, name)]  # all members of a type
        if found is None and len(inside) == 1:
            return self.imported(Import(inside[0], name, importer), importer)
        return found

    def _has(self, owner: str, name: str) -> bool:
        """Whether a type of the project seems to declare that member."""
        package, *types = _split(owner)
        if not types:
            return False
        paths = self._declaring(types[0], package)
        return any(is_said(declares(name), name.encode(), self._project.data(path)) for path in paths)

    def imported(self, value: Import, importer: str) -> Value | None:
        """What an import of a type or function of the project means; None for one of a library."""
        if value.name is None or value.module.startswith(_FOREIGN):
            return None
        package, *outer = _split(value.module)
        if outer:
            return Member(Import(".".join((package, *outer[:-1])), outer[-1], importer), value.name)
        return self._of_packages(value.name, (package,), importer)

    def _of_packages(self, name: str, packages: tuple[str, ...], importer: str) -> Value | None:
        key = name, packages, importer.rpartition("/")[0]
        if key not in self._known:
            self._known[key] = self._found(name, packages, importer)
        return self._known[key]

    def _found(self, name: str, packages: tuple[str, ...], importer: str) -> Value | None:
        """The declaration in the first of these packages that has one; in several modules of a build the nearest."""
        found: list[tuple[int, int, Value]] = []
        for number, package in enumerate(dict.fromkeys(packages)):
            for path in self._declaring(name, package):
                module: Module | None = self._project.module(path) if path != importer else None
                value = module.exported(name) if module is not None and len(found) < MOST_FILES else None
                if value is not None:
                    found.append((number, distance(path, importer), value))
        found.sort(key=lambda one: one[:2])
        ambiguous = len(found) > 1 and found[0][:2] == found[1][:2]
        return None if not found or ambiguous else found[0][2]

    def _declaring(self, name: str, package: str) -> Iterator[str]:
        """The files of a package that look as if they declared the name."""
        needle, telling = name.encode(), declares(name)
        paths = self._by_package.get(package, ())
        return (path for path in paths if is_said(telling, needle, self._project.data(path)))

    @cached_property
    def _by_package(self) -> dict[str, list[str]]:
        """The files of each package, in the tree's order."""
        found: dict[str, list[str]] = {}
        for language in LANGUAGES:
            for path in self._project.of_language(language):
                found.setdefault(package_of(self._project.data(path)), []).append(path)
        return found


def package_of(data: bytes) -> str:
    """The package that a source says it is of; a source of Scala may say it in several lines."""
    return ".".join(match[1].decode("utf-8", "replace") for match in _PACKAGE.finditer(data, 0, _HEAD))


def _split(path: str) -> list[str]:
    """The package, and the types that a member is nested in: by custom these begin with a capital letter."""
    parts = path.split(".")
    first = next((index for index, part in enumerate(parts) if part[:1].isupper()), len(parts))
    return [".".join(parts[:first]), *parts[first:]]
