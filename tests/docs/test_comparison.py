"""The table of the comparison is what its script prints."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from .sandbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-m", "bench", "comparison")


def test_the_table_of_the_page_is_what_the_script_prints(any_database: str) -> None:
    command = (*COMMAND, "--server", any_database)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    assert len(done.stdout.splitlines()) == 11
    assert done.stdout in (ROOT / "docs" / "comparison.md").read_text("utf-8")


def test_the_statements_are_written_for_other_tools(tmp_path: Path) -> None:
    subprocess.run((*COMMAND, "--files", tmp_path), cwd=ROOT, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *(f"{number}.sql" for number in range(1, 10)),
        "schema.sql",
    ]
    assert "ON CONFLICT" not in (tmp_path / "schema.sql").read_text()
