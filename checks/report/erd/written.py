"""The tables that an application writes to, among those of a schema."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ...model import Scope, Status
from ...structure.model import RELATIONS
from ...wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...model import WriteSite
    from ...structure.model import Structure
    from ...structure.parts import Name

_USUAL = ("public",)  # the schemas of the server's own search_path that every database has


class Written(NamedTuple):
    """Tables that are written to; `missing` names are in no schema, or in several and no one knows which is meant.

    `open_sites` counts the write sites whose table nobody knows.
    """

    tables: frozenset[Name]
    missing: tuple[str, ...] = ()
    open_sites: int = 0

    def notes(self) -> Iterator[str]:
        """What the diagram cannot show, as sentence fragments."""
        if self.missing:
            names = ", ".join(f'"{name}"' for name in self.missing)
            count = plural(len(self.missing), "table")
            yield f"{count} that the application writes to cannot be told in the schema: {names}"
        if self.open_sites:
            yield f"of {plural(self.open_sites, 'write site')} the table is not known"


def written(sites: Iterable[WriteSite], structure: Structure, search_path: tuple[str, ...] | None = None) -> Written:
    """What the sites of the application write to. A name without its schema is looked up along the search path."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    for kind in RELATIONS:
        for identity in structure.objects.get(kind, {}):
            places[identity[1]].add(identity[0])
    tables: set[Name] = set()
    missing: set[str] = set()
    open_sites = 0
    for site in sites:
        if site.status is Status.NOT_POSTGRES or site.scope is not Scope.APP or site.write.temporary:
            continue
        table = site.write.table
        if table is None:
            open_sites += site.is_open
        elif schema := _schema(places[table.name], table.schema, site.write.search_path or search_path or _USUAL):
            tables.add((schema, table.name))
        else:
            missing.add(str(table))
    return Written(frozenset(tables), tuple(sorted(missing)), open_sites)


def _schema(places: set[str], schema: str | None, search_path: tuple[str, ...]) -> str | None:
    """Which of the schemas that have the table is meant; the only one that has it, if none is on the path."""
    if schema is not None:
        return schema if schema in places else None
    on_path = next((each for each in search_path if each in places), None)
    return on_path or (next(iter(places)) if len(places) == 1 else None)
