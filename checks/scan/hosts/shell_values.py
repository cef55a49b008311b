"""Shell words to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Join, Lambda, Name, Opaque, Sequence
from .lowering import Lowering, interpolated
from .nodes import extent_of, items, start
from .shell_curl import options_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Param, Value

_HOLES = frozenset({"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"})
_ESCAPED = '$`"\\\n'  # what a backslash escapes between double quotes
_ESCAPED_HERE = "$`\\\n"


class ShellLowering(Lowering):
    """Lowers the words of one file: a command is a call of its name, its words the arguments."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of word."""
        return {
            **super().readings(),
            "word": self.word,
            "number": self.word,
            "raw_string": self._raw,
            "ansi_c_string": self._ansi,
            "heredoc_body": self._heredoc,
            "concatenation": self._concatenated,
            "simple_expansion": self._expanded,
            "expansion": self._expanded,
            "command_substitution": self._substituted,
        }

    def word(self, node: SgNode) -> Value:
        """A word without quotes."""
        begin, end = extent_of(node)
        return decode(self.text, begin, end, self.path)

    def string(self, node: SgNode) -> Value:
        """A string in double quotes."""
        begin, end = extent_of(node)
        return self._filled(node, begin + 1, end - 1, _ESCAPED)

    def _filled(self, node: SgNode, begin: int, end: int, escaped: str) -> Value:
        """The text between two places with what is expanded in it; a backslash escapes the characters in `escaped`."""
        parts: list[Value] = []
        at = begin
        for hole in (child for child in node.children() if child.kind() in _HOLES):
            first, last = extent_of(hole)
            if first < at:
                continue
            parts += [decode(self.text, at, first, self.path, only=escaped), self.lower(hole)]
            at = last
        parts.append(decode(self.text, at, end, self.path, only=escaped))
        return interpolated(parts, begin)

    def _raw(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin + 1, end - 1, self.path, escapes=False)

    def _ansi(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin + 2, end - 1, self.path)

    def _heredoc(self, node: SgNode) -> Value:
        """The lines of a here-document; nothing in them is expanded where its word is quoted."""
        begin, end = extent_of(node)
        before = node.prev()
        while before is not None and before.kind() != "heredoc_start":
            before = before.prev()
        if before is not None and before.text()[:1] in {"'", '"', "\\"}:
            return decode(self.text, begin, end, self.path, escapes=False)
        return self._filled(node, begin, end, _ESCAPED_HERE)

    def _concatenated(self, node: SgNode) -> Value:
        return interpolated([self.lower(child) for child in items(node)], start(node))

    def _expanded(self, node: SgNode) -> Value:
        """`$name`, `${name}`; with an operator inside it is only known at run time."""
        inner = items(node)
        plain = len(inner) == 1 and node.text() in {f"${inner[0].text()}", f"${{{inner[0].text()}}}"}
        return Name(inner[0].text(), start(inner[0]), self.path) if plain else self.opaque(node)

    def _substituted(self, node: SgNode) -> Value:
        """`$(cat <<EOF ..)` as the lines; what other commands print is only known at run time."""
        inner = items(node)
        if len(inner) != 1 or inner[0].kind() != "redirected_statement":
            return self.opaque(node)
        body = next(iter(inner[0].find_all(kind="heredoc_body")), None)
        command = inner[0].field("body")
        prints = body is not None and command is not None and command.text() == "cat"
        return self.lower(body) if prints and body is not None else self.opaque(node)

    def call(self, node: SgNode) -> Value:
        """A command; the options of curl as those of a request."""
        name = node.field("name")
        if name is None:
            return self.opaque(node)
        words = [child for child in items(node) if child != name and child.kind() != "variable_assignment"]
        args = tuple(self.lower(word) for word in words if not word.kind().endswith("redirect"))
        begin, end = extent_of(node)
        plain = name.text()
        keywords: tuple[tuple[str, Value], ...] = ()
        if plain.rpartition("/")[2] == "curl":
            args, keywords = options_of(args, begin)
        return Call(Name(plain, start(name), self.path), args, keywords, begin, start(name), end)

    def listed(self, node: SgNode) -> Value:
        """`(a b)`."""
        return Sequence(tuple(self.lower(child) for child in items(node)), offset=start(node))

    def function(self, node: SgNode, name: str, params: tuple[Param, ...]) -> Lambda:
        """A function; what it prints is only known at run time."""
        return Lambda(name, params, self.opaque(node), start(node), self.path)


def appended(name: str, value: Value, offset: int, path: str) -> Value:
    """`NAME+=value`."""
    return Join((Name(name, offset, path), value), offset=offset)


def unknown(node: SgNode) -> Opaque:
    """What a loop or `read` gives a name."""
    return Opaque(node.text(), start(node))
