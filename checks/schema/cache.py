"""Loaded schemas kept as files in the user's cache directory; a file that is not as it was written counts as absent."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cachedir import directory as cache_directory
from ..catalog import snapshot
from ..catalog.stored import Inside, Signature, Stored
from ..errors import PgArbiterError
from ..model import Origin
from ..pickling import dumped
from ..pickling import loaded as unpickled
from .model import Judged, Loaded, LoadFailure, SchemaInfo, ServerInfo
from .rights import Unloaded

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAGIC = b"pgarbiter schema 3\n"
_MOST_FILES = 64
_MOST_BYTES = 256 * 1024 * 1024
_PACKAGE = Path(__file__).resolve().parent.parent
_READERS = ("arbiter", "catalog", "schema", "sql")


def key(parts: Iterable[tuple[str, bytes]]) -> str:
    """The name of a cache file for these named contents, and for this version of the code that reads them."""
    digest = hashlib.sha256()
    for name, data in (*parts, *_code()):
        digest.update(f"{len(name)} {name} {len(data)} ".encode(errors="surrogateescape"))  # names may be any bytes
        digest.update(data)
    return digest.hexdigest()


def read(name: str, chosen: Path | None = None) -> Loaded | None:
    """What was kept under `name`, in the user's cache directory or in one that was chosen.

    None if there is nothing, or nothing that can be trusted.
    """
    try:
        path = _directory(chosen) / name
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None
            data = file.read()
        loaded = _decoded(data)
        os.utime(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, PgArbiterError, pickle.UnpicklingError):
        return None
    return loaded


def write(name: str, loaded: Loaded, chosen: Path | None = None) -> None:
    """Keep `loaded` under `name`, whole or not at all, mode 0600; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError, pickle.PicklingError):
        data = _encoded(loaded)
        directory = _directory(chosen)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, partial = tempfile.mkstemp(dir=directory, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(partial).replace(directory / name)
        finally:
            Path(partial).unlink(missing_ok=True)
        _shrink(directory)


def _directory(chosen: Path | None = None) -> Path:
    """Where the files are kept. Raises OSError when there is no cache directory."""
    top = cache_directory(chosen)
    if top is None:
        raise FileNotFoundError("no cache directory")
    return top / "schemas"


def _shrink(directory: Path) -> None:
    """Drop what was used longest ago until the cache is within its bounds."""
    found = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in directory.iterdir()), reverse=True)
    size = 0
    for count, (_, length, path) in enumerate(found):
        size += length
        if count and (count >= _MOST_FILES or size > _MOST_BYTES):
            path.unlink(missing_ok=True)


def _code() -> Iterable[tuple[str, bytes]]:
    """When the code that reads and judges was last changed, so that an upgrade never meets old answers."""
    for room in _READERS:
        for path in sorted((_PACKAGE / room).rglob("*")):
            if path.suffix in {".py", ".sql"}:
                status = path.stat()
                yield path.relative_to(_PACKAGE).as_posix(), f"{status.st_size} {status.st_mtime_ns}".encode()


def _encoded(loaded: Loaded) -> bytes:
    head = json.dumps(
        {
            "server": asdict(loaded.server),
            "schema": asdict(loaded.schema),
            "live": loaded.live,
            "incomplete": loaded.incomplete,
            "inside": asdict(loaded.inside),
            "rights": [asdict(one) for one in loaded.rights],
        }
    ).encode()
    judged = dumped(loaded.judged)
    catalog = snapshot.dump(loaded.catalog)
    body = b"".join((*(len(part).to_bytes(8, "big") + part for part in (head, judged, catalog)),))
    return _MAGIC + hashlib.sha256(body).digest() + body


def _decoded(data: bytes) -> Loaded:
    checksum, body = data[len(_MAGIC) : len(_MAGIC) + 32], data[len(_MAGIC) + 32 :]
    if not data.startswith(_MAGIC) or hashlib.sha256(body).digest() != checksum:
        raise ValueError("not as it was written")
    parts = []
    while body:
        size = int.from_bytes(body[:8], "big")
        parts.append(body[8 : 8 + size])
        body = body[8 + size :]
    head, judged = json.loads(parts[0]), unpickled(parts[1])
    schema = head["schema"]
    failed = tuple(LoadFailure(**{**each, "makes_unknown": tuple(each["makes_unknown"])}) for each in schema["failed"])
    return Loaded(
        catalog=snapshot.load(parts[2]),
        server=ServerInfo(**head["server"]),
        schema=_schema(schema, failed),
        live=head["live"],
        incomplete=tuple((name, reason) for name, reason in head["incomplete"]),
        judged=_judged(judged),
        inside=_inside(head["inside"]),
        rights=tuple(Unloaded(one["kind"], tuple(one["words"]), one["reason"]) for one in head["rights"]),
    )


def _schema(found: dict[str, Any], failed: tuple[LoadFailure, ...]) -> SchemaInfo:
    told = {"failed": failed, "notes": tuple(found["notes"]), "unreloaded": tuple(found["unreloaded"])}
    return SchemaInfo(**{**found, **told})


def _inside(found: dict[str, Any]) -> Inside:
    return Inside(tuple(_stored(**each) for each in found["stored"]), tuple(found["notes"]))


def _stored(*, origin: str, signature: dict[str, Any] | None, attached: list[str], **others: Any) -> Stored:
    told = None if signature is None else _signature(**signature)
    return Stored(origin=Origin(origin), signature=told, attached=tuple(attached), **others)


def _signature(*, types: list[str] | None, **others: Any) -> Signature:
    return Signature(types=None if types is None else tuple(types), **others)


def _judged(found: Any) -> tuple[Judged, ...]:
    if not isinstance(found, tuple) or not all(isinstance(each, Judged) for each in found):
        raise TypeError("wanted a tuple of Judged")
    return found
