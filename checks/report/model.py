"""The report: what a run found, before any format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from ..rules.model import Finding
    from ..scan.model import ScanResult
    from ..schema.model import SchemaInfo, ServerInfo


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

    @property
    def sites(self) -> tuple[WriteSite, ...]:
        """All write sites, sorted by (path, line, column)."""
        return self.scan.sites
