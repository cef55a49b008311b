"""The findings as workflow commands of GitHub Actions, which show them beside the lines of a pull request."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..rules.model import Severity
from ..wording import plural
from .page import visible
from .summary import headline
from .told import Teller

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

    from .model import Report
    from .told import Told

SHOWN = 10  # annotations of each kind that GitHub shows for one step
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def write(report: Report, stream: TextIO, *, below: str = "") -> None:
    """Write a line of text for the log, then a command for each finding that GitHub has room for."""
    stream.writelines(f"{line}\n" for line in lines(report, below))


def lines(report: Report, below: str = "") -> Iterator[str]:
    """The lines; the most severe findings first, and of those without room how many there are."""
    yield visible(headline(report)).replace("##[", "## [")  # which would be a command, too, wherever it stands
    told = Teller(report, below).findings()
    room = dict.fromkeys(Severity, SHOWN)
    counts = Counter(each.finding.severity for each in told)
    if any(counts[severity] > SHOWN for severity in Severity):
        room[Severity.NOTE] -= 1  # for the notice about the others
    left: Counter[Severity] = Counter()
    for each in told:
        severity = each.finding.severity
        if room[severity]:
            room[severity] -= 1
            yield _annotation(each)
        else:
            left[severity] += 1
    if left:
        yield _left_out(left)


def _annotation(told: Told) -> str:
    place = told.place
    where: dict[str, str] = {}
    if place is not None:
        where = {"file": place.path, "line": str(place.line), "endLine": str(place.end_line)}
        if place.column is not None and place.line == place.end_line:  # the runner drops a column of several lines
            where["col"] = str(place.column)
    finding = told.finding
    about = f"{told.about}: " if told.about else ""
    text = "\n".join(visible(each) for each in (about + finding.message, finding.effect, finding.remedy))
    return command(_COMMANDS[finding.severity], {**where, "title": told.title}, text)


def _left_out(left: Counter[Severity]) -> str:
    told = ", ".join(plural(left[severity], severity) for severity in Severity if left[severity])
    text = f"{told} more: GitHub shows {SHOWN} annotations of each kind for a step; --format text has all findings"
    return command("notice", {"title": "pgarbiter"}, text)


def command(name: str, properties: Mapping[str, str], text: str) -> str:
    """A workflow command, escaped as the runner reads it (actions/runner, ActionCommand.cs)."""
    told = ",".join(f"{key}={_property(visible(value))}" for key, value in properties.items())
    return f"::{name} {told}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
