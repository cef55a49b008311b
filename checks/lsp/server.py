"""The language server: which message of a client does what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from .. import __version__
from ..scan.languages import LANGUAGES
from ..suppress import NAME as BASELINE
from .display import Document
from .places import path_of
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .folder import SettingsOf

_ALSO_READ = ("toml", "ini", "prisma", "mako", "gitignore")  # settings, and what schemas are made of besides code
_PATTERNS = (f"**/*.{{{','.join(sorted({suffix[1:] for suffix in LANGUAGES} | {*_ALSO_READ}))}}}", f"**/{BASELINE}")
_NAME = "pgarbiter"


class Server(LanguageServer):
    """The protocol's side; `session` knows the folders and what is found in them."""

    def __init__(self, settings_of: SettingsOf) -> None:
        # Whole texts: in pygls lines have other ends than in the protocol, so that a part could go to the wrong place.
        super().__init__(_NAME, __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.session = Session(self, settings_of)
        self.was_shut_down = False

    def shutdown(self) -> None:
        """Leave the loop; not as inherited, which waits for whoever reads standard input."""
        if self._stop_event is not None:
            self._stop_event.set()


def server(settings_of: SettingsOf) -> Server:
    """A server for one client; `settings_of` gives the settings of a folder, and raises PgArbiterError."""
    made = Server(settings_of)
    _follow_folders(made)
    _follow_files(made)
    _answer(made)
    return made


def _follow_folders(server: Server) -> None:
    session = server.session

    @server.feature(lsp.INITIALIZED)
    async def initialized(params: lsp.InitializedParams) -> None:
        del params
        session.watch_parent(server.process_id)
        for folder in server.workspace.folders.values() or _root(server):
            session.add(folder.uri)
        await _register(server)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            session.remove(folder.uri)
        for folder in params.event.added:
            session.add(folder.uri)

    @server.feature(lsp.SHUTDOWN)
    def shutdown(params: None) -> None:
        del params
        server.was_shut_down = True
        session.stop()


def _follow_files(server: Server) -> None:
    session = server.session

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        session.opened(Document(opened.uri, opened.version, opened.text))

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        for change in params.content_changes:
            session.changed(Document(params.text_document.uri, params.text_document.version, change.text))

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        session.saved([params.text_document.uri])

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        session.closed(params.text_document.uri)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        session.saved([change.uri for change in params.changes])


def _answer(server: Server) -> None:
    session = server.session

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        return session.hover(params.text_document.uri, params.position)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    async def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        only = params.context.only
        if only is not None and not any(lsp.CodeActionKind.QuickFix.startswith(kind) for kind in only):
            return []
        return await session.actions(params.text_document.uri, params.range)


def _root(server: Server) -> Sequence[lsp.WorkspaceFolder]:
    """The folder of a client that knows only one."""
    uri = server.workspace.root_uri
    return [lsp.WorkspaceFolder(uri, _NAME)] if uri is not None and path_of(uri) is not None else []


async def _register(server: Server) -> None:
    """Ask to be told of files that change on disk, of a client that can."""
    workspace = server.client_capabilities.workspace
    watching: Any = workspace and workspace.did_change_watched_files
    if not watching or not watching.dynamic_registration:
        return
    options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(one) for one in _PATTERNS])
    registration = lsp.Registration("pgarbiter-files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    await server.client_register_capability_async(lsp.RegistrationParams([registration]))
