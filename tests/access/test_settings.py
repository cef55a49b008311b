"""Roles in settings files and on the command line, driven as users do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from pgarbiter.cli import cli
from pgarbiter.errors import PgArbiterError, SourceError
from pgarbiter.settings import Database, PathRole, Settings, load
from pgarbiter.shares import narrowed

if TYPE_CHECKING:
    from click.testing import Result

EXAMPLE = Path(__file__).parents[1] / "rules" / "missing-privilege"


def _loaded(place: Path, text: str) -> object:
    (place / "pgarbiter.toml").write_text(text)
    return load(place, overrides={}).role


def test_a_role_is_a_name_or_a_list_by_paths(tmp_path: Path) -> None:
    assert _loaded(tmp_path, 'role = "app"') == "app"
    listed = '[[role]]\nname = "admin"\npaths = ["src/admin/"]\n[[role]]\nname = "app"\n'
    assert _loaded(tmp_path, listed) == (PathRole(name="admin", paths=("src/admin/",)), PathRole(name="app"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('role = ""', 'setting "role": the name is empty'),
        ("role = 3", 'setting "role'),
        ('[[role]]\nname = "a"\npath = ["x"]', 'unknown setting "role.path"'),
        ('[[role]]\npaths = ["x"]', 'setting "role'),
        ('[[role]]\nname = "a"\n[[role]]\nname = "b"', 'setting "role": "a" and "b" have no paths'),
        ('[[database]]\nname = "d"\nschema = "sql:x"\nrole = ""', 'setting "role": the name is empty'),
    ],
)
def test_a_role_that_means_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        _loaded(tmp_path, text)
    assert caught.value.message.removeprefix(f"{tmp_path / 'pgarbiter.toml'}: ").startswith(message)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The bad example of missing-privilege, whose schema makes the role."""
    (tmp_path / "db").mkdir()
    (tmp_path / "app.ts").write_text((EXAMPLE / "bad" / "app.ts").read_text())
    (tmp_path / "db" / "schema.sql").write_text("CREATE ROLE app;\n" + (EXAMPLE / "bad" / "schema.sql").read_text())
    (tmp_path / "pgarbiter.toml").write_text('schema = "sql:db"\n')
    return tmp_path


def _run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, env=environment, catch_exceptions=True)


def test_nothing_is_judged_without_a_role(project: Path) -> None:
    result = _run("check", str(project), "--format", "json", "--select", "PGA4")
    document = json.loads(result.output)
    assert result.exit_code == 0
    assert document["findings"] == []
    assert "access" not in document["sites"][0]["verdict"]


@pytest.mark.parametrize("how", ["option", "environment", "settings"])
def test_a_role_is_judged_however_it_is_named(project: Path, how: str) -> None:
    if how == "settings":
        (project / "pgarbiter.toml").write_text('schema = "sql:db"\nrole = "app"\n')
    options = ["--role", "app"] if how == "option" else []
    environment = {"PGARBITER_CHECK_ROLE": "app"} if how == "environment" else None
    given = ("--format", "json", "--select", "PGA4", *options)
    result = _run("check", str(project), *given, environment=environment)
    assert result.exit_code == 1
    document = json.loads(result.output)
    (finding,) = document["findings"]
    assert finding["code"] == "PGA401"
    assert finding["remedy"] == "GRANT UPDATE (external_id) ON public.accounts TO app."
    access = document["sites"][0]["verdict"]["access"]
    assert [one["column"] for one in access["privileges"] if one["given_by"] is None] == ["external_id"]
    assert access["row_security"]["exempt"] == 'row security is off on "public.accounts"'


def test_an_unknown_role_cannot_be_judged(project: Path) -> None:
    result = _run("check", str(project), "--role", "apps")
    assert isinstance(result.exception, PgArbiterError)
    assert result.exception.message == 'role "apps" does not exist in the catalog'
    assert result.exception.hint == 'Did you mean "app"?'


def test_explain_shows_each_privilege_and_what_gives_it(project: Path) -> None:
    of_site = _run("explain", f"{project / 'app.ts'}:8", "--role", "app").output
    shown = [" ".join(line.split()) for line in of_site.splitlines()]
    assert "UPDATE (external_id) on public.accounts MISSING" in shown
    assert 'UPDATE (name) on public.accounts grant on the column to "app"' in shown
    sql = "insert into accounts (external_id, name) values ($1, $2) on conflict (external_id) do nothing"
    of_text = _run("explain", "--sql", sql, "--schema", f"sql:{project / 'db'}", "--role", "app").output
    assert "row security does not apply" in of_text
    assert "MISSING" not in of_text
    without = _run("explain", "--sql", sql, "--schema", f"sql:{project / 'db'}").output
    assert "access" not in without


def test_a_database_has_a_role_of_its_own(tmp_path: Path) -> None:
    databases = (Database(name="own", schema="sql:x", role="worker"), Database(name="rest", schema="sql:y"))
    settings = Settings(role="app", database=databases)
    for name, role in (("own", "worker"), ("rest", "app")):
        assert narrowed(replace(settings, only_database=name), tmp_path).role == role
