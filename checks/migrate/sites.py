"""The write sites of an application, judged before and after each step of a plan."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..arbiter.bind import bind
from ..arbiter.model import Outcome
from ..arbiter.oracle import Oracle
from ..catalog.read import read_catalog
from ..model import Mechanism, Status
from ..report.essence import essence, sentence
from ..scan import scan
from ..schema.model import Loaded, SchemaInfo, ServerInfo
from ..wording import plural
from .model import SiteChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..arbiter.model import BoundSite, Verdict
    from ..catalog.model import Relation
    from ..catalog.read import Catalog
    from ..model import WriteSite
    from ..settings import Settings
    from .live import Connection


@dataclass(slots=True)
class Sites:
    """The upserts below some paths, and what the catalog of the throwaway database said of them last."""

    connection: Connection
    settings: Settings
    sites: tuple[WriteSite, ...]
    search_path: tuple[str, ...] | None = None
    catalog: Catalog = field(init=False)
    _relations: dict[int, Relation] = field(default_factory=dict)
    _first: dict[str, Verdict] = field(default_factory=dict)
    _last: dict[str, Verdict] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Judge them for the first time."""
        self.look()
        self._first = dict(self._last)

    def look(self) -> tuple[SiteChange, ...]:
        """Read the catalog anew, and say whose verdict has changed since the last time."""
        self.catalog = read_catalog(self.connection, search_path=self.search_path)
        relations = {each.oid: each for each in self.catalog.relations()}
        if relations == self._relations and self._last:
            return ()
        self._relations = relations
        before, self._last = self._last, self._judged()
        return tuple(self._changes(before, self._last)) if before else ()

    def lost(self) -> tuple[SiteChange, ...]:
        """Those that had their arbiter at first and have none now."""
        return tuple(each for each in self._changes(self._first, self._last) if each.change == "loses")

    def _judged(self) -> dict[str, Verdict]:
        loaded = Loaded(self.catalog, ServerInfo("", "", ""), SchemaInfo("alembic"), live=False)
        with Oracle(self._connected) as oracle:
            found: list[BoundSite] = [
                bind(site, loaded, oracle=oracle, exposed_schema=self.settings.exposed_schema) for site in self.sites
            ]
        return {each.site.id: each.verdict for each in found}

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        yield self.connection

    def _changes(self, before: dict[str, Verdict], after: dict[str, Verdict]) -> Iterator[SiteChange]:
        for site in self.sites:
            had, has = (verdicts[site.id].outcome is Outcome.MATCH for verdicts in (before, after))
            if had != has:
                place = site.span.place
                reason = sentence(after[site.id])
                yield SiteChange("gains" if has else "loses", place, essence(site), reason)


def found(paths: Sequence[Path], settings: Settings) -> tuple[tuple[WriteSite, ...], tuple[str, ...]]:
    """The upserts below `paths`, and notes on what could not be read or judged.

    Raises SourceError for a path that does not exist.
    """
    result = scan(list(paths), settings, whole=True)
    upserts = tuple(
        site
        for site in result.sites
        if site.mechanism is Mechanism.ON_CONFLICT and site.status is not Status.NOT_POSTGRES
    )
    unread = tuple(f'write sites of "{each.path}" are not judged: {each.reason}' for each in result.failed)
    unknown = [site for site in upserts if site.is_open]
    if unknown:
        first = f"{unknown[0].span.place}: {unknown[0].reason}"
        unread = (*unread, f"not judged: {plural(len(unknown), 'upsert')} that could not be resolved ({first})")
    return upserts, unread
