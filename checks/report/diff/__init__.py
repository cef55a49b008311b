"""What is different between two structures, in the formats that people and machines read."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from ...diff.model import Severity

if TYPE_CHECKING:
    from typing import TextIO

    from ...diff.model import Diff

# A module each with `write(diff, stream)`; imported when it is asked for, since their libraries take time to load.
FORMATS = ("text", "json", "markdown", "html", "junit", "sarif", "sql", "alembic")


@dataclass(frozen=True, slots=True)
class Way:
    """How SQL and a revision lead from the old schema to the new one.

    `online`: with steps that leave tables in use; `allow_destructive`: with those that destroy data; `revises`: the
    revision before.
    """

    online: bool = False
    allow_destructive: bool = False
    revises: str | None = None


def write(
    diff: Diff, format_: str, stream: TextIO, *, fail_on: Severity = Severity.COSMETIC, way: Way | None = None
) -> None:
    """Write the diff in one of FORMATS; `fail_on` is the severity from which on a test case of JUnit fails."""
    module, way = import_module(f".{format_}", __name__), way or Way()
    match format_:
        case "junit":
            module.write(diff, stream, fail_on=fail_on)
        case "sql":
            module.write(diff, stream, online=way.online, allow_destructive=way.allow_destructive)
        case "alembic":
            options = {"online": way.online, "allow_destructive": way.allow_destructive}
            module.write(diff, stream, **options, revises=way.revises)
        case _:
            module.write(diff, stream)
