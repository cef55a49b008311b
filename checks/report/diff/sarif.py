"""The diff as SARIF 2.1.0 (OASIS): a result for each change, at the object and at the places that it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sarif_pydantic import (
    ArtifactLocation,
    Invocation,
    Level,
    Location,
    LogicalLocation,
    Message,
    PhysicalLocation,
    Region,
    ReportingDescriptor,
    Result,
    Run,
    Sarif,
    Tool,
    ToolDriver,
)
from sarif_pydantic.sarif import Notification

from ... import __version__
from ...diff.model import Severity
from ..page import visible
from .parts import fingerprint, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from ...diff.model import Change, Diff

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.BREAKS: Level.ERROR,
    Severity.DESTRUCTIVE: Level.ERROR,
    Severity.LOCKS: Level.WARNING,
    Severity.CHANGE: Level.WARNING,
    Severity.COSMETIC: Level.NOTE,
}


def write(diff: Diff, stream: TextIO) -> None:
    """Write the log in ASCII."""
    stream.write(build(diff).model_dump_json(by_alias=True, exclude_none=True, indent=2, ensure_ascii=True) + "\n")


def build(diff: Diff) -> Sarif:
    """The log, with one run."""
    rules = sorted({_rule(change) for change in diff.changes})
    driver = ToolDriver(
        name="pgarbiter",
        version=__version__,
        rules=[ReportingDescriptor(id=rule, short_description=Message(text=_described(rule))) for rule in rules],
    )
    results = [_result(change, rules.index(_rule(change))) for change in diff.changes]
    run = Run(tool=Tool(driver=driver), invocations=[_invocation(diff)], results=results)
    return Sarif.model_validate({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(change: Change) -> str:
    """`diff/column-removed`."""
    what = str(change.subject.part or change.subject.kind).replace(" ", "-")
    return f"diff/{what}-{change.action}"


def _described(rule: str) -> str:
    what, _, action = rule.removeprefix("diff/").rpartition("-")
    return f"{what.replace('-', ' ')} {action}"


def _invocation(diff: Diff) -> Invocation:
    """The notes, as notifications; which sources were compared."""
    notes = [Notification(level=Level.NOTE, message=Message(text=visible(note))) for note in diff.notes]
    properties = {"old": visible(diff.old.name), "new": visible(diff.new.name), "ignored": diff.ignored}
    found = Invocation(execution_successful=True, properties=properties)
    return found.model_copy(update={"toolExecutionNotifications": notes})


def _result(change: Change, rule: int) -> Result:
    effects = [f"{effect.severity}: {effect.text}" for effect in change.effects if effect.text]
    text = "; ".join((sentence(change), *effects)) + (f". {change.hint}" if change.hint else "")
    return Result(
        rule_id=_rule(change),
        rule_index=rule,
        level=_LEVELS[change.severity],
        message=Message(text=visible(text)),
        locations=list(_locations(change)),
        partial_fingerprints={"pgarbiterDiff/v1": fingerprint(change)},
        properties={"severity": str(change.severity)},
    )


def _locations(change: Change) -> Iterator[Location]:
    """The object; each place that the change breaks with the object beside it, since viewers show the first one."""
    subject = change.subject
    names = (*subject.identity, subject.name) if subject.name is not None else subject.identity
    logical = LogicalLocation(
        name=visible(names[-1]),
        fully_qualified_name=visible(".".join(names)),
        kind=str(subject.part or subject.kind),
    )
    places = tuple(dict.fromkeys(_places(change)))
    for path, line in places:
        physical = PhysicalLocation(artifact_location=ArtifactLocation(uri=path), region=Region(start_line=line))
        yield Location(physical_location=physical, logical_locations=[logical])
    if not places:
        yield Location(logical_locations=[logical])


def _places(change: Change) -> Iterable[tuple[str, int]]:
    """Path and line of the sites that are in files."""
    for effect in change.effects:
        for site in effect.sites:
            path, _, line = site.rpartition(":")
            if line.isdecimal() and path:
                yield quote(path), int(line)
