"""The answer of `explain --sql`, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .. import __version__
from .parts import candidate_of, target_of, verdict_of

if TYPE_CHECKING:
    from typing import TextIO

    from ..arbiter.explained import ExplainedWrite, Explanation
    from . import document


def build(explanation: Explanation) -> document.Explanation:
    """The document: pure, the same for the same explanation."""
    return {
        "schema_version": 1,
        "tool": {"name": "pgarbiter", "version": __version__},
        "outcome": explanation.outcome.value,
        "sqlstate": explanation.sqlstate,
        "arbiters": list(explanation.arbiters),
        "candidates": [candidate_of(candidate) for candidate in explanation.candidates],
        "decided_by": explanation.decided_by.value if explanation.decided_by else None,
        "reason": explanation.reason,
        "sites": [_write(explained) for explained in explanation.sites],
    }


def write(explanation: Explanation, format_: str, stream: TextIO) -> None:
    """Write the explanation as "text" or "json"."""
    if format_ == "json":
        json.dump(build(explanation), stream, indent=2, ensure_ascii=True)
        stream.write("\n")
    else:
        _text(explanation, stream)


def _write(explained: ExplainedWrite) -> document.ExplainedWrite:
    write = explained.parsed.write
    return {
        "offset": explained.parsed.conflict_offset,
        "schema": write.table.schema if write.table else None,
        "table": write.table.name if write.table else None,
        "target": target_of(write.target),
        "action": write.action.value if write.action else None,
        "verdict": verdict_of(explained.verdict, explained.access),
    }


def _text(explanation: Explanation, stream: TextIO) -> None:
    from .essence import essence_of  # noqa: PLC0415 - as the next
    from .page import Page  # noqa: PLC0415 - rich is loaded for people only
    from .text import decision  # noqa: PLC0415 - as the last

    page = Page(stream)
    if not explanation.sites:
        page.line(explanation.reason or "there is nothing to explain")
    for explained in explanation.sites:
        relation = explained.relation
        where = f"  [{relation.qualified_name}]" if relation else ""
        page.line(f"{essence_of(explained.parsed.mechanism, explained.parsed.write)}{where}", style="bold")
        said = decision(page, explained.verdict, [], detailed=True)
        for error in explained.verdict.errors:
            line = f"{error.message} ({error.sqlstate}){'' if error.certain else ', unless a trigger prevents it'}"
            if line not in said:
                page.line(line, indent=2, label="error    ", label_style="red")
        if explained.access is not None:
            from .access import write as write_access  # noqa: PLC0415 - most runs name no role

            write_access(page, explained.access)
        if explained.verdict.decided_by:
            page.line(str(explained.verdict.decided_by), indent=2, label="decided by  ", style="dim")
