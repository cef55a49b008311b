"""Client libraries and ORMs, one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...deferred import defer

if TYPE_CHECKING:
    from .table import CLIENTS

__all__ = ["CLIENTS"]

# Declarations read values as clients do, and clients read declarations: neither may import all of the other first.
defer(__name__, {"CLIENTS": ".table"})
