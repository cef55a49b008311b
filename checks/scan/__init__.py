"""Application source to write sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..deferred import defer

if TYPE_CHECKING:
    from .whole_tree import scan

__all__ = ["scan"]

# With the clients of all languages it takes half a second to import; a run of a tree that has not changed does without.
defer(__name__, {"scan": ".whole_tree"})
