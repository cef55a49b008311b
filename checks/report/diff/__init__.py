"""What is different between two structures, in the formats that people and machines read."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ...diff.model import Severity

if TYPE_CHECKING:
    from typing import TextIO

    from ...diff.model import Diff

# A module each with `write(diff, stream)`; imported when it is asked for, since their libraries take time to load.
FORMATS = ("text", "json", "markdown", "html", "junit", "sarif")


def write(diff: Diff, format_: str, stream: TextIO, *, fail_on: Severity = Severity.COSMETIC) -> None:
    """Write the diff in one of FORMATS; `fail_on` is the severity from which on a test case of JUnit fails."""
    module = import_module(f".{format_}", __name__)
    if format_ == "junit":
        module.write(diff, stream, fail_on=fail_on)
    else:
        module.write(diff, stream)
