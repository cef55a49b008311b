"""Chains of method calls, such as builders are made of, followed back to what they start from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ..values import Call, Choice, Lambda, Member, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value

_LONGEST = 60
_MOST_CHAINS = 8
_MOST_CALLBACKS = 4


@dataclass(frozen=True, slots=True)
class Chain:
    """`root.a().b()`: what the chain starts from, resolved, and its calls in the order in which they are made."""

    root: Value
    links: tuple[Call, ...] = ()

    def named(self, *names: str) -> tuple[Call, ...]:
        """The calls of these methods, in order."""
        return tuple(link for link in self.links if name_of(link) in names)


def name_of(link: Call) -> str:
    """The method that a link calls."""
    return link.callee.name if isinstance(link.callee, Member) else ""


def chains(value: Value, resolve: Resolve) -> tuple[Chain, ...]:
    """The chain that a value is; several where it is put together in branches."""
    return tuple(islice(_follow(value, resolve, (), 0), _MOST_CHAINS))


def own_links(value: Value) -> tuple[Value, tuple[Call, ...]]:
    """What stands at the start of a chain as it is written, and its calls in order; no name is looked up."""
    links: tuple[Call, ...] = ()
    while isinstance(value, Call) and isinstance(value.callee, Member):
        links = (value, *links)
        value = value.callee.object
    return value, links


def _follow(value: Value, resolve: Resolve, links: tuple[Call, ...], depth: int) -> Iterator[Chain]:
    value, more = own_links(value)
    links = (*more, *links)
    if depth > _LONGEST or len(links) > _LONGEST:
        yield Chain(value, links)
        return
    if isinstance(value, Call) and isinstance(value.callee, Choice):
        for one in value.callee.options:
            yield from _follow(_with_callee(value, one), resolve, links, depth + 1)
        return
    known = resolve(value)
    if isinstance(known, Choice):
        for option in known.options:
            yield from _follow(option, resolve, links, depth + 1)
    elif known != value and isinstance(known, Call):
        yield from _follow(known, resolve, links, depth + 1)
    else:
        yield Chain(known, links)


def _with_callee(call: Call, callee: Value) -> Call:
    return Call(callee, call.args, call.keywords, call.offset, call.name_offset, call.end)


def origin(module: Module, receiver: Value, methods: frozenset[str]) -> Value:
    """What a chain starts from, followed out of callbacks: `db` of `db.transaction((tx) => tx.insert(..))`."""
    whole = receiver
    for _ in range(_MOST_CALLBACKS):
        start, _ = own_links(whole)
        given = giver(module, start, methods) if isinstance(start, Name) else None
        if given is None:
            break
        whole = given
    return whole


def giver(module: Module, name: Name, methods: frozenset[str]) -> Value | None:
    """Who calls the callback that has this name for a parameter, by one of these methods."""
    holding = [
        call
        for call in module.calls(methods)
        if any(_takes(argument, name) for argument in call.args) and call.offset <= name.offset < call.end
    ]
    inner = min(holding, key=lambda call: call.end - call.name_offset, default=None)
    return inner.callee.object if inner is not None and isinstance(inner.callee, Member) else None


def _takes(value: Value, name: Name) -> bool:
    return isinstance(value, Lambda) and any(param.name == name.name for param in value.params)


def reached(module: Module, value: Value, methods: frozenset[str] = frozenset()) -> frozenset[int]:
    """Where the names of the calls of a chain stand, those of variables and callbacks that it goes on from too."""
    places: set[int] = set()
    waiting = [value]
    while waiting and len(places) < _LONGEST:
        start, links = own_links(waiting.pop())
        fresh = {link.name_offset for link in links} - places
        places |= fresh
        if isinstance(start, Choice):
            waiting += start.options
        elif isinstance(start, Name) and (fresh or not links):
            before = module.lookup(start.name, start.offset)
            given = giver(module, start, methods) if methods else None
            waiting += [one for one in (before, given) if isinstance(one, Call | Choice)]
    return frozenset(places)
