"""What one process tells another that reads a part of the same tree, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..settings import Settings
    from .files import Tree
    from .model import FailedFile


@dataclass(frozen=True, slots=True)
class Task:
    """What all portions have in common. `unchanged`: the files that are as the cache knows them, None without one."""

    tree: Tree
    settings: Settings
    cache: tuple[Path | None, str, str]  # the directory, the tree and the code
    unchanged: frozenset[str] | None
    processes: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a process has learnt of the tree besides sites; `kept` are facts and answers, as JSON."""

    failed: tuple[FailedFile, ...]
    left_out: frozenset[str]
    notes: tuple[FailedFile, ...]
    parsed: frozenset[str]
    kept: Mapping[str, tuple[str | None, str | None]]  # of those that were not known
    sought: Mapping[bytes, tuple[str, ...]]
    sealed: Mapping[str, str]  # files of no language
