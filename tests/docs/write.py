"""Writes what commands print into the pages that show it: `python -m tests.docs.write [PAGE...]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pgarbiter.server import cluster

from ..majors import installed
from .sandbox import running
from .test_pages import PAGES


def main() -> None:
    """All pages, or those that are named."""
    binaries = installed(18)
    assert binaries
    with cluster.run(binaries) as server:
        for page in [Path(name).resolve() for name in sys.argv[1:]] or PAGES:
            with tempfile.TemporaryDirectory() as directory, running(page, Path(directory), server) as run:
                page.write_text(run.text, "utf-8")
                for problem in run.problems:
                    print(problem)  # noqa: T201


if __name__ == "__main__":
    main()
