"""A Postgres to work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..deferred import defer

if TYPE_CHECKING:
    from .available import available
    from .model import Availability, Binaries, Kind
    from .server import Server
    from .start import start

__all__ = ["Availability", "Binaries", "Kind", "Server", "available", "start"]

# Looking for programs takes neither a driver nor a server.
defer(
    __name__,
    {
        "Availability": ".model",
        "Binaries": ".model",
        "Kind": ".model",
        "Server": ".server",
        "available": ".available",
        "start": ".start",
    },
)
