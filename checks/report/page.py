"""Lines for a terminal or a plain stream: hanging indents, names never broken, control characters made visible."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from typing import TextIO

_PLAIN_WIDTH = 110  # where no terminal says how wide it is
_READABLE = 130
_LONG = 32  # characters of a label, under whose end text would be a narrow column
_HANGING = 4


def visible(text: str) -> str:
    """The text with control, format and unpaired surrogate characters spelled out: no name drives the terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - widths


class Page:
    """Writes lines to a stream, in colour when it is a terminal that wants it."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._width = min(self._console.width, _READABLE) if self._console.is_terminal else _PLAIN_WIDTH
        self._stream = (
            stream if self._console.color_system is None else None
        )  # what needs no escape codes needs no rich
        self._encoding = getattr(stream, "encoding", None) or "utf-8"

    @property
    def width(self) -> int:
        """How many characters a line holds."""
        return self._width

    def line(
        self,
        text: str = "",
        *,
        indent: int = 0,
        style: str = "",
        label: str = "",
        label_style: str = "",
        wrap: bool = True,
    ) -> None:
        """One paragraph: `label`, then `text` wrapped at the width, hanging under its own start if that is not far.

        Without `wrap` the text is one line as it is, blanks and all.
        """
        label, text = self._sendable(label), self._sendable(text)
        if not wrap:
            self._print(Text(" " * indent).append(label, label_style).append(text, style))
            return
        margin = " " * indent
        hanging = margin + " " * len(label)
        wrapped = textwrap.wrap(
            text,
            max(self._width, len(hanging) + 30),
            initial_indent=hanging,
            subsequent_indent=hanging if len(label) <= _LONG else margin + " " * _HANGING,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [margin]
        first = Text(margin).append(label, label_style).append(wrapped[0][len(hanging) :], style)
        self._print(Text("\n").join([first, *(Text(more, style) for more in wrapped[1:])]))

    def verbatim(self, text: str) -> None:
        """Lines as they are, never wrapped; a line's own end and its tabs stay."""
        for line in text.splitlines():
            self._print(Text("\t".join(self._sendable(part) for part in line.split("\t"))))

    def _print(self, text: Text) -> None:
        if self._stream is None:
            self._console.print(text)
        else:
            self._stream.write(f"{text.plain}\n")

    def _sendable(self, text: str) -> str:
        """Visible characters that the stream's encoding has."""
        return visible(text).encode(self._encoding, "backslashreplace").decode(self._encoding)
