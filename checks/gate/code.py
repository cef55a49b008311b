"""Which write sites are code that a deploy exchanges: what runs while it goes on, and not inside of the database."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ..model import Scope, Status
from ..schema.order import decoded
from ..sql.definitions import Defined, read_definitions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..model import WriteSite

_SQL = "sql"
# Rows for a new database, which nobody writes while a deploy goes on: "supabase/seed.sql", "prisma/seed/users.ts".
_SEED = re.compile(r"(^|/)seeds?([._-][^/]*)?(/|$)", re.IGNORECASE)
_SEED_PROGRAM = re.compile(r"(^|/)(db|database|drizzle|knex|prisma|sql|supabase)/seed(s|er|ers)?([._-][^/]*)?(/|$)")


def code(sites: Iterable[WriteSite], root: Path) -> tuple[WriteSite, ...]:
    """The sites but tests, migrations, seeds, and bodies of functions in files of SQL; `root`: of their paths.

    Migrations run on a schema that is gone then, and functions are part of the schema.
    """
    kept = [
        site
        for site in sites
        if site.status is not Status.NOT_POSTGRES
        and site.scope not in (Scope.TEST, Scope.MIGRATION)
        and not (_SEED if site.language == _SQL else _SEED_PROGRAM).search(site.span.path or "")
    ]
    by_file: defaultdict[str, list[WriteSite]] = defaultdict(list)
    for site in kept:
        if site.language == _SQL and site.span.path is not None:
            by_file[site.span.path].append(site)
    held = {id(site) for path, own in by_file.items() for site in _in_functions(root / path, own)}
    return tuple(site for site in kept if id(site) not in held)


def _in_functions(path: Path, sites: Iterable[WriteSite]) -> Iterable[WriteSite]:
    try:
        text = decoded(path.read_bytes())
    except OSError:
        return ()
    bodies = [
        (text.count("\n", 0, each.start) + 1, text.count("\n", 0, each.end) + 1)
        for each in read_definitions(text)
        if isinstance(each, Defined)
    ]
    return [site for site in sites if any(first <= site.span.line <= last for first, last in bodies)]


def outside(sites: Iterable[WriteSite], place: str) -> tuple[WriteSite, ...]:
    """The sites but those in files of SQL at or below a place, which are the schema itself."""
    return tuple(site for site in sites if site.language != _SQL or not f"{site.span.path}/".startswith(f"{place}/"))
