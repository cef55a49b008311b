"""How many rows a batch has: as many as are through before a writer that wants one of them has waited for long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """Begins with `rows`; from then on as many as take about `wanted_s`, at least `fewest` and at most `most`."""

    most: int
    rows: int = 500
    fewest: int = 100
    wanted_s: float = 0.05

    def __post_init__(self) -> None:
        """Never more than `most`, also at first."""
        self.rows = min(self.most, self.rows)

    def learn(self, seconds: float) -> None:
        """From how long the last batch took; at most twice as many rows follow."""
        fitting = int(self.rows * min(self.wanted_s / max(seconds, 0.001), 2))
        self.rows = min(max(fitting, self.fewest), self.most)


def of_taking(most: int) -> Pace:
    """For rows that are taken out: each, and each batch, may read child tables whole that have no index for them."""
    return Pace(most, rows=100, fewest=50, wanted_s=0.1)
