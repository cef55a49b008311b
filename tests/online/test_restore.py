"""What was taken out comes back, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online.key import Key
from pgarbiter.online.model import OnlineError, Table
from pgarbiter.online.quarantine import deduplicate, pending, restore, take_out

from .rows import run

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]
T = Table("t")


def dedupe(session: Session, keep: str = "id", **policy: Any) -> int:
    arguments = {"merge": {}, "rule": "r"} | policy
    return run(session, lambda work: deduplicate(work, T, Key(("a",)), keep=keep, **arguments))


def out(session: Session, condition: str = "true") -> int:
    return run(session, lambda work: take_out(work, T, condition, rule="r", reason="because"))


def back(session: Session) -> int:
    return run(session, lambda work: restore(work, T, "r"))


def content(another: Connection, *tables: str) -> list[Any]:
    """Every row as text: what the output functions give, so that no difference is hidden."""
    return [another.execute(f"SELECT x::text FROM {table} x ORDER BY 1").fetchall() for table in tables]


def test_rows_merges_and_children_go_back(
    session: Session, another: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_ONLINE_BATCH_ROWS", "6")
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a int, n int, m text, t text, q int);
        CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE, CONSTRAINT once UNIQUE (t));
        CREATE TABLE g (id int PRIMARY KEY, c int REFERENCES c ON DELETE CASCADE);
        INSERT INTO t SELECT i, i / 3, i, 'm' || i, 't' || i, i FROM generate_series(1, 40) i;
        INSERT INTO c SELECT i, i FROM generate_series(1, 40) i;
        INSERT INTO g SELECT i, i FROM generate_series(1, 40) i""")
    before = content(another, "t", "c", "g")
    merge = {"n": "sum", "m": "last", "t": "last", "q": "newest by n"}
    assert dedupe(session, merge=merge, children="quarantine") > 26
    assert pending(session, T, "r")
    assert content(another, "t", "c", "g") != before
    back(session)
    assert content(another, "t", "c", "g") == before
    assert not pending(session, T, "r")
    assert another.execute("SELECT count(*) FROM pgarbiter_data.quarantine WHERE restored_at IS NULL").fetchall() == [
        (0,)
    ]
    assert back(session) == 0


VALUES = {  # of each type, what jsonb or a careless cast would change
    "json": ["""'{"a":  1, "a": 2}'""", "'null'"],
    "jsonb": ["""'{"z": 1.10}'""", "'null'"],
    "float8": ["'-0'", "0.1 + 0.2", "'NaN'", "1e-300"],
    "float4": ["0.1", "'-Infinity'"],
    "numeric": ["1.000", "'NaN'", "1e100"],
    "int[]": ["'[3:4]={1,2}'", "'{}'", "'{{1,2},{3,NULL}}'"],
    "text[]": ["""'{a,NULL,"b,\\"c"}'"""],
    "timestamptz": ["'infinity'", "'0044-03-15 12:00:00.123456+00 BC'", "'2026-01-01 00:00:00.000001+05'"],
    "date": ["'-infinity'"],
    "time": ["'24:00'"],
    "interval": ["'1 mon -3 days 04:05:06.789'", "'-1 s'"],
    "bytea": ["'\\x00ff'", "''"],
    "char(5)": ["'ab'", "''"],
    '"char"': ["'x'", "''"],
    "name": ["'some name'"],
    "bit varying": ["B'0101'", "''"],
    "inet": ["'10.0.0.1/8'", "'::1'"],
    "int4range": ["'[1,5)'", "'empty'"],
    "money": ["12.34::money"],
    "point": ["'(0.1,-0)'"],
    "tsvector": ["'a:1 b:2'"],
    "mood": ["'sad'"],
    "mood[]": ["'{glad,NULL}'"],
}
OWN = {
    "pair": ["""'(1,"{""k"":   null}")'""", "ROW(NULL, NULL)"],
    "pair[]": ["ARRAY['(1,[])'::pair, NULL]"],
    "small": ["9"],
    "lots[]": ["'{{1,2}}'"],
}


@pytest.mark.parametrize("types", [VALUES, OWN, VALUES | OWN], ids=["built-in types", "own types", "all types"])
def test_every_type_comes_back_to_the_last_bit(
    session: Session, another: Connection, types: dict[str, list[str]]
) -> None:
    another.execute("""CREATE TYPE pair AS (x int, j json); CREATE TYPE mood AS ENUM ('sad', 'glad');
        CREATE DOMAIN small AS int CHECK (VALUE < 10); CREATE DOMAIN lots AS numeric""")
    columns = ", ".join(f"c{number} {name}" for number, name in enumerate(types))
    another.execute(f"""CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, gone int,
        twice int GENERATED ALWAYS AS (id * 2) STORED, {columns}); INSERT INTO t DEFAULT VALUES""")
    for number, values in enumerate(types.values()):
        for value in values:
            another.execute(f"INSERT INTO t (c{number}) VALUES ({value})")
    another.execute("ALTER TABLE t DROP gone")
    before = content(another, "t")
    ((rows,),) = another.execute("SELECT count(*) FROM t").fetchall()
    assert out(session) == rows
    assert content(another, "t") == [[]]
    assert back(session) == rows
    assert content(another, "t") == before


def test_types_that_jsonb_holds_are_kept_as_jsonb_alone(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a text, at timestamptz, n numeric(9, 2), js json)")
    another.execute("INSERT INTO t VALUES (1, 'x', now(), 1.10, NULL), (2, 'y', now(), 2.00, '{\"b\": 1,\"a\":1}')")
    before = content(another, "t")
    out(session)
    assert another.execute("SELECT row_text IS NULL FROM pgarbiter_data.quarantine ORDER BY id").fetchall() == [
        (True,),
        (False,),
    ]
    back(session)
    assert content(another, "t") == before


def test_a_row_whose_key_is_taken_stays_and_is_told(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, n int)")
    another.execute("INSERT INTO t VALUES (1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 2, 4), (5, 3, 5), (6, 3, 6)")
    dedupe(session, merge={"n": "sum"})
    another.execute("INSERT INTO t VALUES (4, 9, 9)")
    with pytest.raises(OnlineError, match=r'1 row .* cannot be put back: 1 time duplicate key value .*"t_pkey"') as got:
        back(session)
    assert "back: 4 others" in got.value.message
    # What 4 brought into 3 stays there, since 4 itself is not back.
    assert another.execute("SELECT * FROM t ORDER BY id").fetchall() == [
        (1, 1, 1),
        (2, 1, 2),
        (3, 2, 7),
        (4, 9, 9),
        (5, 3, 5),
        (6, 3, 6),
    ]
    assert pending(session, T, "r")
    another.execute("DELETE FROM t WHERE id = 4")
    assert back(session) == 2
    assert another.execute("SELECT n FROM t WHERE a = 2 ORDER BY id").fetchall() == [(3,), (4,)]
    assert not pending(session, T, "r")


def test_what_was_written_since_is_left(session: Session, another: Connection) -> None:
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a int, n int);
        CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t);
        INSERT INTO t VALUES (1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 2, 4); INSERT INTO c VALUES (1, 2), (2, 4)""")
    dedupe(session, merge={"n": "sum"})
    another.execute("UPDATE t SET n = 100 WHERE id = 1; UPDATE c SET t = NULL WHERE id = 2")
    assert back(session) == 2 + 1 + 1
    assert another.execute("SELECT n FROM t ORDER BY id").fetchall() == [(100,), (2,), (3,), (4,)]
    assert another.execute("SELECT t FROM c ORDER BY id").fetchall() == [(2,), (None,)]
    assert not pending(session, T, "r")
    assert another.execute(
        "SELECT DISTINCT left_because FROM pgarbiter_data.quarantine WHERE restored_at IS NULL"
    ).fetchall() == [("written since by someone else, or the row is gone",)]


def test_columns_that_came_and_went_since(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a text, gone int, js json); INSERT INTO t VALUES (1, '7', 1, '{}')"
    )
    another.execute("INSERT INTO t VALUES (2, '8', 1, NULL)")
    out(session)
    another.execute("ALTER TABLE t DROP gone, ALTER a TYPE int USING a::int, ADD b int DEFAULT 5")
    assert back(session) == 2
    assert another.execute("SELECT id, a, b, js::text FROM t ORDER BY id").fetchall() == [
        (1, 7, 5, "{}"),
        (2, 8, 5, None),
    ]
    assert another.execute("SELECT row_data -> 'gone' FROM pgarbiter_data.quarantine").fetchall() == [(1,), (1,)]


def test_children_whose_primary_key_is_the_foreign_key_go_back(session: Session, another: Connection) -> None:
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a int);
        CREATE TABLE one (t int PRIMARY KEY REFERENCES t ON DELETE CASCADE, note text);
        CREATE TABLE pair (f int REFERENCES t, g int REFERENCES t, PRIMARY KEY (g, f));
        INSERT INTO t SELECT i, i % 10 FROM generate_series(1, 40) i;
        INSERT INTO one SELECT i, 'n' || i FROM generate_series(11, 40) i WHERE i <= 20 OR i % 10 < 5;
        INSERT INTO pair SELECT i, i + 1 FROM generate_series(1, 39) i WHERE i < 10 OR i BETWEEN 20 AND 28""")
    before = content(another, "t", "one", "pair")
    assert dedupe(session, children="quarantine") > 30
    assert content(another, "t", "one", "pair") != before
    back(session)
    assert content(another, "t", "one", "pair") == before
    assert not another.execute("SELECT * FROM pgarbiter_data.quarantine WHERE restored_at IS NULL").fetchall()


def test_a_tree_comes_back_whatever_the_order(
    session: Session, another: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_ONLINE_BATCH_ROWS", "2")
    another.execute("CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t)")
    another.execute("INSERT INTO t VALUES (0, NULL); INSERT INTO t SELECT i, i - 1 FROM generate_series(1, 9) i")
    before = content(another, "t")
    out(session)
    assert back(session) == 10
    assert content(another, "t") == before


def test_a_table_without_a_primary_key(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int, n int, note text)")
    another.execute("INSERT INTO t VALUES (1, 1, 'x'), (1, 1, 'x'), (1, 2, 'y'), (2, 1, 'z'), (2, 9, NULL)")
    before = content(another, "t")
    dedupe(session, "n DESC", merge={"n": "sum", "note": "last non-null"})
    assert another.execute("SELECT * FROM t ORDER BY a").fetchall() == [(1, 4, "x"), (2, 10, "z")]
    back(session)
    assert content(another, "t") == before


def test_a_run_that_was_interrupted_goes_on(
    session: Session, another: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_ONLINE_BATCH_ROWS", "4")
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, n int)")
    another.execute("INSERT INTO t SELECT i, i % 10, i FROM generate_series(1, 60) i")
    before = content(another, "t")

    def broken(work: Any) -> int:
        told = work.tell

        def tell(done: int, total: int | None) -> None:
            told(done, total)
            if done > 16:
                raise KeyboardInterrupt

        work.tell = tell
        return deduplicate(work, T, Key(("a",)), rule="r", keep="id", merge={"n": "sum"})

    with pytest.raises(KeyboardInterrupt):
        run(session, broken)
    ((left,),) = another.execute("SELECT count(*) FROM t").fetchall()
    assert 10 < left < 60
    dedupe(session, merge={"n": "sum"})
    assert another.execute("SELECT count(*), sum(n) FROM t").fetchall() == [(10, 1830)]
    back(session)
    assert content(another, "t") == before


def test_rules_of_other_tables_are_left_alone(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (id int PRIMARY KEY, a int)")
    another.execute("INSERT INTO t VALUES (1, 1), (2, 1); INSERT INTO u VALUES (1, 1), (2, 1)")
    dedupe(session)
    run(session, lambda w: deduplicate(w, Table("u"), Key(("a",)), rule="r", keep="id", merge={}), "u")
    assert back(session) == 1
    assert another.execute("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM u)").fetchall() == [(2, 1)]
    assert pending(session, Table("u"), "r")


LOWER = """CREATE FUNCTION lower_note() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN NEW.note := lower(NEW.note); RETURN NEW; END$$"""


def test_a_row_that_a_trigger_would_alter_stays_until_the_trigger_is_kept_out(
    session: Session, another: Connection
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'One'), (2, 'two')")
    another.execute(LOWER)
    before = content(another, "t")
    out(session)
    another.execute("CREATE TRIGGER lower BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION lower_note()")
    with pytest.raises(
        OnlineError,
        match=r'1 row .* 1 time column "note" would come back altered, perhaps by trigger "lower"; it stays',
    ) as got:
        back(session)
    assert "DISABLE TRIGGER" in (got.value.hint or "")
    assert another.execute("SELECT * FROM t").fetchall() == [(2, "two")]
    assert pending(session, T, "r")
    another.execute("ALTER TABLE t DISABLE TRIGGER lower")
    assert back(session) == 1
    assert content(another, "t") == before


def test_a_row_that_a_trigger_alters_or_removes_after_the_insert_stays(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int, note text); INSERT INTO t VALUES (1, 'x'), (1, 'x'), (2, 'y')")
    another.execute("""CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN DELETE FROM t WHERE a = 1; UPDATE t SET note = '' WHERE a = 2; RETURN NULL; END$$""")
    out(session)
    another.execute("CREATE TRIGGER gone AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION gone()")
    with pytest.raises(OnlineError, match=r"3 rows .* 3 times a trigger keeps it out; they stay"):
        back(session)
    assert another.execute("SELECT count(*) FROM t").fetchall() == [(0,)]
    another.execute("DROP TRIGGER gone ON t")
    assert back(session) == 3


def test_a_row_that_a_rule_takes_elsewhere_stays(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE elsewhere (id int); INSERT INTO t VALUES (1)")
    out(session)
    another.execute("CREATE RULE other AS ON INSERT TO t DO INSTEAD INSERT INTO elsewhere VALUES (NEW.id)")
    with pytest.raises(OnlineError, match=r'1 time rule "other" does something else instead; it stays'):
        back(session)
    assert another.execute("SELECT * FROM elsewhere").fetchall() == []
    another.execute("DROP RULE other ON t; CREATE RULE other AS ON INSERT TO t DO ALSO NOTIFY other")
    assert back(session) == 1


def test_a_value_that_is_generated_now_and_would_be_another_is_not_given_up(
    session: Session, another: Connection
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, twice int); INSERT INTO t VALUES (1, 2), (2, 5)")
    out(session)
    another.execute("ALTER TABLE t DROP twice, ADD twice int GENERATED ALWAYS AS (id * 2) STORED")
    with pytest.raises(OnlineError, match='column "twice" would come back altered, since "twice" is generated'):
        back(session)
    assert another.execute("SELECT * FROM t").fetchall() == [(1, 2)]


@pytest.mark.parametrize(
    ("was", "now", "value"),
    [
        ("numeric", "numeric(9, 1)", "1.25"),
        ("text", "varchar(3)", "'abcd'"),
        ("timestamp", "timestamp(0)", "'2026-01-01 00:00:00.5'"),
    ],
)
def test_a_value_that_a_narrower_type_would_cut_is_not_given_up(
    session: Session, another: Connection, was: str, now: str, value: str
) -> None:
    another.execute(f"CREATE TABLE t (id int PRIMARY KEY, a {was}, j json); INSERT INTO t VALUES (1, {value}, NULL)")
    another.execute(f"INSERT INTO t VALUES (2, {value}, '{{}}'), (3, NULL, '{{}}')")
    out(session)
    another.execute(f"ALTER TABLE t ALTER a TYPE {now}")
    with pytest.raises(OnlineError, match=r"2 rows .* 2 times (column \"a\" would come back altered, since|value too)"):
        back(session)
    another.execute(f"ALTER TABLE t ALTER a TYPE {was}")
    assert back(session) == 2
    assert another.execute(f"SELECT count(*) FROM t WHERE a = {value}").fetchall() == [(2,)]


def test_what_a_trigger_would_alter_on_its_way_back_is_left_and_said_so(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, note text)")
    another.execute("INSERT INTO t VALUES (1, 1, 'One'), (2, 1, 'two')")
    another.execute(LOWER)
    dedupe(session, merge={"note": "last"})
    another.execute("CREATE TRIGGER lower BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION lower_note()")
    assert back(session) == 1
    assert another.execute("SELECT * FROM t ORDER BY id").fetchall() == [(1, 1, "two"), (2, 1, "two")]
    assert another.execute(
        "SELECT row_data ->> 'note', left_because FROM pgarbiter_data.quarantine WHERE restored_at IS NULL"
    ).fetchall() == [("One", "a trigger alters what would be written back")]
