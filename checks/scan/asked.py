"""A result for what was asked: a part of the project, its paths relative to the root of the report."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Span, WriteSite
    from .files import Tree
    from .model import Client, FailedFile, Remark, ScanResult, SiteFact, Skipped
    from .project import Project
    from .reading import Reader

    Named = tuple[str, tuple[Client, ...]]
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


def concerned(hits: list[Named], tree: Tree, reader: Reader, project: Project) -> list[Named]:
    """The files with trigger words whose facts may become sites in what was asked for.

    All, when directories were: a statement may be put together anywhere. When only files were asked for, those that
    write in a function which one of these files names, since that may be a wrapper that is called there.
    """
    if tree.asked is None or not tree.files_only:
        return hits
    words = frozenset(word for path in tree.asked for word in _WORD.findall(project.data(path)))

    def is_named(path: str, fact: SiteFact) -> bool:
        module = project.module(path)
        function = module.function_at(fact.offset) if module is not None else None
        # Of `Type.method` or `name?` each part is a word; what has no name is called by nobody.
        parts = _WORD.findall(function.name.encode("utf-8", "surrogatepass")) if function is not None else []
        return bool(parts) and parts[-1] in words

    return [
        (path, clients)
        for path, clients in hits
        if path in tree.asked or any(is_named(path, fact) for _, fact in reader.facts(path, clients))
    ]


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
