"""What the client's user is told besides diagnostics: a log, complaints, and that a check takes long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types as lsp

from ..rules.model import Severity

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from .folder import Checked, Folder
    from .server import Server

_LONG = 1.0  # seconds after which a check is shown as progress


class Telling:
    """Says things to one client."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def log(self, said: str, kind: lsp.MessageType = lsp.MessageType.Info) -> None:
        """A line for whoever looks into the server's log."""
        self._server.window_log_message(lsp.LogMessageParams(kind, said))

    def complain(self, folder: Folder, said: str, details: str = "") -> None:
        """Say why a folder could not be checked, once: not at every save."""
        if folder.complaint != said:
            folder.complaint = said
            told = f"pgarbiter cannot check {folder.path.name}: {said}"
            self._server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, told))
        self.log(f"could not check {folder.path}: {said}\n{details}".rstrip(), lsp.MessageType.Error)

    def done(self, folder: Folder, found: Checked, seconds: float) -> None:
        """Log what a check came to."""
        counts = {kind: sum(f.severity is kind for f in found.report.findings) for kind in Severity}
        told = ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in counts.items())
        sources = ", ".join(one.schema.source for one in found.report.sources)
        elsewhere = f", of which {found.elsewhere} in no file" if found.elsewhere else ""
        sites = len(found.report.sites)
        self.log(f"checked {folder.path} in {seconds:.1f} s by {sources}: {sites} write sites, {told}{elsewhere}")

    async def meanwhile(self, folder: Folder, work: Awaitable[Checked | None]) -> Checked | None:
        """The result of the work, which is shown as progress when it takes long."""
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=_LONG)
        window = self._server.client_capabilities.window
        if done or not (window and window.work_done_progress):
            return await task
        token, progress = str(uuid4()), self._server.work_done_progress
        await progress.create_async(token)
        progress.begin(token, lsp.WorkDoneProgressBegin(title=f"pgarbiter: {folder.path.name}", cancellable=False))
        try:
            return await task
        finally:
            progress.end(token, lsp.WorkDoneProgressEnd())
