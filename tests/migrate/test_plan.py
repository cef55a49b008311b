"""`migrate plan`."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.migrate.model import MigrateError
from pgarbiter.migrate.plan import plan
from pgarbiter.settings import Settings

from .conftest import CONCURRENTLY, rows, run, settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.migrate.model import Plan, PlannedRevision

    from .conftest import Project

TABLE = "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, b text)"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An application with one upsert on (a)."""
    path = tmp_path / "app"
    path.mkdir()
    text = """
        def save(cursor, a):
            cursor.execute("INSERT INTO t (a) VALUES (%s) ON CONFLICT (a) DO NOTHING", (a,))
    """
    (path / "save.py").write_text(dedent(text))
    return path


@pytest.fixture
def planned(project: Project, app: Path, database: str) -> Any:
    """Plans the project's revisions for the database."""
    return lambda **options: plan(project.ini, database, [app], settings(database), **options)


def one(made: Plan, revision: str = "r2") -> PlannedRevision:
    return next(each for each in made.revisions if each.revision.revision == revision)


def told_locks(made: Plan, revision: str = "r2") -> list[list[tuple[str, str, str]]]:
    return [[(lock.relation, lock.mode, lock.blocks) for lock in step.locks] for step in one(made, revision).steps]


def test_only_what_is_pending_is_planned_and_nothing_is_written(project: Project, app: Path, database: str) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", "ALTER TABLE t ADD c int")
    before = rows(database, "SELECT xmin, oid, relname FROM pg_class ORDER BY oid")
    name = rows(database, "SELECT current_database()")[0][0]
    run(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    made = plan(project.ini, database, [app], Settings())
    assert [each.revision.revision for each in made.revisions] == ["r2"]
    assert made.current == ("r1",)
    assert not made.in_the_way
    assert made.complete
    assert rows(database, "SELECT xmin, oid, relname FROM pg_class ORDER BY oid") == before


def test_locks_are_told_by_statement_until_the_commit(project: Project, planned: Any, database: str) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", "op.create_index('i', 't', ['b'])\nop.execute('ALTER TABLE t ALTER a TYPE bigint')")
    run(database, "INSERT INTO t (a) SELECT generate_series(1, 1000)")
    run(database, "ANALYZE t")
    made = planned()
    assert told_locks(made) == [
        [("t", "SHARE", "writes")],
        [("t", "ACCESS EXCLUSIVE", "reads and writes")],
    ]
    index, widening = (step.locks[0] for step in one(made).steps)
    assert (index.rows, index.rewrite, widening.rewrite) == (1000, False, True)
    assert index.bytes
    assert index.brief is None


def test_tables_that_are_made_on_the_way_block_nobody(project: Project, planned: Any) -> None:
    project.add("r1", TABLE).add("r2", "op.create_index('i', 't', ['b'])")
    assert told_locks(planned()) == [[]]


def test_a_concurrent_build_is_told_with_its_lock_and_the_duplicates_in_its_way(
    project: Project, planned: Any, database: str
) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "INSERT INTO t (a) VALUES (1), (1), (1), (2), (2), (3), (NULL), (NULL)")
    project.add("r2", CONCURRENTLY)
    made = planned()
    assert told_locks(made) == [[("t", "SHARE UPDATE EXCLUSIVE", "nothing")]]
    (found,) = one(made).data
    assert (found.state, found.groups, found.rows) == ("fails", 2, 5)
    assert found.samples[0] == "(a)=(1): 3 rows"
    assert made.in_the_way


def test_write_sites_gain_and_lose_their_arbiter_at_the_step_that_does_it(
    project: Project, planned: Any, database: str
) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", CONCURRENTLY).add("r3", "DROP INDEX t_a_key")
    made = planned()
    gained, lost = (one(made, name).steps[0].sites for name in ("r2", "r3"))
    assert [(each.change, each.place) for each in (*gained, *lost)] == [("gains", "save.py:3"), ("loses", "save.py:3")]
    assert made.sites == 1
    assert made.lost == ()
    assert not made.in_the_way


def test_a_site_that_ends_without_its_arbiter_is_in_the_way(project: Project, planned: Any, database: str) -> None:
    project.add("r1", TABLE + "; CREATE UNIQUE INDEX t_a_key ON t (a)").made(database)
    project.add("r2", "DROP INDEX t_a_key").add("r3", "CREATE UNIQUE INDEX t_a_b ON t (a, b)")
    made = planned()
    assert [each.place for each in made.lost] == ["save.py:3"]
    assert made.in_the_way


def test_an_online_operation_is_told_step_by_step_with_its_reasons(
    project: Project, planned: Any, database: str
) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "INSERT INTO t (a) VALUES (-1), (1)")
    project.add("r2", "op.add_check_online('t', name='c', condition='a > 0')")
    made = planned()
    by_name = {step.name: step for step in one(made).steps}
    assert one(made).online == "add_check_online"
    assert by_name["add"].locks[0].mode == "ACCESS EXCLUSIVE"
    assert by_name["add"].locks[0].brief is True
    assert by_name["validate"].locks[0].blocks == "nothing"
    assert by_name["validate"].why
    assert [(each.state, each.rows) for each in one(made).data] == [("fails", 1)]


def test_a_change_of_type_is_told_with_all_tables_it_locks_and_its_column_is_no_new_one(
    project: Project, planned: Any, database: str
) -> None:
    child = "CREATE TABLE c (id int PRIMARY KEY, n int NOT NULL, t bigint REFERENCES t)"
    project.add("r1", f"{TABLE}; {child}").made(database)
    run(database, "INSERT INTO t DEFAULT VALUES; INSERT INTO c VALUES (1, 1, 1)")
    project.add("r2", "op.widen_to_bigint_online('c', column='n')")
    project.add("r3", "op.change_type_online('t', column='id', type='numeric')")
    made = planned()
    assert [each.state for each in one(made).data] == ["clean"]
    assert not made.in_the_way
    (swap,) = [step for step in one(made, "r3").steps if step.name == "swap"]
    assert sorted((lock.relation, lock.mode, lock.brief) for lock in swap.locks) == [
        ("c", "ACCESS EXCLUSIVE", True),
        ("t", "ACCESS EXCLUSIVE", True),
    ]


def test_what_runs_outside_of_a_transaction_is_marked_and_texts_are_as_the_server_has_them(
    project: Project, planned: Any, database: str
) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", "op.add_index_online('t', ['a'])").add("r3", "DELETE FROM t WHERE a % 2 = 1")
    made = planned()
    assert {step.name: step.transactional for step in one(made).steps}["build"] is False
    assert [(step.sql, step.transactional) for step in one(made, "r3").steps] == [
        ("DELETE FROM t WHERE a % 2 = 1", True)
    ]


def test_an_operation_that_is_half_done_is_told(project: Project, planned: Any, database: str) -> None:
    project.add("r1", TABLE).add("r2", "op.add_check_online('t', name='c', condition='a > 5')").made(database, "r1")
    run(database, "INSERT INTO t (a) VALUES (1)")
    with pytest.raises(MigrateError):
        project.up(database)
    (note,) = planned().notes
    assert note.startswith("half done, `up` goes on there: add_check_online on public.t: step ")


def test_rows_that_the_operation_takes_out_are_no_obstacle(project: Project, planned: Any, database: str) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "INSERT INTO t (a) VALUES (-1), (1)")
    project.add("r2", "op.add_check_online('t', name='c', condition='a > 0', violations='quarantine')")
    made = planned()
    assert [(each.state, each.rows, each.note) for each in one(made).data] == [
        ("taken out", 1, 'violations="quarantine"')
    ]
    assert not made.in_the_way


@pytest.mark.parametrize(
    "company",
    [
        "op.execute('ALTER TABLE t ADD c int')\nop.add_check_online('t', name='c', condition='a > 0')",
        "op.add_check_online('t', name='c', condition='a > 0')\nop.execute('ALTER TABLE t ADD c int')",
        "op.add_check_online('t', name='c', condition='a > 0')\nop.add_check_online('t', name='d', condition='a > 1')",
    ],
)
def test_an_online_operation_that_is_not_alone_in_its_revision_is_an_error(
    project: Project, planned: Any, database: str, company: str
) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", company)
    made = planned()
    assert "op.add_check_online is not the only statement of its revision" in (one(made).error or "")
    assert made.in_the_way


def test_null_values_orphans_and_broken_conditions_are_counted(project: Project, planned: Any, database: str) -> None:
    project.add("r1", f"{TABLE}; CREATE TABLE p (x int PRIMARY KEY)").made(database)
    run(database, "INSERT INTO t (a, b) VALUES (1, NULL), (2, 'x'), (NULL, NULL)")
    run(database, "INSERT INTO p VALUES (1)")
    project.add("r2", "ALTER TABLE t ALTER b SET NOT NULL")
    project.add("r3", "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p")
    project.add("r4", "ALTER TABLE t ADD CHECK (a <> 2)")
    project.add("r5", "ALTER TABLE t ADD c int NOT NULL")
    project.add("r6", "ALTER TABLE t ADD d int NOT NULL DEFAULT 1")
    project.add("r7", "ALTER TABLE t ADD CONSTRAINT late CHECK (a <> 1) NOT VALID")
    made = planned()
    found = {name: [(each.state, each.rows) for each in one(made, name).data] for name in ("r2", "r3", "r4", "r5")}
    assert found == {"r2": [("fails", 2)], "r3": [("fails", 1)], "r4": [("fails", 1)], "r5": [("fails", 3)]}
    assert one(made, "r6").data == one(made, "r7").data == []


def test_data_that_pending_statements_change_first_cannot_be_told(
    project: Project, planned: Any, database: str
) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "INSERT INTO t (a) VALUES (1), (1)")
    project.add("r2", "DELETE FROM t WHERE id = 2").add("r3", "CREATE UNIQUE INDEX u ON t (a)")
    made = planned()
    assert [each.state for each in one(made, "r3").data] == ["unclear"]
    assert not made.in_the_way


def test_the_future_index_counts_duplicates_by_its_own_rules(project: Project, planned: Any, database: str) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "INSERT INTO t (a, b) VALUES (1, 'X'), (1, 'x'), (NULL, 'y'), (NULL, 'y'), (2, 'z'), (2, 'z')")
    project.add("r2", "CREATE UNIQUE INDEX u2 ON t (a, b) WHERE a = 1")
    project.add("r3", "CREATE UNIQUE INDEX u3 ON t (a, lower(b)) WHERE a = 1")
    project.add("r4", "CREATE UNIQUE INDEX u4 ON t (a, b text_pattern_ops) NULLS NOT DISTINCT")
    made = planned()
    found = [(each.state, each.groups) for name in ("r2", "r3", "r4") for each in one(made, name).data]
    assert found == [("clean", 0), ("fails", 1), ("fails", 2)]


def test_a_revision_that_cannot_run_there_is_not_planned_nor_those_after_it(
    project: Project, planned: Any, database: str
) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", "op.get_bind().execute(sa.text('SELECT a FROM t')).one()").add("r3", "SELECT 1")
    made = planned()
    assert "No row was found" in (one(made).not_planned or "")
    assert one(made, "r3").not_planned == "it comes after r2"
    assert not made.complete


def test_revisions_before_the_live_one_that_do_not_run_leave_nothing_planned(
    project: Project, planned: Any, database: str
) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r1", "SELECT nothing FROM nowhere", below=None).add("r2", "SELECT 1")
    made = planned()
    assert [each.revision.revision for each in made.revisions] == ["r2"]
    assert "does not run in a throwaway database" in (one(made).not_planned or "")


def test_roles_that_the_scripts_name_are_there_too(project: Project, app: Path, database: str) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "CREATE ROLE plan_reader")
    try:
        project.add("r2", "GRANT SELECT ON t TO plan_reader")
        made = plan(project.ini, database, [app], Settings())  # a server of its own
        assert (made.complete, made.notes) == (True, ())
    finally:
        run(database, "DROP ROLE plan_reader")


def test_a_role_that_the_throwaway_server_has_itself_is_no_obstacle(project: Project, app: Path, database: str) -> None:
    run(database, "DO $$ BEGIN CREATE ROLE postgres; EXCEPTION WHEN duplicate_object THEN END $$")
    project.add("r1", TABLE).add("r2", "GRANT SELECT ON t TO postgres").made(database, "r1")
    made = plan(project.ini, database, [app], Settings())
    assert (made.complete, made.notes) == (True, ())


def test_branches_are_brought_to_all_their_live_revisions(project: Project, planned: Any, database: str) -> None:
    project.add("r1", TABLE).add("left", "ALTER TABLE t ADD l int").add("right", "ALTER TABLE t ADD r int", below="r1")
    project.up(database)
    project.add("merged", "ALTER TABLE t DROP l, DROP r", below=("left", "right"))
    made = planned()
    assert sorted(made.current) == ["left", "right"]
    assert [each.revision.revision for each in made.revisions] == ["merged"]
    assert made.complete


def test_a_version_table_of_another_name_and_schema_is_read(project: Project, planned: Any, database: str) -> None:
    run(database, "CREATE SCHEMA meta")
    options = ", version_table='revs', version_table_schema='meta'"
    project.env(options=options).add("r0", "CREATE SCHEMA IF NOT EXISTS meta").add("r1", TABLE).up(database)
    project.add("r2", "ALTER TABLE t ADD c int")
    made = planned()
    assert made.current == ("r1",)
    assert [(each.revision.revision, each.not_planned) for each in made.revisions] == [("r2", None)]


def test_an_unknown_live_revision_is_an_error(project: Project, planned: Any, database: str) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "UPDATE alembic_version SET version_num = 'gone'")
    with pytest.raises(MigrateError, match=r'at revision "gone", which is not among the scripts'):
        planned()


def test_a_role_that_may_not_read_the_version_table_is_told_what_it_lacks(
    project: Project, app: Path, database: str
) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "CREATE ROLE plan_blind LOGIN")
    try:
        with pytest.raises(MigrateError, match=r'role "plan_blind" may not read "alembic_version"') as got:
            plan(project.ini, psycopg.conninfo.make_conninfo(database, user="plan_blind"), [app], Settings())
        assert "GRANT SELECT" in (got.value.hint or "")
    finally:
        run(database, "DROP ROLE plan_blind")


def test_a_partition_tree_is_told_with_its_partitions(project: Project, planned: Any, database: str) -> None:
    tree = "CREATE TABLE t (a int, b text) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)"
    project.add("r1", tree).up(database)
    run(database, "INSERT INTO t VALUES (1, 'x'), (1, 'x')")
    project.add("r2", "CREATE UNIQUE INDEX u ON t (a, b)")
    made = planned()
    assert told_locks(made) == [[("t", "SHARE", "writes"), ("t1", "SHARE", "writes")]]
    assert ("fails", 2) in [(each.state, each.rows) for each in one(made).data]


def test_what_cannot_be_judged_or_asked_is_said(project: Project, app: Path, planned: Any, database: str) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", "op.change_type_online('t', column='b', type='timestamptz')")
    (app / "other.py").write_text(
        "def save(cursor, t):\n    cursor.execute(f'INSERT INTO {t} (a) VALUES (1) ON CONFLICT (a) DO NOTHING')\n"
    )
    made = planned()
    assert [
        note for note in made.notes if note.startswith("not judged: 1 upsert that could not be resolved (other.py:")
    ]
    (values,) = [each for each in one(made).data if each.what.startswith("values of t")]
    assert (values.state, values.note) == (
        "not asked",
        "only the conversion can tell; it refuses what it cannot convert",
    )


def test_a_type_that_takes_all_values_of_the_old_one_meets_none(project: Project, planned: Any, database: str) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", "op.widen_to_bigint_online('t', column='a')")
    assert [each.state for each in one(planned()).data] == ["clean"]
