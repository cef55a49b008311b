"""What `check` does with the findings of rules: severity by place, trust in the catalog, choice of rules, order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.bind import bind
from pgarbiter.arbiter.judge import judge, merge_judged
from pgarbiter.catalog.read import read_catalog
from pgarbiter.errors import SourceError
from pgarbiter.model import Scope
from pgarbiter.rules import check, check_all
from pgarbiter.rules.model import Severity
from pgarbiter.scan import scan
from pgarbiter.schema.model import Judged, Loaded, SchemaInfo, ServerInfo
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.arbiter.model import BoundSite
    from pgarbiter.rules.model import Finding

TABLE = """
CREATE TABLE accounts (
    id bigint PRIMARY KEY,
    owner bigint NOT NULL,
    external_id text NOT NULL UNIQUE,
    name text NOT NULL
)
"""
BROKEN = """
INSERT INTO accounts (id, owner, external_id, page) VALUES (1, 2, 'x', 'p')
ON CONFLICT (owner, external_id) DO UPDATE SET owner = 1;
"""


def _judge(database: str, directory: Path, sql: str, ddl: str = TABLE) -> tuple[tuple[BoundSite, ...], Loaded]:
    (directory / "query.sql").write_text(sql)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(ddl.encode())
        catalog = read_catalog(connection)
    server = ServerInfo("18", "test", "test")
    loaded = Loaded(catalog, server, SchemaInfo("sql:schema.sql"), live=True)
    return tuple(bind(site, loaded) for site in scan([directory], Settings()).sites), loaded


def _codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def test_all_rungs_of_the_ladder_are_reported_at_once(database: str, tmp_path: Path) -> None:
    bounds, loaded = _judge(database, tmp_path, BROKEN)
    findings = check(bounds, loaded, Settings())
    assert _codes(findings) == ["PGA002", "PGA101", "PGA202"]
    assert {finding.severity for finding in findings} == {Severity.ERROR}


@pytest.mark.parametrize("scope", [Scope.TEST, Scope.GENERATED, Scope.MIGRATION])
def test_what_does_not_run_in_production_is_a_note(database: str, tmp_path: Path, scope: Scope) -> None:
    bounds, loaded = _judge(database, tmp_path, BROKEN)
    elsewhere = tuple(replace(bound, site=replace(bound.site, scope=scope)) for bound in bounds)
    assert {finding.severity for finding in check(elsewhere, loaded, Settings())} == {Severity.NOTE}


def test_a_migration_that_was_judged_when_it_ran_keeps_its_severity(database: str, tmp_path: Path) -> None:
    bounds, loaded = _judge(database, tmp_path, BROKEN)
    with psycopg.connect(database) as connection:
        result = judge(connection, BROKEN)
    migration = tuple(replace(bound, site=replace(bound.site, scope=Scope.MIGRATION)) for bound in bounds)
    judged = replace(loaded, judged=(Judged("query.sql", 1, 0, result),))
    merged = tuple(merge_judged(bound, judged) for bound in migration)
    assert {finding.severity for finding in check(merged, judged, Settings())} == {Severity.ERROR}
    other = replace(loaded, judged=(Judged("other.sql", 1, 0, result),))
    migration = tuple(merge_judged(bound, other) for bound in migration)
    assert {finding.severity for finding in check(migration, other, Settings())} == {Severity.NOTE}


def test_no_rule_speaks_of_a_relation_that_did_not_load_completely(database: str, tmp_path: Path) -> None:
    bounds, loaded = _judge(database, tmp_path, BROKEN)
    broken = replace(loaded, live=False, incomplete=(("public.accounts", "a statement failed"),))
    rebound = tuple(bind(bound.site, broken) for bound in bounds)
    findings = check(rebound, broken, Settings())
    assert _codes(findings) == ["PGA901"]
    assert "a statement failed" in findings[0].message
    assert findings[0].severity is Severity.NOTE


def test_rules_are_chosen_by_code_or_name_and_ignored_ones_are_kept_apart(database: str, tmp_path: Path) -> None:
    bounds, loaded = _judge(database, tmp_path, BROKEN)
    checked = check_all(bounds, loaded, Settings(ignore=("no-arbiter-index", "pga202")))
    assert _codes(checked.findings) == ["PGA002"]
    assert _codes(checked.ignored) == ["PGA101", "PGA202"]
    assert _codes(check(bounds, loaded, Settings(select=("PGA202",)))) == ["PGA202"]


def test_a_rule_that_does_not_exist_is_an_error_with_the_nearest_name(database: str, tmp_path: Path) -> None:
    bounds, loaded = _judge(database, tmp_path, BROKEN)
    with pytest.raises(SourceError) as error:
        check(bounds, loaded, Settings(ignore=("no-arbiter-indx",)))
    assert error.value.message == 'rule "no-arbiter-indx" does not exist'
    assert error.value.hint == 'Did you mean "no-arbiter-index"?'


def test_findings_are_sorted_by_place_and_code(database: str, tmp_path: Path) -> None:
    bounds, loaded = _judge(database, tmp_path, BROKEN * 3)
    findings = check(tuple(reversed(bounds)), loaded, Settings())
    places = [(f.span.line, f.code) for f in findings if f.span]
    assert places == sorted(places)
    assert len(findings) == 9


def test_an_unknown_target_column_is_not_also_a_missing_index(database: str, tmp_path: Path) -> None:
    sql = "INSERT INTO accounts (id, owner, external_id, name) VALUES (1, 2, 'x', 'n') ON CONFLICT (extern) DO NOTHING;"
    bounds, loaded = _judge(database, tmp_path, sql)
    assert _codes(check(bounds, loaded, Settings())) == ["PGA002"]


def test_a_trigger_that_may_fill_the_column_makes_it_a_note(database: str, tmp_path: Path) -> None:
    trigger = """;
    CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'n'; RETURN NEW; END $$;
    CREATE TRIGGER fill BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION fill();
    """
    sql = "INSERT INTO accounts (id, owner, external_id) VALUES (1, 2, 'x') ON CONFLICT (id) DO NOTHING;"
    bounds, loaded = _judge(database, tmp_path, sql, TABLE + trigger)
    findings = check(bounds, loaded, Settings())
    assert _codes(findings) == ["PGA202"]
    assert findings[0].severity is Severity.NOTE
    assert 'BEFORE INSERT triggers: "fill"' in findings[0].related


def test_names_that_need_quotes_get_them_in_a_remedy(database: str, tmp_path: Path) -> None:
    ddl = 'CREATE TABLE "Order Items" (id bigint PRIMARY KEY, "user" bigint, "Sku" text)'
    sql = """INSERT INTO "Order Items" (id, "user", "Sku") VALUES (1, 2, 'x') ON CONFLICT ("user", "Sku") DO NOTHING;"""
    bounds, loaded = _judge(database, tmp_path, sql, ddl)
    (finding,) = check(bounds, loaded, Settings())
    assert 'CREATE UNIQUE INDEX CONCURRENTLY ON public."Order Items" ("user", "Sku")' in finding.remedy
