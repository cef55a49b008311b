"""The sites of files and those of the database as one list, in which no statement stands twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..model import Origin, Scope, Span
from .alike import Known, paired

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..catalog.catalog import Catalog
    from ..catalog.stored import Stored
    from ..model import WriteSite
    from .definitions import Definition, Definitions

_MOST = 5  # objects that notes name before the rest is only counted
Held = tuple["Stored", "tuple[WriteSite, ...]"]


@dataclass(frozen=True, slots=True)
class Joined:
    """All sites, those of files first, and notes on where files and database differ."""

    sites: tuple[WriteSite, ...]
    notes: tuple[str, ...]


def join(
    sites: Iterable[WriteSite], held: Sequence[Held], definitions: Definitions, catalog: Catalog, *, live: bool
) -> Joined:
    """One site for each statement.

    Of a throwaway database, which was made from the files, the statement of the file stands, and only what no file was
    seen to hold is told of the database. In a live one its own definition stands, with the place of the file's: a file
    may be ahead of it or behind it. Of statements that were executed those that come from a known site are left out.
    """
    joiner = _Joiner(list(sites), definitions, live)
    for stored, own in held:
        if stored.origin is not Origin.STATEMENTS:
            joiner.add(stored, own)
    kept = (*joiner.files, *joiner.inside)
    executed = tuple(site for stored, own in held if stored.origin is Origin.STATEMENTS for site in own)
    return Joined((*kept, *_not_known(executed, Known(kept, catalog))), tuple(joiner.notes()))


def _not_known(executed: Iterable[WriteSite], known: Known) -> Iterable[WriteSite]:
    for site in executed:
        if not known.has(site):
            known.add(site)
            yield site


@dataclass
class _Joiner:
    files: list[WriteSite]
    definitions: Definitions
    live: bool
    inside: list[WriteSite] = field(default_factory=list)
    differing: list[tuple[str, Definition]] = field(default_factory=list)

    def add(self, stored: Stored, own: Sequence[WriteSite]) -> None:
        """Join the sites of one object to those of its definition in a file."""
        found = self.definitions.of(stored)
        if found is None:
            self._apart(stored, own)
            return
        self._put_behind(stored, found)
        beside = [site for site in self.files if _stands_in(site, found)]
        same = found.body is not None
        if stored.deparsed:
            same = not paired(own, beside, exactly=False)[1] and len(own) == len(beside)
        pairs, alone = paired(own, beside, exactly=self.live and not same)
        if self.live:
            self._of_database(own, pairs, found)
            if not same:
                self.differing.append((stored.object, found))
        else:
            self._of_files(pairs, stored)
            self.inside += [replace(site, defined=_defined(site, found)) for site in alone]

    def _put_behind(self, stored: Stored, found: Definition) -> None:
        """Take the sites of other definitions of an object, such as that of a dump, for what they are: not in force."""
        for copy in self.definitions.copies(stored, found):
            for index, site in enumerate(self.files):
                if site.scope in {Scope.APP, Scope.GENERATED} and _stands_in(site, copy):
                    self.files[index] = replace(
                        site, scope=Scope.MIGRATION, reason=f"a copy of {found.path}:{found.first}, which is in force"
                    )

    def _apart(self, stored: Stored, own: Sequence[WriteSite]) -> None:
        """Sites of an object whose text is in no file: it may be in a string with escapes or holes."""
        paths = self.definitions.naming(stored)
        beside = [site for site in self.files if site.span.path in paths and _may_be_live(site)]
        pairs, alone = paired(own, beside, exactly=True)
        if self.live:
            self._of_database(own, pairs, None)
        else:
            self._of_files(pairs, stored)
            self.inside += alone

    def _of_files(self, pairs: Iterable[tuple[WriteSite, WriteSite]], stored: Stored) -> None:
        for inside, site in pairs:
            self.files[self.files.index(site)] = _live(site, inside, stored)

    def _of_database(
        self, own: Iterable[WriteSite], pairs: Iterable[tuple[WriteSite, WriteSite]], found: Definition | None
    ) -> None:
        there = {id(inside): site for inside, site in pairs}
        for site in own:
            twin = there.get(id(site))
            place = twin.span if twin else _defined(site, found) if found else None
            self.inside.append(replace(site, defined=place))
            if twin is not None:
                self.files.remove(twin)

    def notes(self) -> Iterable[str]:
        """Where files and a live database differ."""
        for name, found in self.differing[:_MOST]:
            place = f"{found.path}:{found.first}"
            yield f"{name} in the database is not what {place} makes: both texts were checked"
        if (more := len(self.differing) - _MOST) > 0:
            yield f"{more} more objects in the database are not what the files make"


def _may_be_live(site: WriteSite) -> bool:
    """In a migration, but not where a later one replaced it."""
    return site.scope is Scope.MIGRATION and not (site.reason or "").startswith(("superseded", "dropped", "a copy of"))


def _stands_in(site: WriteSite, found: Definition) -> bool:
    return site.span.path == found.path and found.first <= site.statement_line <= found.last


def _live(site: WriteSite, inside: WriteSite, stored: Stored) -> WriteSite:
    """The site of a file that is in the database: no history, and with the settings that the object has there."""
    write = site.write if stored.deparsed else replace(site.write, search_path=inside.write.search_path)
    scope = Scope.APP if site.scope is Scope.MIGRATION else site.scope
    return replace(
        site, object=stored.object, attached=stored.attached, runs_as=stored.runs_as, write=write, scope=scope
    )


def _defined(site: WriteSite, found: Definition) -> Span:
    """The line of the file that holds the site; that of the definition, when its text is another one there."""
    if found.body is None:
        return Span(found.path, found.first, 1, found.last)
    shift = found.body - 1
    return Span(found.path, site.span.line + shift, site.span.column, site.span.end_line + shift)
