"""Rows that stand in the way: taken out into `pgarbiter_data.quarantine`, never just deleted, and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .deduplicate import deduplicate
from .relation import rows_of
from .restore import pending, restore
from .take_out import take_out

if TYPE_CHECKING:
    from .model import Table
    from .session import Session

__all__ = ["deduplicate", "exists", "pending", "restore", "take_out"]


def exists(session: Session, table: Table, condition: str) -> bool:
    """Whether the condition is true for any row of the table or its partitions."""
    found: bool = session.value(f"SELECT EXISTS (SELECT FROM {rows_of(session, table)} WHERE {condition})")
    return found
