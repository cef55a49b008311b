"""Texts that neither HTML nor Markdown finds anything to do in."""

from __future__ import annotations

from html import escape

from .page import visible

_MARKS = "\\`*_{}[]()+!|~@:"  # of Markdown; escape() leaves no angle bracket, and # is in what it writes
_WRITTEN = str.maketrans({mark: f"&#{ord(mark)};" for mark in _MARKS})


def inert(text: str) -> str:
    """A text of one line."""
    return escape(visible(text)).translate(_WRITTEN)


def code(text: str) -> str:
    """The text as inline code of HTML, in which no character means anything to Markdown."""
    return f"<code>{inert(text)}</code>"


def bytes_of(text: str) -> int:
    """Its length in bytes as UTF-8, which are never fewer than characters."""
    return len(text.encode("utf-8", "surrogatepass"))
