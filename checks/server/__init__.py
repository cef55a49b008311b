"""A Postgres to work with."""

from __future__ import annotations

from .available import available
from .model import Availability, Binaries, Kind
from .server import Server
from .start import start

__all__ = ["Availability", "Binaries", "Kind", "Server", "available", "start"]
