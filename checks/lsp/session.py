"""One client's session: its folders, their checks, and the answers to what it asks."""

from __future__ import annotations

import asyncio
import os
import time
import traceback
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from ..errors import PgArbiterError
from . import actions, hover
from .diagnostics import diagnostics, overlapping
from .display import Display, Document, saved_line
from .folder import Checked, Folder, checked
from .places import Text, path_of
from .telling import Telling
from .work import Worker

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from pathlib import Path

    from .folder import SettingsOf
    from .patches import Offer
    from .server import Server

_DELAY = 0.15  # seconds in which several changes are one: a branch that is checked out, an editor that saves all
_ALIVE = 3.0  # seconds between two looks at the client's process
_NOT_OURS = {".git", ".hg", "node_modules", "__pycache__", ".venv", "site-packages"}


class Session:
    """Everything that is known of a client's folders. All methods are called on the loop; work is done in a thread."""

    def __init__(self, server: Server, settings_of: SettingsOf) -> None:
        self._server = server
        self._settings_of = settings_of
        self._folders: dict[Path, Folder] = {}
        self._display = Display(server)
        self._telling = Telling(server)
        self._tasks: set[asyncio.Task[None]] = set()
        self._offers: dict[tuple[Path, str], asyncio.Future[tuple[Offer, ...]]] = {}
        self.worker = Worker()

    def add(self, uri: str) -> None:
        """Check a folder of the workspace, from now on."""
        path = path_of(uri)
        if path is None:
            self._telling.log(
                f'folder "{uri}" is not checked: it is no directory of this machine', lsp.MessageType.Warning
            )
        elif path not in self._folders:
            self._folders[path] = Folder(path)
            self._request(self._folders[path])

    def remove(self, uri: str) -> None:
        """Forget a folder, and take back what is shown of it."""
        path = path_of(uri)
        folder = self._folders.pop(path, None) if path is not None else None
        if folder is not None:
            self._forget(folder)
            for shown in [one for one in self._display.shown if folder.relative(one) is not None]:
                self._display.show(shown, "", [])

    def opened(self, document: Document) -> None:
        """Show what is known of a document; check again when it is another text than that which was checked."""
        path = self._display.hold(document)
        folder, name = self._place(path)
        if folder is None or folder.last is None:
            if path is not None and folder is None:
                self._telling.log(f'"{path}" is not checked: it lies in no folder of the workspace')
            return
        if self._display.is_other(folder.path / name, folder.last.texts.get(name, "")) and name in folder.last.texts:
            self._request(folder)
        self._show(folder, folder.path / name)

    def changed(self, document: Document) -> None:
        """Show what was withheld, once the buffer is again the text that was checked."""
        path = self._display.hold(document)
        folder, name = self._place(path)
        last = folder.last if folder is not None else None
        if path is not None and folder and last and self._display.is_due(path, last.texts.get(name, "")):
            self._show(folder, path)

    def saved(self, uris: Iterable[str]) -> None:
        """Check the folders that these files lie in, but for those of dependencies."""
        folders: dict[Path, Folder] = {}
        for path in filter(None, map(path_of, uris)):
            for folder in self._folders.values():
                name = folder.relative(path)
                if name is not None and not _NOT_OURS & {*name.split("/")}:
                    folders[folder.path] = folder
        for folder in folders.values():
            self._request(folder)

    def closed(self, uri: str) -> None:
        """Show what was withheld of a document, whose text is the file's again."""
        path = self._display.close(uri)
        folder, _ = self._place(path)
        if path is not None and folder is not None and folder.last is not None:
            self._show(folder, path)

    def hover(self, uri: str, position: lsp.Position) -> lsp.Hover | None:
        """What is known of the write site there, by the last check."""
        path = path_of(uri)
        folder, name = self._place(path)
        if path is None or folder is None or folder.last is None or name not in folder.last.texts:
            return None
        text = folder.last.texts[name]
        document = self._display.document(path)
        now = text if document is None else document.text
        line = saved_line(now, text, position.line + 1)
        bound = hover.at(folder.last.sites.get(name, ()), line) if line is not None else None
        if bound is None:
            return None
        note = "" if now == text else "\n\n*There are unsaved changes: this is about the file as it was saved.*"
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, hover.hover(bound) + note))

    async def actions(self, uri: str, range_: lsp.Range) -> list[lsp.CodeAction]:
        """What can be done about the findings there; nothing in a buffer that is not what was checked."""
        path = path_of(uri)
        folder, name = self._place(path)
        if path is None or folder is None or folder.last is None:
            return []
        last, document = folder.last, self._display.document(path)
        lines = range(range_.start.line + 1, range_.end.line + 2)
        wanted = list(overlapping(last.findings.get(name, ()), lines))
        if not wanted or document is None or document.text != last.texts.get(name):
            return []
        offers = await self._offered(folder, last, name)
        if document.text != last.texts.get(name):  # meanwhile
            return []
        text = Text(last.texts[name], self._display.units)
        shown = dict(zip(map(id, last.findings[name]), diagnostics(last, name, folder.path, text.units), strict=True))
        identifier = lsp.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
        told = [shown[id(one)] for one in wanted]
        made = actions.repairs(offers, wanted, told, identifier, text, versioned=self._versioned)
        return [*made, *actions.comments(wanted, told, identifier, name, text, versioned=self._versioned)]

    def watch_parent(self, process: int | None) -> None:
        """Leave when the client's process has gone: it may have been killed, and its pipe be held open by another."""
        if process is not None and _is_alive(process):
            self._start(_until_gone(process))

    def stop(self) -> None:
        """Begin nothing more, and end what runs."""
        self._folders.clear()
        self.worker.stop()

    @property
    def _versioned(self) -> bool:
        workspace = self._server.client_capabilities.workspace
        return bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)

    def _place(self, path: Path | None) -> tuple[Folder | None, str]:
        """The innermost folder that holds a file, and its path in that one's reports."""
        found: tuple[Folder | None, str] = (None, "")
        for folder in sorted(self._folders.values(), key=lambda one: len(one.path.parts)):
            name = folder.relative(path) if path is not None else None
            found = found if name is None else (folder, name)
        return found

    def _request(self, folder: Folder) -> None:
        self._forget(folder)
        self._start(self._check(folder))

    def _forget(self, folder: Folder) -> None:
        """Drop the work for a folder that is going on."""
        self.worker.drop(folder.path)
        for key in [key for key in self._offers if key[0] == folder.path]:
            self.worker.drop(key)
            del self._offers[key]

    async def _check(self, folder: Folder) -> None:
        began = time.monotonic()
        work = self.worker.latest(folder.path, lambda stop: checked(folder.path, self._settings_of, stop), _DELAY)
        try:
            found = await self._telling.meanwhile(folder, work)
        except PgArbiterError as error:
            self._telling.complain(folder, " ".join(filter(None, (error.message + ".", error.hint))))
        except Exception as error:  # noqa: BLE001 - whatever it is, the server lives on and the next save tries again
            self._telling.complain(folder, f"internal error: {type(error).__name__}: {error}", traceback.format_exc())
        else:
            if found is not None and self._folders.get(folder.path) is folder:
                self._accept(folder, found, time.monotonic() - began)

    def _accept(self, folder: Folder, found: Checked, seconds: float) -> None:
        folder.last, folder.complaint = found, None
        before = {path for path in self._display.shown if folder.relative(path) is not None}
        for path in sorted(before | {folder.path / name for name in found.findings} | {*self._display.open_files}):
            self._show(folder, path)
        self._telling.done(folder, found, seconds)

    def _show(self, folder: Folder, path: Path) -> None:
        """What was found in a file, by the innermost folder that it lies in."""
        owner, name = self._place(path)
        if owner is folder and folder.last is not None:
            found = diagnostics(folder.last, name, folder.path, self._display.units)
            self._display.show(path, folder.last.texts.get(name, ""), found)

    async def _offered(self, folder: Folder, last: Checked, name: str) -> tuple[Offer, ...]:
        """The patches for a file, made once for each check."""
        key = (folder.path, name)
        if key not in self._offers:
            self._offers[key] = asyncio.ensure_future(self._offer(key, last))
        return await asyncio.shield(self._offers[key])  # a client that asks no more does not end it: it will ask again

    async def _offer(self, key: tuple[Path, str], last: Checked) -> tuple[Offer, ...]:
        from .patches import offers  # noqa: PLC0415 - all of repair, which most sessions never need

        path, name = key
        placed, settings = last.findings[name], last.settings
        try:
            return await self.worker.latest(key, lambda stop: offers(path, name, placed, settings, stop), 0) or ()
        except PgArbiterError as error:
            self._telling.log(f"no patch could be tried: {error.message}", lsp.MessageType.Warning)
        except Exception:  # noqa: BLE001 - as in _check
            self._telling.log(traceback.format_exc(), lsp.MessageType.Error)
        return ()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # the loop itself holds tasks by weak references
        task.add_done_callback(self._tasks.discard)


async def _until_gone(process: int) -> None:
    while _is_alive(process):  # noqa: ASYNC110 - no event tells of a process that is no child of ours
        await asyncio.sleep(_ALIVE)
    raise SystemExit(1)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
