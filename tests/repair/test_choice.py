"""What is chosen, what is offered, and what is said of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ended, Project

ACCOUNTS = "CREATE TABLE accounts (id serial PRIMARY KEY, owner int NOT NULL, ig text NOT NULL UNIQUE, name text);\n"
WIDER = "INSERT INTO accounts (owner, ig) VALUES (1, 'x') ON CONFLICT (owner, ig) DO UPDATE SET name = 'n';\n"
NARROW = "INSERT INTO accounts (owner, ig) VALUES (1, 'x') ON CONFLICT (ig) DO NOTHING;\n"


@pytest.fixture
def repair(tmp_path: Path, command: Callable[..., Ended]) -> Callable[..., Ended]:
    """Repair of an application over one schema file."""

    def repaired(schema: str, app: str, *options: object, name: str = "app.sql") -> Ended:
        (tmp_path / "schema.sql").write_text(schema)
        (tmp_path / name).write_text(app)
        common = ("repair", tmp_path, "--schema", "sql:schema.sql", "--no-cache")
        formats = () if "--format" in options else ("--format", "json")
        return command(*common, *formats, *options)

    return repaired


def names(ended: Ended, code: str) -> list[str]:
    return [cure["name"] for cure in ended.proposal(code)["cures"]]


def test_a_stricter_key_that_exists_is_the_target_to_take(repair: Callable[..., Ended]) -> None:
    ended = repair(ACCOUNTS, WIDER)
    assert names(ended, "PGA101") == ["existing-index", "unique-index", "wider-key"]
    assert ended.proposal("PGA101")["chosen"] == "existing-index"
    assert ended.code == 0


def test_what_a_change_breaks_elsewhere_is_said_and_it_is_not_the_default(repair: Callable[..., Ended]) -> None:
    ended = repair(ACCOUNTS, WIDER + NARROW, "--prefer", "schema")
    wider = next(cure for cure in ended.proposal("PGA101")["cures"] if cure["name"] == "wider-key")
    assert [(e["line"], e["code"]) for e in wider["effect"]["broken"]] == [(2, "PGA101")]
    assert ended.proposal("PGA101")["chosen"] == "unique-index"


def test_a_cure_that_is_named_is_taken(repair: Callable[..., Ended]) -> None:
    ended = repair(ACCOUNTS, WIDER, "--choose", "app.sql:1=wider-key")
    assert ended.proposal("PGA101")["chosen"] == "wider-key"
    assert ended.json["scripts"][0].startswith("CREATE UNIQUE INDEX CONCURRENTLY ")
    assert ended.json["remaining"] == []
    assert repair(ACCOUNTS, WIDER, "--choose", "PGA101=none").code == 1


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("app.sql:1=no-such", 'PGA101 at app.sql:1 has no cure "no-such"'),
        ("app.sql:9=unique-index", "there is no such finding"),
        ("unique-index", "is not FINDING=CURE"),
    ],
)
def test_a_choice_that_means_nothing_is_refused(repair: Callable[..., Ended], option: str, said: str) -> None:
    ended = repair(ACCOUNTS, WIDER, "--choose", option)
    assert ended.code == 2
    assert said in ended.err


def test_one_revision_serves_all_findings_that_it_cures(project: Project) -> None:
    schema = "CREATE TABLE t (id serial PRIMARY KEY, a int NOT NULL, b int NOT NULL)"
    one = "INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT (a, b) DO NOTHING;\n"
    two = "INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT (b, a) DO NOTHING;\n"
    project.schema(schema).write("app.sql", one + two + one)
    ended = project.repair("--dry-run")
    (revision,) = ended.json["revisions"]
    assert [finding["line"] for finding in revision["findings"]] == [1, 2, 3]
    assert (ended.json["written"], project.written()) == (False, {})


def test_a_rule_that_the_catalog_cannot_carry_is_said(repair: Callable[..., Ended]) -> None:
    ended = repair(ACCOUNTS, "INSERT INTO accounts (owner, ig, page) VALUES (1, 'x', 2) ON CONFLICT (ig) DO NOTHING;\n")
    proposal = ended.proposal("PGA002")
    assert (proposal["cures"], ended.code) == ([], 1)
    assert "what type the column should have is not known" in proposal["not_offered"][0]["why"]


def test_a_postgrest_client_is_not_offered_a_predicate(repair: Callable[..., Ended]) -> None:
    schema = "CREATE TABLE t (id serial PRIMARY KEY, a text); CREATE UNIQUE INDEX i ON t (a) WHERE a IS NOT NULL;"
    app = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(a, b)\n"
    ended = repair(schema, app + "db.from('t').upsert({ a: 1 }, { onConflict: 'a' })\n", name="app.ts")
    proposal = ended.proposal("PGA109")
    assert (names(ended, "PGA109"), proposal["chosen"]) == (["full-index"], "full-index")
    assert "neither a predicate nor an expression" in proposal["not_offered"][0]["why"]


def test_what_cannot_run_is_not_offered(repair: Callable[..., Ended]) -> None:
    schema = (
        "CREATE TABLE p (day date NOT NULL, a int NOT NULL) PARTITION BY RANGE (day);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
    )
    ended = repair(schema, "INSERT INTO p (day, a) VALUES ('2026-02-02', 1) ON CONFLICT (a) DO NOTHING;\n")
    proposal = ended.proposal("PGA101")
    assert (proposal["cures"], ended.code) == ([], 1)
    assert proposal["not_offered"][0]["why"].startswith("tried, and ")


def test_quarantine_without_an_order_is_refused(repair: Callable[..., Ended]) -> None:
    ended = repair(ACCOUNTS, WIDER, "--duplicates", "quarantine")
    assert (ended.code, "which row of each group is kept" in ended.err) == (2, True)


def test_nothing_to_repair_is_said(repair: Callable[..., Ended]) -> None:
    ended = repair(ACCOUNTS, NARROW, "--format", "text")
    assert (ended.code, ended.out.splitlines()[0]) == (0, "nothing to repair")


def test_notes_are_repaired_when_their_rule_is_named(repair: Callable[..., Ended]) -> None:
    schema = "CREATE TABLE t (a int UNIQUE);"
    app = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n"
    assert repair(schema, app).json["proposals"] == []
    ended = repair(schema, app, "--rule", "nullable-target")
    assert (names(ended, "PGA205"), ended.proposal("PGA205")["chosen"]) == (["not-null", "nulls-not-distinct"], None)


def test_a_warning_that_an_error_hid_asks_for_a_second_repair(project: Project) -> None:
    project.schema("CREATE TABLE t (id serial PRIMARY KEY, a int NOT NULL, b int)")
    project.write("app.sql", "INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT (a, b) DO NOTHING;\n")
    assert "check finds 1 error or warning; repair again then" in project.repair("--format", "text").out
    assert "check finds nothing\n" in project.repair("--format", "text").out
