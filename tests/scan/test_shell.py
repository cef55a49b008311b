from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import DefaultKey, InferenceClause, Mechanism, Status
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

INSERT = "INSERT INTO users (email) VALUES ('a') ON CONFLICT (email) DO NOTHING"


def _sites(tmp_path: Path, text: str, name: str = "load.sh") -> tuple[WriteSite, ...]:
    (tmp_path / name).write_text(text, "utf-8")
    result = scan([tmp_path], Settings())
    assert not result.failed
    return result.sites


def _only(tmp_path: Path, text: str) -> WriteSite:
    (site,) = _sites(tmp_path, text)
    assert site.language == "shell"
    return site


@pytest.mark.parametrize(
    "text",
    [
        f'psql "$URL" -c "{INSERT}"',
        f'docker exec -i db psql -U postgres --command="{INSERT}"',
        f"psql <<SQL\n{INSERT};\nSQL\n",
        f"psql -v ON_ERROR_STOP=1 <<-'SQL' | tee log\n\t{INSERT};\nSQL\n",
        f'SQL="{INSERT}"\npsql -c "$SQL"\n',
        f'SQL=$(cat <<EOF\n{INSERT}\nEOF\n)\npsql -c "$SQL"\n',
        'T=users\nK="email"\npsql -c "INSERT INTO $T (email) VALUES (1) ON CONFLICT (${K}) DO NOTHING"\n',
        "SQL=\"INSERT INTO users (email) VALUES ('a')\"\nSQL+=' ON CONFLICT (email) DO NOTHING'\npsql -c \"$SQL\"\n",
    ],
)
def test_statements_are_read_wherever_they_stand(tmp_path: Path, text: str) -> None:
    site = _only(tmp_path, text)
    assert str(site.write.table) == "users"
    assert site.write.columns == ("email",)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("email",)
    assert site.status is Status.RESOLVED


def test_lines_of_a_here_document_are_exact(tmp_path: Path) -> None:
    text = f"#!/bin/sh\npsql <<SQL\n-- $USER\nSELECT '$(date)';\n{INSERT};\nSQL\n"
    site = _only(tmp_path, text)
    assert (site.span.line, site.statement_line) == (5, 5)


def test_a_function_is_followed_to_its_calls(tmp_path: Path) -> None:
    text = """save() {
  local table="$1" key=$2
  psql -c "INSERT INTO ${table} (a) VALUES (1) ON CONFLICT ($key) DO NOTHING"
}
save users a
"""
    sites = _sites(tmp_path, text)
    assert [str(site.write.table) for site in sites if site.status is Status.RESOLVED] == ["users"]


def test_a_table_from_the_environment_is_not_known(tmp_path: Path) -> None:
    site = _only(tmp_path, 'psql -c "INSERT INTO ${TABLE:-users} (a) VALUES (1) ON CONFLICT (a) DO NOTHING"')
    assert site.status is Status.UNRESOLVED


@pytest.mark.parametrize(
    "text",
    [
        f"grep -q '{INSERT}' dump.sql",
        f"python3 - <<'PY'\nsql = \"{INSERT}\"\nPY\n",
        f"# {INSERT}\n",
        'if [ "$x" = "INSERT INTO a (b) VALUES (1)" ]; then exit; fi',
    ],
)
def test_what_is_not_run_as_sql_is_no_write(tmp_path: Path, text: str) -> None:
    assert _sites(tmp_path, text) == ()


def test_curl_upserts_through_postgrest(tmp_path: Path) -> None:
    text = """URL="$SUPABASE_URL/rest/v1"
curl -sS -X POST "$URL/users?on_conflict=email,org" \\
  -H "apikey: $KEY" -H 'Prefer: return=minimal,resolution=merge-duplicates' \\
  -H "Content-Type: application/json" \\
  -d "{\\"email\\": \\"$1\\", \\"org\\": 1}"
"""
    site = _only(tmp_path, text)
    assert site.client == "postgrest-http"
    assert str(site.write.table) == "users"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("email", "org")
    assert site.write.columns == ("email", "org")
    assert site.mechanism is Mechanism.ON_CONFLICT


@pytest.mark.parametrize(
    "options",
    ["-XPOST -d @rows.json", "--request POST --data-raw '[{\"a\": 1}]'", "--json '{\"a\": 1}'", "-sd '{\"a\": 1}'"],
)
def test_options_of_curl_have_many_spellings(tmp_path: Path, options: str) -> None:
    header = "-H 'Prefer: resolution=ignore-duplicates'"
    site = _only(tmp_path, f'curl {options} {header} --max-time 5 "$URL/rest/v1/users"\n')
    assert str(site.write.table) == "users"
    assert site.write.target == DefaultKey()


def test_curl_that_reads_inserts_nothing(tmp_path: Path) -> None:
    assert _sites(tmp_path, 'curl "$URL/rest/v1/users?select=id" -H "apikey: $KEY"\n') == ()


def test_sqlite3_is_not_postgres(tmp_path: Path) -> None:
    site = _only(tmp_path, f'sqlite3 app.db "{INSERT}"\n')
    assert site.status is Status.NOT_POSTGRES
