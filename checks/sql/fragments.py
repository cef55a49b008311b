"""Statements that do not parse: the same INSERT with what cannot be read replaced by holes, step by step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from ..model import Unresolved
from .complaints import BROKEN, DO_SELECT
from .holes import marker
from .lexis import Kind
from .regions import Region
from .traced import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Write
    from .lexis import Token
    from .regions import Place
    from .traced import Traced

FRAGMENT = "a fragment without INSERT"

_HOLE = marker(990_000)
# What stands for each part, in the order in which parts are given up.
_STAND_INS = {
    Region.SOURCE: f"VALUES ({_HOLE})",
    Region.TAIL: "",
    Region.SET: f"SET {_HOLE} = NULL",
    Region.PREDICATE: f"WHERE {_HOLE}",
    Region.COLUMNS: f"({_HOLE})",
    Region.TARGET: f"({_HOLE})",
    Region.ACTION: f"DO {_HOLE}",
    Region.TABLE: _HOLE,
}
_LONG_SOURCE = 5_000  # tokens of rows that are not tried again and again
_UNIMPORTANT = frozenset({Region.SOURCE, Region.TAIL})
_HEADLESS = f"INSERT INTO {_HOLE} ({_HOLE}) VALUES ({_HOLE}) "  # noqa: S608 (parsed, never executed)
# After a name, these show that INSERT INTO is SQL and no English.
_AFTER_NAME = frozenset({"(", "values", "select", "default", "as", "with", "on", "overriding"})


@dataclass(frozen=True, slots=True)
class Part:
    """One INSERT of a statement: by region the index of its first token and past its last."""

    spans: dict[Region, tuple[int, int]]

    @property
    def has_insert(self) -> bool:
        """Whether INSERT INTO stands before the conflict clause."""
        return Region.HEAD in self.spans

    @property
    def has_clause(self) -> bool:
        """Whether it has ON CONFLICT."""
        return Region.CONFLICT in self.spans

    @property
    def first(self) -> int:
        """The index of its first token."""
        return min(first for first, _ in self.spans.values())

    @property
    def past(self) -> int:
        """The index past its last token."""
        return max(past for _, past in self.spans.values())


@dataclass(frozen=True, slots=True)
class Attempt:
    """A text to try in place of a part, and what is given up in it."""

    source: Traced
    given_up: frozenset[Region]


def parts(tokens: Sequence[Token], places: Sequence[Place]) -> Iterator[Part]:
    """Every INSERT INTO, and every conflict clause without one, that reads like SQL and not like prose."""
    spans: dict[int, dict[Region, tuple[int, int]]] = {}
    for index, place in enumerate(places):
        if place.insert >= 0:
            own = spans.setdefault(place.insert, {})
            first, _ = own.get(place.region, (index, index))
            own[place.region] = (first, index + 1)
    for own in spans.values():
        part = Part(own)
        if _is_sql(tokens, part):
            yield part


def _is_sql(tokens: Sequence[Token], part: Part) -> bool:
    if part.has_insert:
        clause = part.has_clause and _is_clause(tokens, part)
        return clause or _names_relation(tokens, part.spans[Region.HEAD][1])
    before = tokens[part.first - 1] if part.first else None
    begins = before is None or before.value in {")", ";"} or before.kind in {Kind.SLOT, Kind.STRING, Kind.NUMBER}
    return begins and _is_clause(tokens, part)


def _names_relation(tokens: Sequence[Token], index: int) -> bool:
    """Whether a name follows, dotted or put together, and then a word of the grammar or a hole."""
    if index >= len(tokens) or tokens[index].kind is Kind.SYMBOL:
        return False
    index += 1
    while index < len(tokens) and _continues_name(tokens[index - 1], tokens[index]):
        index += 1
    return index < len(tokens) and (tokens[index].value in _AFTER_NAME or tokens[index].kind is Kind.SLOT)


def _continues_name(before: Token, token: Token) -> bool:
    return "." in {before.value, token.value} or (before.end == token.start and token.kind is not Kind.SYMBOL)


def _is_clause(tokens: Sequence[Token], part: Part) -> bool:
    """Whether it is ON CONFLICT, perhaps a target, then DO NOTHING or DO UPDATE SET; a hole may hold any of that."""
    if Region.ACTION not in part.spans:
        return any(token.kind is Kind.SLOT for token in tokens[part.first : part.past])
    first, past = part.spans[Region.ACTION]
    action = tokens[first + 1 : past]
    match [token.value for token in action[:1]]:
        case ["nothing"]:
            return len(action) == 1 or action[1].kind is Kind.SLOT
        case ["update"]:
            return Region.SET in part.spans or (len(action) > 1 and action[1].kind is Kind.SLOT)
        case _:
            return bool(action) and action[0].kind is Kind.SLOT


def attempts(source: Traced, tokens: Sequence[Token], part: Part) -> Iterator[Attempt]:
    """The INSERT alone, then with one or two parts of it given up, then with ever more.

    Of one without a conflict clause its rows and what follows them are all that is given up: the rest says what it is.
    """
    always: set[Region] = set()
    if part.has_insert and _size(part) > _LONG_SOURCE:
        always.add(Region.SOURCE)
    regions = [region for region in _STAND_INS if region in part.spans or region is Region.ACTION]
    if not part.has_clause:
        regions = [] if _may_go_on(tokens, part) else [region for region in regions if region in _UNIMPORTANT]
    for count in range(3):
        for some in combinations(regions, count):
            yield _attempt(source, tokens, part, always.union(some))
    for count in range(3, len(regions) + 1):
        yield _attempt(source, tokens, part, always.union(regions[:count]))


def _may_go_on(tokens: Sequence[Token], part: Part) -> bool:
    """Whether it ends with a hole that may be its conflict clause; `{% endif %}` brings no text of its own."""
    last = tokens[part.past - 1]
    return last.kind is Kind.SLOT and not last.value.startswith("{%")


def _size(part: Part) -> int:
    first, past = part.spans.get(Region.SOURCE, (0, 0))
    return past - first


def _attempt(source: Traced, tokens: Sequence[Token], part: Part, given_up: set[Region]) -> Attempt:
    return Attempt(_edited(source, tokens, part, given_up), frozenset(given_up))


def _edited(source: Traced, tokens: Sequence[Token], part: Part, given_up: set[Region]) -> Traced:
    edits = [Edit(0, tokens[part.first].start, "" if part.has_insert else _HEADLESS)]
    for region, (first, past) in sorted(part.spans.items()):
        start = tokens[first].start
        if region is Region.CONFLICT and part.has_insert and Region.SOURCE not in part.spans:
            edits.append(Edit(start, start, f" {_STAND_INS[Region.SOURCE]} "))
        if region in given_up:
            edits.append(Edit(start, tokens[past - 1].end, f" {_stand_in(region, given_up)} "))
    end = tokens[part.past - 1].end
    missing = Region.ACTION in given_up and Region.ACTION not in part.spans
    edits.append(Edit(end, len(source.text), f" {_STAND_INS[Region.ACTION]}" if missing else ""))
    return source.edited(edits)


def _stand_in(region: Region, given_up: set[Region]) -> str:
    gone = (region is Region.PREDICATE and Region.TARGET in given_up) or (
        region is Region.SET and Region.ACTION in given_up
    )
    return "" if gone else _STAND_INS[region]


def complaint_about(tokens: Sequence[Token], part: Part, complaint: str) -> str:
    """Why the part does not parse. DO SELECT is PostgreSQL 19's and not known to the parser."""
    first, past = part.spans.get(Region.ACTION, (0, 0))
    if [token.value for token in tokens[first:past]][:2] == ["do", "select"]:
        return DO_SELECT
    return BROKEN + complaint


def explained(write: Write, part: Part, given_up: frozenset[Region], broken: str, *, has_holes: bool) -> Write:
    """The write of an attempt, with the reason why parts of it are not known; `broken`: why it does not parse."""
    if not part.has_insert:
        return replace(write, reason=FRAGMENT)
    if has_holes and given_up <= _UNIMPORTANT:
        return write
    if isinstance(write.target, Unresolved) and not has_holes:
        write = replace(write, target=Unresolved(broken))
    return replace(write, reason=broken)
