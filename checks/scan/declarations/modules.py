"""Files that declare tables, parsed when a client asks for what they declare."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ..languages import parse

if TYPE_CHECKING:
    from ..model import Module, SourceFile


@lru_cache(maxsize=256)
def module_of(file: SourceFile) -> Module | None:
    """The module of a file, None for a file of no host."""
    return parse(file)
