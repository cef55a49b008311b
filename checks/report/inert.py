"""Texts that neither HTML nor Markdown finds anything to do in."""

from __future__ import annotations

from html import escape

from .page import visible

_MARKS = frozenset("\\`*_{}[]()+!|~@:")  # of Markdown; escape() leaves no angle bracket, and # is in what it writes


def inert(text: str) -> str:
    """A text of one line."""
    return "".join(f"&#{ord(char)};" if char in _MARKS else char for char in escape(visible(text)))


def code(text: str) -> str:
    """The text as inline code of HTML, in which no character means anything to Markdown."""
    return f"<code>{inert(text)}</code>"


def bytes_of(text: str) -> int:
    """Its length in bytes as UTF-8, which are never fewer than characters."""
    return len(text.encode("utf-8", "surrogatepass"))
