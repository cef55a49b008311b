"""Sites of a small source tree."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from ..tree import sites_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pgarbiter.model import WriteSite


@pytest.fixture
def sites(tmp_path: Path) -> Callable[..., tuple[WriteSite, ...]]:
    """A function from files (path: text) to their write sites."""

    return partial(sites_of, tmp_path)
