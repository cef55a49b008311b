"""Several databases in one run: each site is judged by its own."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pgarbiter.errors import SchemaError, SourceError
from pgarbiter.proposal import parts
from pgarbiter.repair.request import Request
from pgarbiter.repairing import repair
from pgarbiter.report import write
from pgarbiter.report.json import build
from pgarbiter.report.schema import shipped
from pgarbiter.run import check
from pgarbiter.settings import Database, Settings, load

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.report.model import Report

_UPSERT = "run('INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING')\n"
_CORE = Database(name="core", paths=("core/",), schema="sql:db/core")
_INDEXER = Database(name="indexer", paths=("indexer/",), schema="sql:db/indexer")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two services with a table of one name each, of which only that of the core has a unique index."""
    for name, text in {
        "core/a.py": _UPSERT,
        "indexer/a.py": _UPSERT,
        "tools/a.py": _UPSERT,
        "db/core/1.sql": "CREATE TABLE t (a int PRIMARY KEY);\n",
        "db/indexer/1.sql": "CREATE TABLE t (a int);\nINSERT INTO t (a) VALUES (1);\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def _outcomes(report: Report) -> dict[str | None, str]:
    return {bound.site.span.path: bound.verdict.outcome.value for bound in report.bound or ()}


def _document(report: Report) -> Any:
    return json.loads(json.dumps(build(report)))


def test_each_site_is_judged_by_its_database(project: Path) -> None:
    report = check(project, Settings(database=(_CORE, _INDEXER)))
    assert _outcomes(report) == {
        "core/a.py": "match",
        "indexer/a.py": "no_match",
        "tools/a.py": "unknown",
        "db/indexer/1.sql": "not_judged",
    }
    document = _document(report)
    assert {site["path"]: site.get("database") for site in document["sites"]} == {
        "core/a.py": "core",
        "indexer/a.py": "indexer",
        "tools/a.py": None,
        "db/indexer/1.sql": "indexer",
    }
    assert [(one["name"], one["schema"]["source"], one["schema"]["loaded"]) for one in document["schemas"]] == [
        ("core", "sql:db/core", 1),
        ("indexer", "sql:db/indexer", 2),
    ]
    assert document["schema"] is None


def test_a_site_that_no_database_covers_is_unknown_with_the_reason(project: Path) -> None:
    report = check(project, Settings(database=(_CORE, _INDEXER)))
    verdict = next(bound.verdict for bound in report.bound or () if bound.site.span.path == "tools/a.py")
    assert verdict.reason == "no database of the settings covers this file"
    assert [f.code for f in report.findings if f.span is not None and f.span.path == "tools/a.py"] == ["PGA901"]


def test_what_none_covers_is_judged_by_the_schema_of_the_settings_if_there_is_one(project: Path) -> None:
    report = check(project, Settings(schema="sql:db/core", database=(_INDEXER,)))
    assert _outcomes(report)["tools/a.py"] == "match"
    assert _outcomes(report)["core/a.py"] == "match"
    assert report.schema is not None
    assert [one.name for one in report.databases] == ["indexer", None]


def test_a_report_of_several_databases_is_valid_and_names_them(project: Path) -> None:
    phone = Database(name="phone", paths=("phone/",), dialect="sqlite")
    report = check(project, Settings(database=(_CORE, _INDEXER, phone)))
    jsonschema.validate(_document(report), shipped())
    stream = io.StringIO()
    write(report, "text", stream)
    assert "indexer: schema sql:db/indexer, 2 of 2 statements loaded" in stream.getvalue()
    assert "[raw-sql, database indexer]" in stream.getvalue()
    assert 'database "phone": no write site belongs to it' in stream.getvalue()


def test_one_database_can_be_chosen(project: Path) -> None:
    settings = Settings(database=(_CORE, _INDEXER), only_database="core")
    assert _outcomes(check(project, settings)) == {"core/a.py": "match"}


def test_a_live_database_comes_from_an_environment_variable(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core = Database(name="core", paths=("core/",), url_env="CORE_URL")
    monkeypatch.delenv("CORE_URL", raising=False)
    with pytest.raises(SchemaError, match='environment variable "CORE_URL" is not set'):
        check(project, Settings(database=(core, _INDEXER)))
    monkeypatch.setenv("CORE_URL", "geheim")
    with pytest.raises(SchemaError) as caught:
        check(project, Settings(database=(core, _INDEXER)))
    assert "geheim" not in f"{caught.value.message} {caught.value.hint}"


def test_a_variable_that_is_not_set_leaves_the_schema_source(project: Path) -> None:
    core = Database(name="core", paths=("core/",), url_env="NO_SUCH_URL", schema="sql:db/core")
    assert _outcomes(check(project, Settings(database=(core, _INDEXER))))["core/a.py"] == "match"


def test_a_repair_is_of_one_database(project: Path) -> None:
    settings = Settings(database=(_CORE, _INDEXER))
    with pytest.raises(SchemaError, match="several databases"):
        repair(project, Request(dry_run=True), settings)


def test_a_settings_file_names_databases(project: Path) -> None:
    (project / "pgarbiter.toml").write_text(
        '[[database]]\nname = "core"\npaths = ["core/"]\nschema = "sql:db/core"\n'
        '[[database]]\nname = "live"\npaths = ["indexer/"]\nurl-env = "INDEXER_URL"\nexposed-schema = "api"\n'
    )
    settings = load(project / "core", overrides={})
    assert settings.base == project.resolve()
    assert [(one.name, one.url_env, one.exposed_schema) for one in settings.database] == [
        ("core", None, None),
        ("live", "INDEXER_URL", "api"),
    ]
    assert _outcomes(check(project / "core", settings)) == {"a.py": "match"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[database]]\nname = "x"\nschema = "a"\nshema = "b"\n', 'unknown setting "database.shema"'),
        ('[[database]]\nschema = "a"\n', 'setting "database.0.name"'),
        ('[[database]]\nname = "x"\n', 'database "x" has no schema'),
        ('[[database]]\nname = "x"\ndialect = "access"\n', 'dialect "access" is not one of'),
        ('[[database]]\nname = "x"\ndialect = "mysql"\n', 'database "x" has no paths'),
        ('[[database]]\nname = "x"\nschema = "a"\n[[database]]\nname = "x"\nschema = "a"\n', "used twice"),
        ("database = 3\n", 'setting "database"'),
        ("database = [3]\n", 'setting "database.0"'),
        ('only-database = "x"\n', 'unknown setting "only-database"'),
    ],
)
def test_a_wrong_database_is_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "pgarbiter.toml").write_text(text)
    with pytest.raises(SourceError) as caught:
        load(tmp_path, overrides={})
    assert message in caught.value.message


def test_a_database_that_is_not_there_cannot_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match='database "y" is not in the settings'):
        load(tmp_path, overrides={"only_database": "y"})


def _packages(root: Path, **manifests: str) -> Path:
    for name, text in {
        "core/package.json": "{}",
        "core/migrations/1.sql": "CREATE TABLE t (a int PRIMARY KEY);\nCREATE TABLE alone (a int);\n",
        "indexer/package.json": "{}",
        "indexer/db/migrations/1.sql": "CREATE TABLE t (a int);\n",
        "core/a.py": _UPSERT,
        "indexer/a.py": _UPSERT,
        "tools/a.py": _UPSERT.replace("INTO t", "INTO alone"),
        "tools/b.py": _UPSERT,
        **manifests,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def test_packages_with_schemas_of_their_own_are_judged_by_these_without_being_told(tmp_path: Path) -> None:
    report = check(_packages(tmp_path))
    outcomes = _outcomes(report)
    assert (outcomes["core/a.py"], outcomes["indexer/a.py"]) == ("match", "no_match")
    assert [judged.name for judged in report.databases] == ["core", "indexer"]


def test_what_lies_in_no_part_is_judged_by_the_schema_of_the_project_alone(tmp_path: Path) -> None:
    files = {"migrations/1.sql": "CREATE TABLE t (a int);\nCREATE TABLE alone (a int);\n"}
    report = check(_packages(tmp_path, **files))
    outcomes = _outcomes(report)
    assert (outcomes["tools/a.py"], outcomes["tools/b.py"]) == ("unknown", "unknown")
    (reason,) = [one.verdict.reason for one in report.bound or () if one.site.span.path == "tools/b.py"]
    assert reason is not None
    assert '"indexer"' in reason


def test_what_lies_in_no_part_is_unknown_where_the_project_has_no_schema(tmp_path: Path) -> None:
    report = check(_packages(tmp_path))
    outcomes = _outcomes(report)
    assert (outcomes["tools/a.py"], outcomes["tools/b.py"]) == ("unknown", "unknown")
    reasons = {one.verdict.reason for one in report.bound or () if one.site.span.path == "tools/b.py"}
    assert reasons == {'the file is in none of the parts of the project that have a schema: "core", "indexer"'}


@pytest.mark.parametrize(
    "place", ["migrations", "db/migrations", "src/main/resources/db/migration", "prisma/migrations"]
)
def test_services_without_manifests_are_judged_by_their_own_schema(place: str, tmp_path: Path) -> None:
    files = {
        f"services/a/{place}/1.sql": "CREATE TABLE t (a int PRIMARY KEY);\n",
        f"services/b/{place}/1.sql": "CREATE TABLE t (a int);\n",
        "services/a/src/x.py": _UPSERT,
        "services/b/src/x.py": _UPSERT,
        "lib/x.py": _UPSERT,
    }
    for name, text in files.items():
        path = tmp_path / name
        if "prisma" in name:
            (path.parent / "migration_lock.toml").parent.mkdir(parents=True, exist_ok=True)
            (path.parent / "migration_lock.toml").write_text('provider = "postgresql"\n')
            path = path.parent / "1" / "migration.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    outcomes = _outcomes(check(tmp_path))
    assert {name: outcomes[name] for name in ("services/a/src/x.py", "services/b/src/x.py", "lib/x.py")} == {
        "services/a/src/x.py": "match",
        "services/b/src/x.py": "no_match",
        "lib/x.py": "unknown",
    }


@pytest.mark.parametrize(
    "other",
    [
        {"services/b/alembic.ini": "[alembic]\nscript_location = alembic\n"},
        {"services/b/migrations/1.sql": "CREATE TABLE `t` (`a` int AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;\n"},
    ],
)
def test_a_service_whose_schema_is_not_loaded_is_never_judged_by_that_of_another(
    other: dict[str, str], tmp_path: Path
) -> None:
    files = {"services/a/migrations/1.sql": "CREATE TABLE t (a int);\n", "services/b/x.py": _UPSERT, **other}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    report = check(tmp_path)
    assert _outcomes(report)["services/b/x.py"] == "unknown"
    reasons = [one.verdict.reason or "" for one in report.bound or () if one.site.span.path == "services/b/x.py"]
    assert "loaded only when it is asked for" in reasons[0]


def test_nothing_is_repaired_before_one_of_several_packages_is_chosen(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="several parts of the project have a schema of their own: core, indexer"):
        repair(_packages(tmp_path), Request(dry_run=True))


def test_one_schema_serves_all_packages(tmp_path: Path) -> None:
    root = _packages(tmp_path)
    (root / "indexer/db/migrations/1.sql").unlink()
    assert set(_outcomes(check(root)).values()) == {"match", "no_match"}


def test_the_parts_of_a_project_are_those_that_init_writes(tmp_path: Path) -> None:
    default, found = parts(_packages(tmp_path))
    assert default is None
    assert [(one.name, one.schema) for one in found] == [
        ("core", "sql:core/migrations"),
        ("indexer", "sql:indexer/db/migrations"),
    ]


def test_a_file_that_no_database_covers_is_told_where_to_add_it(project: Path) -> None:
    report = check(project, Settings(database=(_CORE, _INDEXER)))
    (finding,) = [one for one in report.findings if one.code == "PGA901"]
    assert finding.remedy == (
        'Add the file to the paths of the [[database]] that it writes to ("core" and "indexer"), or say with '
        "schema = ... what all other files write to."
    )
    assert finding.related == ()
