"""Which schema source is meant, and what tells one state of it from another, without loading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SchemaError
from .api import exposed_beside
from .detect import HOW_TO_NAME_ONE, detect
from .newer import newer_programs
from .order import left_out, preamble, read_files
from .source import Source, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..settings import Settings


def source_of(settings: Settings, root: Path) -> tuple[Source, tuple[str, ...]]:
    """The source that was asked for, else the one that is detected, and notes on what else was seen.

    Raises SchemaError when there is none.
    """
    if settings.schema is not None:
        return parse(settings.schema, root), ()
    detection = detect(root)
    if detection.source is None:
        raise SchemaError(
            "no schema source was found" + "".join(f"; {note}" for note in detection.notes),
            HOW_TO_NAME_ONE,
        )
    return parse(detection.source, root), detection.notes


def key_parts(
    source: Source, settings: Settings, root: Path, commit: str, *, judged: bool
) -> Iterator[tuple[str, bytes]]:
    """Everything that the loaded catalog depends on, by names; `commit`: "git:REV:" of a source that lies in one."""
    place = commit or source.path.resolve()
    yield "source", f"{source.name} {source.revision} {place}".encode()
    options = (settings.superuser, settings.create_roles, settings.search_path, not judged)
    yield "options", repr((*options, settings.platform)).encode()
    yield "exposed", repr(exposed_beside(root, source.path)).encode()  # a report says it, if not the catalog
    yield "server", _server(settings).encode()
    yield from ((f"before {file.path}", file.text.encode("utf-8", "surrogatepass")) for file in preamble(settings))
    if source.kind.runs_code:
        from .isolation import interpreter  # noqa: PLC0415 - as is the next: most sources run no code
        from .revisions import contents  # noqa: PLC0415

        yield "python", interpreter(source.directory, settings.python).encode()
        yield from contents(source.path)
    else:
        files = read_files(source, root, whole=True)
        others = (*left_out(source, files, root, whole=True), *newer_programs(source, files, root))
        unread = ((f"left out {file.path}", file.text) for file in others)
        texts = (*unread, *((file.path, file.text) for file in files))
        yield from ((name, text.encode("utf-8", "surrogatepass")) for name, text in texts)


def _server(settings: Settings) -> str:
    """Which server a load would take, told without starting one."""
    if settings.server == "docker":
        return f"docker {settings.server_image}"
    if settings.server not in ("auto", "embedded", "local"):
        from .live import connect  # noqa: PLC0415 - most runs start a server of their own

        with connect(settings.server) as connection:
            return f"url {connection.info.server_version} {connection.info.user}"
    from ..server import binaries  # noqa: PLC0415 - as above
    from ..server.model import Kind  # noqa: PLC0415 - as above

    installed = (
        *(binaries.traces(Kind.EMBEDDED) if settings.server != "local" else ()),
        *(binaries.traces(Kind.LOCAL) if settings.server != "embedded" else ()),
    )
    return "\n".join((settings.server, *installed))
