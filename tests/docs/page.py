"""A page of the documentation as a list of steps: files that it shows, commands that it runs, what they print."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

_DIRECTIVE = re.compile(r"<!--\s*(sandbox|database|not run):\s*(.*?)\s*-->", re.DOTALL)
_TITLE = "title="
PROMPT = "$ "
ELISION = "..."  # a line of it stands for any number of lines


@dataclass(frozen=True)
class ShownFile:
    """A block with `title="path"` in its info string: the sandbox gets this file."""

    path: str
    text: str


@dataclass(frozen=True)
class Database:
    """`<!-- database: schema.sql as DATABASE_URL -->`: a database with these files of the sandbox, and its variable."""

    files: tuple[str, ...]
    variable: str


@dataclass(frozen=True)
class Command:
    """One command of a console block, which may go on over several lines, and the lines that it prints, if shown."""

    text: str
    output: tuple[str, ...]


@dataclass(frozen=True)
class Console:
    """A block of commands. `first` and `last`: its lines in the page, without the fences, counted from 0."""

    commands: tuple[Command, ...]
    first: int
    last: int
    not_run: str | None = None  # why


@dataclass(frozen=True)
class Sandbox:
    """`<!-- sandbox: examples/insights -->`: the directory of the repository that the page works in a copy of."""

    path: str


Step = ShownFile | Database | Console | Sandbox


def steps(text: str) -> Iterator[Step]:
    """The steps of a page, in its order."""
    not_run: str | None = None
    for token in MarkdownIt().parse(text):
        if token.type == "html_block":
            for kind, said in _DIRECTIVE.findall(token.content):
                if kind == "not run":
                    not_run = said
                else:
                    yield Sandbox(said) if kind == "sandbox" else _database(said)
        elif token.type == "fence":
            if (path := _titled(token.info)) is not None:
                yield ShownFile(path, token.content)
            elif token.info.strip() == "console":
                yield _console(token, not_run)
            not_run = None


def _database(said: str) -> Database:
    files, _, variable = said.partition(" as ")
    return Database(tuple(files.split()), variable.strip() or "DATABASE_URL")


def _titled(info: str) -> str | None:
    words = (word for word in shlex.split(info) if word.startswith(_TITLE))
    return next((word.removeprefix(_TITLE) for word in words), None)


def _console(token: Token, not_run: str | None) -> Console:
    assert token.map
    first, last = token.map[0] + 1, token.map[1] - 1
    return Console(tuple(_commands(token.content)), first, last, not_run)


def _commands(content: str) -> Iterator[Command]:
    lines = content.splitlines()
    while lines:
        text = lines.pop(0).removeprefix(PROMPT)
        while text.endswith("\\") and lines:
            text += "\n" + lines.pop(0)
        output = []
        while lines and not lines[0].startswith(PROMPT):
            output.append(lines.pop(0))
        yield Command(text, tuple(output))


def matches(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether a command printed what the page shows, which may leave lines out."""
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == ELISION else re.escape(line) + r"\n" for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None
