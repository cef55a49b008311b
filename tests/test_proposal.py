"""`pgarbiter init`: settings that fit what is found, each choice with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.errors import SourceError
from pgarbiter.proposal import parts, propose, shown, write
from pgarbiter.settings import Database, load

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.settings import Settings

_TABLE = "CREATE TABLE t (a int PRIMARY KEY);\n"


def _project(root: Path, **files: str) -> Path:
    """Files given as name="text"; `__` in a name is a slash, `_D_` a dot."""
    (root / ".git").mkdir()
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_D_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def _made(root: Path) -> Settings:
    write(propose(root))
    return load(root, overrides={})


def test_one_source_is_the_schema(tmp_path: Path) -> None:
    root = _project(tmp_path, db__migrations__1_D_sql=_TABLE)
    settings = _made(root)
    assert (settings.schema, settings.database) == ("sql:db/migrations", ())
    assert (root / "pgarbiter.toml").read_text() == (
        "# The schema that write sites are checked against: db/migrations, loaded into a throwaway server.\n"
        'schema = "sql:db/migrations"\n'
    )


def test_packages_with_schemas_of_their_own_are_databases(tmp_path: Path) -> None:
    root = _project(
        tmp_path,
        db__migrations__1_D_sql=_TABLE,
        services__indexer__package_D_json="{}",
        services__indexer__db__migrations__1_D_sql=_TABLE,
        services__storefront__package_D_json="{}",
        services__storefront__supabase__migrations__1_D_sql=_TABLE,
    )
    settings = _made(root)
    assert settings.schema == "sql:db/migrations"
    assert settings.database == (
        Database(name="indexer", paths=("services/indexer/",), schema="sql:services/indexer/db/migrations"),
        Database(
            name="storefront",
            paths=("services/storefront/",),
            schema="supabase:services/storefront/supabase/migrations",
        ),
    )


def test_a_source_for_another_database_is_one_that_is_not_judged(tmp_path: Path) -> None:
    mysql = "CREATE TABLE `t` (`a` int AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;\n"
    root = _project(tmp_path, store__mysql__migrations__1_D_sql=mysql, store__postgres__migrations__1_D_sql=_TABLE)
    settings = _made(root)
    assert settings.schema == "sql:store/postgres/migrations"
    assert settings.database == (Database(name="mysql", paths=("store/mysql/migrations/",), dialect="mysql"),)


def test_a_program_of_the_project_is_never_run_unasked(tmp_path: Path) -> None:
    root = _project(tmp_path, alembic_D_ini="[alembic]\nscript_location = alembic\n")
    assert _made(root).schema is None
    assert '# schema = "alembic:alembic.ini"' in (root / "pgarbiter.toml").read_text()


def test_a_second_source_of_the_same_part_is_a_comment(tmp_path: Path) -> None:
    root = _project(tmp_path, db__migrations__1_D_sql=_TABLE, prisma__schema_D_sql=_TABLE)
    text = shown(root)
    assert _made(root).database == ()
    assert "# sql:prisma/schema.sql was found as well." in text
    assert '# name = "prisma"' in text


def test_services_without_manifests_are_databases(tmp_path: Path) -> None:
    root = _project(tmp_path, services__a__migrations__1_D_sql=_TABLE, services__b__db__migrations__1_D_sql=_TABLE)
    settings = _made(root)
    assert settings.schema is None
    assert settings.database == (
        Database(name="a", paths=("services/a/",), schema="sql:services/a/migrations"),
        Database(name="b", paths=("services/b/",), schema="sql:services/b/db/migrations"),
    )


def test_a_package_of_the_database_alone_is_a_part_of_the_project(tmp_path: Path) -> None:
    root = _project(tmp_path, packages__db__migrations__1_D_sql=_TABLE, apps__web__db__migrations__1_D_sql=_TABLE)
    assert [one.paths for one in _made(root).database] == [("apps/web/",), ("packages/db/",)]


def test_a_dump_makes_no_part_of_the_project(tmp_path: Path) -> None:
    root = _project(tmp_path, services__a__migrations__1_D_sql=_TABLE, data__schema_D_sql=_TABLE)
    assert parts(root) == (
        "sql:data/schema.sql",
        (Database(name="a", paths=("/services/a/",), schema="sql:services/a/migrations"),),
    )


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_a_table_is_put_at_the_end_of_pyproject(tmp_path: Path, end: str) -> None:
    before = '[project]  # ours\nname = "x"' + end
    root = _project(tmp_path, pyproject_D_toml=before, db__migrations__1_D_sql=_TABLE)
    assert _made(root).schema == "sql:db/migrations"
    after = (root / "pyproject.toml").read_bytes().decode()
    assert after.startswith(before)
    assert not (root / "pgarbiter.toml").exists()
    assert ("\r\n\r\n[tool.pgarbiter]\r\n" in after) is (end == "\r\n")


def test_settings_that_are_there_are_never_changed(tmp_path: Path) -> None:
    root = _project(tmp_path, pgarbiter_D_toml="# mine\n", db__migrations__1_D_sql=_TABLE)
    with pytest.raises(SourceError, match="is there already"):
        propose(root)
    assert 'schema = "sql:db/migrations"' in shown(root)
    (root / "pgarbiter.toml").unlink()
    (root / "pyproject.toml").write_text("[tool.pgarbiter]\nignore = []\n")
    with pytest.raises(SourceError, match="already"):
        propose(root)


@pytest.mark.parametrize("text", ["tool = { x = 1 }\n", "not toml ["])
def test_a_pyproject_that_takes_no_table_is_left_alone(tmp_path: Path, text: str) -> None:
    root = _project(tmp_path, pyproject_D_toml=text, db__migrations__1_D_sql=_TABLE)
    with pytest.raises(SourceError):
        propose(root)
    assert (root / "pyproject.toml").read_text() == text


def test_sources_for_another_database_inside_of_each_other_are_one(tmp_path: Path) -> None:
    other = "CREATE TABLE t (a Int32) ENGINE = MergeTree ORDER BY a;\n"
    root = _project(tmp_path, db__migrations__1_D_sql=_TABLE, ch__schema_D_sql=other, ch__migrations__1_D_sql=other)
    assert _made(root).database == (Database(name="ch", paths=("ch/",), dialect="other"),)


def test_nothing_to_go_by_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no schema source was found"):
        propose(_project(tmp_path))
    with pytest.raises(SourceError, match="no schema source was found"):
        shown(tmp_path)
