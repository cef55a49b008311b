"""What a gate says, in the formats that people and machines read."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

    from ..model import Gate

FORMATS = ("text", "json", "markdown", "github")


def write(gate: Gate, format_: str, stream: TextIO, *, below: str = "") -> None:
    """Write it in one of FORMATS; `below`: where the paths lie in the repository, for a host that names files so."""
    module = import_module(f".{format_}", __name__)
    if format_ == "github":
        module.write(gate, stream, below=below)
    else:
        module.write(gate, stream)
