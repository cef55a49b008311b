"""What `check` does with the findings of rules: severity by place, trust in the catalog, choice of rules, order."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.bind import bind
from pgarbiter.arbiter.judge import judge, merge_judged
from pgarbiter.arbiter.oracle import Oracle
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
    assert error.value.hint == 'Did you mean "no-arbiter-index"? Run `pgarbiter rule` to list all rules.'


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
    assert _codes(findings) == ["PGA202", "PGA206"]
    assert findings[0].severity is Severity.NOTE
    assert 'BEFORE INSERT triggers: "fill"' in findings[0].related


def test_names_that_need_quotes_get_them_in_a_remedy(database: str, tmp_path: Path) -> None:
    ddl = 'CREATE TABLE "Order Items" (id bigint PRIMARY KEY, "user" bigint, "Sku" text)'
    sql = """INSERT INTO "Order Items" (id, "user", "Sku") VALUES (1, 2, 'x') ON CONFLICT ("user", "Sku") DO NOTHING;"""
    bounds, loaded = _judge(database, tmp_path, sql, ddl)
    (finding,) = check(bounds, loaded, Settings())
    assert 'CREATE UNIQUE INDEX CONCURRENTLY ON public."Order Items" ("user", "Sku")' in finding.remedy


# A conflict target as it was written, and the keys of the index that the remedy makes for it.
TARGETS = (
    ("(b, upper(a))", "(b, upper(a))"),
    ('(a COLLATE "C")', '(a COLLATE "C")'),
    ("(a text_pattern_ops)", "(a text_pattern_ops)"),
    ("(lower(b::text))", "(lower("),
)
INDEXED = """
CREATE TABLE r (id bigint PRIMARY KEY, a text UNIQUE, b int);
CREATE UNIQUE INDEX r_lower ON r (b, lower(a));
"""


@pytest.mark.parametrize(("target", "keys"), TARGETS)
def test_the_index_of_a_remedy_serves_the_target_that_asked_for_it(
    database: str, tmp_path: Path, target: str, keys: str
) -> None:
    sql = f"INSERT INTO r (id, a, b) VALUES (1, 'a', 1) ON CONFLICT {target} DO NOTHING"
    bounds, loaded = _judge(database, tmp_path, sql, INDEXED)
    (error,) = (f for f in check(_asked(bounds, loaded, database), loaded, Settings()) if f.severity is Severity.ERROR)
    statement = re.search(r"CREATE UNIQUE INDEX [^(]*\(.*\)(?=[.,])", error.remedy)
    assert statement
    assert keys in statement.group()
    with psycopg.connect(database, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InvalidColumnReference):
            connection.execute(sql.encode())
        connection.execute(statement.group().encode())
        connection.execute(sql.encode())


def _asked(bounds: tuple[BoundSite, ...], loaded: Loaded, database: str) -> list[BoundSite]:
    with psycopg.connect(database, autocommit=True) as connection:
        return [bind(bound.site, loaded, oracle=Oracle.on(connection)) for bound in bounds]


def test_an_index_of_another_collation_is_named_as_it_stands(database: str, tmp_path: Path) -> None:
    sql = "INSERT INTO r (id, a) VALUES (1, 'a') ON CONFLICT (a COLLATE \"C\") DO NOTHING"
    bounds, loaded = _judge(database, tmp_path, sql, INDEXED)
    (finding,) = check(bounds, loaded, Settings())
    assert finding.remedy.startswith("Use the unique index that exists: ON CONFLICT (a).")


def test_the_index_of_a_partitioned_table_must_hold_the_partition_key(database: str, tmp_path: Path) -> None:
    ddl = "CREATE TABLE p (id int, day date) PARTITION BY RANGE (day)"
    bounds, loaded = _judge(database, tmp_path, "INSERT INTO p (id) VALUES (1) ON CONFLICT (id) DO NOTHING", ddl)
    (finding,) = check(bounds, loaded, Settings())
    assert "It must hold the columns of the partition key of public.p as well." in finding.remedy


def test_a_view_without_a_trigger_is_not_said_to_have_one(database: str, tmp_path: Path) -> None:
    ddl = "CREATE TABLE v (a int); CREATE VIEW n AS SELECT a, count(*) AS c FROM v GROUP BY a"
    bounds, loaded = _judge(database, tmp_path, "INSERT INTO n (a) VALUES (1) ON CONFLICT (a) DO NOTHING", ddl)
    findings = check(bounds, loaded, Settings())
    assert findings
    assert not any("INSTEAD OF" in line for f in findings for line in (f.message, *f.related))
    assert not any("DO NOTHING" in f.remedy for f in findings), "the view takes no row, whatever the clause says"


def test_a_null_that_is_written_is_not_cured_by_a_default(database: str, tmp_path: Path) -> None:
    ddl = "CREATE TABLE d (id int PRIMARY KEY, name text NOT NULL DEFAULT 'n')"
    sql = "INSERT INTO d (id, name) VALUES (1, NULL) ON CONFLICT (id) DO NOTHING"
    bounds, loaded = _judge(database, tmp_path, sql, ddl)
    (finding,) = check(bounds, loaded, Settings())
    assert finding.message == '"name" of "public.d" is NOT NULL and is given NULL'
    assert finding.remedy == 'Write a value that is not NULL to "name".'


def test_an_identity_that_is_the_key_is_not_to_be_left_out(database: str, tmp_path: Path) -> None:
    ddl = (
        "CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, d int GENERATED ALWAYS AS (1) STORED, a int)"
    )
    sql = "INSERT INTO i (id, d, a) VALUES (1, 1, 1) ON CONFLICT (id) DO UPDATE SET a = 1"
    bounds, loaded = _judge(database, tmp_path, sql, ddl)
    (finding,) = check(bounds, loaded, Settings())
    assert finding.remedy.startswith(
        'Leave "d" out. If the value of "id" must be yours, say OVERRIDING SYSTEM VALUE, or '
    )
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(finding.remedy.partition("values: ")[2].rstrip(".").encode())
        connection.execute(b"INSERT INTO i (id, a) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET a = 1")


OWNED = """
CREATE TABLE u (id int PRIMARY KEY);
CREATE TABLE owned (id int PRIMARY KEY, owner int NOT NULL REFERENCES u, key text UNIQUE);
ALTER TABLE owned ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON owned USING (owner = current_setting('app.user')::int);
"""


def test_only_the_owner_updates_once_the_remedy_is_followed(database: str, tmp_path: Path) -> None:
    insert = "INSERT INTO owned (id, owner, key) VALUES (1, {}, 'k') ON CONFLICT (key) DO UPDATE SET {}"
    bounds, loaded = _judge(database, tmp_path, insert.format(1, "owner = EXCLUDED.owner"), OWNED)
    (finding,) = (f for f in check(bounds, loaded, Settings()) if f.code == "PGA302")
    condition = finding.remedy.partition("WHERE ")[2].rstrip(".")
    assert condition == "owned.owner = EXCLUDED.owner"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(b"INSERT INTO u VALUES (1), (2); INSERT INTO owned VALUES (1, 1, 'k')")
        other = connection.execute(insert.format(2, f"key = 'taken' WHERE {condition}").encode())
        assert other.rowcount == 0


def test_a_client_that_sends_no_condition_is_not_told_to(database: str, tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text(
        "import { createClient } from '@supabase/supabase-js'\nconst db = createClient('u', 'k')\n"
        "db.from('owned').upsert({ id: 1, owner: 2, key: 'k' }, { onConflict: 'key' })\n"
    )
    bounds, loaded = _judge(database, tmp_path, "", OWNED)
    (finding,) = (f for f in check(bounds, loaded, Settings()) if f.code == "PGA302")
    assert "SET" not in finding.remedy
    assert "a unique index on (owner, key)" in finding.remedy


def test_a_table_that_is_not_there_is_named_with_what_is_like_it(database: str, tmp_path: Path) -> None:
    sql = "INSERT INTO account (id) VALUES (1) ON CONFLICT (id) DO NOTHING;"
    bounds, live = _judge(database, tmp_path, sql)
    loaded = replace(live, live=False)
    (finding,) = check(tuple(bind(bound.site, loaded) for bound in bounds), loaded, Settings())
    assert finding.message == 'cannot tell about "account": not in the schema source'
    assert 'did you mean "accounts"?' in finding.related


def test_a_verdict_from_when_a_migration_ran_is_not_lost_by_its_own_failure(database: str, tmp_path: Path) -> None:
    bounds, loaded = _judge(database, tmp_path, BROKEN)
    failed = replace(loaded, live=False, incomplete=(("public.accounts", "query.sql:2 did not load"),))
    judged = tuple(replace(bound, when_run=True) for bound in bounds)
    assert "PGA101" in _codes(check(judged, failed, Settings()))


def test_a_name_that_lost_its_quotes_is_told_so(database: str, tmp_path: Path) -> None:
    ddl = 'CREATE TABLE q ("userId" int PRIMARY KEY, name text)'
    sql = "INSERT INTO q (userId, nme) VALUES (1, 'n') ON CONFLICT (userId) DO NOTHING"
    bounds, loaded = _judge(database, tmp_path, sql, ddl)
    finding = next(f for f in check(bounds, loaded, Settings()) if f.code == "PGA002")
    quotes = 'Write "userId" in double quotes: a name without them is folded to lower case.'
    assert finding.remedy == f'{quotes} For "nme", did you mean "name"?'


def test_an_index_that_shares_no_column_with_the_target_is_the_second_thing_to_think_of(
    database: str, tmp_path: Path
) -> None:
    sql = "INSERT INTO r (id, a, b) VALUES (1, 'a', 'b') ON CONFLICT (b) DO NOTHING"
    tables = "CREATE TABLE r (id int PRIMARY KEY, a text, b text)"
    (finding,) = check(*_judge(database, tmp_path, sql, tables), Settings())
    assert finding.remedy == (
        "Create the unique index: CREATE UNIQUE INDEX CONCURRENTLY ON public.r (b), once no duplicates are left. "
        "If (id) is what identifies a row, let that be the target: ON CONFLICT (id)."
    )
