"""Client libraries and ORMs, one module each, imported when a file of their language is read."""

from __future__ import annotations

from .table import client, clients, clients_of

__all__ = ["client", "clients", "clients_of"]
