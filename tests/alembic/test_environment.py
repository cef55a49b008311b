"""The environment that the revisions run in, and rules that all of them keep."""

from __future__ import annotations

import ast
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from .conftest import ROOT, Product

if TYPE_CHECKING:
    from alembic.script import Script


def config() -> Config:
    return Config(ROOT / "alembic.ini", output_buffer=io.StringIO())


def revisions() -> list[Script]:
    return list(ScriptDirectory.from_config(config()).walk_revisions())


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1


@pytest.mark.parametrize("script", revisions(), ids=lambda script: script.revision)
def test_a_file_is_named_after_its_revision_and_the_version_table_holds_its_name(script: Script) -> None:
    assert script.path.endswith(f"{script.revision}.py")
    assert len(script.revision) <= 32


@pytest.mark.parametrize("script", revisions(), ids=lambda script: script.revision)
def test_an_online_operation_is_the_only_statement_of_its_revision(script: Script) -> None:
    for each in ast.parse(Path(script.path).read_text()).body:
        if isinstance(each, ast.FunctionDef) and "_online(" in ast.unparse(each):
            assert len(each.body) == 1, each.name


def test_the_database_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGARBITER_DATABASE_URL", raising=False)
    monkeypatch.delenv("PGDATABASE", raising=False)
    with pytest.raises(CommandError, match="PGARBITER_DATABASE_URL is not set: name the database"):
        command.current(config())


def test_a_connection_string_that_is_no_url_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGARBITER_DATABASE_URL", "host=a password=secret")
    with pytest.raises(CommandError, match=r"^PGARBITER_DATABASE_URL is no URL, wanted postgresql://") as caught:
        command.current(config())
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("platform", ["postgres", "supabase"])
def test_the_creating_revisions_can_be_printed(platform: str) -> None:
    printing = config()
    printing.cmd_opts = type("Options", (), {"x": [f"platform={platform}"]})()
    command.upgrade(printing, "0004_installations", sql=True)
    text = printing.output_buffer.getvalue()
    assert "CREATE TABLE oauth_codes" in text
    assert ("REFERENCES auth.users" in text) is (platform == "supabase")


def test_variables_of_libpq_name_a_database_too(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGARBITER_DATABASE_URL")
    info = product.connection.info
    for name, value in {"HOST": info.host, "PORT": info.port, "USER": info.user, "DATABASE": info.dbname}.items():
        monkeypatch.setenv(f"PG{name}", str(value))
    product.up("0001_business_accounts")
    assert product.rows("SELECT version_num FROM alembic_version") == [("0001_business_accounts",)]


def test_the_other_spelling_of_the_scheme_is_accepted(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    url = os.environ["PGARBITER_DATABASE_URL"]
    monkeypatch.setenv("PGARBITER_DATABASE_URL", url.replace("postgresql://", "postgres://"))
    product.up("0001_business_accounts")
    assert product.rows("SELECT version_num FROM alembic_version") == [("0001_business_accounts",)]
