"""Which assignment a name means at a place: the rules that Python and JavaScript share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..values import Value

    Extent = tuple[int, int]

MOST_OPTIONS = 4  # values that a name may have at one place


@dataclass(frozen=True, slots=True)
class Binding:
    """A place that gives a name a value. Extents and offsets count characters of the file.

    `scope` is where the name is visible, `block` the innermost code that runs only on a condition and holds the
    assignment. `value` is lowered when asked for; None: a declaration without a value. `hoisted`: in force before it
    is reached (functions, classes, imports). `members_only`: a class body, whose names its methods do not see.
    """

    scope: Extent
    block: Extent
    start: int
    end: int
    value: Callable[[], Value] | None
    declares: bool = True
    hoisted: bool = False
    members_only: bool = False
    branches: Extent | None = None


def choose(
    bindings: Sequence[Binding], offset: int, functions: Callable[[], Sequence[Extent]], *, outward: bool = False
) -> Value | None:
    """The value of a name at `offset`; a Choice when an assignment ran only on a condition. None: not bound here.

    `functions` gives the extents of all functions; it is not asked when there is only one binding to choose from.
    `outward`: until a scope has bound a name it means what it means around that scope (`let x = f(x)` of Rust).
    """
    if not bindings:
        return None
    if len(bindings) == 1 and (only := bindings[0]).declares and not only.members_only:
        in_force = only.hoisted or only.end <= offset
        if only.value is not None and in_force and only.scope[0] <= offset <= only.scope[1]:
            return only.value()
    groups = _groups(bindings)
    inner = _innermost(functions(), offset)
    for scope in sorted((s for s in groups if s[0] <= offset <= s[1]), key=lambda s: s[1] - s[0]):
        group = groups[scope]
        nested = inner is not None and inner[0] >= scope[0] and inner != scope and inner[1] <= scope[1]
        if nested and group[0].members_only:
            continue
        # An inner function runs later: it sees whatever the outer scope ends with.
        found = _latest(group, scope[1] if nested else offset)
        if found is not None or not outward:
            return found
    return None


def _groups(bindings: Sequence[Binding]) -> dict[Extent, list[Binding]]:
    groups: dict[Extent, list[Binding]] = {}
    declared = {binding.scope for binding in bindings if binding.declares}
    for binding in sorted(bindings, key=lambda b: b.end):
        scope = binding.scope
        if not binding.declares:
            around = [s for s in declared if s[0] <= binding.start <= s[1]]
            scope = min(around, key=lambda s: s[1] - s[0], default=scope)
        groups.setdefault(scope, []).append(binding)
    return groups


def _innermost(extents: Sequence[Extent], offset: int) -> Extent | None:
    around = [extent for extent in extents if extent[0] <= offset < extent[1]]
    return min(around, key=lambda e: e[1] - e[0], default=None)


def _latest(group: Sequence[Binding], offset: int) -> Value | None:
    valued = [binding for binding in group if binding.value is not None]
    before = [binding for binding in valued if binding.end <= offset]
    if not before:
        ahead = [binding for binding in valued if binding.hoisted]
        return _value(ahead[0]) if ahead else None
    options: list[Value] = []
    complete = True
    for binding in reversed(before):
        if _excluded(binding, offset):
            continue
        if len(options) == MOST_OPTIONS:
            complete = False
            break
        options.insert(0, _value(binding))
        if _holds(binding.block, offset):
            break
    return None if not options else options[0] if len(options) == 1 else Choice(tuple(options), complete)


def _holds(extent: Extent, offset: int) -> bool:
    return extent[0] <= offset <= extent[1]


def _excluded(binding: Binding, offset: int) -> bool:
    """Whether the assignment stands in another branch of the statement whose branch holds the offset."""
    return binding.branches is not None and _holds(binding.branches, offset) and not _holds(binding.block, offset)


def _value(binding: Binding) -> Value:
    assert binding.value is not None  # noqa: S101 - callers have chosen bindings with a value
    return binding.value()
