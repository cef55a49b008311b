"""Placeholders and holes: what stands in for each of them so that the statement around it can be parsed.

A bound placeholder becomes a parameter. A hole stays a name with a mark in it, which may stand wherever the grammar
takes a name or a value; where it takes neither, the smallest clause that holds such a name is put in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .holes import MARKER, marker
from .lexis import Kind, Token, is_operand, slots_in_quotes
from .regions import Place, Region
from .traced import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Names that stand for a conflict action and for a whole conflict clause that are only known at run time.
UNKNOWN_ACTION = "\ue000action\ue001"
UNKNOWN_TAIL = "\ue000tail\ue001"
_ACTION = f"UPDATE SET {UNKNOWN_ACTION} = NULL"
HOLE_MARK = "\ue000"
_NAMES = frozenset({Kind.WORD, Kind.QUOTED, Kind.SLOT, Kind.NUMBER, Kind.BACKTICK})
_SOURCES = frozenset({"values", "select", "with", "default", "overriding", "table"})
_JOINING = frozenset({"where", "and", "or", "not", "("})
_HOLDERS = (Kind.SLOT, Kind.BACKTICK, Kind.QUOTED)  # no set: enum members hash slowly
_ENDING = frozenset({"values", "nothing"})  # words that are no names, with a hole right behind them
_NOTHING = Token(Kind.SYMBOL, -1, -1, "")


def as_parameters(text: str, tokens: Sequence[Token]) -> str:
    """The text with every placeholder and hole as `$n`: those written as `$n` keep their numbers, others follow."""
    if not may_hold_slots(text, tokens):
        return text
    pieces: list[str] = []
    done, number = 0, _last_parameter(tokens)
    for start, end in _places_of_slots(text, tokens):
        number += 1
        pieces += text[done:start], f"${number}"
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


def may_hold_slots(text: str, tokens: Sequence[Token]) -> bool:
    """Whether there can be a placeholder or hole, or a name in backticks, so that the text must be edited."""
    return HOLE_MARK in text or any(
        token.kind in _HOLDERS and (token.kind is not Kind.QUOTED or any(slots_in_quotes(text, token.start, token.end)))
        for token in tokens
    )


def _last_parameter(tokens: Sequence[Token]) -> int:
    """The highest `$n`; a number that the server would refuse does not count."""
    numbers = [token.value[1:] for token in tokens if token.kind is Kind.NUMBER and token.value[0] == "$"]
    return max((int(number) for number in numbers if len(number) < 6), default=0)  # noqa: PLR2004 (65535 parameters at most)


def _places_of_slots(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Where placeholders and holes stand, those inside names and literals too."""
    for token in tokens:
        match token.kind:
            case Kind.SLOT if not MARKER.match(token.value):
                yield token.start, token.end
            case Kind.QUOTED | Kind.BACKTICK:
                yield from slots_in_quotes(text, token.start, token.end)
            case Kind.SLOT | Kind.WORD | Kind.STRING | Kind.DOLLAR:
                yield from (match.span() for match in MARKER.finditer(text, token.start, token.end))


def is_open(tokens: Sequence[Token]) -> bool:
    """Whether an INSERT ends with VALUES: its rows, and what may follow them, are put in at run time."""
    words = [token.value for token in tokens[-3:] if token.value != ";"]
    return words[-2:] == [")", "values"]


def fit(text: str, tokens: Sequence[Token], places: Sequence[Place], *, bound: bool) -> Iterator[Edit]:
    """The edits that make a statement with placeholders and holes one that can be parsed.

    `bound`: holes in the place of a value are bound parameters, as in a tagged template.
    """
    return _Fitter(text, tokens, places, bound=bound).edits()


class _Fitter:
    def __init__(self, text: str, tokens: Sequence[Token], places: Sequence[Place], *, bound: bool) -> None:
        self.text, self.tokens, self.places, self.bound = text, tokens, places, bound
        self.number = _last_parameter(tokens)
        self.between: dict[int, int] = {}  # slots between table and source, by INSERT

    def edits(self) -> Iterator[Edit]:
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.SLOT:
                self.number += 1
                written = self._apart(index, token)
                if written != token.value:
                    yield Edit(token.start, token.end, f" {written} " if " " in written else written)
            elif token.kind is Kind.BACKTICK:
                self.number += sum(1 for _ in slots_in_quotes(self.text, token.start, token.end))
                yield Edit(token.start, token.end, '"' + token.value[1:-1].replace('"', '""') + '"')
            elif token.kind is Kind.QUOTED:
                for start, end in slots_in_quotes(self.text, token.start, token.end):
                    self.number += 1
                    yield Edit(start, end, marker(self.number))
            if token.kind in {Kind.WORD, Kind.STRING, Kind.DOLLAR}:
                self.number += len(MARKER.findall(token.value))
            elif token.kind is Kind.SLOT:  # holes side by side are one name
                self.number += max(len(MARKER.findall(token.value)) - 1, 0)

        if is_open(self.tokens):
            end = next(token.end for token in reversed(self.tokens) if token.value == "values")
            yield Edit(end, end, f" ({marker(self.number + 1)}) ON CONFLICT ({UNKNOWN_TAIL}) DO {_ACTION}")

    def _apart(self, index: int, token: Token) -> str:
        """The same as `_slot`, apart from a word right behind it, which is no part of a name with the hole."""
        after = self._at(index + 1)
        return self._slot(index, token) + " " * (after.start == token.end and after.kind is Kind.WORD)

    def _at(self, index: int) -> Token:
        return self.tokens[index] if 0 <= index < len(self.tokens) else _NOTHING

    def _ends(self, index: int) -> bool:
        """Whether the INSERT ends before token `index`."""
        token = self._at(index)
        return (
            token is _NOTHING
            or token.value in {";", "returning"}
            or (token.value == ")" and self.places[index].depth < 1)
        )

    def _is_hole(self, token: Token) -> bool:
        """Whether the slot is text put in, not a bound value."""
        if MARKER.match(token.value):
            return not self.bound
        if token.value[0] == ":" and ":" in token.value[1:]:  # HugSQL's `:i:table`, but `:v:value`
            return token.value[1:].startswith(("i:", "i*:", "identifier", "s"))
        return token.value[0] == "{" or token.value[:2] in {"??", "${", ":'", ':"'} or token.value[-1] == "@"

    def _name(self, token: Token) -> str:
        return token.value if MARKER.match(token.value) else marker(self.number)

    def _value(self, token: Token) -> str:
        return self._name(token) if self._is_hole(token) else f"${self.number}"

    def _slot(self, index: int, token: Token) -> str:
        """What stands in for the slot at `index`."""
        before, after = self._at(index - 1), self._at(index + 1)
        name = self._name(token)
        tag = token.value.startswith("{%")
        touches = (before.end == token.start and before.kind in _NAMES and before.value not in _ENDING) or (
            after.start == token.end and after.kind in _NAMES and after.kind is not Kind.WORD
        )
        if touches and not tag:
            return name  # a part of a longer name
        if before.value in {".", "as", "constraint", "into"} or after.value == ".":
            return name
        if before.value in {"in", "values"}:
            return f"({name})"
        place = self.places[index]
        if place.depth and place.region in {Region.CONFLICT, Region.TARGET, Region.COLUMNS}:
            return self._listed(before, after, name)
        reading = _BY_REGION.get(place.region)
        return reading(self, index, token, name) if reading else self._value(token)

    def outside(self, index: int, token: Token, name: str) -> str:
        if all(other.kind is Kind.SLOT for other in self.tokens[:index]) and index + 1 < len(self.tokens):
            return ""  # what stands before the statement
        if self._at(index - 1).value == "(" and self._at(index - 2).value == "as":
            return f"SELECT {name}"  # the query of a CTE
        return self._value(token)

    def in_predicate(self, index: int, token: Token, name: str) -> str:
        end = f" DO {_ACTION}" if self._ends(index + 1) else ""
        if MARKER.match(token.value) and self._at(index - 1).value in _JOINING and self._closes(index + 1):
            return f"{name}{end}"  # a whole condition, which nobody binds
        return f"AND {name}{end}" if is_operand(self._at(index - 1)) else f"{self._value(token)}{end}"

    def _closes(self, index: int) -> bool:
        return self._ends(index) or self._at(index).value in {"do", "and", "or", ")"}

    def in_action(self, index: int, _: Token, name: str) -> str:
        return {"do": _ACTION, "update": f"SET {name} = NULL"}.get(self._at(index - 1).value, "")

    def in_tail(self, index: int, token: Token, _: str) -> str:
        return "" if is_operand(self._at(index - 1)) else self._value(token)

    def _listed(self, before: Token, after: Token, name: str) -> str:
        """An item of a list, with the commas that the hole may bring itself."""
        first = ", " if is_operand(before) else ""
        last = "" if after.value in {")", ","} or after.kind is not Kind.WORD else ", "
        return f"{first}{name}{last}"

    def after_table(self, index: int, _: Token, name: str) -> str:
        """A hole between the table and its rows: first the columns, then the rows, or one hole for both."""
        insert, after = self.places[index].insert, self._at(index + 1)
        self.between[insert] = count = self.between.get(insert, 0) + 1
        if after.value == "(" and count == 1:
            return f"AS {name}"
        if count > 1:
            return f"VALUES ({name})" if count == 2 else ""  # noqa: PLR2004 (the second hole)
        more = after.value in _SOURCES or (after.kind is Kind.SLOT and self.places[index + 1].region is Region.TABLE)
        return f"({name})" if more else f"({name}) VALUES ({name})"

    def in_source(self, index: int, token: Token, name: str) -> str:
        before, after, place = self._at(index - 1), self._at(index + 1), self.places[index]
        values = self._is_values(index)
        if place.depth:
            return f", {name}" if values and is_operand(before) else self._value(token)
        if values and before.value == ",":
            return f"({name})"
        if self.places[index - 1].region is Region.COLUMNS:
            return "" if after.value in _SOURCES else f"VALUES ({name})"
        if is_operand(before):
            return f"ON CONFLICT ({UNKNOWN_TAIL}) DO {_ACTION}" if self._ends(index + 1) else ""
        return self._value(token)

    def _is_values(self, index: int) -> bool:
        """Whether the rows come from VALUES and not from a query."""
        insert = self.places[index].insert
        for token, place in zip(self.tokens, self.places, strict=True):
            if place.insert == insert and place.region is Region.SOURCE and token.value in _SOURCES:
                return token.value == "values"
        return False

    def beside_target(self, index: int, _: Token, name: str) -> str:
        end = f" DO {_ACTION}" if self._ends(index + 1) else ""
        if self._at(index - 1).value == "conflict":
            return f"({name}){end}"
        tag = self._at(index).value.startswith("{%")  # which is no text itself
        return f"WHERE {name}" if self._at(index + 1).value == "do" and not tag else end

    def in_set(self, index: int, token: Token, name: str) -> str:
        before, after = self._at(index - 1), self._at(index + 1)
        if self.places[index].depth:
            return self._value(token)
        if before.value in {"set", ","}:
            return name if after.value == "=" else f"{name} = NULL"
        return f", {name} = NULL" if is_operand(before) else self._value(token)


_BY_REGION: dict[Region, Callable[[_Fitter, int, Token, str], str]] = {
    Region.OUTSIDE: _Fitter.outside,
    Region.TABLE: _Fitter.after_table,
    Region.SOURCE: _Fitter.in_source,
    Region.CONFLICT: _Fitter.beside_target,
    Region.TARGET: _Fitter.beside_target,
    Region.PREDICATE: _Fitter.in_predicate,
    Region.ACTION: _Fitter.in_action,
    Region.SET: _Fitter.in_set,
    Region.TAIL: _Fitter.in_tail,
}
