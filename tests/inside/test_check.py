"""`check` with what is inside the database: each statement once, where it was written, and with what ended it."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import jsonschema
import psycopg
import pytest
from click.testing import CliRunner

from pgarbiter import check
from pgarbiter.arbiter.model import Outcome
from pgarbiter.cli.check import command
from pgarbiter.model import Mechanism, Origin, Scope
from pgarbiter.report import json as json_report
from pgarbiter.report import schema, text
from pgarbiter.report.summary import lines
from pgarbiter.settings import Database, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pgarbiter.model import WriteSite
    from pgarbiter.report.model import Report

TABLES = "create table t (a int primary key, b text);\ncreate table audit (id int primary key, n int);\n"
GOOD = "insert into t (a, b) values (1, x) on conflict (a) do nothing"
BAD = "insert into t (a, b) values (1, x) on conflict (b) do nothing"


def function(statement: str, name: str = "f(x text)", head: str = "create or replace function") -> str:
    return f"{head} {name} returns void language plpgsql as $$\nbegin\n  {statement};\nend $$;\n"


ENV = """
from alembic import context
from sqlalchemy import create_engine
with create_engine("postgresql+psycopg://app@db.invalid/app").connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
from alembic import op
revision, down_revision = {name!r}, {before!r}
def upgrade():
    {up}
def downgrade():
    {down}
"""


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """A directory with migrations 1.sql, 2.sql, ... of these texts, behind the tables."""

    def make(*texts: str) -> Path:
        directory = tmp_path / "migrations"
        directory.mkdir()
        for number, content in enumerate((TABLES, *texts)):
            (directory / f"{number}.sql").write_text(content)
        return tmp_path

    return make


def checked(root: Path, **options: Any) -> Report:
    options = {"schema": None if "database_url" in options else "sql:migrations", "cache": False, **options}
    return check(root, Settings(**options))


def told(report: Report) -> list[tuple[str, str | None]]:
    return [(site.span.place, site.object) for site in report.sites]


def defined(site: WriteSite) -> str | None:
    return site.defined.place if site.defined else None


def notes(report: Report) -> tuple[str, ...]:
    assert report.schema is not None
    return report.schema.notes


def load(url: str, *texts: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for content in (TABLES, *texts):
            connection.execute(content.encode())


class TestThrowaway:
    """A database that was made from the files: their statements stand, with the object that they are part of."""

    def test_a_function_of_a_file_is_one_site(self, project: Callable[..., Path]) -> None:
        report = checked(project(function(BAD)))
        assert told(report) == [("migrations/1.sql:3", "public.f(text)")]
        (site,) = report.sites
        assert (site.origin, site.scope, site.client) == (Origin.SOURCE, Scope.APP, "sql-file")
        assert [finding.code for finding in report.findings] == ["PGA101"]

    def test_the_last_definition_wins(self, project: Callable[..., Path]) -> None:
        report = checked(project(function(BAD), function(GOOD)))
        old, new = report.sites
        assert (old.object, old.scope, old.reason) == (None, Scope.MIGRATION, "superseded by migrations/2.sql:1")
        assert (new.object, new.scope) == ("public.f(text)", Scope.APP)

    def test_overloads_are_joined_to_their_own_definitions(self, project: Callable[..., Path]) -> None:
        both = function(GOOD) + function(GOOD, "f(x text, y int)")
        assert told(checked(project(both))) == [
            ("migrations/1.sql:3", "public.f(text)"),
            ("migrations/1.sql:7", "public.f(text,integer)"),
        ]

    def test_what_no_file_spells_out_is_told_of_the_database(self, project: Callable[..., Path]) -> None:
        made = """do $do$ begin
          execute replace('creXte function mXde() returns void language sql as $b$ '
            'insert into Xudit (id) vXlues (1) on conflict (n) do nothing $b$', 'X', 'a');
        end $do$;"""
        report = checked(project(made))
        inside = [site for site in report.sites if site.span.path is None]
        assert [(site.object, site.origin, str(site.write.table)) for site in inside] == [
            ("public.made()", Origin.FUNCTION, "audit")
        ]
        assert any(finding.code == "PGA101" and finding.site == inside[0].id for finding in report.findings)

    def test_a_function_that_a_block_spells_out_is_one_site(self, project: Callable[..., Path]) -> None:
        made = "do $do$ begin\n  execute 'create function made(x text) returns void language sql as $b$ " + BAD
        assert told(checked(project(f"{made} $b$';\nend $do$;"))) == [("migrations/1.sql:2", "public.made(text)")]

    def test_trigger_functions_name_their_triggers(self, project: Callable[..., Path]) -> None:
        body = "insert into audit (id) values (new.a) on conflict (n) do nothing; return new"
        trigger = "create trigger log after insert on t for each row execute function f();"
        report = checked(project(function(body, "f()").replace("void", "trigger") + trigger))
        (site,) = report.sites
        assert site.attached == ("log on public.t",)
        out = StringIO()
        text.write(report, out)
        assert "migrations/1.sql:3 (called by log on public.t)" in out.getvalue()

    def test_rules_are_live_and_no_history(self, project: Callable[..., Path]) -> None:
        rule = (
            "create rule log as on update to t do also\n  insert into audit (id) values (1) on conflict (n) do nothing;"
        )
        report = checked(project(rule))
        assert told(report) == [("migrations/1.sql:2", "log on public.t")]
        assert [finding.severity for finding in report.findings] == ["error"]

    def test_standard_bodies_are_one_site(self, project: Callable[..., Path]) -> None:
        body = "create function f(i int) returns void language sql begin atomic\n"
        insert = "  insert into t (a) values (i) on conflict (a) where b = 'x' do nothing;\nend;"
        assert told(checked(project(body + insert))) == [("migrations/1.sql:2", "public.f(integer)")]

    def test_jobs_have_the_place_of_their_command(self, tmp_path: Path) -> None:
        directory = tmp_path / "supabase" / "migrations"
        directory.mkdir(parents=True)
        job = "select cron.schedule('nightly', '0 0 * * *', $$\n  " + BAD.replace("x)", "'x')") + "\n$$);"
        (directory / "1_a.sql").write_text(TABLES + job)
        report = checked(tmp_path, schema="supabase:supabase")
        (site,) = report.sites
        assert (site.origin, site.object, defined(site)) == (Origin.CRON, "nightly", "supabase/migrations/1_a.sql:4")

    def test_a_variable_named_like_a_column_of_the_target_is_seen(self, project: Callable[..., Path]) -> None:
        report = checked(project(function("insert into t (a) values (1) on conflict (a) do nothing", "f(a int)")))
        assert [finding.code for finding in report.findings] == ["PGA110"]

    def test_a_later_change_of_the_search_path_counts(self, project: Callable[..., Path]) -> None:
        """In a DO block, where no text tells it."""
        change = "do $$ begin execute 'alter function f(text) set ' || 'search_path = app'; end $$;"
        other = "create schema app; create table app.t (a int, b text unique);"
        report = checked(project(other, function(BAD), change))
        assert report.bound is not None
        assert [bound.relation.qualified_name for bound in report.bound if bound.relation] == ["app.t"]
        assert [bound.verdict.outcome for bound in report.bound] == [Outcome.MATCH]

    def test_the_cache_keeps_what_was_read(
        self, project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        rule = "create rule log as on update to t do also insert into audit (id) values (1);"
        root = project(function(BAD), rule)
        first, second = (checked(root, cache=True) for _ in range(2))
        assert first.sites == second.sites
        assert [site.object for site in first.sites] == ["public.f(text)", "log on public.t"]

    def test_functions_that_revisions_make_are_one_site(self, tmp_path: Path) -> None:
        """Also those with holes and escapes in their strings, and those whose text a downgrade has again."""
        versions = tmp_path / "alembic" / "versions"
        versions.mkdir(parents=True)
        (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = alembic\n")
        (tmp_path / "alembic" / "env.py").write_text(ENV)
        first = f'op.execute("""{TABLES}""")\n    op.execute("""{function(GOOD)}""")'
        escaped = GOOD.replace("x)", "'\\\\')")
        second = f'op.execute("""{function(escaped, "g()")}""")'
        (versions / "a.py").write_text(REVISION.format(name="a", before=None, up=first, down="pass"))
        (versions / "b.py").write_text(REVISION.format(name="b", before="a", up=second, down=first))
        report = checked(tmp_path, schema="alembic:alembic.ini")
        assert [(site.span.path, site.object) for site in report.sites if site.object] == [
            ("alembic/versions/a.py", "public.f(text)"),
            ("alembic/versions/b.py", "public.g()"),
        ]
        assert all(site.span.path for site in report.sites)

    def test_it_can_be_switched_off(self, project: Callable[..., Path]) -> None:
        root = project(function(BAD))
        assert told(checked(root, in_database=False)) == [("migrations/1.sql:3", None)]

    def test_the_command_line_goes_before_the_settings(self, project: Callable[..., Path]) -> None:
        root = project(function(BAD))
        (root / "pgarbiter.toml").write_text('schema = "sql:migrations"\nin-database = false\ncache = false\n')
        found = []
        for options in ((), ("--in-database",), ("--no-in-database",)):
            ended = CliRunner().invoke(command, [str(root), "--format", "json", *options])
            assert ended.exit_code == 1, ended.output
            found.append([site["object"] for site in json.loads(ended.stdout)["sites"]])
        assert found == [[None], ["public.f(text)"], [None]]

    def test_files_alone_are_checked_alone(self, project: Callable[..., Path]) -> None:
        root = project(function(BAD))
        (root / "app.py").write_text('run("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING")\n')
        settings = Settings(schema=f"sql:{root}/migrations", cache=False)
        assert told(check(root / "app.py", settings)) == [("app.py:1", None)]
        both = check(root / "app.py", Settings(schema=f"sql:{root}/migrations", cache=False, in_database=True))
        assert [site.object for site in both.sites] == [None, "public.f(text)"]
        assert defined(both.sites[1]) == "migrations/1.sql:3"


class TestLive:
    """A live database: its own text stands, with the place of the file that says the same."""

    def test_a_function_is_one_site_with_the_place_of_its_definition(
        self, project: Callable[..., Path], any_database: str
    ) -> None:
        root = project(function(BAD))
        load(any_database, function(BAD))
        report = checked(root, database_url=any_database)
        (site,) = report.sites
        assert site.span.place == "in the database: function public.f(text), line 3"
        assert defined(site) == "migrations/1.sql:3"
        assert [finding.code for finding in report.findings] == ["PGA101"]
        assert notes(report) == ()

    def test_a_body_that_differs_is_noted_and_both_are_checked(
        self, project: Callable[..., Path], any_database: str
    ) -> None:
        load(any_database, function(GOOD))
        report = checked(project(function(BAD)), database_url=any_database)
        assert told(report) == [
            ("migrations/1.sql:3", None),
            ("in the database: function public.f(text), line 3", "public.f(text)"),
        ]
        assert [str(finding.span.place) for finding in report.findings if finding.span] == ["migrations/1.sql:3"]
        assert notes(report) == (
            "public.f(text) in the database is not what migrations/1.sql:1 makes: both texts were checked",
        )

    def test_a_statement_that_is_the_same_in_a_body_that_differs_is_one_site(
        self, project: Callable[..., Path], any_database: str
    ) -> None:
        load(any_database, function(f"-- as it was\n  {GOOD}"))
        report = checked(project(function(GOOD)), database_url=any_database)
        assert told(report) == [("in the database: function public.f(text), line 4", "public.f(text)")]
        assert len(notes(report)) == 1

    def test_a_function_that_no_file_defines_is_checked(self, project: Callable[..., Path], any_database: str) -> None:
        load(any_database, function(BAD))
        (site,) = checked(project(), database_url=any_database).sites
        assert defined(site) is None

    def test_a_function_in_a_string_with_escapes_is_one_site(self, tmp_path: Path, any_database: str) -> None:
        escaped = GOOD.replace("x)", "'\\\\')")
        up = f'op.execute("""{function(escaped)}""")'
        versions = tmp_path / "alembic" / "versions"
        versions.mkdir(parents=True)
        (versions / "a.py").write_text(REVISION.format(name="a", before=None, up=up, down="pass"))
        load(any_database, function(GOOD.replace("x)", "'\\')")))
        (site,) = checked(tmp_path, database_url=any_database).sites
        assert (site.object, defined(site)) == ("public.f(text)", "alembic/versions/a.py:7")

    def test_a_function_of_a_file_that_the_database_lacks_is_checked(
        self, project: Callable[..., Path], any_database: str
    ) -> None:
        load(any_database)
        assert told(checked(project(function(BAD)), database_url=any_database)) == [("migrations/1.sql:3", None)]

    def test_standard_bodies_are_one_site(self, project: Callable[..., Path], any_database: str) -> None:
        body = "create function f(i int) returns void language sql begin atomic\n"
        body += "  insert into t (a) values (i) on conflict (a) where b = 'x' do nothing;\nend;"
        load(any_database, body)
        report = checked(project(body), database_url=any_database)
        (site,) = report.sites
        assert (site.span.inside, defined(site)) == ("function public.f(integer)", "migrations/1.sql:2")
        assert notes(report) == ()

    def test_a_function_without_a_search_path_of_its_own_has_none(
        self, project: Callable[..., Path], any_database: str
    ) -> None:
        load(any_database, function(GOOD).replace("as $$", "set search_path = '' as $$"))
        report = checked(project(), database_url=any_database)
        assert report.bound is not None
        assert [(b.verdict.outcome, b.verdict.sqlstate) for b in report.bound] == [(Outcome.NO_MATCH, "42P01")]

    def test_a_variable_named_like_a_column_of_the_target_is_seen(
        self, project: Callable[..., Path], any_database: str
    ) -> None:
        load(any_database, function("insert into t (a) values (1) on conflict (a) do nothing", "f(a int)"))
        report = checked(project(), database_url=any_database)
        assert [(finding.code, finding.severity) for finding in report.findings] == [("PGA110", "error")]
        with (
            psycopg.connect(any_database) as connection,
            pytest.raises(psycopg.errors.AmbiguousColumn),
        ):
            connection.execute("select f(1)")

    def test_reports_tell_where_a_site_is(self, project: Callable[..., Path], any_database: str) -> None:
        load(any_database, function(BAD))
        report = checked(project(function(BAD)), database_url=any_database)
        document = json_report.build(report)
        jsonschema.validate(document, schema.shipped())
        (site,) = document["sites"]
        assert (site["path"], site["object"], site["origin"], site["line"]) == (None, "public.f(text)", "function", 3)
        assert site.get("defined") == {"path": "migrations/1.sql", "line": 3}
        assert json.dumps(document)
        out = StringIO()
        text.write(report, out)
        shown = " ".join(out.getvalue().split())
        assert "in the database: function public.f(text), line 3 (defined at migrations/1.sql:3) insert" in shown

    def test_the_summary_names_unresolved_places(self, project: Callable[..., Path], any_database: str) -> None:
        load(any_database, function("execute format('insert into %I (a) values (1) on conflict (a) do nothing', x)"))
        report = checked(project(), database_url=any_database)
        assert any("in the database: function public.f(text), line 3" in line for line, _ in lines(report))

    def test_sites_of_several_databases_are_apart(self, project: Callable[..., Path], any_database: str) -> None:
        root = project(function(BAD))
        other = root / "other"
        other.mkdir()
        (other / "1.sql").write_text(
            TABLES + "do $$ begin execute 'create function f(x text) returns void language sql "
            "as ' || quote_literal('insert into t (b) values (x) on conflict do nothing'); end $$"
        )
        settings = Settings(
            cache=False,
            base=root,
            database=(Database(name="main", schema="sql:migrations"), Database(name="other", schema="sql:other")),
        )
        (root / "other" / "app.py").write_text('run("INSERT INTO t (a) VALUES (1)")\n')
        report = check(root, settings)
        assert report.bound is not None
        assert len({site.id for site in report.sites}) == len(report.sites) == len(report.bound)
        assert {(site.database, site.object) for site in report.sites if site.mechanism is Mechanism.ON_CONFLICT} >= {
            ("main", "public.f(text)")
        }
        del any_database


def test_the_same_function_in_a_dump_is_a_copy_of_the_one_in_force(project: Callable[..., Path]) -> None:
    root = project(function(GOOD))
    (root / "schema.sql").write_text(TABLES + function(BAD) + function(BAD, "g(x text)"))
    report = checked(root)
    found = {(site.span.path, site.scope): site.reason for site in report.scan.sites}
    assert found == {
        ("migrations/1.sql", Scope.APP): None,
        ("schema.sql", Scope.MIGRATION): "a copy of migrations/1.sql:1, which is in force",
        ("schema.sql", Scope.APP): None,
    }
    assert [(finding.code, finding.severity.value) for finding in report.findings if finding.span] == [
        ("PGA101", "note"),
        ("PGA101", "error"),
    ]
