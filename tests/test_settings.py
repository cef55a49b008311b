"""Settings files: found near the path, validated, never able to lift a guard."""

from pathlib import Path

import pytest

from pgarbiter.errors import SourceError
from pgarbiter.run import check
from pgarbiter.settings import Settings, load


def write(directory: Path, text: str, name: str = "pgarbiter.toml") -> Path:
    path = directory / name
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert load(tmp_path, overrides={}) == Settings()


def test_the_nearest_file_above_the_path_is_read(tmp_path: Path) -> None:
    write(tmp_path, '[tool.pgarbiter]\nschema = "sql:db"\nexclude = ["old/"]', "pyproject.toml")
    (tmp_path / "src").mkdir()
    settings = load(tmp_path / "src", overrides={})
    assert (settings.schema, settings.exclude) == ("sql:db", ("old/",))


def test_nothing_above_the_repository_is_read(tmp_path: Path) -> None:
    write(tmp_path, 'schema = "sql:elsewhere"')
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert load(tmp_path / "repository", overrides={}).schema is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[read]]\ntable = "t"', "not complete"),
        ('[[read]]\ntable = "t"\nequals = ["a"]', 'unknown setting "read.equals"'),
        ('[[read]]\nequal = ["a"]', "read"),
    ],
)
def test_a_read_names_its_table_and_columns(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SourceError, match=message):
        load(tmp_path, overrides={})


def test_the_command_line_wins(tmp_path: Path) -> None:
    write(tmp_path, 'schema = "sql:db"')
    assert load(tmp_path, overrides={"schema": "sql:other"}).schema == "sql:other"


def test_the_table_of_a_pyproject_is_told_to_be_none_of_this_file(tmp_path: Path) -> None:
    (tmp_path / "pgarbiter.toml").write_text('[tool.pgarbiter]\nschema = "sql:db"\n')
    with pytest.raises(SourceError) as caught:
        load(tmp_path, overrides={})
    assert "without [tool.pgarbiter]" in (caught.value.hint or "")


def test_an_unknown_key_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    write(tmp_path, 'scema = "sql:db"')
    with pytest.raises(SourceError) as caught:
        load(tmp_path, overrides={})
    assert caught.value.message == f'{tmp_path / "pgarbiter.toml"}: unknown setting "scema"'
    assert caught.value.hint == 'Did you mean "schema"?'


def test_a_value_of_the_wrong_type_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "exclude = 3")
    with pytest.raises(SourceError, match='setting "exclude"'):
        load(tmp_path, overrides={})


@pytest.mark.parametrize("key", ["database-url", "superuser", "create_roles"])
def test_a_repository_cannot_hold_secrets_or_lift_a_guard(tmp_path: Path, key: str) -> None:
    write(tmp_path, f'{key} = "x"')
    with pytest.raises(SourceError, match="not allowed in a settings file"):
        load(tmp_path, overrides={})


def test_a_file_that_is_no_toml_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="could not read settings file"):
        load(tmp_path, config=write(tmp_path, "schema = ["), overrides={})


def test_a_settings_file_that_does_not_exist_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        load(tmp_path, config=tmp_path / "none.toml", overrides={})


def test_a_broken_pyproject_that_holds_our_settings_is_refused(tmp_path: Path) -> None:
    write(tmp_path, '[tool.pgarbiter]\nschema = "sql:db"\n[tool.x', "pyproject.toml")
    with pytest.raises(SourceError, match="could not read settings file"):
        load(tmp_path, overrides={})


def test_a_broken_pyproject_of_another_tool_is_not_our_error(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, "not toml [", "pyproject.toml")
    assert load(tmp_path, overrides={}) == Settings()


def test_a_repr_shows_no_password() -> None:
    settings = Settings(database_url="postgresql://u:secret@h/d", server="postgresql://u:secret@h/d")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('fail_on = "fatal"', 'setting "fail-on": "fatal" is not one of error, warning, note'),
        ("max_unknown = -1", 'setting "max-unknown": -1 is less than 0'),
        ('max_unknown = "3"', 'setting "max-unknown": input should be a valid integer'),
        ('cache = "no"', 'setting "cache": input should be a valid boolean'),
        ('server = "enbedded"', 'server "enbedded" is not known'),
        ("schema = 2024-01-01\nignore = 2024-01-01", 'setting "ignore": input should be a valid array'),
    ],
)
def test_a_value_that_means_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SourceError) as caught:
        load(tmp_path, overrides={})
    assert caught.value.message.endswith(message)


def test_a_schema_is_looked_for_beside_the_settings_file_that_names_it(tmp_path: Path) -> None:
    root = tmp_path / "project"
    for name, text in {
        ".git/config": "",
        "db/1.sql": "CREATE TABLE t (a int PRIMARY KEY);",
        "app/src/a.py": "q('INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING')",
        "app/src/db/other.sql": "CREATE TABLE t (a int);",
        "pgarbiter.toml": 'schema = "sql:db"',
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    source = root / "app" / "src"
    report = check(source, load(source, overrides={"exclude": ("db/",)}))
    assert [bound.verdict.outcome.value for bound in report.bound or ()] == ["match"]
    assert report.schema is not None
    assert report.schema.source == "sql:../../db"
    assert load(source, overrides={"schema": "sql:db"}).schema == "sql:db"
    assert load(root, overrides={}).schema == "sql:db"


def test_a_revision_of_alembic_is_looked_for_there_too(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "alembic.ini").write_text("[alembic]")
    (tmp_path / "pgarbiter.toml").write_text('schema = "alembic:alembic.ini@abc"')
    (tmp_path / ".git").mkdir()
    assert load(tmp_path / "app", overrides={}).schema == f"alembic:{tmp_path.resolve()}/alembic.ini@abc"
