"""`pytest --pgarbiter`, driven as its hosts drive it: a project, a conftest.py, a process of pytest."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgarbiter.errors import SourceError
from pgarbiter.pytest_database import url_of

if TYPE_CHECKING:
    from pgarbiter.server import Server

SCHEMA = (
    "CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, name text);\nCREATE UNIQUE INDEX ON users (email);\n"
)
APP = """
INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (email) DO NOTHING;
INSERT INTO users (id, email, name) VALUES (1, 'a', 'b') ON CONFLICT (name) DO UPDATE SET email = 'c';
INSERT INTO elsewhere (id) VALUES (1) ON CONFLICT (id) DO NOTHING;
"""
OPEN = """import { createClient } from '@supabase/supabase-js';
const db = createClient(url, key);
export const save = (table: string) => db.from(table).upsert({ id: 1 }, { onConflict: process.env.KEYS });
"""
EMAIL = "insert into users, on conflict (email) do nothing"  # as the tests of these sites are called
NAME = "upsert into users on (name)"
ELSEWHERE = "insert into elsewhere, on conflict (id) do nothing"
UPDATE = "INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = 'b'"
TEST = "def test_of_the_project():\n    pass\n"


class Project:
    """A project in a directory of its own, in which pytest runs as a process."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = pytester.path
        self._pytester = pytester
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # what is installed beside it is not its business
        monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / ".cache"))
        self.write("db/schema.sql", SCHEMA)
        self.write("src/app.sql", APP)
        self.write("src/open.ts", OPEN)
        self.write("tests/test_own.py", TEST)
        (self.path / ".git").mkdir()
        self.settings()

    def write(self, path: str, text: str) -> None:
        place = self.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def settings(self, *lines: str) -> None:
        self.write("pytest.ini", "\n".join(("[pytest]", "testpaths = tests", "pgarbiter_paths = src db", *lines)))

    def conftest(self, body: str, *, head: str = "@pytest.fixture") -> None:
        self.write(
            "tests/conftest.py",
            f"import pytest\n\n{head}\ndef pgarbiter_database_url({body.partition('|')[0]}):\n"
            f"    {body.partition('|')[2]}\n",
        )

    def run(self, *arguments: str, plugins: tuple[str, ...] = (), cache: bool = False) -> pytest.RunResult:
        chosen = [part for name in ("pgarbiter.pytest_plugin", *plugins) for part in ("-p", name)]
        kept = () if cache else ("-p", "no:cacheprovider")
        return self._pytester.runpytest_subprocess(*chosen, "-rA", *kept, *arguments)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(pytester, monkeypatch)


@pytest.fixture
def filled(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
    return database


def summary(result: pytest.RunResult) -> set[str]:
    """Each test with its outcome."""
    told = re.compile(r"^(PASSED|FAILED|SKIPPED|XFAIL|ERROR) ([^\n]+?)(?: - .*)?$", re.MULTILINE)
    return {f"{word} {name}" for word, name in told.findall(result.stdout.str())}


def test_each_write_site_is_a_test_that_fails_with_the_text_of_its_findings(project: Project) -> None:
    result = project.run("--pgarbiter")
    result.assert_outcomes(passed=3, failed=1, skipped=1, xfailed=1)
    found = summary(result)
    assert {f"PASSED src/app.sql::{EMAIL}", f"FAILED src/app.sql::{NAME}", f"XFAIL src/app.sql::{ELSEWHERE}"} < found
    assert "PASSED tests/test_own.py::test_of_the_project" in found
    text = result.stdout.str()
    assert 'no unique index of "public.users" matches the conflict target (name)' in text
    assert "effect  Every execution fails with 42P10." in text
    assert "remedy  " in text
    assert "decided by sql:db/schema.sql" in text
    assert "Traceback" not in text
    assert f"{ELSEWHERE} - cannot tell: not in the schema source" in text
    assert 'src/open.ts:3 is unresolved: the table is the parameter "table" of "save"' in text


def test_nothing_is_collected_without_being_asked_for(project: Project) -> None:
    result = project.run()
    result.assert_outcomes(passed=1)


def test_the_plugin_costs_a_run_without_it_next_to_nothing() -> None:
    code = (
        "import pytest, sys, time; before = set(sys.modules); start = time.perf_counter(); "
        "import pgarbiter.pytest_plugin; print(time.perf_counter() - start, *(set(sys.modules) - before))"
    )
    costs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        seconds, *modules = done.stdout.split()
        costs.append(float(seconds))
        assert {name for name in modules if name.startswith("pgarbiter")} == {"pgarbiter", "pgarbiter.pytest_plugin"}
        assert not {"psycopg", "pydantic", "rich", "click", "postgast"} & set(modules)
    assert min(costs) < 0.01


def test_it_is_announced_to_pytest_when_it_is_installed() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"pgarbiter": "pgarbiter.pytest_plugin"}


def test_a_url_of_the_command_line_or_of_the_ini_file_decides(project: Project, filled: str) -> None:
    result = project.run("--pgarbiter", "--pgarbiter-database-url", filled)
    result.assert_outcomes(passed=3, failed=2, skipped=1)  # what a live database lacks is absent
    assert f"FAILED src/app.sql::{ELSEWHERE}" in summary(result)
    project.settings("pgarbiter_database_url = " + filled)
    assert summary(project.run("--pgarbiter")) == summary(result)


def test_a_fixture_of_the_projects_own_gives_the_database_once(project: Project, filled: str) -> None:
    count = project.path / "asked"
    project.conftest(
        f"tmp_path|open({str(count)!r}, 'a').write('x'); return {filled!r}"  # as a container that was started would
    )
    result = project.run("--pgarbiter")
    result.assert_outcomes(passed=3, failed=2, skipped=1)
    assert count.read_text() == "x"


def test_a_container_of_the_session_is_started_once_and_ended(project: Project, filled: str) -> None:
    project.settings("pgarbiter_fixture = postgres")
    log = project.path / "log"
    project.write(
        "tests/conftest.py",
        f"""
import pytest

class PostgresContainer:
    def get_connection_url(self):
        return {_sqlalchemy(filled)!r}

def told(word):
    with open({str(log)!r}, "a") as file:
        file.write(word)

@pytest.fixture(scope="session")
def postgres():
    told("started ")
    yield PostgresContainer()
    told("ended")
""",
    )
    result = project.run("--pgarbiter")
    result.assert_outcomes(passed=3, failed=2, skipped=1)
    assert log.read_text() == "started ended"


def _sqlalchemy(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    return f"postgresql+psycopg2://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"


def test_the_fixtures_of_pytest_postgresql_work_as_they_are(project: Project, server18: Server) -> None:
    parts = conninfo_to_dict(server18.conninfo("postgres"))
    project.settings("pgarbiter_fixture = postgresql")
    project.write(
        "tests/conftest.py",
        f"""
from pathlib import Path
from pytest_postgresql import factories

postgresql_noproc = factories.postgresql_noproc(
    host={str(parts["host"])!r}, port={int(str(parts["port"]))}, user={str(parts["user"])!r},
    dbname="arbiters", load=[Path({str(project.path / "db" / "schema.sql")!r})],
)
postgresql = factories.postgresql("postgresql_noproc")
""",
    )
    result = project.run("--pgarbiter", plugins=("pytest_postgresql.plugin",))
    result.assert_outcomes(passed=3, failed=2, skipped=1)
    assert "decided by database-url on PostgreSQL 18" in result.stdout.str()


def test_the_same_tests_run_in_every_worker_of_xdist(project: Project, filled: str) -> None:
    alone = project.run("--pgarbiter", "--pgarbiter-database-url", filled)
    shared = project.run("--pgarbiter", "--pgarbiter-database-url", filled, "-n", "2", plugins=("xdist.plugin",))
    shared.assert_outcomes(passed=3, failed=2, skipped=1)
    assert {line for line in summary(shared) if "::" in line} == {line for line in summary(alone) if "::" in line}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "collected 7 items"),
        (("--collect-only",), "7 tests collected in"),
        (("--collect-only", "-q"), "7 tests collected in"),
        (("--collect-only", "-k", "users"), "2/7 tests collected (5 deselected)"),
        (("-k", "test_of_the_project"), "collected 7 items / 5 deselected / 2 selected"),
        (("--deselect", "src/app.sql"), "collected 7 items / 3 deselected / 4 selected"),
    ],
)
def test_what_is_collected_is_counted(project: Project, arguments: tuple[str, ...], told: str) -> None:
    project.write("tests/test_more.py", TEST)
    assert told in project.run("--pgarbiter", *arguments).stdout.str()


def test_the_last_failures_are_run_again_without_the_rest(project: Project) -> None:
    project.run("--pgarbiter", cache=True)
    again = project.run("--pgarbiter", "--lf", cache=True)
    assert again.parseoutcomes() == {"failed": 1, "deselected": 5}
    assert f"FAILED src/app.sql::{NAME}" in summary(again)


def test_a_test_keeps_its_name_when_lines_are_added_above_it(project: Project) -> None:
    before = summary(project.run("--pgarbiter"))
    project.write("src/app.sql", f"-- one\n-- two\n{APP}")
    assert summary(project.run("--pgarbiter")) == before


def test_places_are_those_of_the_root_directory(project: Project) -> None:
    project.write("pytest.ini", "[pytest]\ntestpaths = tests\npgarbiter_paths = src\n")
    text = project.run("--pgarbiter").stdout.str()
    assert "\nsrc/app.sql:3  error PGA101" in text
    assert "decided by sql:db/schema.sql on" in text


def test_one_test_that_failed_is_run_again_by_its_name(project: Project) -> None:
    result = project.run("--pgarbiter", f"src/app.sql::{NAME}")
    result.assert_outcomes(failed=1)
    assert project.run("--pgarbiter", "src/app.sql").parseoutcomes() == {"passed": 1, "failed": 1, "xfailed": 1}


def test_expressions_choose_among_the_sites_as_among_tests(project: Project) -> None:
    project.run("--pgarbiter", "-k", "elsewhere").assert_outcomes(xfailed=1, deselected=5)


def test_two_sites_on_a_line_have_two_names(project: Project) -> None:
    line = APP.splitlines()[1]
    project.write("src/app.sql", f"{line} {line}")
    found = summary(project.run("--pgarbiter"))
    assert {f"PASSED src/app.sql::{EMAIL}", f"PASSED src/app.sql::{EMAIL} #2"} < found


def test_warnings_fail_when_the_ini_file_says_so(project: Project) -> None:
    project.write("src/app.sql", APP.splitlines()[1].replace("ON CONFLICT (email)", "ON CONFLICT"))
    project.write(
        "src/nullable.sql",
        "INSERT INTO users (id, email, name) VALUES (1, 'a', 'b') ON CONFLICT (id) DO UPDATE SET id = 7;",
    )
    strict, lax = (
        project.settings(f"pgarbiter_fail_on = {word}") or project.run("--pgarbiter") for word in ("note", "error")
    )
    assert lax.parseoutcomes().get("failed", 0) < strict.parseoutcomes()["failed"]


@pytest.mark.parametrize("named", ["ini", "environment", "settings", "nowhere"])
def test_a_site_is_tested_with_the_role_that_runs_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    project.write("db/schema.sql", f"CREATE ROLE app;\n{SCHEMA}GRANT SELECT, INSERT ON users TO app;\n")
    project.write("src/app.sql", "")
    project.write("src/open.ts", OPEN.splitlines()[0])
    project.write("src/app.py", f'import psycopg\ncursor.execute("{UPDATE}")\n')
    if named == "ini":
        project.settings("pgarbiter_role = app")
    elif named == "environment":
        monkeypatch.setenv("PGARBITER_CHECK_ROLE", "app")
    elif named == "settings":
        project.write("pgarbiter.toml", 'role = "app"\n')
    result = project.run("--pgarbiter")
    assert result.parseoutcomes().get("failed", 0) == (named != "nowhere")
    told = 'role "app" lacks UPDATE on column "name" of table "public.users"'
    assert (told in result.stdout.str()) == (named != "nowhere")


def test_what_stands_inside_the_database_has_a_test_as_well(project: Project, filled: str) -> None:
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql SET check_function_bodies = off AS "
            "$$ INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (name) DO NOTHING $$"
        )
    result = project.run("--pgarbiter", "--pgarbiter-database-url", filled)
    assert result.parseoutcomes()["failed"] == 3
    assert "in the database: function public.f()" in result.stdout.str()


def test_a_dead_server_fails_each_test_with_one_message_and_no_password(project: Project) -> None:
    result = project.run("--pgarbiter", "--pgarbiter-database-url", "postgresql://u:hunter2@127.0.0.1:1/x")
    result.assert_outcomes(passed=1, failed=5)
    text = result.stdout.str()
    assert "pgarbiter: could not connect to the database" in text
    assert "hunter2" not in text
    assert "Traceback" not in text


def test_a_fixture_that_skips_skips_the_sites(project: Project) -> None:
    project.conftest("|pytest.skip('no Docker here')")
    project.run("--pgarbiter").assert_outcomes(passed=1, skipped=5)


def test_a_fixture_that_gives_something_else_is_an_error_that_shows_no_value(project: Project) -> None:
    project.conftest("|return 'secret words'")
    result = project.run("--pgarbiter")
    result.assert_outcomes(passed=1, failed=5)
    assert "the fixture of the database gives a text that is no URL" in result.stdout.str()


@pytest.mark.parametrize("more", [(), ("--collect-only", "-q"), ("-p", "xdist.plugin", "-n", "2")])
@pytest.mark.parametrize("line", ["pgarbiter_paths = nowhere", "pgarbiter_fail_on = fatal", ""])
def test_settings_that_are_wrong_end_the_run_with_a_message(project: Project, line: str, more: tuple[str, ...]) -> None:
    project.write("pytest.ini", f"[pytest]\ntestpaths = tests\n{line}\n")
    if not line:
        project.write("pgarbiter.toml", "[tool.pgarbiter")
    result = project.run("--pgarbiter", *more)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().startswith("ERROR: pgarbiter: ")
    assert "test_of_the_project" not in result.stdout.str()


def test_what_fixtures_give_is_read_by_what_it_can_do(filled: str) -> None:
    class Engine:
        class url:  # noqa: N801 - SQLAlchemy's own spelling
            @staticmethod
            def render_as_string(*, hide_password: bool) -> str:
                return "postgresql://u@h/d" if not hide_password else ""

    assert url_of(None) is None
    assert url_of(filled) == filled
    assert url_of(Engine()) == "postgresql://u@h/d"
    with psycopg.connect(filled) as connection:
        assert conninfo_to_dict(url_of(connection) or "")["dbname"] == connection.info.dbname
    with pytest.raises(SourceError, match="gives a int"):
        url_of(5)
