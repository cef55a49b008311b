"""Files that one person runs at a time: seeds of a database, scripts, tests and migrations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Scope

if TYPE_CHECKING:
    from ..model import WriteSite

_SEEDS = r"(?:[\w-]+[._-])?seed(?:s|er|ers|ing|data)?"
_BY_HAND = re.compile(
    rf"(?i)(?:^|/)(?:{_SEEDS}|scripts?)/"  # prisma/seeds/users.ts, database/seeders/, scripts/backfill.ts
    rf"|(?:^|/){_SEEDS}(?:[._-][\w.-]+)?\.\w+$"  # seed.ts, db/seeds.rb, demo-seed.py, seed-postgres.ts, seed.sql
    r"|(?-i:[a-z0-9]Seeder\.\w+$)"  # UsersTableSeeder.php
)
# By the name of a file: a.test.ts, test_a.py, a_spec.rb, ShopTest.java; and 0001_init.py, V1__init.sql, any .sql.
_TEST = re.compile(
    r"(?:^|/)(?:test_[^/]+|conftest\.py|[^/]*[._-](?:test|spec)\.\w+|[^/]*[a-z0-9](?:Tests?|IT|Spec|Suite)\.\w+)$"
)
_MIGRATION = re.compile(r"(?:^|/)(?:V?\d[^/]*|[^/]+\.(?:sql|xml|ya?ml))$|(?:^|/)alembic/versions/")


def is_alone(site: WriteSite) -> bool:
    """Whether a write stands in a test or a migration for certain, by the file's name: it meets no second session."""
    if site.span.path is None or site.scope not in {Scope.TEST, Scope.MIGRATION}:
        return False
    pattern = _TEST if site.scope is Scope.TEST else _MIGRATION
    return pattern.search(site.span.path) is not None


def is_by_hand(site: WriteSite) -> bool:
    """Whether a write stands in such a file, by its path: nobody runs two of them at once."""
    return site.span.path is not None and _BY_HAND.search(site.span.path) is not None
