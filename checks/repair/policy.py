"""What the user says of rows that stand in the way; nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Policy:
    """`duplicates` and `nulls`: "refuse" or "quarantine"; `keep` (SQL) and `merge` as in `op.add_unique_online`."""

    duplicates: str = "refuse"
    keep: str | None = None
    merge: Mapping[str, str] = field(default_factory=dict)
    nulls: str = "refuse"

    def __post_init__(self) -> None:
        if self.duplicates == "quarantine" and not self.keep:
            raise SourceError(
                "--duplicates quarantine needs to know which row of each group is kept",
                'Say --keep "updated_at DESC NULLS LAST, id", for example: the first row in this order stays.',
            )
        if self.duplicates == "refuse" and (self.keep or self.merge):
            raise SourceError("--keep and --merge are for --duplicates quarantine", "Say that as well.")

    def of_duplicates(self) -> dict[str, Any]:
        """The arguments of an operation that makes a unique index."""
        if self.duplicates == "refuse":
            return {}
        return {"duplicates": self.duplicates, "keep": self.keep, "merge": dict(self.merge)}
