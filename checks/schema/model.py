"""What loading a schema source gives: a catalog, what failed, and what that makes unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalog.stored import NOTHING, Inside

if TYPE_CHECKING:
    from ..catalog.read import Catalog
    from .rights import Unloaded


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """The server that held the catalog: "18.4", "embedded" | "local" | "docker" | "url", the database's name only."""

    version: str
    source: str
    database: str


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """A statement of a schema source that did not run; the relations in `makes_unknown` are incomplete."""

    path: str
    line: int
    sqlstate: str | None
    message: str
    makes_unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaInfo:
    """The schema source as the user names it, how much of it was loaded, and notes (sources found but not taken).

    `unreloaded` are the files that change tables and do not ask PostgREST for a reload, where nothing else does;
    `exposed` the schemas that the file `exposed_by` exposes to it, None when that is not known.
    """

    source: str
    statements: int = 0
    loaded: int = 0
    failed: tuple[LoadFailure, ...] = ()
    notes: tuple[str, ...] = ()
    unreloaded: tuple[str, ...] = ()
    exposed: tuple[str, ...] | None = None
    exposed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An INSERT of the schema source itself, judged on the loading connection just before it ran.

    `offset` counts characters in the file; `result` is what the judge returned.
    """

    path: str
    line: int
    offset: int
    result: object


@dataclass(frozen=True, slots=True)
class Loaded:
    """A catalog and its provenance.

    `live`: what the catalog lacks is absent. Otherwise it may only be undefined by the source. `incomplete` maps
    "schema.name" of a relation to the reason why its catalog entry cannot be trusted. `inside` are the texts of SQL
    that the database holds.
    """

    catalog: Catalog
    server: ServerInfo
    schema: SchemaInfo
    live: bool
    incomplete: tuple[tuple[str, str], ...] = ()
    judged: tuple[Judged, ...] = ()
    inside: Inside = NOTHING
    rights: tuple[Unloaded, ...] = ()  # statements about privileges and policies that did not load
