"""Files that one person runs at a time: seeds of a database, and scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import WriteSite

_SEEDS = r"(?:[\w-]+[._-])?seed(?:s|er|ers|ing|data)?"
_BY_HAND = re.compile(
    rf"(?i)(?:^|/)(?:{_SEEDS}|scripts?)/"  # prisma/seeds/users.ts, database/seeders/, scripts/backfill.ts
    rf"|(?:^|/){_SEEDS}(?:[._-][\w.-]+)?\.\w+$"  # seed.ts, db/seeds.rb, demo-seed.py, seed-postgres.ts, seed.sql
    r"|(?-i:[a-z0-9]Seeder\.\w+$)"  # UsersTableSeeder.php
)


def is_by_hand(site: WriteSite) -> bool:
    """Whether a write stands in such a file, by its path: nobody runs two of them at once."""
    return site.span.path is not None and _BY_HAND.search(site.span.path) is not None
