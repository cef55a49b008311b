"""What a platform provides before a project's first migration."""

from __future__ import annotations

from enum import StrEnum


class Platform(StrEnum):
    """What a database stands on."""

    PLAIN = "plain"
    SUPABASE = "supabase"
    TIMESCALE = "timescale"
