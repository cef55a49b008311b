"""What a run found, in the formats that people and machines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from . import explanation, json

if TYPE_CHECKING:
    from typing import TextIO

    from ..arbiter.explain import Explanation
    from .model import Report


class Format(Protocol):
    """A reporter."""

    def __call__(
        self, report: Report, stream: TextIO, *, explain_skipped: bool = False, detailed: bool = False
    ) -> None:
        """Write the report.

        `explain_skipped` also lists the trigger hits that are no write sites, `detailed` shows sites without a finding
        and every candidate index to people; machines always get those.
        """
        ...


def _text(report: Report, stream: TextIO, *, explain_skipped: bool = False, detailed: bool = False) -> None:
    from . import text  # noqa: PLC0415 - rich is loaded for people only

    text.write(report, stream, explain_skipped=explain_skipped, detailed=detailed)


FORMATS: dict[str, Format] = {"text": _text, "json": json.write}


def write(
    report: Report, format_: str, stream: TextIO, *, explain_skipped: bool = False, detailed: bool = False
) -> None:
    """Write the report in one of FORMATS."""
    FORMATS[format_](report, stream, explain_skipped=explain_skipped, detailed=detailed)


def write_explanation(explained: Explanation, format_: str, stream: TextIO) -> None:
    """Write the answer of `explain --sql` in one of FORMATS."""
    explanation.write(explained, format_, stream)
