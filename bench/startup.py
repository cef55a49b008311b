"""How long `pgarbiter --version` takes, beside a bare interpreter and an interpreter that imports click."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import click'": [sys.executable, "-c", "import click"],
    "pgarbiter --version": [sys.executable, "-m", "pgarbiter", "--version"],
}


def run(arguments: list[str]) -> None:
    """Print medians of 15 alternating runs, in milliseconds and as ratios to the bare interpreter."""
    del arguments
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(15):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times[name].append((time.perf_counter() - start) * 1000)
    floor = statistics.median(times["python -c pass"])
    print("\n## Start-up\n\n| command | median ms | x bare interpreter |\n| --- | ---: | ---: |")
    for name, values in times.items():
        print(f"| `{name}` | {statistics.median(values):.0f} | {statistics.median(values) / floor:.2f} |")
