"""Old and new write sites judged in each state."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..arbiter.asking import InTurn
from ..arbiter.bind import bind
from ..arbiter.forks import hedged
from ..arbiter.oracle import Oracle
from ..arbiter.twin import Twin
from ..binding import throwaway
from ..catalog.sites import sites_of
from ..catalog.stored import Inside
from ..elsewhere import unsettled
from ..model import Origin
from ..schema.order import SourceFile
from .access import allowed, with_roles
from .model import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ..arbiter.model import BoundSite
    from ..arbiter.verdict import Asks
    from ..catalog.stored import Stored
    from ..model import WriteSite
    from ..settings import Settings
    from .model import State
    from .states import Moment

Bounds = dict[Code, tuple["BoundSite", ...]]


@dataclass(frozen=True, slots=True)
class Judged:
    """The sites in one state: of both codes in the same order each time, of the database those that it has then.

    `live`: of a live database; the next one is its source as of that time.
    """

    state: State
    server: str
    bounds: Bounds
    live: bool = False


class Sites:
    """The write sites of both codes. Most are in both: what is alike but for its place is judged once."""

    def __init__(self, old: Iterable[WriteSite], new: Iterable[WriteSite]) -> None:
        self.of: dict[Code, tuple[WriteSite, ...]] = {Code.OLD: tuple(old), Code.NEW: tuple(new)}
        numbers: dict[WriteSite, int] = {}
        self._numbers = {
            code: tuple(numbers.setdefault(_without_place(site), len(numbers)) for site in own)
            for code, own in self.of.items()
        }
        self._distinct = tuple(numbers)
        self._texts: dict[Stored, tuple[WriteSite, ...]] = {}

    def _inside(self, moment: Moment) -> tuple[WriteSite, ...]:
        """What the functions, rules and jobs of that state write; a text that was read before is not read again."""
        for stored in moment.loaded.inside.stored:
            if stored.origin is not Origin.STATEMENTS and stored not in self._texts:
                found = sites_of(Inside((stored,)), moment.loaded.catalog)
                self._texts[stored] = tuple(site for _, own in found for site in own if site.write.table is not None)
        return tuple(site for stored in moment.loaded.inside.stored for site in self._texts.get(stored, ()))

    def judged(self, moment: Moment, settings: Settings, root: Path) -> Judged:
        """All of them in one state, while its database is as it says; `root` is what their paths are relative to."""
        loaded = moment.loaded
        own = with_roles(self._distinct, settings, root, loaded)
        stored = with_roles(self._inside(moment), settings, root, loaded)
        with ExitStack() as stack:
            asked: Asks = stack.enter_context(Oracle(moment.connect))
            if loaded.live:  # whose role may not be allowed to ask
                asked = InTurn(asked, Twin(throwaway(stack, settings), loaded.catalog.version))
            exposed = settings.exposed_schema
            found = tuple(bind(site, loaded, oracle=asked, exposed_schema=exposed) for site in own)
            inside = tuple(bind(site, loaded, oracle=asked) for site in stored)
        found, inside = (tuple(allowed(bound, loaded, settings) for bound in each) for each in (found, inside))
        bounds = {
            code: hedged(
                tuple(replace(found[number], site=site) for site, number in zip(each, self._numbers[code], strict=True))
            )
            for code, each in self.of.items()
        }
        bounds[Code.DATABASE] = inside
        return Judged(moment.state, loaded.server.version, bounds, live=moment.live)


def _without_place(site: WriteSite) -> WriteSite:
    return replace(site, id="", span=replace(site.span, line=0, column=0, end_line=0), statement_line=0, database=None)


def settled(judged: Sequence[Judged], root: Path, settings: Settings, files: Iterable[str]) -> list[Judged]:
    """The same, a missing value uncertain where a file that is none of `files` makes a trigger that may fill it.

    `root`: of the tree whose files are looked into.
    """
    places = [(index, code) for index, each in enumerate(judged) for code in each.bounds]
    every = tuple(bound for index, code in places for bound in judged[index].bounds[code])
    loaded = [SourceFile(path, "") for path in files]
    found = iter(unsettled(every, root, settings, lambda: loaded))
    bounds = {(index, code): tuple(next(found) for _ in judged[index].bounds[code]) for index, code in places}
    return [
        replace(each, bounds={code: bounds[index, code] for code in each.bounds}) for index, each in enumerate(judged)
    ]


def by_site(judged: Sequence[Judged], code: Code) -> Iterable[tuple[BoundSite, ...]]:
    """For each site of the old or new code what it is in each state."""
    return zip(*(each.bounds[code] for each in judged), strict=True)
