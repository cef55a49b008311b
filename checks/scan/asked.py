"""A result for what was asked: a part of the project, its paths relative to the root of the report."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING, TypeVar

from .languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Span, WriteSite
    from .files import Tree
    from .model import FailedFile, Module, Remark, ScanResult, SiteFact, Skipped
    from .project import Project
    from .reading import Reader

    Named = tuple[str, tuple[str, ...]]
    Noted = TypeVar("Noted", FailedFile, Skipped, Remark)


_WORD = re.compile(rb"[\w$\x80-\xff]+")


def narrowed(result: ScanResult, tree: Tree) -> ScanResult:
    """What stands in the files that were asked for."""
    if tree.asked is None:
        return result
    return replace(
        result,
        sites=tuple(_site(site, tree) for site in result.sites if _is_asked(site.span, tree)),
        skipped=_placed(result.skipped, tree),
        failed=_placed(result.failed, tree),
        notes=_placed(result.notes, tree),
        remarks=_placed(result.remarks, tree),
        fallbacks=tuple(
            replace(one, span=replace(one.span, path=tree.shown(one.span.path or "")))
            for one in result.fallbacks
            if _is_asked(one.span, tree)
        ),
    )


class Concern:
    """Which facts may become sites in what was asked for.

    All, when directories were: a statement may be put together anywhere. When only files were asked for, those that
    stand in a function which one of these files names, since that may be a wrapper that is called there, or a wrapper
    of one in its own file.
    """

    def __init__(self, project: Project, reader: Reader) -> None:
        self._project = project
        self._reader = reader
        self._words: frozenset[bytes] | None = None

    def of(self, hits: list[Named]) -> list[Named]:
        """The files with trigger words that hold such facts."""
        return [(path, clients) for path, clients in hits if self._is_whole(path) or any(self._each(path, clients))]

    def facts(self, path: str, clients: tuple[str, ...]) -> Iterator[tuple[str, SiteFact]]:
        """Those of a file."""
        found = self._reader.facts(path, clients)
        return found if self._is_whole(path) else compress(found, self._each(path, clients))

    def _is_whole(self, path: str) -> bool:
        """Whether all facts of the file are."""
        tree = self._project.tree
        return not tree.files_only or tree.is_asked(path)

    def _each(self, path: str, clients: tuple[str, ...]) -> Iterator[bool]:
        """Of each fact of the file, whether it is one."""
        writers = self._reader.writers(path, clients) if _has_functions(path) else ()
        return map(self._named, writers)

    def _named(self, names: Iterable[bytes]) -> bool:
        if self._words is None:
            asked = self._project.tree.asked or ()
            self._words = frozenset(word for path in asked for word in _WORD.findall(self._project.data(path)))
        return not self._words.isdisjoint(names)


def writers_at(module: Module, offset: int) -> Iterator[bytes]:
    """The names of the functions around a place, and of those of the file around calls of these."""
    own = tuple(_around(module, offset))
    yield from own
    called = frozenset(name.decode("utf-8", "surrogatepass") for name in own)
    for call in module.calls(called) if called else ():
        yield from _around(module, call.offset)


def _around(module: Module, offset: int) -> Iterator[bytes]:
    """From the innermost: of `Type.method` and `name?` the last word; one without a name is called by nobody."""
    function = module.function_at(offset)
    while function is not None:
        yield from _WORD.findall(function.name.encode("utf-8", "surrogatepass"))[-1:]
        around = module.function_at(function.offset - 1) if function.offset else None
        function = around if around is not None and around.offset < function.offset else None


def _has_functions(path: str) -> bool:
    """Whether there may be wrappers in a file of that name."""
    language = language_of(path)
    return language is not None and language.grammar is not None


def _is_asked(span: Span, tree: Tree) -> bool:
    return tree.asked is None or span.path in tree.asked


def _site(site: WriteSite, tree: Tree) -> WriteSite:
    defined = site.defined and replace(site.defined, path=tree.shown(site.defined.path or ""))
    return replace(site, span=replace(site.span, path=tree.shown(site.span.path or "")), defined=defined)


def _placed(noted: Iterable[Noted], tree: Tree) -> tuple[Noted, ...]:
    return tuple(_renamed(noted, tree))


def _renamed(noted: Iterable[Noted], tree: Tree) -> Iterator[Noted]:
    for one in noted:
        if tree.is_asked(one.path or ""):
            yield replace(one, path=tree.shown(one.path or ""))
