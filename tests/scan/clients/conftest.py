"""Sites of a small source tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pgarbiter.model import WriteSite


@pytest.fixture
def sites(tmp_path: Path) -> Callable[..., tuple[WriteSite, ...]]:
    """A function from files (path: text) to their write sites."""

    def read(files: dict[str, str]) -> tuple[WriteSite, ...]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        result = scan([tmp_path], Settings())
        assert not result.failed
        return result.sites

    return read
