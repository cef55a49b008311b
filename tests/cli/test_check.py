"""`pgarbiter check` as a user meets it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.cli.output import exit_code
from pgarbiter.report.model import Report
from pgarbiter.scan.model import FailedFile, ScanResult
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from .conftest import Run

EXAMPLES = Path(__file__).parents[2] / "examples"
TABLE = "CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE, c int NOT NULL DEFAULT 0);\n"
GOOD = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n"
BAD = "INSERT INTO t (a, c) VALUES (1, 2) ON CONFLICT (c) DO NOTHING;\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one table and one good upsert."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "schema.sql").write_text(TABLE)
    (tmp_path / "good.sql").write_text(GOOD)
    return tmp_path


def report(ended: Any) -> Any:
    return json.loads(ended.out)


def test_incident_a_shows_its_three_faults_at_once(pgarbiter: Run) -> None:
    ended = pgarbiter("check", EXAMPLES / "business-accounts", "--format", "json")
    errors = [f for f in report(ended)["findings"] if f["severity"] == "error"]
    assert ended.code == 1
    assert {(f["path"], f["line"], f["rule"]) for f in errors} == {
        ("src/store-account.broken.js", 9, "no-arbiter-index"),
        ("src/store-account.broken.js", 9, "not-null-not-covered"),
        ("src/store-account.broken.js", 9, "unknown-column"),
    }


def test_a_project_whose_targets_all_match_is_clean(pgarbiter: Run, project: Path) -> None:
    ended = pgarbiter("check", project, "--format", "json")
    assert (ended.code, report(ended)["findings"]) == (0, [])
    assert [s["verdict"]["outcome"] for s in report(ended)["sites"]] == ["match"]
    assert report(ended)["schema"]["source"] == "sql:db/schema.sql"


def test_two_runs_give_the_same_bytes(pgarbiter: Run, project: Path) -> None:
    (project / "bad.sql").write_text(BAD)
    first, cached, anew = (pgarbiter("check", project, "--format", "json", *more) for more in ((), (), ("--no-cache",)))
    assert first.out == cached.out == anew.out
    assert first.code == 1


def test_an_ignored_finding_is_counted_and_not_dropped(pgarbiter: Run, project: Path) -> None:
    (project / "bad.sql").write_text(BAD)
    ended = pgarbiter("check", project, "--format", "json", "--ignore", "PGA101")
    assert (ended.code, report(ended)["findings"]) == (0, [])
    assert [(f["code"], f["by"]) for f in report(ended)["suppressed"]] == [("PGA101", "settings")]


def test_warnings_fail_only_when_asked(pgarbiter: Run, project: Path) -> None:
    (project / "nullable.sql").write_text("INSERT INTO t (a, b) VALUES (1, NULL) ON CONFLICT (b) DO NOTHING;\n")
    found = report(pgarbiter("check", project, "--format", "json"))["findings"]
    assert [f["severity"] for f in found] != []
    assert "error" not in [f["severity"] for f in found]
    assert pgarbiter("check", project).code == 0
    assert pgarbiter("check", project, "--fail-on", found[0]["severity"]).code == 1


def test_nothing_that_could_be_judged_is_never_green(pgarbiter: Run, project: Path) -> None:
    (project / "good.sql").write_text("INSERT INTO elsewhere (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    ended = pgarbiter("check", project, "--format", "json")
    assert ended.code == 2
    (site,) = report(ended)["sites"]
    assert (site["verdict"]["outcome"], site["verdict"]["reason"]) == ("unknown", "not in the schema source")


def test_unresolved_and_unknown_sites_can_be_bounded(pgarbiter: Run, project: Path) -> None:
    (project / "unknown.sql").write_text("INSERT INTO elsewhere (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    (project / "unresolved.py").write_text('db.execute(f"INSERT INTO {t} (a) VALUES (1) ON CONFLICT (a) DO NOTHING")\n')
    assert pgarbiter("check", project).code == 0
    assert pgarbiter("check", project, "--max-unknown", "0").code == 1
    assert pgarbiter("check", project, "--max-unresolved", "0").code == 1
    assert pgarbiter("check", project, "--max-unknown", "1", "--max-unresolved", "1").code == 0


def test_a_path_that_does_not_exist_is_one_clear_error(pgarbiter: Run) -> None:
    ended = pgarbiter("check", "no/such/path")
    assert (ended.code, ended.out, ended.err) == (2, "", 'error: path "no/such/path" does not exist\n')


def test_no_schema_source_is_one_clear_error_with_a_hint(pgarbiter: Run, project: Path) -> None:
    (project / "db" / "schema.sql").unlink()
    ended = pgarbiter("check", project)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: no schema source was found")
    assert "hint: " in ended.err


def test_a_live_database_is_judged_by_what_it_has(pgarbiter: Run, project: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE.encode())
    (project / "gone.sql").write_text("INSERT INTO gone (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    ended = pgarbiter("check", project, "--database-url", database, "--format", "json")
    verdicts = {s["path"]: (s["verdict"]["outcome"], s["verdict"]["sqlstate"]) for s in report(ended)["sites"]}
    assert ended.code == 1
    assert verdicts == {"gone.sql": ("no_match", "42P01"), "good.sql": ("match", None)}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:hunter2@127.0.0.1:1/nowhere",
        "postgresql://someone:hunter2@no-such-host.invalid/nowhere",
        "host=127.0.0.1 port=1 password=hunter2",
        "postgresql://someone:hunter2@[broken/nowhere",
    ],
)
def test_a_dead_server_is_one_clear_error_without_the_password(pgarbiter: Run, project: Path, url: str) -> None:
    for option in ("--database-url", "--server"):
        ended = pgarbiter("check", project, option, url, "--no-cache")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("error: ")
        assert "hunter2" not in ended.err
        assert "Traceback" not in ended.err


def test_files_that_nobody_can_read_are_counted_notes(pgarbiter: Run, project: Path) -> None:
    (project / "latin.py").write_bytes(
        b'# caf\xe9\ndb.execute("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING")\n'
    )
    (project / "bundle.js").write_bytes(b"x('on conflict');" * 3_500_000)
    (project / "broken.ts").write_text("await db.from('t').upsert({ a: 1 }, { onConflict: 'a' \n function ((")
    ended = pgarbiter("check", project, "--format", "json")
    found = report(ended)
    assert ended.code == 0
    assert "latin.py" in [site["path"] for site in found["sites"]]
    assert any("bundle.js" in json.dumps(failed) for failed in found["summary"]["files"]["failed"])


def test_a_name_cannot_drive_the_terminal(pgarbiter: Run, project: Path) -> None:
    (project / "evil.sql").write_text(
        'INSERT INTO t ("\x1b[2J\x1b]0;x\x07") VALUES (1) ON CONFLICT ("\x1b[31m") DO NOTHING;\n'
    )
    (project / "\x1b[31mname.sql").write_text(BAD)
    ended = pgarbiter("check", project)
    assert ended.code == 1
    assert "\x1b" not in ended.out + ended.err
    assert "\x07" not in ended.out + ended.err


def test_the_text_of_a_statement_is_never_run(pgarbiter: Run, project: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE.encode())
        target = "(lower((a)::text)) WHERE a > 0; COMMIT; DROP TABLE t; --"
        (project / "evil.sql").write_text(f"INSERT INTO t (a) VALUES (1) ON CONFLICT {target}) DO NOTHING;\n")
        (project / "evil.py").write_text(
            f'db.execute("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) WHERE {target} DO NOTHING")\n'
        )
        pgarbiter("check", project, "--database-url", database)
        assert connection.execute("SELECT to_regclass('t') IS NOT NULL").fetchone() == (True,)


def test_a_report_file_appears_only_when_it_is_complete(pgarbiter: Run, project: Path) -> None:
    ended = pgarbiter("check", project, "--format", "json", "--output", project / "report.json")
    assert (ended.code, ended.out) == (0, "")
    assert json.loads((project / "report.json").read_text())["schema_version"] == 1
    assert pgarbiter("check", project, "-o", project / "none" / "report.json").err.startswith(
        'error: could not write "'
    )


def test_a_pipe_or_device_is_written_and_stays_one(pgarbiter: Run, project: Path) -> None:
    pipe = project / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ended = pgarbiter("check", project, "--format", "json", "-o", pipe)
        assert json.loads(os.read(reader, 1_000_000))["schema_version"] == 1
    finally:
        os.close(reader)
    assert (ended.code, pipe.is_fifo()) == (0, True)


def test_a_settings_file_is_honoured(pgarbiter: Run, project: Path) -> None:
    (project / "bad.sql").write_text(BAD)
    (project / "pgarbiter.toml").write_text('exclude = ["bad.sql"]\n')
    assert pgarbiter("check", project).code == 0
    (project / "pgarbiter.toml").write_text("excluded = true\n")
    assert pgarbiter("check", project).code == 2


def test_detection_never_runs_project_code(pgarbiter: Run, project: Path) -> None:
    (project / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (project / "migrations").mkdir()
    (project / "migrations" / "env.py").write_text("open('pwned', 'w')\n")
    (project / "conftest.py").write_text("open('pwned', 'w')\n")
    ended = pgarbiter("check", project)
    assert ended.code == 0
    assert "--schema alembic:alembic.ini" in ended.out
    assert not list(project.rglob("pwned"))
    assert not Path("pwned").exists()


def test_a_schema_file_may_have_any_name(pgarbiter: Run, project: Path) -> None:
    (project / os.fsdecode(b"db/\xff.sql")).write_text("CREATE TABLE u (a int PRIMARY KEY);\n")
    (project / "more.sql").write_text("INSERT INTO u (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    ended = pgarbiter("check", project, "--schema", f"sql:{project / 'db'}", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert {s["verdict"]["outcome"] for s in report(ended)["sites"]} == {"match"}


def test_what_cannot_be_told_is_said_once(pgarbiter: Run, project: Path) -> None:
    (project / "other.sql").write_text("INSERT INTO elsewhere (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    ended = pgarbiter("check", project)
    assert ended.out.count("cannot tell") == 1
    assert 'cannot tell about "elsewhere": not in the schema source' in ended.out


def test_a_schema_that_the_checking_role_may_not_use_is_told_and_can_be_named(
    pgarbiter: Run, project: Path, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(b"CREATE SCHEMA app; " + TABLE.replace("TABLE t", "TABLE app.t").encode())
    given = ("check", project, "--database-url", database, "--format", "json")
    ended = pgarbiter(*given)
    (finding,) = report(ended)["findings"]
    assert finding["code"] == "PGA001"
    assert '"app.t" is there, but its schema is not in the search_path' in finding["remedy"]
    assert pgarbiter(*given, "--search-path", "app").code == 0


def test_a_statement_that_does_not_parse_is_not_counted_as_proven(pgarbiter: Run, project: Path) -> None:
    (project / "typo.sql").write_text("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE c = 1;\n")
    ended = pgarbiter("check", project)
    assert "but not all could be judged" in ended.out
    assert 'since it does not parse:\n  typo.sql:1 syntax error at or near "c"' in ended.out


def test_a_file_in_another_encoding_is_read_and_noted(pgarbiter: Run, project: Path) -> None:
    (project / "latin.py").write_bytes(
        b'# caf\xe9\ndb.execute("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING")\n'
    )
    ended = pgarbiter("check", project)
    assert ended.code == 0
    assert "note: latin.py: " in ended.out


def test_an_empty_path_is_refused(pgarbiter: Run) -> None:
    ended = pgarbiter("check", "")
    assert (ended.code, "path is empty" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("reason", "unforeseen", "code"),
    [("could not read: permission denied", True, 2), ("larger than 5 MB, left out", False, 0)],
)
def test_a_file_that_could_not_be_read_is_never_green(reason: str, code: int, *, unforeseen: bool) -> None:
    scanned = ScanResult(sites=(), failed=(FailedFile("a.py", reason, unforeseen),))
    assert exit_code(Report(version="0", scan=scanned, bound=()), Settings()) == code
