"""The user's cache directory."""

from __future__ import annotations

from ..cachedir import directory

__all__ = ["directory"]
