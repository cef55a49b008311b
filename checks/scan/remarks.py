"""Comments that speak to this program, `pgarbiter: ...`, of any host language and of SQL."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from ..sql.lexis import without_remarks
from ..sql.remarks import comments, writes
from .hosts.embedded import Embedded
from .hosts.host import Host
from .hosts.mapper import MapperModule
from .hosts.nodes import extent_of, items
from .hosts.yaml import YamlModule
from .kept import Remembered
from .literals import place
from .model import Remark
from .sites import lines_of
from .values import Join, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ast_grep_py import SgNode

    from .model import Module
    from .project import Project
    from .values import Value

WORD = "pgarbiter:"
_ENCODINGS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_MARKUP = re.compile(r"<!--.*?-->", re.DOTALL)
_TEMPLATE = re.compile(r"\{#.*?#\}", re.DOTALL)
# Of GraphQL: strings, which may hold the sign of a comment, and comments.
_GRAPHQL = re.compile(r'"""(?:\\"""|.)*?"""|"(?:\\.|[^"\\\n])*"|(?P<comment>#[^\n]*)', re.DOTALL)
_LEAD = re.compile(r"\s*(?:///?!?|#+!?(?!\})|--+|/\*+!?|\*+(?!/)|<!--|\{#)?\s*")
_TAIL = re.compile(r"\s*(?:\*+/|-->|#\})?\s*\Z")
_BODY = re.compile(r"block|body|suite|compound_statement|do_statement|statement_list|^statements$")
_HOLE = "\ue0000\ue001"

_Extent = tuple[int, int]


def remarks(project: Project, paths: Iterable[str]) -> tuple[Remark, ...]:
    """Those of all files, in order. A file that its host cannot read has none."""
    found: list[Remark] = []
    left_out = project.left_out
    for path in project.seeming("remarks", paths, lambda path: _holds(project.data(path))):
        if path in left_out:
            continue
        try:
            module = project.module(path)
            found += of_module(module) if module is not None else ()
        except Exception as error:  # noqa: BLE001 - one odd file must not hide all others
            project.fail(path, f"comments: {type(error).__name__} while reading them: {error}", unforeseen=True)
    return tuple(sorted(found, key=lambda one: (one.path or "", one.line, one.text)))


def _holds(data: bytes) -> bool:
    return WORD.encode(_ENCODINGS.get(data[:2], "utf-8")) in data


def of_module(module: Module) -> list[Remark]:
    """Those of one file: its comments, and those of SQL in its strings."""
    module = module.parsed if isinstance(module, Remembered) else module
    text, path = module.file.text, module.file.path
    line_of = _counter(text)
    found = _of_comments(module)
    if module.file.language not in {"sql", "graphql"}:
        for value in module.strings(re.escape(WORD)):
            found += _of_string(value, path, line_of)
    return list(dict.fromkeys(found))


def of_sql(text: str, path: str | None) -> list[Remark]:
    """Those of a text of SQL; lines count from its start."""
    return _of_extents(text, [*_templates(text), *comments(without_remarks(text))], path, _counter(text))


def _counter(text: str) -> Callable[[int], int]:
    lines = lines_of(text)
    return lambda offset: lines.at(offset)[0]


def _of_comments(module: Module) -> list[Remark]:
    text, path = module.file.text, module.file.path
    match module:
        case Host():
            found = _of_tree(module.root, module.code, path, _counter(text))
            outside = [one for one in _markup(text) if not module.code[slice(*one)].strip()]  # of a component
            return [*found, *_of_extents(text, outside, path, _counter(text))]
        case Embedded():
            return _of_embedded(module)
        case YamlModule():
            inner = [one for script in module.scripts for one in _of_embedded(script)]
            return [*_of_tree(SgRoot(text, "yaml").root(), text, path, _counter(text)), *inner]
        case MapperModule():
            return _of_extents(text, _markup(text), path, _counter(text))
        case _ if module.file.language == "graphql":
            extents = [match.span() for match in _GRAPHQL.finditer(text) if match["comment"]]
            return _of_extents(text, extents, path, _counter(text))
        case _:
            return of_sql(text, path)


def _of_embedded(module: Embedded) -> list[Remark]:
    """Those of the inner text, on the lines of the file."""
    inner, line_of = module.inner, _counter(module.file.text)
    if not isinstance(inner, Host):
        return []
    return _of_tree(inner.root, inner.code, module.file.path, lambda offset: line_of(module.at(offset)))


def _markup(text: str) -> list[_Extent]:
    """Comments of HTML and XML; what stands in a CDATA section is text."""
    found: list[_Extent] = []
    at = 0
    while match := _MARKUP.search(text, at):
        data = text.find("<![CDATA[", at, match.start())
        if data >= 0 and (end := text.find("]]>", data)) > match.start():
            at = end
            continue
        found.append(match.span())
        at = match.end()
    return found


def _templates(text: str) -> list[_Extent]:
    return [match.span() for match in _TEMPLATE.finditer(text)]


def _of_tree(root: SgNode, text: str, path: str, line_of: Callable[[int], int]) -> list[Remark]:
    """Those of the comments of a syntax tree; with each the statement behind it and behind other comments."""
    extents: dict[_Extent, None] = {}
    behind: dict[_Extent, _Extent] = {}
    at = text.find(WORD)
    while at >= 0:
        node = _comment_at(root, at)
        own: list[_Extent] = []
        while node is not None and node.kind().endswith("comment"):
            start, end = extent_of(node)
            own.append((start, start + len(text[start:end].rstrip())))  # Rust's go on to the next line
            node = node.next()
        if node is not None and own:
            statement = _head(node)
            behind.update((extent, statement) for extent in own)
        extents.update(dict.fromkeys(own))
        at = text.find(WORD, at + len(WORD))
    return _of_extents(text, extents, path, line_of, behind)


def _comment_at(root: SgNode, offset: int) -> SgNode | None:
    node: SgNode | None = root
    while node is not None and not node.kind().endswith("comment"):
        inner = (child for child in node.children() if extent_of(child)[0] <= offset < extent_of(child)[1])
        node = next(inner, None)
    return node


def _head(node: SgNode) -> _Extent:
    """A statement up to the body of the first function, class or block in it; of a block its first statement."""
    while _BODY.search(node.kind()) and (inner := items(node)):
        node = inner[0]
    start, end = extent_of(node)
    stack = [node]
    while stack:
        one = stack.pop()
        if _BODY.search(one.kind()):
            return start, max(extent_of(one)[0], start + 1)
        stack += reversed(one.children())
    return start, end


def _of_extents(
    text: str,
    extents: Iterable[_Extent],
    path: str | None,
    line_of: Callable[[int], int],
    behind: Mapping[_Extent, _Extent] | None = None,
) -> list[Remark]:
    """A remark for each time the word stands in a comment; one that has its lines for itself goes on in the next."""
    found: list[Remark] = []
    ordered = sorted(set(extents))
    for index, extent in enumerate(ordered):
        if WORD not in text[slice(*extent)]:
            continue
        run = [extent, *_below(text, extent, ordered[index + 1 :])]
        alone, last = _is_alone(text, extent), line_of(run[-1][1] - 1)
        start, end = (behind or {}).get(extent, (0, 0))
        head = line_of(start), line_of(start + len(text[start:end].rstrip()) - 1)
        before = head if alone and start < end and head[0] == last + 1 else None
        found += [Remark(path, line_of(at), _said(text, at, run), last, alone, before) for at in _places(text, extent)]
    return found


def _places(text: str, extent: _Extent) -> Iterator[int]:
    at = text.find(WORD, *extent)
    while at >= 0:
        yield at
        at = text.find(WORD, at + len(WORD), extent[1])


def _below(text: str, extent: _Extent, others: list[_Extent]) -> Iterator[_Extent]:
    """The comments on the lines right below, if they and this one have their lines for themselves."""
    last = extent
    for other in others if _is_alone(text, extent) else ():
        if other[0] < last[1]:
            continue
        if text[last[1] : other[0]].strip() or text.count("\n", last[1], other[0]) > 1 or not _is_alone(text, other):
            return
        yield other
        last = other


def _is_alone(text: str, extent: _Extent) -> bool:
    start, end = extent
    before = text[text.rfind("\n", 0, start) + 1 : start]
    behind = text[end : (line if (line := text.find("\n", end)) >= 0 else len(text))]
    return not before.strip() and not behind.strip()


def _said(text: str, at: int, run: list[_Extent]) -> str:
    """From the word on, in one line and without the signs of comments, up to where the word stands again."""
    pieces = (_TAIL.sub("", text[max(at, start) : end]) for start, end in run)
    lines = (_LEAD.sub("", line, count=1).strip() for piece in pieces for line in piece.splitlines())
    said = " ".join(line for line in lines if line)
    again = said.find(WORD, len(WORD))
    return said if again < 0 else said[:again].rstrip()


def _of_string(value: Value, path: str, line_of: Callable[[int], int]) -> list[Remark]:
    """Those of the SQL that a string expression holds; without a statement in it there is no comment of SQL."""
    text, runs = _flat(value)
    if not runs or not writes(text):
        return []
    flat = Text(text, tuple(runs), path)
    last = place(flat, len(text) - 1)
    extent = line_of(runs[0][1]), line_of(last if last is not None else runs[-1][1])

    def counted(offset: int) -> int:
        found = place(flat, offset)
        return line_of(found if found is not None else runs[0][1])

    return [replace(one, string=extent) for one in _of_extents(text, comments(text), path, counted)]


def _flat(value: Value) -> tuple[str, list[tuple[int, int]]]:
    """The pieces that are known to the letter, with a hole for each of the others."""
    text = ""
    runs: list[tuple[int, int]] = []
    stack = [value]
    while stack:
        match stack.pop():
            case Text() as piece:
                runs += [(len(text) + at, offset) for at, offset in piece.runs]
                text += piece.text
            case Join(parts=parts):
                stack += reversed(parts)
            case _:
                text += _HOLE
    return text, runs
