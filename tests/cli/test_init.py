"""`pgarbiter init` as a user meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "schema.sql").write_text("CREATE TABLE t (a int PRIMARY KEY);\n")
    return tmp_path


def test_init_writes_settings_that_check_takes(pgarbiter: Run, project: Path) -> None:
    ended = pgarbiter("init", project)
    assert ended.code == 0
    assert ended.out.endswith(f"written to {project / 'pgarbiter.toml'}\n")
    (project / "a.sql").write_text("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    assert pgarbiter("check", project).code == 0


def test_a_dry_run_writes_nothing(pgarbiter: Run, project: Path) -> None:
    ended = pgarbiter("init", project, "--dry-run")
    assert (ended.code, 'schema = "sql:db/schema.sql"' in ended.out) == (0, True)
    assert not (project / "pgarbiter.toml").exists()


def test_a_second_init_changes_nothing(pgarbiter: Run, project: Path) -> None:
    pgarbiter("init", project)
    before = (project / "pgarbiter.toml").read_bytes()
    ended = pgarbiter("init", project)
    assert (ended.code, "is there already" in ended.err) == (2, True)
    assert (project / "pgarbiter.toml").read_bytes() == before


def test_init_of_a_file_is_one_clear_error(pgarbiter: Run, project: Path) -> None:
    assert "is no directory" in pgarbiter("init", project / "db" / "schema.sql").err


def test_a_database_of_the_settings_can_be_chosen(pgarbiter: Run, project: Path) -> None:
    (project / "pgarbiter.toml").write_text(
        '[[database]]\nname = "main"\npaths = ["*"]\nschema = "sql:db/schema.sql"\n'
    )
    (project / "a.sql").write_text("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    assert pgarbiter("check", project).code == 0
    assert pgarbiter("check", project, "--database", "main").code == 0
    assert 'database "x" is not in the settings' in pgarbiter("check", project, "--database", "x").err
