"""An editor of few words: JSON-RPC over a pipe, written apart from the library that the server stands on."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pgarbiter.server import Server

PATIENCE = 60.0
Message = dict[str, Any]


class Editor:
    """One session. What the server asks is granted; what it tells is kept."""

    def __init__(self, *options: str, environment: dict[str, str], before: str = "") -> None:
        code = f"import sys\n{before}\nfrom pgarbiter.cli import main\nmain()"
        command = [sys.executable, "-c", code, "lsp", *options]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
        self.shown: dict[str, list[Message]] = {}
        self.told: list[Message] = []
        self.capabilities: Message = {}
        self.folders: list[Path] = []
        self._answers: queue.Queue[Message] = queue.Queue()
        self._news = threading.Condition()
        self._number = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, *folders: Path, process: int | None = None, **capabilities: Any) -> Editor:
        """Initialize with these folders as the workspace."""
        capabilities = {"workspace": {"workspaceFolders": True, **capabilities.pop("workspace", {})}, **capabilities}
        answer = self.ask(
            "initialize",
            processId=process,
            rootUri=None,
            capabilities=capabilities,
            workspaceFolders=[_folder(path) for path in folders],
        )
        self.capabilities = answer["capabilities"]
        self.tell("initialized")
        return self

    def add(self, *folders: Path) -> Editor:
        """Add folders to the workspace."""
        self.folders += folders
        event = {"added": [_folder(path) for path in folders], "removed": []}
        self.tell("workspace/didChangeWorkspaceFolders", event=event)
        return self

    def remove(self, *folders: Path) -> None:
        """Take folders out of the workspace."""
        event = {"added": [], "removed": [_folder(path) for path in folders]}
        self.tell("workspace/didChangeWorkspaceFolders", event=event)

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a request."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params or None})
        answer = self._answers.get(timeout=PATIENCE)
        assert "error" not in answer, answer["error"]
        assert answer["id"] == self._number
        return answer["result"]

    def tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def open(self, path: Path, text: str | None = None) -> None:
        text = path.read_bytes().decode() if text is None else text
        item = {"uri": path.as_uri(), "languageId": "any", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=item)

    def change(self, path: Path, text: str, version: int = 2) -> None:
        identifier = {"uri": path.as_uri(), "version": version}
        self.tell("textDocument/didChange", textDocument=identifier, contentChanges=[{"text": text}])

    def save(self, path: Path, text: str, version: int = 2) -> None:
        """Type a text, write it to disk, and say so."""
        self.change(path, text, version)
        path.write_bytes(text.encode())
        self.tell("textDocument/didSave", textDocument={"uri": path.as_uri()})

    def changed_on_disk(self, *paths: Path) -> None:
        changes = [{"uri": path.as_uri(), "type": 2 if path.exists() else 3} for path in paths]
        self.tell("workspace/didChangeWatchedFiles", changes=changes)

    def hover(self, path: Path, line: int, character: int = 0) -> str | None:
        """Markdown; the line counts from 1, as in the report."""
        position = {"line": line - 1, "character": character}
        found = self.ask("textDocument/hover", textDocument={"uri": path.as_uri()}, position=position)
        return found and found["contents"]["value"]

    def actions(self, path: Path, line: int) -> list[Message]:
        place = {"line": line - 1, "character": 0}
        found: list[Message] = self.ask(
            "textDocument/codeAction",
            textDocument={"uri": path.as_uri()},
            range={"start": place, "end": place},
            context={"diagnostics": []},
        )
        return found

    def diagnostics(self, path: Path, number: int | None = None) -> list[Message]:
        """Those that are shown of a file, once there are so many."""
        uri = path.as_uri()
        self.wait(lambda: uri in self.shown and (number is None or len(self.shown[uri]) == number))
        return self.shown[uri]

    def checks(self, number: int) -> None:
        """Wait until so many checks are done."""
        self.wait(lambda: len(self.said("window/logMessage", "^checked ")) >= number)

    def said(self, method: str, pattern: str) -> list[str]:
        found = (told["params"]["message"] for told in self.told if told["method"] == method)
        return [message for message in found if re.search(pattern, message)]

    def wait(self, happened: Callable[[], object]) -> None:
        with self._news:
            assert self._news.wait_for(happened, PATIENCE), (self.shown, self.told)

    def leave(self) -> int:
        """Shut down and exit, in that order; the exit code."""
        self.ask("shutdown")
        self.tell("exit")
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        """Leave nothing behind, whatever a test has come to."""
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        while head := self.process.stdout.readline():
            name, _, length = head.partition(b": ")
            assert name == b"Content-Length", head
            while self.process.stdout.readline().strip():
                pass
            self._take(json.loads(self.process.stdout.read(int(length))))
        self._answers.put({"id": None, "error": "the server has ended"})

    def _take(self, message: Message) -> None:
        if "method" not in message:
            self._answers.put(message)
            return
        if "id" in message:
            self._send({"id": message["id"], "result": None})
        with self._news:
            if message["method"] == "textDocument/publishDiagnostics":
                self.shown[message["params"]["uri"]] = message["params"]["diagnostics"]
            self.told.append(message)
            self._news.notify_all()


def applied(text: str, edits: list[Message]) -> str:
    """A text with edits made; positions are in UTF-16, as the protocol has it."""
    lines = re.split(r"(?<=\n)", text)

    def offset(position: Message) -> int:
        before = "".join(lines[: position["line"]])
        line = (lines[position["line"]] if position["line"] < len(lines) else "").encode("utf-16-le")
        return len(before) + len(line[: 2 * position["character"]].decode("utf-16-le"))

    places = [(offset(e["range"]["start"]), offset(e["range"]["end"]), e["newText"]) for e in edits]
    for start, end, new in sorted(places, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def edits_of(action: Message, path: Path) -> list[Message]:
    """The edits of an action for a file, however they are spelled."""
    edit = action["edit"]
    if "changes" in edit:
        found: list[Message] = edit["changes"][path.as_uri()]
        return found
    (change,) = edit["documentChanges"]
    assert change["textDocument"]["uri"] == path.as_uri()
    made: list[Message] = change["edits"]
    return made


def _folder(path: Path) -> Message:
    return {"uri": path.as_uri(), "name": path.name}


@pytest.fixture(scope="session")
def url(server18: Server) -> str:
    known = conninfo_to_dict(server18.conninfo("postgres"))
    return f"postgresql://{known['user']}@/postgres?host={quote(str(known['host']))}&port={known['port']}"


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    told = {name: value for name, value in os.environ.items() if not name.startswith(("PGARBITER_", "DATABASE_URL"))}
    return told | {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(scope="session")
def running(url: str, environment: dict[str, str]) -> Iterator[Editor]:
    """One server for most tests: it takes longer to start than to check."""
    made = Editor("--server", url, "--superuser", environment=environment)
    yield made.start(workspace={"workspaceEdit": {"documentChanges": True}})
    made.end()


@pytest.fixture
def editor(running: Editor) -> Iterator[Editor]:
    """An editor without a folder."""
    running.told.clear()
    yield running
    running.remove(*running.folders)
    running.folders.clear()


@pytest.fixture
def fresh(url: str, environment: dict[str, str]) -> Iterator[Editor]:
    """An editor that is not initialized; its server takes the database server of the session."""
    made = Editor("--server", url, "--superuser", environment=environment)
    yield made
    made.end()


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)
