"""The report: what a run found, before any format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..access.model import Access
    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from ..rules.model import Finding
    from ..scan.model import ScanResult
    from ..schema.model import SchemaInfo, ServerInfo


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """One of several databases of the settings; `name` None: the schema of the sites that none of them covers."""

    name: str | None
    dialect: str
    server: ServerInfo
    schema: SchemaInfo


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a reporter shows. `bound` is None after `scan`: nothing was checked."""

    version: str
    scan: ScanResult
    bound: tuple[BoundSite, ...] | None = None
    server: ServerInfo | None = None
    schema: SchemaInfo | None = None
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[tuple[Finding, str], ...] = ()  # with "baseline", "comment" or "settings"
    reasons: tuple[str | None, ...] = ()  # those that comments give, of each of `suppressed`
    gone: int | None = None  # entries of the baseline without a finding; None: there is no baseline
    access: Mapping[str, Access] = field(default_factory=dict)  # by the id of each site whose role is known
    databases: tuple[JudgedBy, ...] = ()  # when the settings name several; `server` and `schema` are the default's

    @property
    def sources(self) -> tuple[JudgedBy, ...]:
        """What the sites were judged by: each of several databases, or the one schema."""
        if self.databases or self.schema is None or self.server is None:
            return self.databases
        return (JudgedBy(None, "postgres", self.server, self.schema),)

    @property
    def sites(self) -> tuple[WriteSite, ...]:
        """All write sites, sorted by (path, line, column)."""
        return self.scan.sites
