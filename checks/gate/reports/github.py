"""What breaks as workflow commands of GitHub Actions, at the statements of the new code and of its migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...report.essence import essence
from ...report.github import SHOWN, command
from ...report.page import visible
from ..model import Code
from . import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from ..model import Gate, Part, Why

_TITLE = "pgarbiter gate"


def write(gate: Gate, stream: TextIO, *, below: str = "") -> None:
    """Write the verdict for the log, then a command for each reason; `below`: where paths lie in the repository."""
    stream.writelines(f"{line}\n" for line in lines(gate, below))


def lines(gate: Gate, below: str = "") -> Iterator[str]:
    """The lines; GitHub shows some errors of one step, so that those beyond are counted in a notice."""
    yield visible(told.headline(gate)).replace("##[", "## [")  # which would be a command, too
    found = [
        _command("error" if told.fails(why, part, gate.order) else "notice", why, part, below)
        for part in gate.parts
        for why in part.whys
    ]
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        yield command("notice", {"title": _TITLE}, f"{len(found) - SHOWN} more reasons: --format text has all of them")


def _command(level: str, why: Why, part: Part, below: str) -> str:
    """At what the revision does, in its file; else at the write site of the new code. Old code has no lines."""
    row = why.rows[0]
    by = next((ran for ran in why.by if ran.line is not None), next(iter(why.by), None))
    # What a program of a revision runs has no line, but its file is in the diff, where the code may not be.
    path, line = (by.path, by.line or 1) if by is not None else (None, None)
    if path is None and Code.NEW in row.codes:
        path, line = row.site.span.path, row.site.span.line
    place = {"file": f"{below}/{path}" if below else path, "line": str(line)} if path is not None else {}
    rest = f" and {len(why.rows) - 1} more" if len(why.rows) > 1 else ""
    about = f"{row.site.span.place}{rest} ({told.codes(row)} code), {essence(row.site)}"
    text = "\n".join(visible(each) for each in (about, told.reason(why, part), why.remedy))
    return command(level, {**place, "title": _TITLE}, text)
