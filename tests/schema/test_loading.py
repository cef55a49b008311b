"""Statements of a schema source on a real server: what runs, what fails, and what that leaves uncertain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.schema.wire import send

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Filled

    Fill = Callable[..., Filled]


def keys(filled: Filled, name: str) -> set[tuple[str, ...]]:
    relation = filled.catalog.relation("public", name)
    assert relation is not None
    return {index.columns for index in relation.indexes if index.unique}


def test_statements_run_in_order_of_the_files(fill_any: Fill) -> None:
    filled = fill_any("CREATE TABLE t (a int);", "CREATE UNIQUE INDEX i ON t (a);", "DROP INDEX i;")
    assert filled.result.failed == ()
    assert filled.result.statements == 3
    assert keys(filled, "t") == set()


def test_a_failed_statement_stops_nothing_and_makes_its_table_unknown(fill_any: Fill) -> None:
    filled = fill_any(
        "CREATE TABLE good (a int primary key);\nCREATE TABLE bad (\n  a nonsense);\nCREATE UNIQUE INDEX ON good (a);"
    )
    assert filled.failed == [("1.sql", 2, "42704")]
    assert filled.incomplete == {"public.bad"}
    assert dict(filled.result.incomplete)["public.bad"] == '1.sql:2 did not load: type "nonsense" does not exist'
    assert keys(filled, "good") == {("a",)}


def test_a_failed_unique_index_makes_its_table_unknown_and_a_plain_one_does_not(fill: Fill) -> None:
    filled = fill(
        "CREATE TABLE t (a int); CREATE TABLE u (a text);"
        "CREATE UNIQUE INDEX ON t (b); CREATE INDEX ON u USING gin (a gin_trgm_ops);"
    )
    assert len(filled.failed) == 2
    assert filled.incomplete == {"public.t"}


def test_names_are_resolved_through_the_search_path_of_the_file(fill: Fill) -> None:
    filled = fill(
        "CREATE SCHEMA app; CREATE TABLE app.t (a int); CREATE TABLE public.t (a int);"
        "SET search_path = app; ALTER TABLE t ADD UNIQUE (nope); CREATE TABLE fresh (x nonsense);",
        "ALTER TABLE t ADD UNIQUE (nope);",
    )
    assert [failure.makes_unknown for failure in filled.result.failed] == [("app.t",), ("app.fresh",), ("public.t",)]


def test_a_failed_block_makes_every_relation_that_it_names_unknown(fill: Fill) -> None:
    filled = fill(
        "CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE TABLE c (x int);"
        "DO $$ BEGIN EXECUTE 'CREATE UNIQUE INDEX ON A (x)'; ALTER TABLE b ADD UNIQUE (nope); END $$;"
    )
    assert filled.incomplete == {"public.a", "public.b"}


def test_an_incomplete_table_stays_so_under_a_new_name_and_for_its_partitions(fill: Fill) -> None:
    filled = fill(
        "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t DEFAULT;"
        "CREATE UNIQUE INDEX ON t (nope); ALTER TABLE t RENAME TO renamed;"
    )
    assert filled.incomplete == {"public.renamed", "public.t1"}


@pytest.mark.parametrize(
    "statement",
    [
        "GRANT SELECT ON t TO nobody_at_all, pg_no",
        "COMMENT ON COLUMN t.nope IS 'x'",
        "INSERT INTO t (nope) VALUES (1)",
        "UPDATE t SET nope = 1",
        "DROP TABLE absent",
        "DROP INDEX absent",
        "ALTER TABLE t OWNER TO pg_monitor",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES absent (a)",
        "ALTER TABLE t ADD CHECK (nope > 0), ADD CONSTRAINT c CHECK (a > 0)",
        "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
        "CREATE EXTENSION no_such_extension",
        "CREATE POLICY p ON t USING (nope)",
        "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION nope()",
        "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nope()",
        "ALTER TABLE t REPLICA IDENTITY USING INDEX nope",
        "ALTER TABLE ONLY public.t CLUSTER ON nope",
        "ALTER TABLE t SET (nope = 1)",
        "ALTER TABLE t ALTER COLUMN a SET STORAGE nope",
        "ALTER TABLE t DISABLE TRIGGER nope",
        "DO $$ BEGIN UPDATE t SET a = 1 / 0; DELETE FROM t WHERE a > (1 / 0); PERFORM coalesce(1 / 0, 2); END $$",
        "SELECT setval('absent', max(a)) FROM t",
        "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', 't'); PERFORM 1 / 0; END $$",
    ],
)
def test_what_changes_no_arbiter_makes_nothing_unknown(fill: Fill, statement: str) -> None:
    filled = fill(f"CREATE TABLE t (a int); {statement};")
    assert len(filled.failed) == 1
    assert filled.incomplete == set()


_MAKES_KEYS = """
CREATE FUNCTION inner_one() RETURNS void LANGUAGE plpgsql
    AS $$ BEGIN CREATE UNIQUE INDEX ON t (a); PERFORM 1 / 0; END $$;
CREATE FUNCTION outer_one() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM inner_one(); END $$;
CREATE PROCEDURE of_all() LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN
    FOR r IN SELECT relname FROM pg_class WHERE relkind = 'r' LOOP
        EXECUTE format('CREATE UNIQUE INDEX ON %I (a)', r.relname);
    END LOOP;
END $$;
"""


@pytest.mark.parametrize(
    ("statement", "incomplete"),
    [
        ("SELECT outer_one()", {"public.t"}),
        ("CALL of_all()", {"public.t", "public.u"}),
        ("DO $$ BEGIN CALL of_all(); END $$", {"public.t", "public.u"}),
        ("DO $$ BEGIN EXECUTE (SELECT b FROM t); END $$", {"public.t", "public.u"}),
        ("SELECT make_key_of('t')", {"public.t"}),
        ("ALTER TABLE ${name} ADD UNIQUE (a)", {"public.t", "public.u"}),
        ("CREATE UNIQUE INDEX k ON ${schema}.t (a)", {"public.t"}),
        ("CREATE TRIGGER g BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nope()", {"public.t"}),
    ],
)
def test_code_that_failed_makes_unknown_what_it_could_have_reached(
    fill: Fill, statement: str, incomplete: set[str]
) -> None:
    filled = fill(f"CREATE TABLE t (a int, b text); CREATE TABLE u (c int); {_MAKES_KEYS} {statement};")
    assert len(filled.failed) == 1
    assert filled.incomplete == incomplete


def test_text_that_does_not_parse_is_a_failure_with_its_place(fill: Fill) -> None:
    filled = fill(
        "CREATE TABLE t (a int);\n\n-- never ran\nALTER TABLE t ADD CONSTRAINT IF NOT EXISTS u UNIQUE (a);\n"
        "CREATE TABLE after (a int);"
    )
    assert filled.failed == [("1.sql", 4, "42601")]
    assert filled.incomplete == {"public.t"}
    assert filled.catalog.relation("public", "after") is not None


def test_files_out_of_order_load_in_a_second_pass(fill: Fill) -> None:
    filled = fill(
        "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent (id), s state);"
        "CREATE UNIQUE INDEX ON child (parent);",
        "CREATE TABLE parent (id int PRIMARY KEY);",
        "CREATE TYPE state AS ENUM ('a');",
    )
    assert filled.result.failed == ()
    assert keys(filled, "child") == {("id",), ("parent",)}


def test_a_second_pass_never_undoes_a_later_statement(fill: Fill) -> None:
    filled = fill("CREATE UNIQUE INDEX i ON t (a);", "CREATE TABLE t (a int);", "DROP INDEX IF EXISTS i;")
    assert keys(filled, "t") == set()
    assert filled.incomplete == {"public.t"}


def test_a_dropped_policy_does_not_keep_its_table_from_a_second_pass(fill: Fill) -> None:
    filled = fill(
        "ALTER TABLE t ADD UNIQUE (a); CREATE UNIQUE INDEX i ON t (b);",
        "CREATE TABLE t (a int, b int); DROP POLICY IF EXISTS p ON t; DROP TRIGGER IF EXISTS g ON t;",
    )
    assert filled.result.failed == ()
    assert keys(filled, "t") == {("a",), ("b",)}


def test_a_drop_that_failed_is_not_tried_again(fill: Fill) -> None:
    filled = fill("DROP TABLE t;", "CREATE TABLE t (a int PRIMARY KEY);")
    assert keys(filled, "t") == {("a",)}
    assert filled.failed == [("1.sql", 1, "42P01")]


def test_a_second_definition_keeps_the_first_one_from_counting_as_loaded(fill: Fill) -> None:
    filled = fill(
        "CREATE TABLE IF NOT EXISTS t (a int UNIQUE, s state);",
        "CREATE TABLE IF NOT EXISTS t (a int);",
        "CREATE TYPE state AS ENUM ('a');",
    )
    assert filled.incomplete == {"public.t"}


def test_a_table_loads_without_foreign_keys_to_a_table_that_does_not(fill: Fill) -> None:
    filled = fill("CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL REFERENCES elsewhere (id) ON DELETE CASCADE);")
    assert filled.result.failed == ()
    assert keys(filled, "t") == {("a",)}
    assert any("foreign keys" in note for note in filled.result.notes)


def test_what_cannot_run_in_a_transaction_block_runs_outside(fill_any: Fill) -> None:
    filled = fill_any(
        "CREATE TABLE t (a int); VACUUM t; CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);"
        "CREATE TYPE e AS ENUM ('a'); ALTER TYPE e ADD VALUE 'b';"
        "CREATE TABLE u (v e DEFAULT 'b'); DO $$ BEGIN COMMIT; END $$;"
    )
    assert filled.result.failed == ()
    assert keys(filled, "t") == {("a",)}


def test_transaction_commands_of_a_file_are_obeyed(fill: Fill) -> None:
    filled = fill(
        "BEGIN; CREATE TABLE kept (a int); COMMIT; BEGIN; CREATE TABLE gone (a int); ROLLBACK;"
        "CREATE TABLE temporary_name (a int); SAVEPOINT s; CREATE TABLE undone (a int); ROLLBACK TO SAVEPOINT s;"
        "BEGIN; LOCK TABLE kept; END;"
    )
    assert filled.result.failed == ()
    assert {r.name for r in filled.catalog.relations()} == {"kept", "temporary_name"}


def test_a_transaction_lost_at_its_commit_costs_only_the_statement_that_broke_it(fill: Fill) -> None:
    filled = fill(
        "CREATE TABLE p (id int PRIMARY KEY);"
        "CREATE TABLE c (p int REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (1);"
        "CREATE TABLE after (id int PRIMARY KEY);"
    )
    assert [state for _, _, state in filled.failed] == ["23503"]
    assert filled.incomplete == set()
    assert keys(filled, "after") == {("id",)}


def test_a_statement_that_kills_its_connection_is_counted_and_the_rest_goes_on(fill: Fill) -> None:
    filled = fill(
        "SET search_path = app, public; CREATE SCHEMA app; CREATE TABLE before (a int PRIMARY KEY);"
        "SELECT pg_terminate_backend(pg_backend_pid()); CREATE TABLE after (a int);"
    )
    assert [(line, state) for _, line, state in filled.failed] == [(1, "57P01")]
    assert {r.qualified_name for r in filled.catalog.relations()} == {"app.before", "app.after"}


def test_a_statement_that_never_ends_is_cancelled(fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(send.__kwdefaults__, "seconds", 0.3)
    filled = fill("CREATE TABLE t (a int); SELECT pg_sleep(1e9); CREATE TABLE u (a int);")
    assert [state for _, _, state in filled.failed] == ["57014"]
    assert {r.name for r in filled.catalog.relations()} == {"t", "u"}


def test_rows_of_a_query_are_not_held(fill: Fill) -> None:
    filled = fill("SELECT repeat('x', 1000) FROM generate_series(1, 20000); CREATE TABLE t (a int);")
    assert filled.result.failed == ()


@pytest.mark.parametrize(
    "statement", ["COPY t FROM PROGRAM 'touch {file}'", "COPY t TO PROGRAM 'touch {file}'", "COPY t TO '{file}'"]
)
def test_copy_to_a_program_or_file_is_refused(fill_any: Fill, statement: str, tmp_path: Any) -> None:
    tmp_path.chmod(0o777)
    file = tmp_path / "made"
    roles = "pg_execute_server_program, pg_read_server_files, pg_write_server_files"
    filled = fill_any(
        f"CREATE TABLE t (a text); GRANT {roles} TO CURRENT_USER; GRANT pg_execute_server_program TO postgres;"
        "RESET ROLE; RESET SESSION AUTHORIZATION; SET SESSION AUTHORIZATION pgarbiter; SET ROLE pgarbiter;"
        "SET ROLE pg_execute_server_program; SET ROLE pg_database_owner;"
        f"{statement.format(file=file)}; CREATE ROLE big SUPERUSER; ALTER ROLE CURRENT_USER SUPERUSER;"
        f"RESET ROLE; {statement.format(file=file)};"
    )
    assert not file.exists()
    assert filled.rows("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
    copies = [failure for failure in filled.result.failed if "COPY" in failure.message or failure.sqlstate == "42501"]
    assert len(copies) >= 2


def test_an_extension_made_inside_a_block_gets_its_stand_in_too(fill: Fill) -> None:
    filled = fill(
        "DO $$ BEGIN IF true THEN CREATE EXTENSION IF NOT EXISTS citext; END IF; END $$;"
        "DO $$ BEGIN EXECUTE 'create extension \"ltree\" with schema public;'; END $$;"
        "CREATE TABLE t (a citext UNIQUE, b ltree);"
    )
    assert filled.failed == []
    assert filled.result.notes == (
        'this server lacks extensions "citext", "ltree": stand-ins hold their types and functions',
    )


def test_an_extension_that_nobody_has_fails_its_block(fill: Fill) -> None:
    filled = fill("CREATE TABLE t (a int); DO $$ BEGIN CREATE EXTENSION absent; ALTER TABLE t ADD UNIQUE (a); END $$;")
    assert filled.failed == [("1.sql", 1, "0A000")]
    assert filled.incomplete == {"public.t"}


def test_roles_can_be_made_and_missing_ones_are(fill_any: Fill) -> None:
    filled = fill_any(
        "CREATE ROLE app_made; CREATE TABLE t (a int); GRANT SELECT ON t TO app_made, app_missing;"
        "GRANT CREATE ON SCHEMA public TO app_missing;"
        "ALTER TABLE t OWNER TO app_missing; CREATE POLICY p ON t TO another_missing USING (true);"
        "SET ROLE app_made; RESET ROLE; DROP ROLE app_made;"
    )
    assert [failure for failure in filled.result.failed if failure.sqlstate != "2BP01"] == []


def test_event_triggers_and_settings_of_the_server_are_refused(fill: Fill) -> None:
    filled = fill(
        "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;"
        "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f(); ALTER SYSTEM SET fsync = off;"
        "CREATE DATABASE x; CREATE FUNCTION c() RETURNS int LANGUAGE c AS 'x', 'y'; LOAD 'x';",
    )
    assert {state for _, _, state in filled.failed} == {"42501"}
    assert len(filled.failed) == 5
    assert filled.incomplete == set()


def test_only_the_part_that_goes_up_runs(fill: Fill) -> None:
    filled = fill(
        "-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n",
        "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE b (x int);\n-- +goose StatementEnd\n"
        "-- +goose Down\nDROP TABLE b;\n",
        "-- +migrate Up notransaction\nCREATE TABLE c (x int);\n-- +migrate Down\nDROP TABLE c;\n",
        "CREATE TABLE d (x int);\n--//@UNDO\nDROP TABLE d;\n",
        "# --- !Ups\nCREATE TABLE e (x int);\n# --- !Downs\nDROP TABLE e;\n",
    )
    assert filled.result.failed == ()
    assert {r.name for r in filled.catalog.relations()} == set("abcde")


def test_an_insert_is_judged_just_before_it_runs(fill: Fill) -> None:
    seen: list[tuple[str, int]] = []

    def judge(connection: Any, text: str) -> object:
        rows = connection.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 't'").fetchone()
        seen.append((text, rows[0]))
        return rows[0]

    filled = fill(
        "CREATE TABLE t (a int UNIQUE);\n\n INSERT INTO t VALUES (1)\n ON CONFLICT (a) DO NOTHING;",
        "DROP TABLE t; CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'INSERT INTO u VALUES (1)';"
        "INSERT INTO absent VALUES (1) ON CONFLICT DO NOTHING; CREATE TABLE u (a int); CREATE UNIQUE INDEX ON u (nope);"
        "INSERT INTO u VALUES (1) ON CONFLICT DO NOTHING;",
        judge=judge,
    )
    assert seen == [("INSERT INTO t VALUES (1)\n ON CONFLICT (a) DO NOTHING", 1)]
    judged = filled.result.judged[0]
    assert (judged.path, judged.line, judged.offset, judged.result) == ("1.sql", 3, 33, 1)


def test_alike_seeds_are_judged_once_until_the_catalog_changes(fill: Fill) -> None:
    seen: list[str] = []

    def judge(_connection: Any, text: str) -> object:
        seen.append(text)
        return len(seen)

    seed = "INSERT INTO t VALUES ({}) ON CONFLICT (a) DO NOTHING;"
    seeds = "".join(seed.format(n) for n in range(3))
    filled = fill("CREATE TABLE t (a int UNIQUE);" + seeds + "CREATE UNIQUE INDEX ON t (a);" + seeds, judge=judge)
    assert len(seen) == 2
    assert [judged.result for judged in filled.result.judged] == [1, 1, 1, 2, 2, 2]


def test_a_judge_that_fails_stops_nothing(fill: Fill) -> None:
    def judge(connection: Any, _text: str) -> object:
        return connection.execute("SELECT 1 / 0")

    filled = fill(
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING; CREATE TABLE u (a int);", judge=judge
    )
    assert filled.result.failed == ()
    assert filled.result.judged == ()
    assert filled.rows("SELECT a FROM t") == [(1,)]


def test_rows_of_a_dump_are_left_out_and_counted(fill: Fill) -> None:
    filled = fill(
        "CREATE TABLE t (a int);\nCOPY public.t (a) FROM stdin;\n1\n2; DROP TABLE t\n\\.\n\nCREATE TABLE u (a int);"
    )
    assert filled.result.failed == ()
    assert filled.result.notes == ("the rows of one COPY statement were not loaded",)
    assert {r.name for r in filled.catalog.relations()} == {"t", "u"}
