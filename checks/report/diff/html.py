"""The diff as one page that needs nothing beside it: no network, no other file, and no JavaScript for its text."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from ...diff.model import Action, Severity
from ...wording import plural
from ..colours import COLOURS, VARIABLES
from ..erd.changed import of_diff
from ..erd.relations import KINDS
from ..erd.svg import svg
from ..page import visible
from ..rendering import part, policy, rendered
from .parts import summary
from .sections import addresses, sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from ...diff.model import Diff
    from ...structure.parts import Name
    from .sections import Section


_MANY = 200  # objects, from which on those that are not in sight are not laid out


class Choice(NamedTuple):
    """A value that the reader can choose by, and how many changes have it."""

    value: str
    changes: int


def write(diff: Diff, stream: TextIO) -> None:
    """Write the page."""
    stream.write(page(diff))


def page(diff: Diff) -> str:
    """The page as HTML. The same diff gives the same bytes."""
    found = sections(diff)
    style = part("page.css.j2", colours=COLOURS, variables=VARIABLES)
    script = part("page.js.j2", facets=("severity", "action", "kind"), noun="change", whole=False)
    diagram = of_diff(diff)
    return rendered(
        "diff.html.j2",
        old=visible(diff.old.name),
        new=visible(diff.new.name),
        summary=summary(diff),
        notes=[visible(note) for note in diff.notes],
        groups=list(_groups(found)),
        plural=plural,
        many=len(found) > _MANY,
        choices=_choices(found),
        diagram=svg(diagram, "changed tables and their neighbours", _links(diff), alone=False),
        drawn=len(diagram.boxes),
        left_out=plural(diagram.left_out, "table") if diagram.left_out else "",
        style=style,
        script=script,
        policy=policy(style, script),
        classes={"-": "r", "+": "a", "\N{HORIZONTAL ELLIPSIS}": "g"},
        signs={Action.ADDED: "+", Action.REMOVED: "\N{MINUS SIGN}", Action.CHANGED: "~", Action.RENAMED: ">"},
    )


def _links(diff: Diff) -> dict[Name, str]:
    """The addresses of the tables."""
    return {
        (subject.identity[0], subject.identity[1]): address
        for subject, address in addresses(diff)
        if subject.kind in KINDS
    }


def _groups(found: Iterable[Section]) -> Iterator[tuple[str, list[Section]]]:
    """The sections by kind, under the kind's name for many."""
    for kind, members in groupby(found, key=lambda section: section.kind):
        yield kind if kind.endswith("s") else plural(0, kind).removeprefix("0 "), list(members)


def _choices(found: Iterable[Section]) -> dict[str, list[Choice]]:
    """By what the reader can choose, in the order of severity, of actions and of kinds as they come."""
    items = [item for section in found for item in section.items]
    counts = {
        "severity": (Counter(item.severity for item in items), [*Severity]),
        "action": (Counter(item.action for item in items), [*Action]),
        "kind": (Counter(item.kind for item in items), [*dict.fromkeys(item.kind for item in items)]),
    }
    return {
        name: [Choice(str(value), counted[value]) for value in order if counted[value]]  # type: ignore[index]
        for name, (counted, order) in counts.items()
    }
