"""Duplicates are taken out: which row stays, what it takes over, what is refused; and nothing is lost."""

from __future__ import annotations

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
A = Key(("a",))


def dedupe(session: Session, key: Key = A, keep: str | None = "id", table: str = "t", **policy: Any) -> int:
    arguments = {"merge": {}, "rule": "r"} | policy
    return run(session, lambda work: deduplicate(work, Table(table), key, keep=keep, **arguments), table)


def test_the_first_row_of_each_group_stays_and_the_books_are_right(session: Session, another: Connection) -> None:
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a int, at timestamptz);
        INSERT INTO t SELECT n, n % 7, timestamptz '2026-01-01' + n * interval '1 h' FROM generate_series(1, 50) n;
        INSERT INTO t VALUES (51, NULL, NULL), (52, NULL, NULL), (53, 0, NULL)""")
    before = books(another, "t")
    assert dedupe(session, keep="at DESC NULLS LAST") == 44
    assert another.execute("SELECT id FROM t ORDER BY id").fetchall() == [(n,) for n in [*range(44, 53)]]
    assert books(another, "t") == before
    assert dedupe(session, keep="at DESC NULLS LAST") == 0


def test_batches_are_committed_one_by_one(
    session: Session, another: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_ONLINE_BATCH_ROWS", "10")
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int)")
    another.execute("INSERT INTO t SELECT n, n / 3 FROM generate_series(0, 59) n")
    another.execute("INSERT INTO t SELECT n, -1 FROM generate_series(100, 130) n")
    before = books(another, "t")
    assert dedupe(session) == 40 + 30
    assert books(another, "t") == before
    ((transactions,),) = another.execute("SELECT count(DISTINCT xmin::text) FROM pgarbiter_data.quarantine").fetchall()
    assert transactions == 8
    assert another.execute("SELECT rows_touched, rows_total FROM pgarbiter_data.journal").fetchall() == [(70, 70)]


def test_without_a_policy_duplicates_are_refused_and_nothing_is_changed(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1), (2, 1), (3, 2)")
    with pytest.raises(OnlineError, match=r"2 rows of public.t with 1 duplicate key \(a\).*nothing was changed") as got:
        dedupe(session, keep=None)
    assert "(a)=(1): 2 rows" in got.value.message
    another.execute("DELETE FROM t WHERE id = 2")
    assert dedupe(session, keep=None) == 0


def test_an_order_that_does_not_decide_is_refused_unless_the_rows_are_alike(
    session: Session, another: Connection
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, n int, b text)")
    another.execute("INSERT INTO t VALUES (1, 1, 0, 'x'), (2, 1, 0, 'y'), (3, 2, 0, 'x'), (4, 2, 0, 'x')")
    with pytest.raises(OnlineError, match=r"1 group of duplicates by \(a\), such as \(1\), .* nothing was changed"):
        dedupe(session, keep="n")
    another.execute("UPDATE t SET n = 1 WHERE id = 2")
    assert dedupe(session, keep="n DESC") == 2
    assert another.execute("SELECT id FROM t ORDER BY id").fetchall() == [(2,), (3,)]


MERGES = {
    "newest by at": 20,
    "first": 10,
    "last": None,
    "first non-null": 10,
    "last non-null": 30,
    "sum": 60,
    "sql: max(n) * 2 + 1": 61,
    "sql: (array_agg(n ORDER BY pgarbiter_place DESC))[2]": 30,
}


@pytest.mark.parametrize("policy", MERGES)
def test_a_column_is_merged_by_its_policy(session: Session, another: Connection, policy: str) -> None:
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a int, at date, n int);
        INSERT INTO t VALUES (1, 1, '2026-01-02', 10), (2, 1, '2026-01-09', 20), (3, 1, '2026-01-01', 30),
            (4, 1, NULL, NULL), (5, 2, NULL, 5)""")
    before = books(another, "t")
    assert dedupe(session, merge={"n": policy}) == 3
    assert another.execute("SELECT n FROM t ORDER BY id").fetchall() == [(MERGES[policy],), (5,)]
    assert books(another, "t") == before


def test_a_unique_value_of_another_row_of_the_group_can_be_merged(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, mail text UNIQUE)")
    another.execute("INSERT INTO t VALUES (1, 1, NULL), (2, 1, 'x'), (3, 1, 'y')")
    dedupe(session, merge={"mail": "last non-null"})
    assert another.execute("SELECT * FROM t").fetchall() == [(1, 1, "y")]


@pytest.mark.parametrize(
    ("merge", "message"),
    [
        ({"zz": "sum"}, 'there is no column "zz" to merge'),
        ({"n": "newest by zz"}, 'there is no column "zz" to tell the newest by'),
        ({"n": "best"}, '"best" is no way to merge column "n"'),
        ({"n": "sql: "}, '"sql:" is no way to merge column "n"'),
        ({"id": "first"}, 'column "id" cannot be merged: it is part of the primary key'),
        ({"code": "last"}, 'column "code" cannot be merged: foreign key "c_code_fkey" of public.c references it'),
        ({"g": "last"}, 'column "g" cannot be merged: it is generated'),
        ({"a": "sql: 7"}, r"the merge would change the key \(a\) of a kept row; this batch was rolled back"),
    ],
)
def test_a_merge_that_cannot_be_is_refused(
    session: Session, another: Connection, merge: dict[str, str], message: str
) -> None:
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a int, n int, code int UNIQUE,
            g int GENERATED ALWAYS AS (n + 1) STORED);
        CREATE TABLE c (code int CONSTRAINT c_code_fkey REFERENCES t (code));
        INSERT INTO t VALUES (1, 1, 1, 1), (2, 1, 2, 2)""")
    with pytest.raises(OnlineError, match=message):
        dedupe(session, merge=merge)
    assert another.execute("SELECT count(*) FROM t").fetchall() == [(2,)]
    assert another.execute("SELECT count(*) FROM pgarbiter_data.quarantine").fetchall() == [(0,)]


@pytest.mark.pg(">= 15")
def test_nulls_are_duplicates_where_they_are_not_distinct(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, b text)")
    another.execute("""INSERT INTO t VALUES (1, 1, NULL), (2, 1, NULL), (3, NULL, NULL), (4, NULL, NULL),
        (5, NULL, 'x'), (6, NULL, 'x'), (7, 1, 'x'), (8, 1, 'x'), (9, 2, NULL)""")
    before = books(another, "t")
    assert dedupe(session, Key(("a", "b"), nulls_not_distinct=True)) == 4
    assert another.execute("SELECT id FROM t ORDER BY id").fetchall() == [(1,), (3,), (5,), (7,), (9,)]
    assert books(another, "t") == before


def test_keys_are_compared_as_the_index_compares_them(session: Session, another: Connection) -> None:
    another.execute("""CREATE SCHEMA "My S"; CREATE TABLE "My S"."T %s" ("I d" int PRIMARY KEY, "E ""m" text, part bool,
            n int, tid int);
        INSERT INTO "My S"."T %s" VALUES (1, 'a', true, 1, 1), (2, 'A', true, 2, 2), (3, 'A', false, 3, 3)""")
    key = Key(('(lower("E ""m")) COLLATE "C"',), where="part")
    session.run('SET search_path = "My S"')
    assert dedupe(session, key, '"I d" DESC', "T %s", merge={"n": "sum", "tid": "last"}) == 1
    assert another.execute('SELECT "I d", n, tid FROM "My S"."T %s" ORDER BY 1').fetchall() == [(2, 3, 1), (3, 3, 3)]


def test_a_table_without_a_primary_key_and_rows_of_heirs(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int, n int); CREATE TABLE heir () INHERITS (t)")
    another.execute("INSERT INTO t VALUES (1, 1), (1, 1), (1, 2), (2, 1); INSERT INTO heir VALUES (1, 1), (2, 1)")
    before = books(another, "t")
    assert dedupe(session, keep="n DESC") == 2
    assert another.execute("SELECT * FROM ONLY t ORDER BY a").fetchall() == [(1, 2), (2, 1)]
    assert another.execute("SELECT count(*) FROM heir").fetchall() == [(2,)]
    assert books(another, "t") == before


def test_duplicates_in_several_partitions(session: Session, another: Connection) -> None:
    another.execute("""CREATE TABLE t (r int, id int, a int, n int, PRIMARY KEY (r, id)) PARTITION BY LIST (r);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t_2 (n int, gone int, a int, id int, r int);
        ALTER TABLE t_2 DROP gone; ALTER TABLE t_2 ALTER r SET NOT NULL, ALTER id SET NOT NULL;
        ALTER TABLE t ATTACH PARTITION t_2 FOR VALUES IN (2);
        INSERT INTO t VALUES (1, 1, 1, 10), (2, 1, 1, 20), (2, 2, 2, 5), (1, 2, 2, 6), (1, 3, 3, 1)""")
    before = books(another, "t")
    assert dedupe(session, keep="n DESC", merge={"n": "sum"}) == 2
    assert another.execute("SELECT * FROM t ORDER BY a").fetchall() == [(2, 1, 1, 30), (1, 2, 2, 11), (1, 3, 3, 1)]
    assert books(another, "t") == before


def test_a_row_that_a_trigger_keeps_is_an_error_and_no_loop(session: Session, another: Connection) -> None:
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1), (2, 1), (3, 1);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
        CREATE TRIGGER keep BEFORE DELETE ON t FOR EACH ROW WHEN (OLD.id = 3) EXECUTE FUNCTION f()""")
    with pytest.raises(OnlineError, match=r"1 of 2 rows of public.t could not be taken out.*rolled back"):
        dedupe(session)
    assert another.execute("SELECT count(*) FROM t").fetchall() == [(3,)]
    assert another.execute("SELECT count(*) FROM pgarbiter_data.quarantine").fetchall() == [(0,)]


def test_rows_are_ranked_as_they_are_once_their_locks_are_there(
    session: Session, another: Connection, any_database: str
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, n int); INSERT INTO t VALUES (1, 1, 1), (2, 1, 2)")
    with psycopg.connect(any_database) as writer:
        writer.execute("UPDATE t SET n = 3 WHERE id = 1")
        session.run("SET lock_timeout = 0")
        committed = []

        def batch(work: Any) -> int:
            """The lock is not to be had at first; the writer commits between two tries."""
            tries, inner = [0], work.session.transaction

            def counted() -> Any:
                tries[0] += 1
                if tries[0] == 3:
                    committed.append(writer.commit())
                return inner()

            work.session.transaction = counted
            try:
                return deduplicate(work, Table("t"), A, rule="r", keep="n DESC", merge={})
            finally:
                del work.session.transaction

        assert run(session, batch) == 1
    assert committed
    assert another.execute("SELECT * FROM t").fetchall() == [(1, 1, 3)]
