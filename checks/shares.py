"""Which sites are judged by which of several databases, as the settings share them out."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .arbiter.model import Outcome, Verdict
from .errors import SchemaError
from .scan.databases import located
from .schema.model import Loaded, SchemaInfo, ServerInfo
from .settings import UNCOVERED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .arbiter.model import BoundSite
    from .catalog.catalog import Catalog
    from .model import WriteSite
    from .settings import Database, Settings

_NO_SCHEMA = "the schema of this part of the project is loaded only when it is asked for, or is of another engine"
IDLE = "no write site belongs to it"
_OLDEST = 140000


@dataclass(frozen=True, slots=True)
class Share:
    """The sites of one database, of the `source` that the settings name.

    `name` None: those that none covers; `settings` None: they are not judged by any schema, and `why` not.
    """

    name: str | None
    settings: Settings | None
    sites: tuple[WriteSite, ...]
    source: str = "none"
    dialect: str = "postgres"
    why: str = UNCOVERED


def shares(sites: Sequence[WriteSite], settings: Settings, root: Path, *, guessed: bool = False) -> tuple[Share, ...]:
    """All sites, each in one share, in the order of the settings; those that no database covers come last.

    `guessed`: the databases are the parts of the project that have a schema of their own.

    Raises SchemaError for an environment variable that holds no URL, of a database that sites belong to.
    """
    found = []
    for database in settings.database:
        own = tuple(site for site in sites if site.database == database.name)
        judged = database.dialect == "postgres" and (database.schema or database.url_env)
        chosen = settings_for(database, settings, root) if own and judged else None
        source = database.schema or (f"${database.url_env}" if database.url_env else "none")
        found.append(Share(database.name, chosen, own, source, database.dialect, _NO_SCHEMA if guessed else UNCOVERED))
    others = tuple(site for site in sites if site.database is None)
    default = settings if settings.schema is not None or settings.database_url is not None else None
    names = ", ".join(f'"{database.name}"' for database in settings.database)
    why = f"the file is in none of the parts of the project that have a schema: {names}" if guessed else UNCOVERED
    return (*found, Share(None, replace(default, database=()) if default else None, others, why=why))


def narrowed(settings: Settings, root: Path) -> Settings:
    """The settings for the one database that is chosen, or, of several, for the schema of what none covers.

    Raises SchemaError when there are several, none is chosen and there is no such schema.
    """
    if not settings.database:
        return settings
    chosen = next((one for one in settings.database if one.name == settings.only_database), None)
    if chosen is not None and chosen.dialect != "postgres":
        raise SchemaError(f'database "{chosen.name}" is {chosen.dialect}: there is nothing to judge')
    if chosen is not None:
        return replace(settings_for(chosen, settings, root), database=settings.database)
    if settings.schema is None and settings.database_url is None:
        names = ", ".join(one.name for one in settings.database if one.dialect == "postgres")
        raise SchemaError("the settings name several databases", f"Choose one with --database: {names}.")
    return replace(settings, only_database="")


def settings_for(database: Database, settings: Settings, root: Path) -> Settings:
    """The settings for what belongs to one database. Raises SchemaError for a variable that holds no URL."""
    url = _url(database)
    schema = located(database.schema, settings.base or root, root) if database.schema else None
    return replace(
        settings,
        database=(),
        schema=schema,
        database_url=url,
        search_path=database.search_path or settings.search_path,
        exposed_schema=database.exposed_schema or settings.exposed_schema,
        role=database.role or settings.role,
    )


def _url(database: Database) -> str | None:
    from .server.conninfo import is_url  # noqa: PLC0415 - as above

    value = os.environ.get(database.url_env, "") if database.url_env else ""
    if not value and database.schema is None:
        raise SchemaError(
            f'database "{database.name}": environment variable "{database.url_env}" is not set',
            "Set it to the URL of that database, or give the database a schema source in the settings.",
        )
    if value and not is_url(value):  # what it holds may be any secret: a settings file is a stranger's
        raise SchemaError(
            f'database "{database.name}": environment variable "{database.url_env}" is no postgresql:// URL'
        )
    return value or None


def doubted(bound: BoundSite, others: Mapping[str, Catalog | None]) -> BoundSite:
    """A site that only a detected schema condemns, unknown where it may belong to another database of the project.

    `others`: their catalogs by name, None of one that was not loaded.
    """
    verdict, table = bound.verdict, bound.site.write.table
    if table is None or not (verdict.errors or verdict.outcome is Outcome.NO_MATCH):
        return bound
    there = [name for name, catalog in others.items() if catalog is None or catalog.resolve(table) is not None]
    if not there:
        return bound
    told = ", ".join(f'"{name}"' for name in there)
    reason = f"the file is in no part of the project with a schema of its own, and may write to the database of {told}"
    judged = verdict.outcome in (Outcome.MATCH, Outcome.NO_MATCH, Outcome.UNKNOWN)
    return replace(
        bound,
        relation=None,
        base=None,
        verdict=Verdict(outcome=Outcome.UNKNOWN if judged else Outcome.NOT_JUDGED, reason=reason),
    )


def bound_to_nothing(share: Share) -> tuple[tuple[BoundSite, ...], Loaded]:
    """Sites without a schema, whose verdicts are unknown for that reason, and the empty catalog that they go with."""
    from .arbiter.bind import bind  # noqa: PLC0415 - which schemas there are is asked without judging by one
    from .catalog.catalog import Catalog  # noqa: PLC0415
    from .catalog.rows import SHARED, Facets, FetchedRows, Session  # noqa: PLC0415

    names = (*SHARED, *Facets._fields)
    session = Session(_OLDEST, "", "", ("public",), 0)
    catalog = Catalog(FetchedRows(session, {name: [] for name in names}))
    loaded = Loaded(catalog, ServerInfo("", "none", ""), SchemaInfo(share.source, notes=_idle(share)), live=False)
    bound = (bind(site, loaded) for site in share.sites)
    return tuple(_uncovered(one, share.why) for one in bound), loaded


def _idle(share: Share) -> tuple[str, ...]:
    return (f'database "{share.name}": {IDLE}',) if share.name and not share.sites else ()


def _uncovered(bound: BoundSite, why: str) -> BoundSite:
    if bound.verdict.outcome is not Outcome.UNKNOWN:
        return bound
    return replace(bound, verdict=replace(bound.verdict, reason=why))
