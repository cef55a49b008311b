"""Every command in the documentation runs, and prints what the documentation shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .page import Console, matches, steps
from .sandbox import ROOT, running

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.server import Server

PAGES = sorted(
    page
    for page in (*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "examples/README.md")
    if any(isinstance(step, Console) for step in steps(page.read_text("utf-8")))
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_runs_and_shows_what_is_printed(page: Path, tmp_path: Path, server18: Server) -> None:
    directory = tmp_path / "project"
    directory.mkdir()
    with running(page, directory, server18) as run:
        assert run.problems == [], "python -m tests.docs.write"


def test_a_command_that_is_not_run_says_why() -> None:
    blocks = [step for page in PAGES for step in steps(page.read_text("utf-8")) if isinstance(step, Console)]
    assert blocks
    assert all(block.not_run is None or len(block.not_run.split()) > 2 for block in blocks)


def test_a_page_is_read_as_files_commands_and_what_they_print() -> None:
    page = 'text\n\n```sql title="a b.sql"\nSELECT 1;\n```\n\n```console\n$ cat \\\n  x\n1\n2\n$ true\n```\n'
    file, console = steps(page)
    assert (file.path, file.text) == ("a b.sql", "SELECT 1;\n")
    assert [(c.text, c.output) for c in console.commands] == [("cat \\\n  x", ("1", "2")), ("true", ())]
    assert page.split("\n")[console.first : console.last] == ["$ cat \\", "  x", "1", "2", "$ true"]


def test_what_a_page_leaves_out_may_be_anything() -> None:
    assert matches(("a", "...", "d"), ["a", "b", "c", "d"])
    assert not matches(("a", "...", "d"), ["a", "b", "c"])
    assert not matches(("a",), ["a", "b"])


def test_a_page_that_shows_another_output_is_found(tmp_path: Path, server18: Server) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- sandbox: empty -->\n\n```console\n$ echo new\nold\n$ exit_2() { return 2; }; exit_2\n```\n")
    directory = tmp_path / "project"
    directory.mkdir()
    with running(page, directory, server18) as run:
        assert len(run.problems) == 2
        assert run.text == page.read_text().replace("old", "new")


def test_a_command_sees_the_exit_code_of_the_one_before(tmp_path: Path, server18: Server) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- sandbox: empty -->\n\n```console\n$ false\n$ echo $?\n1\n$ echo $?\n0\n```\n")
    directory = tmp_path / "project"
    directory.mkdir()
    with running(page, directory, server18) as run:
        assert run.problems == []
