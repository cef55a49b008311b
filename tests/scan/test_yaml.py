from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Status
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite


def _sites(tmp_path: Path, text: str, name: str = "app.yaml") -> tuple[WriteSite, ...]:
    (tmp_path / name).write_text(text, "utf-8")
    result = scan([tmp_path], Settings(), explain=True)
    assert not result.failed
    assert result.hits is not None
    assert result.hits.in_sites or not result.sites
    return result.sites


def _only(tmp_path: Path, text: str) -> WriteSite:
    (site,) = _sites(tmp_path, text)
    assert site.language == "yaml"
    assert str(site.write.table) == "users"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("email",)
    assert site.status is Status.RESOLVED
    return site


INSERT = "INSERT INTO users (email) VALUES ('a')"
CLAUSE = "ON CONFLICT (email) DO NOTHING"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"kind: ConfigMap\ndata:\n  init.sql: |\n    -- seed\n    {INSERT}\n      {CLAUSE};\n", (5, 6)),
        (f"tasks:\n  - postgresql_query:\n      query: {INSERT}\n        {CLAUSE}\n", (3, 4)),
        (f"""q: "{INSERT} \\\n    {CLAUSE}"\n""", (1, 2)),
        ("q: '" + INSERT.replace("'", "''") + f"\n    {CLAUSE}'\n", (1, 2)),
        (f'args: ["psql", "-c", "{INSERT} {CLAUSE}"]\n', (1, 1)),
    ],
)
def test_scalars_of_every_style_are_statements(tmp_path: Path, text: str, lines: tuple[int, int]) -> None:
    site = _only(tmp_path, text)
    assert (site.statement_line, site.span.line) == lines


def test_scripts_are_read_as_a_shell_does(tmp_path: Path) -> None:
    text = f"""jobs:
  seed:
    steps:
      - name: Seed
        env: {{ KEY: email }}
        run: |
          TABLE=users
          psql "${{{{ secrets.URL }}}}" <<SQL
          INSERT INTO $TABLE (email) VALUES ('a')
            {CLAUSE};
          SQL
"""
    site = _only(tmp_path, text)
    assert (site.statement_line, site.span.line) == (9, 10)


def test_a_folded_script_is_one_line(tmp_path: Path) -> None:
    text = f'script:\n  - >\n    psql -c "{INSERT}\n    {CLAUSE}"\n'
    assert _only(tmp_path, text).span.line == 4


def test_curl_in_a_script_upserts_through_postgrest(tmp_path: Path) -> None:
    text = """steps:
  - run: |
      curl -X POST "$URL/rest/v1/users?on_conflict=email" \\
        -H 'Prefer: resolution=merge-duplicates' -d '{"email": 1}'
"""
    site = _only(tmp_path, text)
    assert site.client == "postgrest-http"
    assert site.span.line == 3


@pytest.mark.parametrize(
    "text",
    [
        f"# {INSERT} {CLAUSE}\na: 1\n",
        "description: The row is kept on conflict, and values are put together.\n",
        "summary: insert into the queue, values on conflict are merged\n",
    ],
)
def test_texts_for_people_are_no_statements(tmp_path: Path, text: str) -> None:
    assert _sites(tmp_path, text) == ()
