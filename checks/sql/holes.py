"""Markers for the holes in a host string: parts that are only known at run time.

A hole is one character of the private use area, an index, and another such character, so that no source text can hold
one by chance. The reader (`sql.read_writes`) turns them into whatever the grammar takes at that place.
"""

from __future__ import annotations

import re

MARKER = re.compile("\ue000([0-9]+)\ue001")


def marker(index: int) -> str:
    """The text that stands for hole number `index`."""
    return f"\ue000{index}\ue001"
