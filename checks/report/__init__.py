"""What a run found, in the formats that people and machines read."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..rules.model import Severity

if TYPE_CHECKING:
    from typing import TextIO

    from ..arbiter.explained import Explanation
    from .model import Report

# A module each with `write(report, stream)`; imported when it is asked for, since their libraries take time to load.
FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html")
SCAN_FORMATS = ("text", "json")  # of a report that nothing was checked for


def write(
    report: Report,
    format_: str,
    stream: TextIO,
    *,
    explain_skipped: bool = False,
    detailed: bool = False,
    fail_on: Severity = Severity.ERROR,
    below: str = "",
    links: str = "",
) -> None:
    """Write the report in one of FORMATS.

    `explain_skipped` also lists the trigger hits that are no write sites (text, JSON), `detailed` shows sites without
    a finding and every candidate index to people, and what is suppressed to readers of SARIF. `fail_on`: from which
    severity on a test case of JUnit fails. `below`: the path of the scanned root below that of the repository, for
    formats whose paths are relative to that. `links`: the URL that the repository's files lie below, for Markdown.
    """
    module = import_module(f".{format_}", __name__)
    match format_:
        case "text":
            module.write(report, stream, explain_skipped=explain_skipped, detailed=detailed)
        case "json":
            module.write(report, stream, explain_skipped=explain_skipped)
        case "html":
            module.write(report, stream)
        case "junit":
            module.write(report, stream, fail_on=fail_on, below=below)
        case "sarif":
            module.write(report, stream, detailed=detailed, below=below)
        case "markdown":
            module.write(report, stream, below=below, links=links)
        case _:
            module.write(report, stream, below=below)


def write_explanation(explained: Explanation, format_: str, stream: TextIO) -> None:
    """Write the answer of `explain --sql` as "text" or "json"."""
    import_module(".explanation", __name__).write(explained, format_, stream)
