"""Where in a file a trigger word stands that no client took: in a comment, an import, a call of something else, ..."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..sql.lexis import Kind, lex
from .hosts.host import Host
from .hosts.mapper import MapperModule
from .hosts.nodes import extent_of, items
from .hosts.notebook import NotebookModule
from .hosts.yaml import YamlModule
from .kept import Remembered

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..sql.lexis import Token
    from .model import Module

_SHOWN = 40
_IMPORTS = re.compile(r"import|require|use_declaration|using_directive|package_clause")
_TYPES = re.compile(r"type|interface|annotation")
_STATEMENTS = ("expression_statement", "string_statement")
# What stands before INSERT, MERGE or CONFLICT where it is no statement that writes.
_CLAUSES = (
    (frozenset({"before", "after", "of"}), "names the event of a trigger"),
    (frozenset({"grant", "revoke"}), "names a privilege"),
)


class Place(NamedTuple):
    """What a word is there, and the extent of the comment, string or call that holds it, in characters."""

    told: str
    start: int
    end: int
    string: bool = False
    code: bool = False  # in a file of SQL: it may begin a statement that nobody could read


def place_of_word(module: Module, offset: int, size: int) -> Place:
    """Where the word at that offset, of that size, stands in a file of a host language or of SQL."""
    module = module.parsed if isinstance(module, Remembered) else module
    if isinstance(module, Host):
        return _in_host(module, offset, size)
    if isinstance(module, MapperModule):
        return Place(module.refused or "in no statement of a mapper that writes", offset, offset + size)
    if isinstance(module, YamlModule | NotebookModule):
        return Place(module.told(offset), offset, offset + size)
    return _in_sql(module.file.text, offset)


def _in_host(module: Host, offset: int, size: int) -> Place:
    if module.code[offset : offset + size] != module.file.text[offset : offset + size]:
        return Place("stands outside of the scripts of the component", offset, offset + size)
    node = _innermost(module.root, offset + _letter(module.code[offset : offset + size]))
    around = [node, *node.ancestors()]
    for finder in (_comment, _string, _named):
        found = finder(module, around)
        if found is not None:
            return found
    start, end = extent_of(node)
    return Place(f'"{_cut(node.text())}" is neither called nor executed here', start, end)


def _letter(word: str) -> int:
    """The first letter of a trigger word such as `.upsert(`, or of what is quoted in it."""
    return next((index for index, char in enumerate(word) if char.isalnum() or char == "_"), 0)


def _innermost(root: SgNode, offset: int) -> SgNode:
    node = root
    while True:
        inner = next((one for one in node.children() if extent_of(one)[0] <= offset < extent_of(one)[1]), None)
        if inner is None:
            return node
        node = inner


def _comment(module: Host, around: list[SgNode]) -> Place | None:
    found = next((n for n in around if n.kind() in module.grammar.comments or n.kind().endswith("comment")), None)
    if found is not None:
        return Place("in a comment", *extent_of(found))
    text = next((n for n in around if n.kind() in {"jsx_text", "html_text"}), None)
    return None if text is None else Place("in the text of a page", *extent_of(text))


def _string(module: Host, around: list[SgNode]) -> Place | None:
    table = module.grammar
    literals = [index for index, node in enumerate(around) if node.kind() in table.literals]
    if not literals:
        return None
    outer = around[literals[-1]]
    if any(_IMPORTS.search(node.kind()) for node in around[literals[-1] + 1 : literals[-1] + 3]):
        return Place("in an import", *extent_of(outer))
    holders = around[literals[-1] + 1 :]
    for holder in holders:
        if holder.kind() not in table.joins and holder.kind() not in table.transparent:
            break
        outer = holder
    parent = outer.parent()
    if parent is not None and parent.kind() in _STATEMENTS:
        return Place("in a docstring, or another string that stands alone", *extent_of(outer), string=True)
    told = module.why_not_run(outer) or "in a string that holds no statement that writes"
    return Place(told, *extent_of(outer), string=True)


def _named(module: Host, around: list[SgNode]) -> Place | None:
    table = module.grammar
    for node in around[1:5]:
        kind = node.kind()
        extent = extent_of(node)
        if _IMPORTS.search(kind):
            return Place("in an import", *extent)
        name = node.field("name")
        if kind in table.functions and name is not None and name == around[0]:
            return Place(f'defines a function named "{_cut(name.text())}"', *extent_of(name))
        if kind in table.calls or kind in table.methods:
            return Place(f'calls "{_cut(_called(module, node))}", which is no write of a known client', *extent)
    for node in around[1:5]:
        if _TYPES.search(node.kind()):
            return Place("in a type", *extent_of(around[0]))
    return None


def _called(module: Host, call: SgNode) -> str:
    fields = module.grammar.calls.get(call.kind())
    if fields is None:
        return call.text().partition("(")[0]
    callee = call.field(fields[0]) or next(iter(items(call)), call)  # the grammars of Kotlin and Swift name no fields
    return callee.text()


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _SHOWN else "..." + one_line[-_SHOWN:]


def _in_sql(text: str, offset: int) -> Place:
    """In the innermost body between dollars that holds the word, if one does."""
    start, end, tokens = 0, len(text), _tokens(text)
    while True:
        index = bisect_right(tokens, offset - start, key=lambda token: token.end)
        token = tokens[index] if index < len(tokens) else None
        if token is None or token.start > offset - start:
            return Place("in a comment", offset, offset + 1)
        if token.kind is not Kind.DOLLAR:
            break
        tag = token.value.index("$", 1) + 1
        start, end = start + token.start + tag, start + token.end - tag
        tokens = _tokens(text[start:end])
    if token.kind is Kind.STRING:
        return Place("in a literal", start + token.start, start + token.end)
    before = [one.value for one in tokens[max(0, index - 6) : index]]
    told = next((told for words, told in _CLAUSES if words.intersection(before)), None)
    if before[-1:] == ["for"]:
        told = "names the command of a policy"
    unread = f'"{_cut(token.value)}" is a name, or begins no statement that writes'
    return Place(told or unread, start + token.start, start + token.end, code=told is None)


@lru_cache(maxsize=4)
def _tokens(text: str) -> list[Token]:
    return list(lex(text))
