"""Evidence that a file's SQL is meant for another database than PostgreSQL, by its text alone."""

from __future__ import annotations

from .dialects import evidence

__all__ = ["evidence"]
