"""Whether the role that runs a statement may: its privileges, and what row security does to its rows."""

from __future__ import annotations

from .decide import decide
from .model import Access

__all__ = ["Access", "decide"]
