"""`migrate verify` and `migrate status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.migrate.model import MigrateError
from pgarbiter.migrate.plan import plan
from pgarbiter.migrate.status import status
from pgarbiter.migrate.verify import verify

from .conftest import CONCURRENTLY, rows, run, settings

if TYPE_CHECKING:
    from .conftest import Project

TABLE = """
op.create_table(
    "t",
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("a", sa.Integer),
    sa.Column("b", sa.Text, server_default="x"),
    sa.CheckConstraint("a > 0", name="t_a_check"),
)
op.create_index("t_a_key", "t", ["a"], unique=True)
"""


@pytest.fixture
def verified(project: Project, database: str) -> Any:
    return lambda: [(each.kind, each.what) for each in verify(project.ini, database, settings(database)).differences]


def test_a_database_that_its_revisions_have_made_has_no_differences(project: Project, any_database: str) -> None:
    project.add("r1", TABLE).up(any_database)
    project.add("r2", "ALTER TABLE t ADD c int")
    found = verify(project.ini, any_database, settings(any_database))
    assert (found.differences, found.extra, found.relations, found.current) == ((), (), 1, ("r1",))
    assert found.notes == ()


def test_what_is_missing_different_invalid_or_not_proven_is_told(
    project: Project, verified: Any, database: str
) -> None:
    project.add("r1", TABLE + "op.create_table('u', sa.Column('x', sa.Integer))").up(database)
    run(database, "DROP TABLE u; ALTER TABLE t DROP COLUMN b, ALTER a SET NOT NULL, DROP CONSTRAINT t_a_check")
    run(database, "ALTER TABLE t ADD CONSTRAINT t_a_check CHECK (a > 0) NOT VALID; DROP INDEX t_a_key")
    run(database, "INSERT INTO t (a) VALUES (1), (1)")
    with pytest.raises(Exception, match="could not create unique index"):
        run(database, "CREATE UNIQUE INDEX CONCURRENTLY t_a_key ON t (a)")
    assert verified() == [
        ("different", 'column "a" of t'),
        ("missing", 'column "b" of t'),
        ("INVALID", 'index "t_a_key" of t'),
        ("NOT VALID", 'constraint "t_a_check" of t'),
        ("missing", "table u"),
    ]


def test_an_index_of_that_name_with_another_predicate_is_different(
    project: Project, verified: Any, database: str
) -> None:
    project.add("r1", TABLE).up(database)
    run(database, "DROP INDEX t_a_key; CREATE UNIQUE INDEX t_a_key ON t (a) WHERE b IS NOT NULL")
    assert verified() == [("different", 'index "t_a_key" of t')]


def test_what_was_made_by_hand_is_told_and_is_no_difference(project: Project, database: str) -> None:
    project.add("r1", TABLE).up(database)
    run(database, "CREATE INDEX by_hand ON t (b)")
    found = verify(project.ini, database, settings(database))
    assert found.differences == ()
    assert found.extra == ('index "by_hand" of t: (b)',)


def test_a_revision_that_does_not_run_in_a_throwaway_database_is_an_error(project: Project, database: str) -> None:
    project.add("r1", TABLE).up(database)
    project.add("r1", "SELECT nothing FROM nowhere", below=None)
    with pytest.raises(MigrateError, match="revision r1, which the database has had, does not run in a throwaway"):
        verify(project.ini, database, settings(database))


def test_the_status_of_an_empty_database_is_all_revisions_pending(project: Project, database: str) -> None:
    project.add("r1", TABLE).add("r2", "SELECT 1")
    found = status(project.ini, database)
    assert (found.current, found.heads) == ((), ("r2",))
    assert [each.revision for each in found.pending] == ["r1", "r2"]
    assert rows(database, "SELECT to_regclass('alembic_version')") == [(None,)]


def test_status_tells_what_a_failed_run_has_left(project: Project, any_database: str) -> None:
    project.add("r1", TABLE.replace('op.create_index("t_a_key", "t", ["a"], unique=True)', "")).add("r2", CONCURRENTLY)
    project.up(any_database, "r1")
    run(any_database, "INSERT INTO t (a) VALUES (1), (1)")
    with pytest.raises(MigrateError):
        project.up(any_database)
    found = status(project.ini, any_database)
    assert found.current == ("r1",)
    assert found.invalid == ('"t_a_key" on t is INVALID, was left behind by a failed build, and does nothing',)


def test_status_tells_an_online_operation_that_was_not_finished(project: Project, any_database: str) -> None:
    project.add("r1", TABLE).add("r2", "op.add_check_online('t', name='c', condition='a > 5')")
    project.up(any_database, "r1")
    run(any_database, "INSERT INTO t (a) VALUES (1)")
    with pytest.raises(MigrateError):
        project.up(any_database)
    (line,) = status(project.ini, any_database).unfinished
    assert line.startswith("add_check_online on public.t: step ")
    assert plan(project.ini, any_database, [], settings(any_database)).notes == (
        f"half done, `up` goes on there: {line}",
    )
    run(any_database, "UPDATE t SET a = 6")
    project.up(any_database)
    assert status(project.ini, any_database).unfinished == ()


def test_status_counts_rows_in_quarantine(project: Project, database: str) -> None:
    text = "op.add_check_online('t', name='c', condition='a > 5', violations='quarantine', rule='small')"
    project.add("r1", TABLE).add("r2", text)
    project.up(database, "r1")
    run(database, "INSERT INTO t (a) VALUES (1), (2), (7)")
    project.up(database)
    (line,) = status(project.ini, database).quarantined
    assert line.startswith("2 of 2 rows of public.t by rule small, since ")
    assert status(project.ini, database).current == ("r2",)


def test_status_names_a_revision_that_the_scripts_do_not_have(project: Project, database: str) -> None:
    project.add("r1", TABLE).up(database)
    run(database, "UPDATE alembic_version SET version_num = 'gone'")
    assert status(project.ini, database).unknown == ("gone",)


def test_extensions_that_the_database_lacks_are_not_there_to_compare_with(project: Project, database: str) -> None:
    (project.root / "notes.sql").write_text('CREATE EXTENSION "uuid-ossp";')
    text = """
    there = op.get_bind().scalar(sa.text("SELECT to_regprocedure('uuid_generate_v4()')"))
    op.create_table("t", sa.Column("id", sa.Uuid, server_default=sa.text("uuid_generate_v4()" if there else "null")))
    """
    project.add("r1", text).up(database)
    found = verify(project.ini, database, settings(database))
    assert (found.differences, found.notes) == ((), ())
