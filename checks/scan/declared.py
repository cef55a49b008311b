"""Names that files see without an import: in Go those of their directory, in Ruby, Java or PHP those of the tree."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from .languages import Reach, language_of
from .values import Class

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .languages import Language
    from .project import Project
    from .values import Value

MOST_FILES = 20  # that seem to declare a name; more is no name to go by


def declared(project: Project, name: str, importer: str) -> Value | None:
    """What the nearest file of the same language declares at its top by that name; None when two are as near.

    "T.m" is the method m of a type T, in languages that declare methods apart from their type.
    """
    language = language_of(importer)
    if language is None or language.reach is Reach.FILE:
        return None
    found: list[tuple[int, Value]] = []
    for path in _holding(project, name, importer, language):
        module = project.module(path)
        value = module.exported(name) if module is not None else None
        if value is not None:
            found.append((distance(path, importer), value))
        if len(found) > MOST_FILES:
            return None
    if language.reach is Reach.MODULE:  # where other files may open a class again, which one file derives from another
        found = [one for one in found if isinstance(one[1], Class) and one[1].bases] or found
    found.sort(key=lambda one: one[0])
    ambiguous = len(found) > 1 and found[0][0] == found[1][0]
    return None if not found or ambiguous else found[0][1]


def _holding(project: Project, name: str, importer: str, language: Language) -> Iterator[str]:
    """The other files that can see each other and look as if they declared the name."""
    own = name.replace("::", ".").rpartition(".")[2]
    if language.name in _LISTED:
        return (path for path in _listed(project, name, language) if path != importer)
    needle, telling = own.encode(), _TELLING.get(language.name, declares)(own)

    def seems(path: str) -> bool:
        return is_said(telling, needle, project.data(path))

    if language.reach in {Reach.TREE, Reach.MODULE}:
        paths = project.seeming(f"{language.name} {own}", project.of_language(language.name), seems)
    else:
        paths = (path for path in project.of_folder(language.name, posixpath.dirname(importer)) if seems(path))
    return (path for path in paths if path != importer)


def is_said(telling: re.Pattern[bytes], needle: bytes, data: bytes) -> bool:
    """Whether the pattern, which a line at most can match, matches in a line that holds those bytes."""
    return any(telling.search(*line) is not None for line in _lines_with(needle, data))


def _lines_with(needle: bytes, data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The data with the extent of each line that holds those bytes: most files have none, and few lines do."""
    at = data.find(needle)
    while 0 <= at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        yield data, data.rfind(b"\n", 0, at) + 1, end
        at = data.find(needle, end)


# Languages in which a word stands right before each name that files declare: all names are listed at once.
_LISTED = {
    "elixir": re.compile(rb"\bdefmodule\s+([\w.]+)"),
    "php": re.compile(rb"(?i)\b(?:class|interface|trait|enum|function|const(?:\s+\w+(?=\s+\w+\s*=))?)\s+&?(\w+)"),
}


def _listed(project: Project, name: str, language: Language) -> Iterator[str]:
    """The files that declare the last part of the name; in PHP those that have its namespace, too."""
    space, _, own = name.rpartition(".")
    lead = b"namespace " + space.replace(".", "\\").encode() if space and language.name == "php" else b""
    paths = project.declaring(language.name, _LISTED[language.name]).get(own, ())
    return (path for path in paths if lead in project.data(path))


@lru_cache(maxsize=512)
def declares(name: str) -> re.Pattern[bytes]:
    """A cheap test on bytes: a word that declares, then the name; or the name at a line's start, assigned."""
    own = re.escape(name.encode())
    words = (
        rb"class|module|interface|object|record|enum|struct|type|trait|protocol|actor|mixin|extension|fn|func|fun|def"
        rb"|defmodule|function|const|val|var|let|static|final|impl|union|table!"
    )
    return re.compile(rb"(?m)\b(?:" + words + rb")[^\n;{}]{0,120}?\b" + own + rb"\b|^\s*" + own + rb"\b[^=\n]{0,60}=")


@lru_cache(maxsize=512)
def opens(name: str) -> re.Pattern[bytes]:
    """The same for Ruby, where constants are all that is declared so: many names of most files are those of classes."""
    own = re.escape(name.encode())
    return re.compile(rb"(?:class|module)[ \t]+(?:\w+::)*" + own + rb"\b|" + own + rb"\b[ \t]*=[^=~>]")


@lru_cache(maxsize=512)
def types(name: str) -> re.Pattern[bytes]:
    """The same for C#, where types are all that is declared so."""
    return re.compile(rb"\b(?:class|struct|record|enum)\s+" + re.escape(name.encode()) + rb"\b")


@lru_cache(maxsize=512)
def at_margin(name: str) -> re.Pattern[bytes]:
    """The same for Dart and Swift, whose formatters leave no blank before what stands at the top of a file."""
    own = re.escape(name.encode())
    kinds = rb"(?:class|mixin|enum|extension|typedef|typealias|struct|protocol|actor)"
    others = rb"(?!(?:import|export|part)\b|[^\n]*\b" + kinds + rb"\b)[A-Za-z_@][^\n;{}=()]{0,160}?\b"
    return re.compile(
        rb"(?m)^(?:(?:[a-z]+ )*" + kinds + rb"\s+" + own + rb"\b|" + others + own + rb"[ \t]*(?:[=(;<{:]|$))"
    )


_TELLING = {"ruby": opens, "csharp": types, "dart": at_margin, "swift": at_margin}


def named(paths: Iterable[str], pattern: str, importer: str) -> tuple[str, ...]:
    """The paths whose base name matches the pattern, nearest to the importer first."""
    matching = [path for path in paths if fnmatchcase(posixpath.basename(path), pattern)]
    return tuple(sorted(matching, key=lambda path: (distance(path, importer), path)))


def distance(path: str, importer: str) -> int:
    """How many steps up and down lead from one file's directory to another's."""
    here, there = (posixpath.dirname(one).split("/") if "/" in one else [] for one in (importer, path))
    shared = 0
    for mine, its in zip(here, there, strict=False):
        if mine != its:
            break
        shared += 1
    return len(here) + len(there) - 2 * shared
