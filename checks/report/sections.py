"""A report as what a page shows: a section for each write site, and for each place that a finding is about."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from ..access.wording import SCENARIOS
from ..access.wording import told as told_of
from ..arbiter.model import Outcome
from ..model import Scope, Status
from ..rules.model import Severity
from .access import grouped
from .essence import essence, sentence
from .indexes import compared
from .page import visible
from .told import Teller

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..access.model import Access
    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from .indexes import Row
    from .model import Report
    from .told import Told

_LONGEST = 6_000  # characters of a statement


class Item(NamedTuple):
    """A finding."""

    severity: Severity
    code: str
    rule: str
    message: str
    effect: str
    remedy: str
    related: tuple[str, ...]


class Right(NamedTuple):
    """A privilege, or a row that row security looks at, and what becomes of it."""

    what: str
    answer: str
    refused: bool


class Section(NamedTuple):
    """A write site, or the place of findings that are about none; `client` and `outcome` are empty then.

    `severity` is that of the worst finding, None without any. `rights` are those of `role`.
    """

    anchor: str
    place: str
    what: str
    severity: Severity | None
    items: tuple[Item, ...]
    client: str = ""
    outcome: str = ""
    verdict: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    sql: str = ""
    rows: tuple[Row, ...] = ()
    role: str = ""
    rights: tuple[Right, ...] = ()


def sections(report: Report) -> tuple[Section, ...]:
    """The worst first, then in the order of the report."""
    found: dict[str | None, list[Told]] = defaultdict(list)
    for told in Teller(report).findings():
        found[told.finding.site].append(told)
    sites = [
        _with_rights(_site(bound, found.pop(bound.site.id, [])), report.access.get(bound.site.id))
        for bound in report.bound or ()
    ]
    return tuple(sorted((*sites, *_elsewhere(chain.from_iterable(found.values()))), key=_worst))


def _worst(section: Section) -> int:
    return len(Severity) if section.severity is None else section.severity.rank


def _site(bound: BoundSite, told: Sequence[Told]) -> Section:
    site = bound.site
    said = sentence(bound.verdict) or ""
    decided = bound.verdict.decided_by
    return Section(
        f"s{site.id}",  # so that an address of it lasts while other code is edited
        visible(site.span.place),
        visible(essence(site)),
        told[0].finding.severity if told else None,
        tuple(map(_item, told)),
        visible(site.client),
        _outcome(bound),
        visible(said + (f" (decided by {decided.value})" if decided and said else "")),
        tuple((name, visible(value)) for name, value in _facts(site)),
        _statement(site.sql or ""),
        compared(bound),
    )


def _with_rights(section: Section, access: Access | None) -> Section:
    return section if access is None else section._replace(role=visible(access.role), rights=tuple(_rights(access)))


def _rights(access: Access) -> Iterator[Right]:
    if access.reason is not None:
        yield Right("cannot tell", visible(access.reason), refused=False)
    for what, need in grouped(access):
        yield Right(visible(what), visible(need.given_by or "missing"), need.given_by is None)
    security = access.row_security
    if security is None:
        return
    if security.exempt is not None:
        yield Right("row security", visible(f"does not apply: {security.exempt}"), refused=False)
    for outcome in security.outcomes:
        yield Right(SCENARIOS[outcome.scenario], visible(told_of(outcome, security.role)), outcome.message is not None)


def _outcome(bound: BoundSite) -> str:
    """In words, with those of the status for what nobody could judge."""
    if bound.verdict.outcome is Outcome.NOT_JUDGED and (bound.site.is_open or bound.site.status is Status.NOT_POSTGRES):
        return bound.site.status.replace("_", " ")
    return bound.verdict.outcome.replace("_", " ")


def _facts(site: WriteSite) -> Iterator[tuple[str, str]]:
    """What is worth a word."""
    if site.status is not Status.RESOLVED:
        yield site.status.replace("_", " "), site.reason or "no reason given"
    elif site.reason:
        yield "note", site.reason
    if site.scope is not Scope.APP:
        yield "scope", site.scope
    if site.database is not None:
        yield "database", site.database
    if site.object is not None and site.span.path is not None:
        yield "in the database", site.object
    if site.defined is not None:
        yield "defined at", site.defined.place
    if site.attached:
        yield "called by", ", ".join(site.attached)
    if site.statement_line != site.span.line:
        yield "statement", f"from line {site.statement_line} to {site.span.end_line}"


def _statement(sql: str) -> str:
    text = "\n".join(visible(line.expandtabs(4)) for line in sql.strip("\n").split("\n"))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n… and {len(text) - _LONGEST} characters more"


def _elsewhere(told: Iterable[Told]) -> Iterator[Section]:
    """Findings that are about no write site, by what they are about."""
    places: dict[str, list[Told]] = defaultdict(list)
    for each in told:
        places[each.where].append(each)
    for where, group in places.items():
        yield Section(
            f"f{group[0].fingerprint}", visible(where), "", group[0].finding.severity, tuple(map(_item, group))
        )


def _item(told: Told) -> Item:
    finding = told.finding
    return Item(
        finding.severity,
        finding.code,
        finding.rule,
        visible(finding.message),
        visible(finding.effect),
        visible(finding.remedy),
        tuple(map(visible, finding.related)),
    )
