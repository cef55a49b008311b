"""Sites of a small source tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite


def sites_of(place: Path, files: dict[str, str]) -> tuple[WriteSite, ...]:
    """The write sites of these files (path: text), written below `place`; none of them may fail to be read."""
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    result = scan([place], Settings())
    assert not result.failed
    return result.sites
