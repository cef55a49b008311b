"""Every rule's bad and good examples, end to end: scanned, judged against a real catalog, and executed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from pgarbiter.access.whose import assigned
from pgarbiter.arbiter.bind import bind
from pgarbiter.arbiter.oracle import Oracle
from pgarbiter.catalog.read import read_catalog
from pgarbiter.report.json import build
from pgarbiter.report.model import Report
from pgarbiter.rules import check, check_sources, named_rule, registry
from pgarbiter.scan import scan
from pgarbiter.schema.api import exposed_schemas, without_reload
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.schema.order import SourceFile
from pgarbiter.settings import Settings, load
from pgarbiter.settled import Asked, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
RULES = sorted(info.name for info in registry().values())
SETTINGS = Settings(exclude=("schema.sql", "execute.sql", "wrong.sql"))
SQLSTATE = re.compile(r"\b[0-9][0-9A-Z][0-9A-Z]{3}\b")


def _options(directory: Path) -> dict[str, Any]:
    """`live`: whether the catalog is that of a live database; `role`: who runs the statements."""
    return tomllib.loads((directory / "case.toml").read_text()) if (directory / "case.toml").exists() else {}


@pytest.fixture(autouse=True)
def _no_role_stays(database: str) -> Iterator[None]:
    """Roles are the server's, and would meet those of the next test."""
    yield
    with psycopg.connect(database, autocommit=True) as connection:
        for (name,) in connection.execute("SELECT rolname FROM pg_roles WHERE rolname = 'app'").fetchall():
            connection.execute(SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(Identifier(name)))


def _prepared(connection: psycopg.Connection, directory: Path) -> None:
    if (role := _options(directory).get("role")) is not None:
        connection.execute(SQL("CREATE ROLE {}").format(Identifier(role)))
    connection.execute((directory / "schema.sql").read_text().encode())


def _schema(directory: Path) -> SchemaInfo:
    """What a schema source tells of PostgREST: that of an example which has its configuration, or is a migration."""
    info = SchemaInfo("sql:schema.sql")
    if (found := exposed_schemas((directory,))) is not None:
        info = replace(info, exposed=found[1], exposed_by=found[0].name)
    if _options(directory).get("migration"):
        file = SourceFile("schema.sql", (directory / "schema.sql").read_text())
        info = replace(info, unreloaded=without_reload((file,)))
    return info


def _checked(directory: Path, database: str) -> Report:
    options = _options(directory)
    settings = replace(SETTINGS, role=options.get("role"))
    if (file := directory / "pgarbiter.toml").exists():
        settings = replace(settings, read=load(directory, config=file, overrides={}).read)
    found = scan([directory], settings)
    with psycopg.connect(database, autocommit=True) as connection:
        _prepared(connection, directory)
        loaded = Loaded(
            catalog=read_catalog(connection),
            server=ServerInfo("18", "test", "test"),
            schema=_schema(directory),
            live=options.get("live", True),
        )
        sites = assigned(found.sites, settings, directory, loaded) if settings.role else found.sites
        bounds = tuple(bind(site, loaded, oracle=Oracle.on(connection)) for site in sites)
    findings = (*check(bounds, loaded, settings), *check_sources(found, settings).findings)
    report = Report("0", found, bounds, loaded.server, loaded.schema, findings)
    return settled(report, Asked((directory,), directory, settings), None)


@pytest.mark.parametrize("name", RULES)
def test_a_bad_example_gives_exactly_its_rule(name: str, database: str) -> None:
    """But for the fault of a statement that a rule about the catalog takes up."""
    report = _checked(HERE / name / "bad", database)
    beside = _options(HERE / name / "bad").get("beside", ())
    assert report.sites
    assert {finding.rule for finding in report.findings} == {name, *beside}
    if named_rule(name).find is None:
        assert all(finding.span or finding.object for finding in report.findings)
        return
    sites = [finding.site for finding in report.findings]
    assert sorted(map(str, sites)) == sorted(site.id for site in report.sites), "each site is found, once"


@pytest.mark.parametrize("name", RULES)
def test_a_good_example_gives_no_finding(name: str, database: str) -> None:
    report = _checked(HERE / name / "good", database)
    assert report.sites
    assert report.findings == ()
    assert all(site["verdict"]["outcome"] != "no_match" for site in build(report)["sites"])


@pytest.mark.parametrize("name", [n for n in RULES if (HERE / n / "bad" / "execute.sql").exists()])
def test_the_sqlstate_that_a_rule_claims_is_what_the_server_answers(name: str, database: str) -> None:
    directory = HERE / name / "bad"
    report = _checked(directory, database)
    claimed = {code for finding in report.findings for code in SQLSTATE.findall(finding.effect)}
    *before, last = _statements(directory / "execute.sql")
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in before:
            connection.execute(statement)
        with pytest.raises(psycopg.Error) as error:
            connection.execute(last)
    assert error.value.sqlstate in claimed


@pytest.mark.parametrize("name", [n for n in RULES if (HERE / n / "good" / "execute.sql").exists()])
def test_a_good_example_runs(name: str, database: str) -> None:
    directory = HERE / name / "good"
    with psycopg.connect(database, autocommit=True) as connection:
        _prepared(connection, directory)
        for statement in _statements(directory / "execute.sql") * 2:
            if not (statement.startswith((b"PREPARE", b"CREATE")) and _seen(connection, statement)):
                connection.execute(statement)


@pytest.mark.parametrize("name", [n for n in RULES if (HERE / n / "bad" / "wrong.sql").exists()])
def test_the_wrong_data_that_a_rule_warns_of_come_about(name: str, database: str) -> None:
    """The last statement of the file asks whether they did."""
    directory = HERE / name / "bad"
    _checked(directory, database)
    *before, asked = _statements(directory / "wrong.sql")
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in before:
            connection.execute(statement)
        assert connection.execute(asked).fetchall() == [(True,)]


def test_every_rule_has_a_bad_and_a_good_example() -> None:
    directories = {path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert directories == set(RULES)
    assert all((HERE / name / kind / "schema.sql").exists() for name in RULES for kind in ("bad", "good"))


def _statements(file: Path) -> list[bytes]:
    """The statements of a file that ends each with a semicolon at the end of a line outside $$ quotes."""
    parts, inside = [""], False
    for line in file.read_text().splitlines(keepends=True):
        inside ^= line.count("$$") % 2 == 1
        parts[-1] += line
        if not inside and line.rstrip().endswith(";"):
            parts.append("")
    return [part.strip().encode() for part in parts if part.strip()]


def _seen(connection: psycopg.Connection, statement: bytes) -> bool:
    """A good example runs twice, so that the second run meets the first one's row; definitions are made once."""
    if statement.startswith(b"PREPARE"):
        return connection.execute("SELECT FROM pg_prepared_statements WHERE name = 'activate'").rowcount > 0
    return connection.execute("SELECT FROM pg_proc WHERE proname = 'count_hit'").rowcount > 0
