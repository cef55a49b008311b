from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pgarbiter.model import InferenceClause, Status
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite


def _sites(tmp_path: Path, *cells: tuple[str, str], lines: bool = True) -> tuple[WriteSite, ...]:
    made = [
        {"cell_type": kind, "metadata": {}, "outputs": [], "source": text.splitlines(keepends=True) if lines else text}
        for kind, text in cells
    ]
    document = json.dumps({"cells": made, "metadata": {}, "nbformat": 4}, indent=1)
    (tmp_path / "load.ipynb").write_text(document, "utf-8")
    result = scan([tmp_path], Settings(), explain=True)
    assert not result.failed
    for site in result.sites:
        assert (
            "CONFLICT" in document.splitlines()[site.span.line - 1]
            or "on_conflict" in document.splitlines()[site.span.line - 1]
        )
    return result.sites


INSERT = (
    'cur.execute("""\nINSERT INTO users (email, \\"Näme\\")\nVALUES (%s, %s)\nON CONFLICT (email) DO NOTHING\n""")\n'
)


def test_statements_of_cells_have_the_lines_of_the_file(tmp_path: Path) -> None:
    cells = [
        ("markdown", "ON CONFLICT (a) DO NOTHING"),
        ("code", "%matplotlib inline\n!pip install x\nimport psycopg\n"),
        ("code", INSERT),
    ]
    (site,) = _sites(tmp_path, *cells)
    assert site.language == "python"
    assert str(site.write.table) == "users"
    assert site.write.columns == ("email", "Näme")
    assert isinstance(site.write.target, InferenceClause)
    assert site.status is Status.RESOLVED


def test_cells_see_what_earlier_ones_have_assigned(tmp_path: Path) -> None:
    first = 'TABLE = "users"\nrows = [{"id": 1, "email": "a"}]\n'
    second = 'supabase.table(TABLE).upsert(rows, on_conflict="email").execute()\n'
    (site,) = _sites(tmp_path, ("code", first), ("code", second))
    assert site.client == "supabase-py"
    assert str(site.write.table) == "users"
    assert site.write.columns == ("id", "email")


def test_a_source_may_be_one_string(tmp_path: Path) -> None:
    (site,) = _sites(tmp_path, ("code", INSERT), lines=False)
    assert str(site.write.table) == "users"


def test_cells_of_sql_are_statements(tmp_path: Path) -> None:
    (site,) = _sites(
        tmp_path, ("code", "%%sql postgresql://\nINSERT INTO t (a) VALUES (1)\nON CONFLICT (a) DO NOTHING;")
    )
    assert str(site.write.table) == "t"


def test_sqlite_in_a_notebook_is_not_postgres(tmp_path: Path) -> None:
    (site,) = _sites(tmp_path, ("code", "import sqlite3\n"), ("code", INSERT))
    assert site.status is Status.NOT_POSTGRES


def test_outputs_and_text_hold_no_writes(tmp_path: Path) -> None:
    assert _sites(tmp_path, ("markdown", "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING")) == ()
