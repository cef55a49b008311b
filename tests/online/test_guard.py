"""The guard: what it keeps out, and what it must let through."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.guard import guard
from pgarbiter.online.key import Key
from pgarbiter.online.model import OnlineError, Operation, Step, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Guarded(Operation):
    """An operation that has nothing but a guard, and leaves it where it is."""

    directive: ClassVar[str] = "guarded"
    table: Table
    key: Key
    name: str = "t_key"

    def steps(self, session: Session) -> tuple[Step, ...]:
        del session
        return (guard(self.table, self.key, self.name, lambda _: False)[0],)

    def arguments(self) -> dict[str, Any]:
        return {}


def install(session: Session, *elements: str, table: Table | None = None, **key: Any) -> None:
    found = session.resolve(table or Table("t"))
    assert found is not None
    execute(Guarded(found, Key(elements, **key)), session)


def remove(session: Session, *elements: str) -> None:
    table = session.resolve(Table("t"))
    assert table is not None
    for statement in guard(table, Key(elements), "t_key", lambda _: False)[1].sql:
        session.run(statement)


@contextmanager
def kept_out(detail: str) -> Iterator[None]:
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        yield
    assert caught.value.diag.message_primary == 'duplicate key value violates unique constraint "t_key"'
    assert caught.value.diag.message_detail == detail
    assert caught.value.diag.constraint_name == "t_key"


def count(another: Connection, table: str = "t") -> int:
    ((found,),) = another.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(found)


def test_a_new_duplicate_is_told_as_the_index_would_tell_it(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, b text); INSERT INTO t VALUES (1, 1, 'x')")
    install(session, "a", "b")
    with kept_out("Key (a, b)=(1, x) already exists."):
        another.execute("INSERT INTO t VALUES (2, 1, 'x')")
    with kept_out("Key (a, b)=(7, y) already exists."):
        another.execute("INSERT INTO t VALUES (2, 7, 'y'), (3, 7, 'y')")
    another.execute("INSERT INTO t VALUES (2, 1, 'y')")
    with kept_out("Key (a, b)=(1, x) already exists."):
        another.execute("UPDATE t SET b = 'x' WHERE id = 2")
    with kept_out("Key (a, b)=(1, x) already exists."), another.cursor().copy("COPY t FROM STDIN") as copy:
        copy.write("9\t1\tx\n")
    assert count(another) == 2


def test_old_duplicates_can_be_written_as_long_as_their_key_stays(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, n int); INSERT INTO t VALUES (1, 1, 0), (2, 1, 0)")
    install(session, "a")
    another.execute("UPDATE t SET n = n + 1")
    another.execute("UPDATE t SET a = a, n = n + 1 WHERE id = 1")
    another.execute("INSERT INTO t VALUES (1, 1, 9) ON CONFLICT (id) DO UPDATE SET a = excluded.a, n = excluded.n")
    assert another.execute("SELECT n FROM t ORDER BY id").fetchall() == [(9,), (1,)]
    with kept_out("Key (a)=(1) already exists."):
        another.execute("INSERT INTO t VALUES (3, 1, 9) ON CONFLICT (id) DO UPDATE SET n = excluded.n")


def test_keys_can_be_swapped_and_deleted_and_inserted_again(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1), (2, 2)")
    install(session, "a")
    another.execute("UPDATE t SET a = 3 - a")
    with another.transaction():
        another.execute("DELETE FROM t WHERE a = 1")
        another.execute("INSERT INTO t VALUES (3, 1)")
    assert another.execute("SELECT id, a FROM t ORDER BY id").fetchall() == [(1, 2), (3, 1)]


def test_a_hundred_thousand_rows_pass_in_one_statement(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX ON t (a)")
    install(session, "a")
    another.execute("INSERT INTO t SELECT n, n FROM generate_series(1, 100000) n")
    assert count(another) == 100_000
    with kept_out("Key (a)=(70000) already exists."):
        another.execute(
            "INSERT INTO t SELECT n, CASE n WHEN 150000 THEN 70000 ELSE n END FROM generate_series(100001, 150000) n"
        )


def test_thousands_of_statements_of_one_transaction_take_few_locks(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX ON t (a)")
    install(session, "a")
    with another.transaction():
        another.execute("DO $$BEGIN FOR n IN 1..5000 LOOP INSERT INTO t VALUES (n, n); END LOOP; END$$")
        ((held,),) = another.execute(
            "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"
        ).fetchall()
    assert 1024 < held <= 1024 + 2 * 256
    ((left,),) = another.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchall()
    assert left == 0


def test_null_keys_pass_unless_nulls_are_not_distinct(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int, b int)")
    install(session, "a", "b")
    another.execute("INSERT INTO t VALUES (1, NULL), (1, NULL), (NULL, NULL), (NULL, NULL)")
    assert count(another) == 4


@pytest.mark.pg(">= 15")
def test_null_keys_meet_where_nulls_are_not_distinct(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, NULL), (NULL, NULL)")
    install(session, "a", "b", nulls_not_distinct=True)
    with kept_out("Key (a, b)=(1, null) already exists."):
        another.execute("INSERT INTO t VALUES (1, NULL)")
    with kept_out("Key (a, b)=(null, null) already exists."):
        another.execute("INSERT INTO t VALUES (NULL, NULL)")


@pytest.mark.pg(">= 15")
def test_merge_is_watched(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1), (2, 2)")
    install(session, "a")
    merge = (
        "MERGE INTO t USING (VALUES ({0}, {1})) s (id, a) ON t.id = s.id"
        " WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.a)"
    )
    another.execute(merge.format(1, 5))
    another.execute(merge.format(3, 3))
    for values in ((1, 2), (4, 2)):
        with kept_out("Key (a)=(2) already exists."):
            another.execute(merge.format(*values))


@pytest.mark.parametrize("late", [False, True], ids=["at once", "after others"])
def test_of_many_writers_of_one_key_one_remains(
    session: Session,
    another: Connection,
    any_database: str,
    late: bool,  # noqa: FBT001
) -> None:
    another.execute("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, a int); CREATE INDEX ON t (a)")
    install(session, "a")

    def write(writer: int) -> int:
        won = 0
        with psycopg.connect(any_database) as connection:
            for key in range(25):
                try:
                    with connection.transaction():
                        if late:
                            connection.execute("INSERT INTO t (a) VALUES (%s)", (1000 + writer * 100 + key,))
                        connection.execute("INSERT INTO t (a) VALUES (%s)", (key,))
                        won += 1
                except psycopg.errors.UniqueViolation:
                    continue
        return won

    with ThreadPoolExecutor(6) as pool:
        won = sum(pool.map(write, range(6)))
    assert won == 25
    assert another.execute("SELECT a FROM t WHERE a < 1000 GROUP BY a HAVING count(*) > 1").fetchall() == []
    assert count(another) == (50 if late else 25)


def test_a_writer_who_may_neither_read_nor_see_anything_is_watched(
    session: Session, another: Connection, any_database: str
) -> None:
    another.execute("CREATE TABLE t (id int, a int); INSERT INTO t VALUES (1, 1)")
    another.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t FOR INSERT WITH CHECK (true)")
    role = "pgarbiter_test_writer"
    another.execute(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role}; GRANT INSERT ON t TO {role}")
    try:
        install(session, "a")
        another.execute(f"SET ROLE {role}")
        with kept_out("Key (a)=(1) already exists."):
            another.execute("INSERT INTO t VALUES (2, 1)")
        another.execute("INSERT INTO t VALUES (2, 2); RESET ROLE")
    finally:
        another.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")


def test_expressions_predicates_collations_and_names_mean_what_they_mean_to_the_index(
    session: Session, another: Connection
) -> None:
    another.execute("""
        CREATE SCHEMA "My Schema"; SET search_path = "My Schema";
        CREATE FUNCTION folded(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT pg_catalog.lower($1)';
        CREATE TABLE "T %s" ("E ""mail" text, "hash" text, held text, gone bool);
        INSERT INTO "T %s" VALUES ('a@x', '1', '{name}', false)""")
    session.run('SET search_path = "My Schema", public')
    install(
        session,
        '(folded("E ""mail")) COLLATE "C"',
        "hash",
        table=Table("T %s"),
        where="NOT gone AND held <> '<<name>>'",
    )
    another.execute("RESET search_path")
    insert = """INSERT INTO "My Schema"."T %s" VALUES """
    for row in ("('A@X', '1', '', true)", "('A@X', '1', '<<name>>', false)", "('A@X', '2', '', false)"):
        another.execute(insert + row)
    with kept_out("""Key ((folded("E ""mail")) COLLATE "C", hash)=(a@x, 1) already exists."""):
        another.execute(insert + "('A@X', '1', '', false)")


def test_equal_values_that_look_different_meet(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a numeric, b bit(2), f float8); INSERT INTO t VALUES (1.0, '01', -0.0)")
    install(session, "a", "b", "f")
    with kept_out("Key (a, b, f)=(1.00, 01, 0) already exists."):
        another.execute("INSERT INTO t VALUES (1.00, '01', 0.0)")


def test_partitions_are_watched_however_they_are_written(session: Session, another: Connection) -> None:
    another.execute("""
        CREATE TABLE t (r int, a int) PARTITION BY RANGE (r);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
        CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY LIST (a);
        CREATE TABLE t_2_1 PARTITION OF t_2 DEFAULT;
        INSERT INTO t VALUES (1, 1), (11, 1), (2, 2)""")
    install(session, "r", "a")
    for table in ("t", "t_2", "t_2_1"):
        with kept_out("Key (r, a)=(11, 1) already exists."):
            another.execute(f"INSERT INTO {table} VALUES (11, 1)")
    with kept_out("Key (r, a)=(11, 1) already exists."):
        another.execute("UPDATE t SET r = 11 WHERE r = 1")
    another.execute("UPDATE t SET r = 12 WHERE r = 1")
    assert count(another) == 3


def test_rows_of_tables_that_inherit_do_not_count(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int); CREATE TABLE u () INHERITS (t); INSERT INTO u VALUES (1)")
    install(session, "a")
    another.execute("INSERT INTO t VALUES (1)")
    with kept_out("Key (a)=(1) already exists."):
        another.execute("INSERT INTO t VALUES (1)")


def test_a_guard_is_there_once_and_gone_when_removed(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    install(session, "a")
    install(session, "a")
    assert another.execute("SELECT count(*) FROM pgarbiter_data.journal").fetchall() == [(1,)]
    assert another.execute("SELECT count(*) FROM pg_trigger").fetchall() == [(2,)]
    remove(session, "a")
    remove(session, "a")
    another.execute("INSERT INTO t VALUES (1)")
    assert another.execute("SELECT count(*) FROM pg_trigger").fetchall() == [(0,)]


def test_a_guard_that_would_not_see_all_rows_is_refused(session: Session, another: Connection) -> None:
    role = "pgarbiter_test_owner"
    another.execute(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role}; GRANT ALL ON SCHEMA public TO {role}")
    ((name,),) = another.execute("SELECT current_database()").fetchall()
    another.execute(f'GRANT ALL ON DATABASE "{name}" TO {role}')
    try:
        session.run(f"SET ROLE {role}")
        session.run("CREATE TABLE t (a int)")
        session.run("ALTER TABLE t ENABLE ROW LEVEL SECURITY")
        session.run("ALTER TABLE t FORCE ROW LEVEL SECURITY")
        with pytest.raises(OnlineError, match="row security would hide rows"):
            install(session, "a")
        session.run("ALTER TABLE t NO FORCE ROW LEVEL SECURITY")
        install(session, "a")
    finally:
        session.run("RESET ROLE")
        another.execute(f'DROP OWNED BY {role}; REVOKE ALL ON DATABASE "{name}" FROM {role}; DROP ROLE {role}')
