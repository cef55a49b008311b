"""Two structures compared: what is different, what it means, and how to get from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .compare import compare
from .known import comparable
from .model import Diff, Side

if TYPE_CHECKING:
    from ..structure.model import Structure

__all__ = ["Diff", "difference"]


def difference(old: tuple[str, Structure], new: tuple[str, Structure]) -> Diff:
    """Everything that is different on the way from `old` to `new`, each given with the name of its source."""
    before, after, notes = comparable(old[1], new[1])
    return Diff(Side(old[0], before), Side(new[0], after), tuple(compare(before, after)), notes=notes)
