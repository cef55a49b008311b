"""`pgarbiter check --changed`: the files of a commit, from wherever it is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pgarbiter.changed import changed_files
from pgarbiter.errors import SourceError
from pgarbiter.settings import Database, Settings

if TYPE_CHECKING:
    from .conftest import Run

TABLE = "CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE, c int NOT NULL DEFAULT 0);\n"
GOOD = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n"
BAD = "INSERT INTO t (a, c) VALUES (1, 2) ON CONFLICT (c) DO NOTHING;\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that is the working directory."""
    for name in (".git", "db", "app", "alembic/versions"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "db" / "schema.sql").write_text(TABLE)
    (tmp_path / "app" / "good.sql").write_text(GOOD)
    (tmp_path / "app" / "bad.sql").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_only_the_files_of_the_change_are_judged(pgarbiter: Run, project: Path) -> None:
    assert pgarbiter("check", "--changed", "app/good.sql").code == 0
    ended = pgarbiter("check", "--changed", "app/bad.sql", "app/good.sql")
    assert ended.code == 1
    assert "app/bad.sql:1" in ended.out
    assert "app/good.sql:1" not in ended.out


def test_paths_are_those_of_the_repository_from_a_directory_below(
    pgarbiter: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "app")
    ended = pgarbiter("check", "--changed", "bad.sql", "--format", "json")
    assert ended.code == 1
    assert '"path": "app/bad.sql"' in ended.out


def test_a_schema_among_the_files_has_all_sites_judged(pgarbiter: Run, project: Path) -> None:
    assert pgarbiter("check", "--changed", "app/good.sql", "db/schema.sql").code == 1


@pytest.mark.parametrize(
    ("settings", "name", "whole"),
    [
        (Settings(), "db/schema.sql", True),
        (Settings(), "app/good.sql", False),
        (Settings(schema="sql:db"), "db/schema.sql", True),
        (Settings(schema="alembic:alembic.ini"), "alembic/versions/1.py", True),
        (Settings(schema="alembic:alembic.ini"), "alembic.ini", True),
        (Settings(schema="alembic:alembic.ini"), "app/good.sql", False),
        (Settings(database_url="postgresql://h/d"), "db/schema.sql", False),
        (Settings(database=(Database(name="x", schema="sql:db/schema.sql"),)), "db/schema.sql", True),
        (Settings(schema="sql:nowhere"), "app/good.sql", False),
    ],
)
def test_what_makes_the_schema_is_known(project: Path, settings: Settings, name: str, *, whole: bool) -> None:
    (project / "alembic.ini").write_text("[alembic]\nscript_location = alembic\n")
    (project / "alembic" / "versions" / "1.py").write_text("")
    found = changed_files([Path(name)], project, settings)
    assert found == (None if whole else (name,))


def test_a_path_that_is_no_file_of_the_repository_is_an_error(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "a.sql"
    other.write_text(GOOD)
    for path, message in ((Path("app"), "is no file"), (Path("gone.sql"), "is no file"), (other, "is not in")):
        with pytest.raises(SourceError, match=message):
            changed_files([path], project, Settings())


def test_no_file_at_all_is_a_mistake_and_not_the_whole_directory(pgarbiter: Run, project: Path) -> None:
    ended = pgarbiter("check", "--changed")
    assert ended.code == 2
    assert "--changed names no file" in ended.err


def test_a_site_of_which_nothing_can_be_told_is_told_and_does_not_fail(pgarbiter: Run, project: Path) -> None:
    (project / "app" / "open.sql").write_text("INSERT INTO elsewhere (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    ended = pgarbiter("check", "--changed", "app/open.sql")
    assert ended.code == 0
    assert "not in the schema source" in ended.out
    assert pgarbiter("check", "app/open.sql").code == 2
