"""The report as one page that needs nothing beside it: no network, no other file, and no JavaScript for its text."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from ..rules import registry
from ..rules.model import Severity
from ..wording import plural
from . import summary
from .colours import COLOURS, VARIABLES
from .indexes import BOTH, ONLY_INDEX, ONLY_TARGET
from .page import visible
from .rendering import part, policy, rendered
from .sections import sections
from .told import Teller

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from .model import Report
    from .sections import Section

_MANY = 200  # sections, from which on those that are not in sight are not laid out
_FACETS = ("severity", "outcome", "client", "rule")
_OUTCOMES = ("no match", "unknown", "unresolved", "match", "not judged", "not postgres")
_SIGNS = {BOTH: ("both", "in both"), ONLY_INDEX: ("index", "only in the index"), ONLY_TARGET: ("target", "not in it")}


class Choice(NamedTuple):
    """A value that the reader can choose by, how many findings or sites have it, and what it means."""

    value: str
    number: int
    told: str = ""


class Client(NamedTuple):
    """The sites of one client: how many have findings of each severity, and how many have each outcome."""

    name: str
    sites: int
    severities: tuple[int, ...]
    outcomes: tuple[int, ...]


def write(report: Report, stream: TextIO) -> None:
    """Write the page."""
    stream.write(page(report))


def page(report: Report) -> str:
    """The page as HTML. The same report gives the same bytes."""
    found = sections(report)
    told = [visible(text) for text, _ in summary.lines(report)]
    outcome = next((text for text in told[1:2] if text.startswith("upserts: ")), "")
    style = part("page.css.j2", colours=COLOURS, variables=VARIABLES) + part("check.css.j2")
    script = part("page.js.j2", facets=_FACETS, noun="place", whole=True)
    outcomes = [outcome for outcome in _OUTCOMES if any(each.outcome == outcome for each in found)]
    return rendered(
        "check.html.j2",
        headline=told[0],
        outcome=outcome,
        notes=told[2 if outcome else 1 :],
        worst=next((each for each in Severity if found and found[0].severity is each), None),
        groups=list(_groups(found)),
        clients=list(_clients(found, outcomes)),
        outcomes=outcomes,
        severities=[*Severity],
        suppressed=Teller(report).suppressed(),
        visible=visible,
        choices={name: values for name, values in _choices(found, outcomes) if values},
        rules=_rules(found),
        signs=_SIGNS,
        plural=plural,
        many=len(found) > _MANY,
        style=style,
        script=script,
        policy=policy(style, script),
    )


def _groups(found: Iterable[Section]) -> Iterator[tuple[str, list[Section]]]:
    """By severity; then, of what nothing is wrong with, by client."""
    for severity, members in groupby(found, key=lambda section: section.severity):
        if severity is not None:
            yield f"{severity.capitalize()}s", list(members)
            continue
        by_client = sorted(members, key=lambda section: section.client)
        for client, sites in groupby(by_client, key=lambda section: section.client):
            yield f"Nothing found: {client}", list(sites)


def _clients(found: Sequence[Section], outcomes: Sequence[str]) -> Iterator[Client]:
    """The clients by name."""
    for name in sorted({section.client for section in found if section.client}):
        own = [section for section in found if section.client == name]
        severities = Counter(section.severity for section in own)
        told = Counter(section.outcome for section in own)
        yield Client(name, len(own), tuple(severities[s] for s in Severity), tuple(told[o] for o in outcomes))


def _choices(found: Sequence[Section], outcomes: Sequence[str]) -> Iterator[tuple[str, list[Choice]]]:
    items = [item for section in found for item in section.items]
    severities = Counter(item.severity for item in items)
    yield "severity", [Choice(each, severities[each]) for each in Severity if severities[each]]
    told = Counter(section.outcome for section in found)
    yield "outcome", [Choice(each, told[each]) for each in outcomes]
    clients = Counter(section.client for section in found if section.client)
    yield "client", [Choice(each, clients[each]) for each in sorted(clients)]
    yield "rule", _rules(found)


def _rules(found: Iterable[Section]) -> list[Choice]:
    """The rules that found something, each with its summary."""
    known = {info.name: info.summary for info in registry().values()}
    counts = Counter((item.code, item.rule) for section in found for item in section.items)
    return [Choice(rule, number, known.get(rule, "")) for (_, rule), number in sorted(counts.items())]
