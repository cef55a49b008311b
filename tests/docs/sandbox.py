"""Runs a page: a directory of its own, a shell that keeps its state, databases when the page asks for them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from .page import ELISION, PROMPT, Command, Console, Database, Sandbox, ShownFile, matches, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server

ROOT = Path(__file__).parents[2]
DEFAULT = "."
_COPIED = ("examples", "alembic", "alembic.ini")  # of the repository, as far as a page works on it
_URL = "postgresql://..."  # what pages write for a connection string that the reader has
_MARK = "-- end of command, exit code"
_FAILED = 2
_SHIMS = Path(__file__).with_name("shims")


class Run:
    """A page being run: `problems` are what differs from what it shows, `text` is the page as it should be."""

    def __init__(self, page: Path, directory: Path, server: Server) -> None:
        self.lines = page.read_text("utf-8").split("\n")
        self.page = page
        self.directory = directory
        self.server = server
        self.problems: list[str] = []
        self.databases: list[str] = []
        self.urls: list[str] = []
        self._changes: list[tuple[int, int, list[str]]] = []
        self._shell: subprocess.Popen[str] | None = None
        self._code = 0  # of the command before, for its `$?`

    @property
    def text(self) -> str:
        """The page with what its commands print now."""
        lines = list(self.lines)
        for first, last, block in reversed(self._changes):
            lines[first:last] = block
        return "\n".join(lines)

    def run(self) -> None:
        """Do all steps in their order."""
        placed = False
        for step in steps("\n".join(self.lines)):
            match step:
                case Sandbox(path):
                    self._enter(path)
                    placed = True
                case _ if not placed:
                    self._enter(DEFAULT)
                    placed = True
            match step:
                case ShownFile(path, text):
                    file = self.directory / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text, "utf-8")
                case Database(files, variable):
                    self._execute(f"export {variable}={shlex.quote(self._database(files))}")
                case Console(not_run=None):
                    self._console(step)
                case _:
                    pass

    def close(self) -> None:
        """End the shell, and drop the databases."""
        if self._shell is not None and self._shell.stdin is not None:
            self._shell.stdin.close()
            self._shell.wait(timeout=60)
            assert self._shell.stdout
            self._shell.stdout.close()
        for conninfo in self.databases:
            self.server.drop_database(conninfo)

    def _enter(self, path: str) -> None:
        """Fill the directory: "empty", or a copy of what the repository has there."""
        if path == DEFAULT:
            for name in _COPIED:
                _copy(ROOT / name, self.directory / name)
            (self.directory / ".venv").symlink_to(Path(sys.prefix))
        elif path != "empty":
            _copy(ROOT / path, self.directory)
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=self.directory, check=True)

    def _console(self, block: Console) -> None:
        shown: list[str] = []
        for command in block.commands:
            printed, code = self._execute(command.text.replace(_URL, shlex.quote(self._any_url)))
            shown += [PROMPT + command.text, *self._checked(block, command, printed, code)]
        self._changes.append((block.first, block.last, "\n".join(shown).split("\n")))

    def _checked(self, block: Console, command: Command, printed: list[str], code: int) -> list[str]:
        """What the block should show; a difference is a problem."""
        place = f"{self.page.name}:{block.first + 1}: {command.text}"
        told = any(line.startswith("error:") for line in command.output)
        if code >= _FAILED and not told:
            self.problems.append(f"{place}: exit code {code}\n" + "\n".join(printed))
        if not command.output or matches(command.output, printed):
            return list(command.output)
        self.problems.append(f"{place}: printed is\n" + "\n".join(printed))
        return list(command.output) if ELISION in command.output else printed

    def _execute(self, command: str) -> tuple[list[str], int]:
        """What the command prints, on both streams as a terminal shows it, and its exit code."""
        shell = self._shell or self._start()
        assert shell.stdin
        assert shell.stdout
        shell.stdin.write(f"(exit {self._code})\n{{ {command}\n}} 2>&1 </dev/null; printf '\\n{_MARK} %d\\n' $?\n")
        shell.stdin.flush()
        lines: list[str] = []
        while not (line := shell.stdout.readline()).startswith(_MARK):
            assert line, f"the shell ended in {command}: {lines}"
            lines.append(line.rstrip("\n"))
        while lines and not lines[-1]:
            lines.pop()
        self._code = int(line.removeprefix(_MARK))
        return [self._masked(text) for text in lines], self._code

    def _start(self) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PGARBITER", "PG", "PYTEST"))}
        path = f"{_SHIMS}:{Path(sys.executable).parent}:{kept['PATH']}"
        # Names of this machine must not be in what pages show; what a first run keeps speeds up the next page.
        environment = {**kept, "PATH": path, "PWD": str(self.directory), "GIT_CONFIG_GLOBAL": "/dev/null"}
        self._shell = subprocess.Popen(
            ["bash", "--norc"],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        return self._shell

    def _database(self, files: tuple[str, ...]) -> str:
        conninfo = self.server.create_database()
        self.databases.append(conninfo)
        url = _url(conninfo)
        self.urls.append(url)
        with psycopg.connect(url, autocommit=True) as connection:
            for file in files:
                connection.execute((self.directory / file).read_bytes())
        return url

    @property
    def _any_url(self) -> str:
        return self.urls[-1] if self.urls else self._database(())

    def _masked(self, line: str) -> str:
        for url in self.urls:
            line = line.replace(url, _URL)
        return line.replace(str(self.directory), ".").rstrip()


def _url(conninfo: str) -> str:
    """A connection string as people write it."""
    words = conninfo_to_dict(conninfo)
    name = quote(str(words.pop("dbname")))
    return f"postgresql:///{name}?{urlencode(words, quote_via=quote)}"


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        shutil.copy(source, target)
        return
    ignored = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)


@contextmanager
def running(page: Path, directory: Path, server: Server) -> Iterator[Run]:
    """A page, run in that empty directory."""
    run = Run(page, directory, server)
    try:
        run.run()
        yield run
    finally:
        run.close()
