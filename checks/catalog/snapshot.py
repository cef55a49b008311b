"""A catalog as bytes: one line of JSON per relation, decoded only when that relation is asked for."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..errors import PgArbiterError
from .catalog import Catalog
from .rows import SHARED, Facets, Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .rows import Row, Store

READER_VERSION = 4  # to be raised whenever the rows of a statement, or their meaning, change
_MAGIC = b"pgarbiter catalog"


class StaleSnapshotError(PgArbiterError):
    """The bytes are no snapshot, are damaged, or come from another version of the reader: read the catalog anew."""


class SnapshotRows:
    """The rows of a snapshot, still in JSON where they belong to one relation."""

    def __init__(self, header: Mapping[str, Row], lines: Sequence[bytes]) -> None:
        session = header["session"]
        self.session = Session(**{**session, "search_path": tuple(session["search_path"])})
        self.shared: dict[str, Sequence[Row]] = {name: header["shared"][name] for name in SHARED}
        self._index_names: Sequence[Row] = header["indexes"]
        self._lines = dict(zip((row[0] for row in self.shared["relations"]), lines, strict=True))

    def facets(self, oid: int) -> Facets:
        """The rows of that relation."""
        return Facets(*json.loads(self._lines[oid])) if oid in self._lines else Facets()

    def index_names(self) -> Sequence[Row]:
        """(OID of the table, name) of each index."""
        return self._index_names


def dump(catalog: Catalog) -> bytes:
    """The catalog as bytes; what has not been asked for yet is written all the same."""
    store: Store = catalog.store
    relations = sorted(store.shared["relations"], key=lambda row: row[0])
    header = {
        "session": asdict(store.session) | {"search_path": catalog.search_path},
        "shared": {name: store.shared[name] for name in SHARED} | {"relations": relations},
        "indexes": store.index_names(),
    }
    body = b"\n".join(_line(part) for part in (header, *(store.facets(row[0]) for row in relations)))
    return b"%s %d %08x %d\n%s" % (_MAGIC, READER_VERSION, zlib.crc32(body), len(body), body)


def load(data: bytes) -> Catalog:
    """The catalog that `dump` wrote. Raises StaleSnapshotError if this version of the reader did not write it."""
    title, _, body = data.partition(b"\n")
    if title != b"%s %d %08x %d" % (_MAGIC, READER_VERSION, zlib.crc32(body), len(body)):
        raise StaleSnapshotError(
            "catalog snapshot is damaged or was written by another version", "Read the catalog again."
        )
    header, *lines = body.split(b"\n")
    return Catalog(SnapshotRows(json.loads(header), lines))


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
