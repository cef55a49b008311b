"""The report as Markdown that fits a comment on a pull request: headline, findings by severity, the rest folded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from ..rules.model import Severity
from ..wording import plural
from . import summary
from .essence import essence
from .inert import bytes_of, code, inert
from .told import Teller

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from .model import Report
    from .told import Told

LIMIT = 65_536  # of a comment on GitHub, in characters; counted here in bytes, which are never fewer
MARKER = "<!-- pgarbiter check -->"  # by which a later run finds its comment
_ROOM = 600  # for the sentences on what is left out
_LONGEST = 6_000  # of what is told about one write site
_MESSAGE = 300  # characters of a message in the table
_FOR_NOTES = 8_000
_IN_URL = ":/?&=%@~+"  # what else is in a URL might end the link


class Block(NamedTuple):
    """What is told of one place, with its worst severity."""

    severity: Severity
    text: str


def write(report: Report, stream: TextIO, *, below: str = "", links: str = "") -> None:
    """Write the comment."""
    stream.write(render(report, below, links=links))


def render(report: Report, below: str = "", limit: int = LIMIT, *, links: str = "") -> str:
    """The comment, of at most `limit` bytes as UTF-8; what has no room is counted, and the worst comes first.

    `links`: the URL that the repository's files lie below ("https://host/owner/name/blob/commit"), since GitHub follows
    no relative links in comments; without it links are relative.
    """
    told = Teller(report, below).findings()
    head, notes = _head(report, told), _notes(report)
    room = limit - bytes_of(head) - bytes_of(notes) - _ROOM
    rows, more = _fitting([_row(each, links) for each in told], room // 2)
    if rows:
        rows = ["| | rule | place | finding |\n| --- | --- | --- | --- |\n", *rows]
    table = "".join((*rows, _more(more), "\n" if rows else ""))
    blocks, untold = _fitting([block.text for block in _blocks(told)], room - bytes_of(table))
    return "".join((head, table, *blocks, _untold(untold), notes))


def _head(report: Report, told: Sequence[Told]) -> str:
    text = f"{MARKER}\n### pgarbiter check\n\n**{inert(summary.headline(report))}**\n\n"
    if not told:
        return text
    counts = Counter(each.finding.severity for each in told)
    names, figures = " | ".join(Severity), " | ".join(str(counts[each]) for each in Severity)
    return f"{text}| {names} |\n|{' ---: |' * len(Severity)}\n| {figures} |\n\n"


def _row(told: Told, links: str) -> str:
    finding = told.finding
    message = finding.message if len(finding.message) <= _MESSAGE else f"{finding.message[: _MESSAGE - 1]}…"
    return f"| {finding.severity} | {finding.code} {finding.rule} | {_place(told, links)} | {inert(message)} |\n"


def _place(told: Told, links: str) -> str:
    """A link to the lines; what is in the database has a name as well."""
    place = told.place
    if place is None:
        return code(told.about)
    base = f"{quote(links.rstrip('/'), safe=_IN_URL)}/" if links else ""
    link = f"[{code(place.short)}]({base}{quote(place.path, errors='surrogateescape')}#L{place.line})"
    return f"{code(told.about)} {link}" if told.about else link


def _blocks(told: Sequence[Told]) -> Iterator[Block]:
    """One for each write site, or place, in the order of its worst finding."""
    by_place: dict[str, list[Told]] = {}
    for each in told:
        by_place.setdefault(each.finding.site or each.where, []).append(each)
    for group in by_place.values():
        yield Block(group[0].finding.severity, _block(group))


def _block(group: Sequence[Told]) -> str:
    first = group[0]
    what = f" {code(essence(first.site))} ({inert(first.site.client)})" if first.site else ""
    counts = Counter(each.finding.severity for each in group)
    count = ", ".join(plural(counts[each], each) for each in Severity if counts[each])
    text = "".join(_item(each) for each in group)
    if bytes_of(text) > _LONGEST:
        kept, more = _fitting([_item(each, evidence=False) for each in group], _LONGEST)
        text = "".join(kept) + (f"- {plural(more, 'finding')} more\n" if more else "")
    return f"<details><summary>{code(first.where)}{what}: {count}</summary>\n\n{text}\n</details>\n\n"


def _item(told: Told, *, evidence: bool = True) -> str:
    finding = told.finding
    lines = [
        f"- **{finding.severity} {finding.code}** {inert(finding.message)}",
        f"  - effect: {inert(finding.effect)}",
        f"  - remedy: {inert(finding.remedy)}",
        *(f"  - {inert(line)}" for line in finding.related if evidence),
    ]
    return "".join(f"{line}\n" for line in lines)


def _fitting(texts: Iterable[str], room: int) -> tuple[list[str], int]:
    """The texts that have room, in their order, and how many have none."""
    kept: list[str] = []
    left = 0
    for text in texts:
        needed = bytes_of(text)
        if needed <= room:
            room -= needed
            kept.append(text)
        else:
            left += 1
    return kept, left


def _more(number: int) -> str:
    return f"\n**{plural(number, 'finding')} more**, for which the comment has no room.\n" if number else ""


def _untold(number: int) -> str:
    if not number:
        return ""
    return (
        f"**Details of {plural(number, 'place')} left out**: the comment has no room."
        " `--format text` and `--format html` have all of them.\n\n"
    )


def _notes(report: Report) -> str:
    """What was covered and what was not, folded; cut where it alone would fill the comment."""
    told, more = _fitting([f"- {inert(text.strip())}\n" for text, _ in list(summary.lines(report))[1:]], _FOR_NOTES)
    if not told and not more:
        return ""
    rest = f"- {plural(more, 'line')} more\n" if more else ""
    return f"<details><summary>What was checked</summary>\n\n{''.join(told)}{rest}\n</details>\n"
