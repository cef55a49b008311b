"""Reasons of the SQL reader that others tell apart."""

from __future__ import annotations

BROKEN = "the statement does not parse: "
DO_SELECT = "ON CONFLICT DO SELECT is not known to the parser"  # PostgreSQL 19's
