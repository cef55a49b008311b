"""The report as SARIF 2.1.0 (OASIS), within what GitHub code scanning takes."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from sarif_pydantic import (
    ArtifactLocation,
    Level,
    Location,
    LogicalLocation,
    Message,
    PhysicalLocation,
    Region,
    Result,
    Run,
    Sarif,
    Tool,
    ToolDriver,
)
from sarif_pydantic.sarif import Suppression

from .page import visible
from .sarif_notes import invocation
from .sarif_rules import descriptors, indexes
from .told import Place, Teller

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from .model import Report
    from .told import Told

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub Docs, "SARIF results exceed one or more limits" and "SARIF support for code scanning": more are refused.
MOST_RESULTS = 25_000
MOST_BYTES = 10_000_000  # after gzip
_LEVEL = 6  # of gzip, at which the upload action compresses
_KINDS = {"comment": "inSource"}  # of suppressions; all others are "external"


def write(report: Report, stream: TextIO, *, below: str = "", detailed: bool = False) -> None:
    """Write the log in ASCII. `detailed`: with what is suppressed, which GitHub would show as open alerts."""
    stream.write(render(report, below=below, detailed=detailed))


def render(
    report: Report, *, below: str = "", detailed: bool = False, most: int = MOST_RESULTS, size: int = MOST_BYTES
) -> str:
    """The log with as many of the most severe results as GitHub takes, `most` of them in at most `size` bytes."""
    teller = Teller(report, below)
    told = teller.findings()
    if detailed:
        told += teller.suppressed()
    written = _dumped(build(report, told[:most], len(told[most:])))
    while len(written) > size and most and len(gzip.compress(written.encode("ascii"), _LEVEL, mtime=0)) > size:
        most = min(most, len(told)) * 3 // 4
        written = _dumped(build(report, told[:most], len(told[most:])))
    return written


def _dumped(log: Sarif) -> str:
    return f"{log.model_dump_json(by_alias=True, exclude_none=True, indent=2, ensure_ascii=True)}\n"


def build(report: Report, told: Sequence[Told], left_out: int = 0) -> Sarif:
    """The log, with one run."""
    driver = ToolDriver(name="pgarbiter", version=report.version, rules=descriptors())
    rules = indexes()
    run = Run(
        tool=Tool(driver=driver),
        invocations=[invocation(report, left_out)],
        results=[_result(each, rules) for each in told],
    )
    # What the library has no field for.
    run = run.model_copy(update={"columnKind": "unicodeCodePoints"})
    return Sarif.model_validate({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(told: Told, rules: dict[str, int]) -> Result:
    finding = told.finding
    # GitHub refuses a whole log when one result has no physical location.
    place = told.place or Place(told.nowhere, 1, 1)
    result = Result(
        rule_id=finding.rule,
        rule_index=rules[finding.rule],
        level=Level(finding.severity.value),
        message=Message(text=_message(told)),
        locations=[located(place, logical=_logical(told))],
        related_locations=[located(each, number) for number, each in enumerate(told.related, start=1)] or None,
        partial_fingerprints={"pgarbiter/v1": told.fingerprint},
        properties=_properties(told),
    )
    return result if told.by is None else result.model_copy(update={"suppressions": [_suppression(told.by, told.why)]})


def _message(told: Told) -> str:
    """As plain text, in which no name makes a link (SARIF 2.1.0, 3.11.6)."""
    lines = (told.advice, *(f"- {line}" for line in told.finding.related))
    return "\n".join(visible(line).replace("](", "\\](") for line in lines)


def _suppression(by: str, why: str | None) -> Suppression:
    return Suppression(kind=_KINDS.get(by, "external"), justification=visible(why) if why else f"by {by}")


def _properties(told: Told) -> dict[str, str]:
    site = told.site
    known = {"code": told.finding.code}
    if site is not None:
        known |= {"site": site.id, "client": site.client}
        if site.write.table is not None:
            known["table"] = visible(str(site.write.table))
    return known


def _logical(told: Told) -> LogicalLocation | None:
    """The object of the database, where a finding is about one."""
    site, finding = told.site, told.finding
    if finding.object is not None:
        kind, _, name = visible(finding.object).partition(" ")
    elif site is not None and site.object is not None and site.span.path is None:
        kind, name = site.origin.value, visible(site.object)
    else:
        return None
    return LogicalLocation(name=name, fully_qualified_name=name, kind=kind)


def located(place: Place, number: int | None = None, logical: LogicalLocation | None = None) -> Location:
    """A place; its `number` is what a message can point to."""
    region = Region(start_line=place.line, start_column=place.column, end_line=place.end_line)
    artifact = ArtifactLocation(uri=_uri(place.path))
    return Location(
        id=number,
        physical_location=PhysicalLocation(artifact_location=artifact, region=region),
        logical_locations=[logical] if logical else None,
        message=Message(text=visible(place.what).replace("](", "\\](")) if place.what else None,
    )


def _uri(path: str) -> str:
    """Percent-encoded, relative to the root of the repository; the bytes of a name that is no UTF-8 are kept."""
    return quote_from_bytes(path.encode("utf-8", "surrogateescape"))
