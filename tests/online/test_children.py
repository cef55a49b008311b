"""Children of duplicates: pointed to the kept row, whatever ON DELETE says; none is ever lost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online.key import Key
from pgarbiter.online.model import OnlineError, Table
from pgarbiter.online.quarantine import deduplicate

from .rows import books, run

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]
T = "CREATE TABLE t (id int PRIMARY KEY, a int, code text UNIQUE);"
ROWS = "INSERT INTO t VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 2, 'z'), (4, 2, NULL);"


def dedupe(session: Session, keep: str = "id", **policy: Any) -> int:
    arguments = {"merge": {}, "rule": "r"} | policy
    return run(session, lambda work: deduplicate(work, Table("t"), Key(("a",)), keep=keep, **arguments))


@pytest.mark.parametrize("action", ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"])
@pytest.mark.parametrize("deferred", ["", "DEFERRABLE INITIALLY DEFERRED"])
def test_children_follow_the_kept_row(session: Session, another: Connection, action: str, deferred: str) -> None:
    another.execute(f"""{T}
        CREATE TABLE c (id int PRIMARY KEY, t int DEFAULT 3 REFERENCES t ON DELETE {action} {deferred}); {ROWS}
        INSERT INTO c VALUES (1, 1), (2, 2), (3, 2), (4, 4), (5, NULL)""")
    before = books(another, "c")
    assert dedupe(session) == 2
    assert another.execute("SELECT t FROM c ORDER BY id").fetchall() == [(1,), (1,), (1,), (3,), (None,)]
    assert books(another, "c") == before


def test_a_key_other_than_the_primary_one_of_another_type_in_another_schema(
    session: Session, another: Connection
) -> None:
    another.execute(f"""CREATE SCHEMA "My S"; {T}
        CREATE TABLE "My S"."C %s" ("T" varchar(9) CONSTRAINT "fk %s" REFERENCES t (code)
            ON DELETE CASCADE ON UPDATE CASCADE);
        {ROWS} INSERT INTO "My S"."C %s" VALUES ('x'), ('y')""")
    assert dedupe(session) == 2
    assert another.execute('SELECT "T" FROM "My S"."C %s"').fetchall() == [("x",), ("x",)]


def test_a_kept_row_without_the_referenced_value_is_refused(session: Session, another: Connection) -> None:
    another.execute(f"{T} CREATE TABLE c (t text CONSTRAINT fk REFERENCES t (code) ON DELETE CASCADE); {ROWS}")
    another.execute("INSERT INTO c VALUES ('z')")
    with pytest.raises(OnlineError, match=r'children by foreign key "fk" of public.c cannot be pointed to a kept row'):
        dedupe(session, "id DESC")
    assert another.execute("SELECT * FROM c").fetchall() == [("z",)]
    assert another.execute("SELECT count(*) FROM t").fetchall() == [(4,)]


def test_composite_keys_and_two_keys_of_one_child(session: Session, another: Connection) -> None:
    another.execute("""CREATE TABLE t (x int, y int, a int, PRIMARY KEY (x, y));
        CREATE TABLE c (id int PRIMARY KEY, y1 int, x1 int, y2 int, x2 int,
            FOREIGN KEY (x1, y1) REFERENCES t (x, y) ON DELETE CASCADE,
            FOREIGN KEY (y2, x2) REFERENCES t (y, x) ON DELETE CASCADE);
        INSERT INTO t VALUES (1, 1, 1), (1, 2, 1), (2, 1, 2), (2, 2, 2);
        INSERT INTO c VALUES (1, 2, 1, 2, 2), (2, 1, 1, 1, 1), (3, NULL, 1, 2, 1)""")
    before = books(another, "c")
    assert dedupe(session, "x, y") == 2
    assert another.execute("SELECT * FROM c ORDER BY id").fetchall() == [
        (1, 1, 1, 1, 2),
        (2, 1, 1, 1, 1),
        (3, None, 1, 1, 1),
    ]
    assert books(another, "c") == before


def test_rows_that_reference_their_own_table(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, up int REFERENCES t ON DELETE CASCADE, n int)")
    another.execute("""INSERT INTO t VALUES (1, 1, NULL, 1), (2, 1, NULL, 2), (3, 2, 2, 3), (4, 2, 2, 4), (5, 3, 4, 5),
        (6, 4, 2, 6), (7, 1, 6, 7)""")
    before = books(another, "t")
    assert dedupe(session, merge={"n": "sum"}) == 3
    assert another.execute("SELECT * FROM t ORDER BY id").fetchall() == [
        (1, 1, None, 10),
        (3, 2, 1, 7),
        (5, 3, 3, 5),
        (6, 4, 1, 6),
    ]
    assert books(another, "t") == before


def test_partitioned_children_and_a_partitioned_parent(session: Session, another: Connection) -> None:
    another.execute("""CREATE TABLE t (r int, id int, a int, PRIMARY KEY (r, id)) PARTITION BY LIST (r);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2);
        CREATE TABLE c (n int, r int, t int, FOREIGN KEY (r, t) REFERENCES t ON DELETE CASCADE) PARTITION BY LIST (r);
        CREATE TABLE c_1 PARTITION OF c FOR VALUES IN (1); CREATE TABLE c_2 PARTITION OF c FOR VALUES IN (2);
        CREATE TABLE d (t int, r int DEFAULT 2, FOREIGN KEY (r, t) REFERENCES t_2 ON DELETE CASCADE);
        INSERT INTO t VALUES (1, 1, 1), (2, 1, 1), (2, 3, 3), (2, 4, 3);
        INSERT INTO c VALUES (1, 1, 1), (2, 2, 1), (3, 2, 4); INSERT INTO d VALUES (4)""")
    before = books(another, "c")
    assert dedupe(session, "r, id") == 2
    assert another.execute("SELECT * FROM c ORDER BY n").fetchall() == [(1, 1, 1), (2, 1, 1), (3, 2, 3)]
    assert another.execute("SELECT tableoid::regclass::text FROM c WHERE n = 2").fetchall() == [("c_1",)]
    assert another.execute("SELECT t FROM d").fetchall() == [(3,)]
    assert len(books(another, "c")) == len(before)


LIKES = f"""{T} CREATE TABLE c (id int PRIMARY KEY, who int, t int REFERENCES t ON DELETE CASCADE,
    CONSTRAINT c_once UNIQUE (who, t));
    CREATE TABLE g (id int PRIMARY KEY, c int REFERENCES c ON DELETE CASCADE); {ROWS}
    INSERT INTO c VALUES (1, 7, 1), (2, 7, 2), (3, 8, 2), (4, 9, 4), (5, NULL, 1), (6, NULL, 2);
    INSERT INTO g VALUES (1, 1), (2, 2), (3, 2)"""


def test_a_child_whose_own_key_would_collide_is_refused_by_name(session: Session, another: Connection) -> None:
    another.execute(LIKES)
    with pytest.raises(OnlineError, match=r'"c_once".*Key \(who, t\)=\(7, 1\) already exists.*rolled back') as got:
        dedupe(session)
    assert 'children="quarantine"' in str(got.value.hint)
    assert another.execute("SELECT count(*) FROM c").fetchall() == [(6,)]
    assert another.execute("SELECT count(*) FROM t").fetchall() == [(4,)]


def test_or_is_taken_out_as_well_with_its_own_children_pointed_to_its_brother(
    session: Session, another: Connection
) -> None:
    another.execute(LIKES)
    before = [books(another, table) for table in ("t", "c", "g")]
    assert dedupe(session, children="quarantine") == 3
    assert another.execute("SELECT * FROM c ORDER BY id").fetchall() == [
        (1, 7, 1),
        (3, 8, 1),
        (4, 9, 3),
        (5, None, 1),
        (6, None, 1),
    ]
    assert another.execute("SELECT c FROM g ORDER BY id").fetchall() == [(1,), (1,), (1,)]
    assert [books(another, table) for table in ("t", "c", "g")] == before
    assert another.execute(
        "SELECT primary_key, kept_key, reason FROM pgarbiter_data.quarantine"
        " WHERE kind = 'removed' AND source = 'public.c'"
    ).fetchall() == [
        ({"id": 2}, {"id": 1}, 'its parent was a duplicate, and the kept parent has a child of the same "c_once"')
    ]


def test_children_that_collide_among_themselves_and_by_an_expression(session: Session, another: Connection) -> None:
    another.execute(f"""{T} CREATE TABLE c (id int PRIMARY KEY, name text, t int REFERENCES t, hidden bool);
        CREATE UNIQUE INDEX c_name ON c (lower(name) COLLATE "C", t) WHERE NOT hidden; {ROWS}
        INSERT INTO t VALUES (5, 1, NULL);
        INSERT INTO c VALUES (1, 'A', 2, false), (2, 'a', 5, false), (3, 'a', 5, true), (4, 'b', 5, false)""")
    before = books(another, "c")
    assert dedupe(session, children="quarantine") == 3 + 1
    assert another.execute("SELECT id, t FROM c ORDER BY id").fetchall() == [(1, 1), (3, 1), (4, 1)]
    assert books(another, "c") == before


def test_colliding_rows_of_the_table_itself_are_refused(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, up int REFERENCES t, name text, UNIQUE (up, name))")
    another.execute("INSERT INTO t VALUES (1, 1, NULL, 'r'), (2, 1, NULL, 's'), (3, 2, 1, 'x'), (4, 3, 2, 'x')")
    with pytest.raises(OnlineError, match=r"would have to be pointed elsewhere .* rolled back"):
        dedupe(session, children="quarantine")
    assert another.execute("SELECT count(*) FROM t").fetchall() == [(4,)]


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_grandchildren_that_on_update_would_write_to_are_told(
    session: Session, another: Connection, action: str
) -> None:
    another.execute(f"""{T} CREATE TABLE c (t int REFERENCES t, n int, PRIMARY KEY (t, n)); {ROWS}
        CREATE TABLE g (t int, n int, CONSTRAINT g_fk FOREIGN KEY (t, n) REFERENCES c ON UPDATE {action});
        INSERT INTO c VALUES (2, 1); INSERT INTO g VALUES (2, 1)""")
    with pytest.raises(OnlineError, match=r'"g_fk" of public.g would have ON UPDATE write .* rolled back'):
        dedupe(session)
    assert another.execute("SELECT * FROM g").fetchall() == [(2, 1)]


def test_a_trigger_that_keeps_a_child_where_it_is_is_told(session: Session, another: Connection) -> None:
    another.execute(f"""{T} CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE); {ROWS}
        INSERT INTO c VALUES (1, 2);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
        CREATE TRIGGER keep BEFORE UPDATE ON c FOR EACH ROW EXECUTE FUNCTION f()""")
    with pytest.raises(OnlineError, match=r"a trigger keeps or changes 1 row of public.c that .* by foreign key"):
        dedupe(session)
    assert another.execute("SELECT t FROM c").fetchall() == [(2,)]


def test_no_child_of_a_concurrent_writer_is_lost(session: Session, another: Connection, any_database: str) -> None:
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a int);
        CREATE TABLE c (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t int NOT NULL REFERENCES t ON DELETE CASCADE);
        CREATE INDEX ON c (t); INSERT INTO t SELECT n, n / 2 FROM generate_series(1, 400) n""")
    end, written, failed = threading.Event(), [0] * 3, [0] * 3

    def write(writer: int) -> None:
        with psycopg.connect(any_database, autocommit=True) as connection:
            while not end.is_set() or not written[writer]:
                for number in range(writer, 400, 7):
                    try:
                        connection.execute("INSERT INTO c (t) VALUES (%s)", (number + 1,))
                        written[writer] += 1
                    except psycopg.errors.ForeignKeyViolation:  # its parent has been taken out
                        failed[writer] += 1

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        dedupe(session)
    finally:
        end.set()
        for writer in writers:
            writer.join()
    assert another.execute("SELECT count(*) FROM c").fetchall() == [(sum(written),)]
    assert another.execute("SELECT count(*) FROM c WHERE t NOT IN (SELECT id FROM t)").fetchall() == [(0,)]
    assert another.execute("SELECT count(*) FROM t").fetchall() == [(201,)]
