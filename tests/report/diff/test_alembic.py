"""The revision of a diff upgrades the old database to the new one, and downgrades it again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from pgarbiter.diff import difference
from pgarbiter.diff.migration import backwards, plan
from pgarbiter.report.diff import alembic, sql
from pgarbiter.report.diff.operations import escaped
from pgarbiter.structure.read import read_structure
from tests.diff.conftest import BASE, base  # noqa: F401 - a fixture
from tests.diff.drift import DRIFTS
from tests.diff.test_drift import after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from pgarbiter.diff import Diff
    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure

CHANGED = """
ALTER TYPE app.mood ADD VALUE 'worse' BEFORE 'sad';
ALTER TABLE app.t DROP free, ADD more bigint DEFAULT 7 NOT NULL, ADD label text DEFAULT 'a:b \\:c :xy:z 10%';
ALTER TABLE app.t ALTER note TYPE varchar(20), ALTER qty SET NOT NULL;
CREATE INDEX added ON app.t (qty, rank);
DROP INDEX app.plain;
CREATE TABLE app.extra (id int PRIMARY KEY, mood app.mood);
ALTER TABLE app.lonely ADD CONSTRAINT lonely_fkey FOREIGN KEY (a) REFERENCES app.extra (id) ON DELETE CASCADE;
DROP TABLE app.booked;
CREATE OR REPLACE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS $$
    SELECT ':x'::text::int -- \\n "quoted"
$$;
ALTER POLICY own ON app.t USING (rank > 5);
CREATE OR REPLACE VIEW app.seen AS SELECT id, 'a:b' AS word FROM app.t;
"""


@pytest.fixture
def two(any_server: Server) -> Iterator[tuple[str, str]]:
    old, new = any_server.create_database(), any_server.create_database()
    for database, script in ((old, BASE), (new, BASE + CHANGED)):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(script.encode())
    yield old, new
    any_server.drop_database(old)
    any_server.drop_database(new)


def structure(database: str) -> Structure:
    with psycopg.connect(database) as connection:
        return read_structure(connection)


def between(two: tuple[str, str]) -> Diff:
    return difference(("old", structure(two[0])), ("new", structure(two[1])))


def written(found: Diff, **options: Any) -> str:
    stream = io.StringIO()
    alembic.write(found, stream, **options)
    return stream.getvalue()


def run(revision: str, function: str, database: str) -> None:
    """Run a function of the revision as Alembic does: in a transaction of its migration context."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
        names: dict[str, Any] = {}
        with Operations.context(context), context.begin_transaction(_per_migration=True):
            exec(compile(revision, "revision.py", "exec"), names)
            names[function]()
    engine.dispose()


def left(found: Diff, expected: Structure, database: str) -> list[str]:
    """What is different from what is expected, but for what the plan says it leaves out."""
    out = {each.subject for each in plan(found).unwritten}
    changes = difference(("is", structure(database)), ("wanted", expected), detect_renames=False).changes
    return [f"{change.subject} {change.properties}" for change in changes if change.subject not in out]


@pytest.mark.parametrize("online", [False, True])
def test_a_revision_goes_there_and_back(two: tuple[str, str], *, online: bool) -> None:
    before, after, found = structure(two[0]), structure(two[1]), between(two)
    revision = written(found, online=online, allow_destructive=True)
    run(revision, "upgrade", two[0])
    assert left(found, after, two[0]) == []
    run(revision, "downgrade", two[0])
    remaining = left(backwards(found), before, two[0])
    assert [each for each in remaining if "Kind.ENUM" not in each] == []  # a label stays where it cannot be taken


def test_nothing_is_destroyed_unless_that_is_allowed(two: tuple[str, str]) -> None:
    found = between(two)
    revision = written(found)
    assert "# DROP TABLE app.booked;" in revision
    run(revision, "upgrade", two[0])
    kept = structure(two[0])
    assert ("app", "booked") in kept.objects["table"]
    assert "free" in {column.name for column in kept.objects["table"]["app", "t"].columns}
    run(revision, "downgrade", two[0])


@pytest.mark.parametrize("online", [False, True])
def test_the_script_leads_to_the_new_schema(two: tuple[str, str], *, online: bool) -> None:
    after, found = structure(two[1]), between(two)
    with psycopg.connect(two[0], autocommit=True) as connection:
        for group in statements(sql.lines(found, online=online, allow_destructive=True)):
            connection.execute(group.encode())
    assert left(found, after, two[0]) == []


def statements(lines: Iterator[str]) -> Iterator[str]:
    """The script in pieces as psql sends them: between transactions each statement by itself."""
    piece: list[str] = []
    inside = False
    for line in lines:
        inside = (inside or line == "BEGIN;") and line != "COMMIT;"
        if not line.startswith("\\set"):
            piece.append(line)
        if not inside and line.endswith(";"):
            yield "\n".join(piece)
            piece = []


@pytest.fixture(scope="module")
def engine(base: tuple[psycopg.Connection[Any], Structure]) -> Iterator[Engine]:  # noqa: F811 - the fixture
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(base[0].info.dsn))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_is_made_and_taken_back_by_its_revision(
    name: str,
    base: tuple[psycopg.Connection[Any], Structure],  # noqa: F811 - the fixture
    engine: Engine,
) -> None:
    connection, before = base
    if connection.info.server_version // 10000 < DRIFTS[name].since:
        pytest.skip(f"needs version {DRIFTS[name].since}")
    wanted = after(connection, DRIFTS[name].ddl)
    found = difference(("old", before), ("new", wanted))
    back = backwards(found)
    if not all(step.transactional for step in (*plan(found).steps, *plan(back).steps)):
        pytest.skip("commits, which cannot be rolled back")
    names: dict[str, Any] = {}
    exec(compile(written(found, allow_destructive=True), "revision.py", "exec"), names)
    with engine.connect() as connected, Operations.context(MigrationContext.configure(connected)):
        for role in (each for each in DRIFTS[name].ddl.split(";") if "CREATE ROLE" in each):
            connected.exec_driver_sql(role)
        driver: Any = connected.connection.driver_connection
        for function, way, expected in (("upgrade", found, wanted), ("downgrade", back, before)):
            names[function]()
            now = read_structure(driver, own_transaction=False)
            out = {each.subject for each in plan(way).unwritten}
            changes = difference(("is", now), ("wanted", expected), detect_renames=False).changes
            assert [f"{each.subject} {each.properties}" for each in changes if each.subject not in out] == []
        connected.rollback()


SINGLE = {
    "CREATE INDEX more ON app.t (qty) WHERE rank > 1": "add_index_online",
    "CREATE UNIQUE INDEX more ON app.t (qty, rank)": "add_unique_online",
    "ALTER TABLE app.t ADD CONSTRAINT more UNIQUE (qty)": "add_unique_online",
    "ALTER TABLE app.t ADD CONSTRAINT more CHECK (qty > 1)": "add_check_online",
    "ALTER TABLE app.t ADD CONSTRAINT more FOREIGN KEY (qty) REFERENCES app.orgs ON DELETE CASCADE": (
        "add_foreign_key_online"
    ),
    "ALTER TABLE app.t ALTER qty SET NOT NULL": "set_not_null_online",
}


@pytest.mark.parametrize("ddl", SINGLE)
def test_one_change_of_a_live_table_is_a_directive(ddl: str, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BASE.encode())
        before = read_structure(connection)
        with connection.transaction(force_rollback=True):
            connection.execute(ddl.encode())
            after = read_structure(connection, own_transaction=False)
    found = difference(("old", before), ("new", after))
    revision = written(found, online=True)
    assert f"op.{SINGLE[ddl]}(" in revision
    run(revision, "upgrade", database)
    ignored = {"pgarbiter", "pgarbiter_data"}  # the schemas where the operations keep their journal
    changes = difference(("is", structure(database)), ("wanted", after)).changes
    assert [each.subject for each in changes if each.subject.identity[0] not in ignored] == []
    run(revision, "downgrade", database)
    changes = difference(("is", structure(database)), ("wanted", before)).changes
    assert [each.subject for each in changes if each.subject.identity[0] not in ignored] == []


@pytest.mark.parametrize("online", [False, True])
def test_what_is_not_made_is_not_dropped_again(database: str, *, online: bool) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int)")
        before = read_structure(connection)
        connection.execute(
            "CREATE INDEX i ON t (a); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass"
        )
        found = difference(("old", before), ("new", read_structure(connection)))
    stream = io.StringIO()
    alembic.write(found, stream, online=online)
    assert "not written: table public.t, index i: it is invalid there" in stream.getvalue()
    assert "    # upgrade() leaves it\n    # DROP INDEX" in stream.getvalue()
    assert not any(line.startswith(("    op.", "    with")) for line in stream.getvalue().splitlines())


def test_the_same_diff_gives_the_same_revision(two: tuple[str, str]) -> None:
    assert written(between(two), revises="abc") == written(between(two), revises="abc")


def test_sqlalchemy_reads_a_statement_as_it_is() -> None:
    statement = r"SELECT ':x', 'a:b', a::text, x[1:2], E'\\:x', '10%', :y, ' : ', 'é:é', '::x', 'a\:b'"
    assert str(text(escaped(statement)).compile()) == statement


def test_a_name_with_a_line_break_stays_in_its_comment(any_server: Server) -> None:
    one, two = any_server.create_database(), any_server.create_database()
    try:
        with psycopg.connect(one, autocommit=True) as connection:
            connection.execute('CREATE TABLE "x\n; DROP TABLE y; --" (a int)')
        found = difference(("one\nCREATE TABLE bad ()", structure(one)), ("two", structure(two)))
        for line in sql.lines(found, online=False, allow_destructive=False):
            assert line.startswith(("--", "\\set", "SET ", "BEGIN;", "COMMIT;")) or not line
        compile(written(found), "revision.py", "exec")
    finally:
        any_server.drop_database(one)
        any_server.drop_database(two)
