"""What a cure depends on besides its finding: the catalog, and what the user said of rows that stand in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..schema.model import Loaded
    from .policy import Policy


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The loaded schema, and the policy for rows."""

    loaded: Loaded
    policy: Policy

    @property
    def version(self) -> int:
        """server_version_num of the catalog's server."""
        return self.loaded.catalog.version
