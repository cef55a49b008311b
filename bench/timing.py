"""Wall clock and processor time of alternating runs, and the Markdown table that they become."""

from __future__ import annotations

import os
import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Run(NamedTuple):
    """Seconds: on the clock, and of processors, children included."""

    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Run:
    """One run."""
    begin, before = time.perf_counter(), os.times()
    work()
    wall, after = time.perf_counter() - begin, os.times()
    return Run(wall, sum(after[:4]) - sum(before[:4]))


def alternated(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Run]]:
    """The runs of each, in turns, so that all see the same caches and the same load."""
    runs: dict[str, list[Run]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            runs[name].append(timed(work))
    return runs


def table(runs: Mapping[str, list[Run]], rounds: int) -> str:
    """A Markdown table of medians; the first of `runs` is the floor."""
    lines = ["| what | runs | median s | x floor | CPU s | x floor |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    floor = _median(next(iter(runs.values())))
    for name, found in runs.items():
        own = _median(found)
        wall, cpu = f"{own.wall:.3f} | {own.wall / floor.wall:.2f}", f"{own.cpu:.3f} | {own.cpu / floor.cpu:.2f}"
        lines.append(f"| {name} | {rounds} | {wall} | {cpu} |")
    return "\n".join(lines)


def _median(runs: list[Run]) -> Run:
    return Run(statistics.median(run.wall for run in runs), statistics.median(run.cpu for run in runs))
