"""Which tables the application writes, and by which sites: what a catalog rule looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation


def written(bounds: Iterable[BoundSite]) -> Iterator[tuple[Relation, tuple[BoundSite, ...]]]:
    """The tables that sites of the application write, sorted by name, each with its sites.

    Not those of which the schema source does not tell all (no rule may speak of them), nor those that only tests or
    migrations write.
    """
    sites: dict[int, list[BoundSite]] = {}
    relations: dict[int, Relation] = {}
    for bound in bounds:
        if bound.base is not None and bound.site.scope is Scope.APP:
            relations[bound.base.oid] = bound.base
            sites.setdefault(bound.base.oid, []).append(bound)
    for relation in sorted(relations.values(), key=lambda r: (r.schema, r.name)):
        yield relation, tuple(sites[relation.oid])


def written_at(sites: Sequence[BoundSite], shown: int = 3) -> str:
    """For a line of evidence: "written at src/a.ts:3, src/b.ts:9 and 4 more places"."""
    places = list(dict.fromkeys(bound.site.span.place for bound in sites))
    more = len(places) - shown
    rest = f" and {more} more place{'' if more == 1 else 's'}" if more > 0 else ""
    return f"written at {', '.join(places[:shown])}{rest}"


def index_object(relation: Relation, index: Index) -> str:
    """What a finding about an index is about: "index public.orders_key"."""
    return f"index {relation.schema}.{index.name}"
