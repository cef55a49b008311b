"""Which of several values can be meant, by the tests of the branches that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .languages import language_of
from .values import (
    Call,
    Choice,
    Class,
    Condition,
    Constant,
    Join,
    Lambda,
    Member,
    Name,
    Opaque,
    Record,
    Sequence,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .project import Project
    from .values import Guard, Value

    Place = tuple[str, int]
    KnownOf = Callable[[Value], Value]

_NONE_FITS = "no branch that is known can have been taken"
# Languages in which everything but nil and false is true, and those in which an empty list is false.
_ALL_TRUE = frozenset({"ruby", "elixir"})
_EMPTY_IS_FALSE = frozenset({"python", "php"})


def _unfolded(choice: Choice) -> tuple[tuple[Value, ...], bool]:
    """The options of a choice with those of the choices right inside of it, and whether they are all."""
    options: list[Value] = []
    complete = choice.complete
    for option in choice.options:
        if isinstance(option, Choice) and not option.fallback:
            inner, whole = _unfolded(option)
            options += inner
            complete = complete and whole
        else:
            options.append(option)
    return tuple(options), complete


def possible(choice: Choice, path: str, project: Project, known_of: KnownOf) -> tuple[tuple[Value, ...], bool]:
    """The options whose branch can have been taken, and whether they are all; of those overwritten later the last.

    An Opaque when none of them can: what is meant then was not seen.
    """
    options, complete = _unfolded(choice)
    places = [place_in_file(option, path) for option in options]
    guards = [() if place is None else guards_at(project, place) for place in places]
    if not any(guards):
        return options, complete
    shared = set(guards[0]).intersection(*guards[1:])
    found: list[Value] = []
    for option, own in zip(options, guards, strict=True):
        ways = [holds(guard, path, known_of) for guard in own if guard not in shared]
        if False in ways:
            continue
        if ways and all(ways):
            found.clear()
        found.append(option)
    return tuple(found) or (Opaque(_NONE_FITS),), complete


def guards_at(project: Project, place: Place) -> tuple[Guard, ...]:
    """What is the case wherever a place is reached."""
    module = project.module(place[0])
    return module.guards(place[1]) if module is not None else ()


def place_in_file(value: Value, path: str) -> Place | None:
    """Where an expression stands; `path` when it does not say in which file."""
    match value:
        case Text(runs=runs, path=own):
            return (own or path, runs[0][1]) if runs else None
        case Name(offset=offset, path=own) | Class(offset=offset, path=own) | Lambda(offset=offset, path=own):
            return own or path, offset
        case Constant(offset=offset) | Opaque(offset=offset) | Call(offset=offset) | Member(offset=offset):
            return (path_of(value) or path, offset) if offset else None
        case Join(offset=offset) | Record(offset=offset) | Sequence(offset=offset):
            return (path_of(value) or path, offset) if offset else None
        case _:
            return None


def path_of(value: Value) -> str | None:
    """The file that an expression stands in, as far as its parts tell."""
    match value:
        case Text(path=path) | Name(path=path) | Class(path=path) | Lambda(path=path):
            return path
        case Join(parts=parts) | Sequence(items=parts):
            inner: tuple[Value, ...] = parts
        case Member(object=owner):
            inner = (owner,)
        case Call(callee=callee, args=args):
            inner = (callee, *args)
        case Record(entries=entries):
            inner = tuple(entry for _, entry in entries)
        case _:
            return None
    return next((path for one in inner if (path := path_of(one)) is not None), None)


def holds(guard: Guard, path: str, known_of: KnownOf) -> bool | None:
    """Whether it is the case, None when that is not known."""
    found = _outcome(guard.test, path, known_of)
    return None if found is None else found is guard.holds


def _outcome(test: Condition, path: str, known_of: KnownOf) -> bool | None:
    match test.operator, test.operands:
        case "not", (Condition() as inner,):
            found = _outcome(inner, path, known_of)
            return None if found is None else not found
        case "and" | "or" as operator, (Condition() as left, Condition() as right):
            deciding = operator == "or"
            ways = {_outcome(left, path, known_of), _outcome(right, path, known_of)}
            return deciding if deciding in ways else None if None in ways else not deciding
        case "==" | "!=" as operator, (left, right) if not isinstance(left, Condition) and not isinstance(
            right, Condition
        ):
            same = _same(known_of(left), known_of(right))
            return None if same is None else same is (operator == "==")
        case "", (value,) if not isinstance(value, Condition):
            return _truth(known_of(value), path)
        case _:
            return None


def _truth(value: Value, path: str) -> bool | None:
    match value:
        case Choice(options, True):
            ways = {_truth(option, path) for option in options}
            return ways.pop() if len(ways) == 1 else None
        case Constant(None | False):
            return False
        case Member(Record(complete=True) as owner, key):
            return False if owner.get(key) is None else None
        case Constant() | Text() | Sequence():
            return _truth_of_type(value, path)
        case Join(parts):
            return True if any(isinstance(part, Text) and part.text for part in parts) else None
        case _:
            return True if isinstance(value, (Class, Lambda)) or (isinstance(value, Record) and value.entries) else None


def _truth_of_type(value: Constant | Text | Sequence, path: str) -> bool | None:
    """Whether something that is there is true, which languages judge apart when it is empty."""
    language = language_of(path)
    name = language.name if language is not None else ""
    match value:
        case Text("0") | Sequence(complete=False):
            return None
        case Constant(known) | Text(known):
            return bool(known) or name in _ALL_TRUE
        case Sequence(items):
            return True if items else (False if name in _EMPTY_IS_FALSE else None)


def _same(left: Value, right: Value) -> bool | None:
    """Whether two known values are equal; nothing is said of values of different types, which languages judge apart."""
    if isinstance(left, Constant) and left.value is None:
        left, right = right, left
    match left, right:
        case Text(one), Text(other):
            return one == other
        case Constant(None, undefined=one), Constant(None, undefined=other):
            return True if one is other else None
        case Constant(one), Constant(other) if type(one) is type(other):
            return one == other
        case (
            (Text() | Join() | Record() | Sequence() | Class() | Lambda() | Constant(bool() | float())),
            Constant(None),
        ):
            return False
        case _:
            return None
