"""op.change_type_online, op.widen_to_bigint_online, op.text_to_timestamptz_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.change_type import ChangeType
from pgarbiter.online.model import OnlineError, Operation, Table
from pgarbiter.online.presets import TextToTimestamptz, WidenToBigint

from .ending import EndedError, ended_everywhere, watched
from .writers import writing

if TYPE_CHECKING:
    import random

    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]

INSIGHTS = """\
CREATE TABLE accounts (id int PRIMARY KEY);
INSERT INTO accounts SELECT generate_series(1, 9);
CREATE TABLE t (
    id serial PRIMARY KEY,
    account int NOT NULL REFERENCES accounts,
    metric text NOT NULL,
    end_time text NOT NULL DEFAULT '2020-01-01',
    value int,
    CONSTRAINT one_row UNIQUE (account, metric, end_time)
);
CREATE INDEX by_time ON t (end_time DESC, (value + 1)) INCLUDE (metric) WHERE end_time IS NOT NULL;
COMMENT ON COLUMN t.end_time IS 'it''s the end';
INSERT INTO t (account, metric, end_time, value) VALUES
    (1, 'reach', '2024-01-02T00:00:00+00:00', 1),
    (1, 'reach', '2024-01-02T01:00:00+0100', 2),
    (2, 'reach', '2024-01-02', 3),
    (3, 'reach', 'now', 4),
    (4, 'reach', 'garbage', 5),
    (5, 'reach', '2024-05-06 07:08:09.5', 6);
"""
OPERATION = TextToTimestamptz(
    Table("t"), "end_time", unparsable="quarantine", duplicates="quarantine", keep="value DESC"
)
# All that an application or a DBA sees of a table, but for the place of its columns.
SCHEMA = """\
SELECT 'column', attname::text, format_type(atttypid, atttypmod), attnotnull::text, pg_get_expr(adbin, adrelid),
    attidentity::text, col_description(attrelid, attnum), attacl::text, pg_get_serial_sequence('t', attname)
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'index', c.relname, pg_get_indexdef(indexrelid), indisvalid::text, NULL, NULL, NULL, NULL, NULL
FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = 't'::regclass
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid), convalidated::text, NULL, NULL, NULL, NULL, NULL
FROM pg_constraint WHERE conrelid = 't'::regclass
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid), NULL, NULL, NULL, NULL, NULL, NULL
FROM pg_trigger WHERE tgrelid = 't'::regclass AND NOT tgisinternal
UNION ALL SELECT 'function', proname, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'pgarbiter_data'
ORDER BY 1, 2, 3"""


def _seen(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(SCHEMA).fetchall()


def _rows(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT id, account, metric, end_time, value FROM t ORDER BY id").fetchall()


def test_spellings_become_instants_and_what_is_none_or_meets_is_kept_in_quarantine(
    session: Session, another: Connection
) -> None:
    another.execute(INSIGHTS)
    execute(OPERATION, session)
    found = another.execute("SELECT id, end_time AT TIME ZONE 'UTC', end_time_before FROM t ORDER BY id").fetchall()
    assert [(key, str(instant), text) for key, instant, text in found] == [
        (2, "2024-01-02 00:00:00", "2024-01-02T01:00:00+0100"),
        (3, "2024-01-02 00:00:00", "2024-01-02"),
        (6, "2024-05-06 07:08:09.500000", "2024-05-06 07:08:09.5"),
    ]
    taken = another.execute(
        "SELECT row_data ->> 'end_time', reason, row_data ? 'end_time_pgarbiter'"
        " FROM pgarbiter_data.quarantine ORDER BY id"
    ).fetchall()
    assert sorted(taken) == [
        (
            "2024-01-02T00:00:00+00:00",
            "duplicate of another row by (account, metric, end_time as timestamp with time zone)",
            False,
        ),
        ("garbage", 'column "end_time" holds no timestamp with time zone', False),
        ("now", 'column "end_time" holds no timestamp with time zone', False),
    ]
    another.execute(
        "INSERT INTO t (account, metric, end_time, value) VALUES (2, 'reach', '2024-01-02T00:00:00Z', 30)"
        " ON CONFLICT (account, metric, end_time) DO UPDATE SET value = excluded.value"
    )
    assert another.execute("SELECT value FROM t WHERE id = 3").fetchone() == (30,)


def test_the_downgrade_gives_schema_rows_and_spellings_back(session: Session, another: Connection) -> None:
    another.execute(INSIGHTS)
    schema, rows = _seen(another), _rows(another)
    execute(OPERATION, session)
    another.execute("INSERT INTO t (id, account, metric, end_time) VALUES (50, 7, 'new', '2025-06-07 08:09:10.25+02')")
    back = OPERATION.reverse()
    assert back is not None
    execute(back, session)
    assert _seen(another) == schema
    assert _rows(another) == [*rows, (50, 7, "new", "2025-06-07T06:09:10.25+00:00", None)]


def test_a_second_run_does_nothing(session: Session, another: Connection) -> None:
    another.execute(INSIGHTS)
    execute(OPERATION, session)
    seen: list[str] = []
    watched(session, OPERATION, lambda event, _operation, _step: seen.append(event))
    assert seen == []


def test_values_that_are_none_and_values_that_meet_are_refused_before_anything_is_changed(
    session: Session, another: Connection
) -> None:
    another.execute(INSIGHTS)
    before = _seen(another)
    with pytest.raises(OnlineError, match=r"^2 rows of .*'garbage'; 'now'; nothing was changed"):
        execute(TextToTimestamptz(Table("t"), "end_time"), session)
    with pytest.raises(OnlineError, match=r"^2 rows of .* 1 duplicate key .*end_time as timestamp.*; nothing was"):
        execute(TextToTimestamptz(Table("t"), "end_time", unparsable="quarantine"), session)
    assert _seen(another) == before


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05"),
        ("2024-01-02T03:04:05+0000", "2024-01-02 03:04:05"),
        ("2024-01-02 03:04:05.123456-07", "2024-01-02 10:04:05.123456"),
        ("2024-01-02", "2024-01-02 00:00:00"),
        ("20240102T030405Z", "2024-01-02 03:04:05"),
        ("Tue, 02 Jan 2024 03:04:05 GMT", "2024-01-02 03:04:05"),
        ("January 2, 2024", "2024-01-02 00:00:00"),
        ("infinity", "infinity"),
        ("now", None),
        ("Today", None),
        ("tomorrow 12:00", None),
        ("2024-01-02 allballs", None),
        ("01/02/2024", None),
        ("02 Jan 03", None),
        ("1704164645", None),
        ("2024-13-01", None),
        ("2024-02-30", None),
        ("2024-01-02 25:00", None),
        ("2024-01-02 00:00 Atlantis/City", None),
        ("", None),
    ],
)
def test_what_counts_as_a_timestamp(session: Session, another: Connection, text: str, instant: str | None) -> None:
    another.execute("CREATE TABLE t (a text)")
    another.execute("INSERT INTO t VALUES (%s), (NULL)", [text])
    execute(TextToTimestamptz(Table("t"), "a", unparsable="quarantine"), session)
    found = another.execute("SELECT (a AT TIME ZONE 'UTC')::text FROM t WHERE a IS NOT NULL").fetchone()
    assert found == (None if instant is None else (instant,))
    assert another.execute("SELECT count(*) FROM t WHERE a IS NULL").fetchone() == (1,)


def test_a_key_with_its_sequence_checks_foreign_keys_and_grants_is_widened(
    session: Session, another: Connection
) -> None:
    another.execute(
        "CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 2),"
        " p int REFERENCES p ON DELETE CASCADE,"
        ' "A b" smallint DEFAULT 3 CONSTRAINT positive CHECK ("A b" > 0),'
        " PRIMARY KEY (id) INCLUDE (p), EXCLUDE (p WITH =) WHERE (false));"
        'CREATE UNIQUE INDEX "Un" ON t ("A b", p) WHERE "A b" > 2; GRANT SELECT ("A b") ON t TO PUBLIC;'
        "ALTER TABLE t DROP CONSTRAINT t_p_excl; INSERT INTO t (p) VALUES (1), (2)"
    )
    before = _seen(another)
    for column, was in (("id", "integer"), ("p", "integer"), ("A b", "smallint")):
        execute(WidenToBigint(Table("t"), column, was), session)
    wider = [tuple("bigint" if value in ("integer", "smallint") else value for value in row) for row in before]
    assert [tuple(map(_plain, row)) for row in _seen(another)] == [tuple(map(_plain, row)) for row in wider]
    assert another.execute('INSERT INTO t ("A b") VALUES (2147483648) RETURNING id').fetchone() == (9,)
    another.execute('DELETE FROM p WHERE id = 1; DELETE FROM t WHERE "A b" > 3')
    assert another.execute('SELECT id, p, "A b" FROM t').fetchall() == [(7, 2, 3)]
    for column, was in (("id", "integer"), ("p", "integer"), ("A b", "smallint")):
        back = WidenToBigint(Table("t"), column, was).reverse()
        assert back is not None
        execute(back, session)
    assert [tuple(map(_plain, row)) for row in _seen(another)] == [tuple(map(_plain, row)) for row in before]


def _plain(value: Any) -> Any:
    """Without the casts that PostgreSQL writes into expressions because of the types."""
    for cast in ("::bigint", "::smallint", "::integer"):
        value = value.replace(cast, "") if isinstance(value, str) else value
    return value.replace("'3'", "3").replace("('2')", "2").replace("('0')", "0") if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("ALTER TABLE t ADD g int GENERATED ALWAYS AS (a + 1) STORED", "column g"),
        ("CREATE STATISTICS s ON a, b FROM t", "statistics object s"),
        ("ALTER TABLE t ADD EXCLUDE (a WITH =)", "constraint t_a_excl"),
        ("CREATE TRIGGER tr BEFORE UPDATE OF a ON t EXECUTE FUNCTION f()", "trigger tr"),
        ("CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a > 1) EXECUTE FUNCTION f()", "trigger tr"),
        ('CREATE TRIGGER "~~~" BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()', "would fire behind ours"),
        ("CREATE RULE r AS ON UPDATE TO t DO ALSO NOTIFY x", "it has rules"),
        ("CREATE TABLE i () INHERITS (t)", "it inherits, or is inherited"),
        ("ALTER TABLE t ADD a_before int", 'column "a_before" of "public.t" is in the way'),
    ],
)
def test_what_cannot_be_carried_over_is_named_before_anything_is_changed(
    session: Session, another: Connection, statement: str, message: str
) -> None:
    another.execute(
        "CREATE TABLE t (a int PRIMARY KEY, b int);"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    )
    another.execute(statement)
    before = _seen(another)
    with pytest.raises(OnlineError, match=f"{message}.*nothing was changed"):
        execute(WidenToBigint(Table("t"), "a"), session)
    assert _seen(another) == before


@pytest.mark.parametrize(
    ("statement", "operation", "message"),
    [
        ("CREATE TABLE t (a text CHECK (a <> ''))", TextToTimestamptz(Table("t"), "a"), 'constraint "t_a_check"'),
        ("CREATE TABLE t (a text); CREATE INDEX i ON t (lower(a))", TextToTimestamptz(Table("t"), "a"), 'index "i"'),
        ("CREATE TABLE t (a text DEFAULT now()::text)", TextToTimestamptz(Table("t"), "a"), "the default of column"),
        ("CREATE TABLE t (a text DEFAULT 'now')", TextToTimestamptz(Table("t"), "a"), "the default of column"),
        ("CREATE TABLE t (a text)", ChangeType(Table("t"), "a", "int", "other::int"), '"other" does not exist'),
        ("CREATE TABLE t (a bool)", ChangeType(Table("t"), "a", "date"), "cannot cast type boolean to date"),
        ("CREATE TABLE t (a text)", ChangeType(Table("t"), "b", "date"), 'column "b" of'),
        ("CREATE TABLE t (a text)", ChangeType(Table("t"), "a", 'varchar COLLATE "C"'), 'collation "C" of column "a"'),
        ('CREATE TABLE t (a text COLLATE "C")', ChangeType(Table("t"), "a", "varchar"), 'collation "C" of column "a"'),
        (
            "CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE DOMAIN more AS positive; CREATE TABLE t (a int)",
            ChangeType(Table("t"), "a", "more"),
            "more is a domain with constraints",
        ),
        (
            "CREATE DOMAIN given AS int NOT NULL; CREATE TABLE t (a given)",
            WidenToBigint(Table("t"), "a"),
            "domain public.given does not allow null values",
        ),
        (
            "CREATE TABLE t (a text); CREATE UNIQUE INDEX i ON t (a text_pattern_ops)",
            ChangeType(Table("t"), "a", "varchar"),
            'index "i" .* operator class or collation of its own',
        ),
        ("CREATE TABLE t (a text)", ChangeType(Table("t"), "a", "dat"), 'type "dat" does not exist'),
        ("CREATE TABLE t (a text) PARTITION BY LIST (a)", ChangeType(Table("t"), "a", "date"), "it is partitioned"),
    ],
)
def test_what_the_new_type_does_not_allow_is_told_before_anything_is_changed(
    session: Session, another: Connection, statement: str, operation: Operation, message: str
) -> None:
    another.execute(statement)
    before = _seen(another)
    with pytest.raises(OnlineError, match=f"{message}.*nothing was changed"):
        execute(operation, session)
    assert _seen(another) == before


def test_unique_indexes_keep_the_order_of_their_keys(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (a int, b text, c int);"
        "INSERT INTO t SELECT n, n::text FROM generate_series(1, 5) n;"
        "CREATE UNIQUE INDEX latest ON t (b, a DESC) WITH (fillfactor = 70) WHERE a > 0;"
        "CREATE UNIQUE INDEX first ON t (a NULLS FIRST, (a + 1) DESC NULLS LAST) INCLUDE (b)"
    )
    before = _seen(another)
    execute(WidenToBigint(Table("t"), "a"), session)
    wider = [tuple("bigint" if value == "integer" and row[1] == "a" else value for value in row) for row in before]
    assert [tuple(map(_plain, row)) for row in _seen(another)] == [tuple(map(_plain, row)) for row in wider]


def test_types_of_any_schema_are_taken(session: Session, another: Connection) -> None:
    """Enums and domains, by the search_path or by their schema; a domain's default is no value of old rows."""
    another.execute(
        "CREATE SCHEMA kinds; CREATE TYPE kinds.mood AS ENUM ('sad', 'ok');"
        "CREATE TYPE \"My mood\" AS ENUM ('ok', 'sad'); CREATE DOMAIN kinds.label AS text DEFAULT 'none';"
        "CREATE TABLE t (id int PRIMARY KEY, mood text DEFAULT 'ok', label varchar(9), moods text[]);"
        "CREATE UNIQUE INDEX i ON t (mood, id);"
        "INSERT INTO t VALUES (1, 'sad', NULL, '{ok}'), (2, 'bad', 'x', '{sad,ok}')"
    )
    execute(ChangeType(Table("t"), "mood", "kinds.mood", unparsable="quarantine"), session)
    another.execute("INSERT INTO t (id, label) VALUES (3, 'y')")
    execute(ChangeType(Table("t"), "label", "kinds.label"), session)
    execute(ChangeType(Table("t"), "moods", '"My mood"[]'), session)
    found = another.execute("SELECT id, mood::text, label, moods::text FROM t ORDER BY id").fetchall()
    assert found == [(1, "sad", None, "{ok}"), (3, "ok", "y", None)]
    assert another.execute("INSERT INTO t (id) VALUES (4) RETURNING mood::text, label").fetchone() == ("ok", "none")
    another.execute("ALTER TABLE t ALTER mood DROP DEFAULT")
    execute(ChangeType(Table("t"), "mood", '"My mood"', 'mood::text::public."My mood"'), session)
    assert another.execute("SELECT id FROM t ORDER BY mood, id").fetchall() == [(3,), (4,), (1,)]
    kinds = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = %s"
    found = [another.execute(kinds, [name]).fetchone() for name in ("mood", "label", "moods")]
    assert found == [('"My mood"',), ("kinds.label",), ('"My mood"[]',)]


def test_other_triggers_do_not_touch_rows_and_their_changes_are_seen(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a text, at timestamptz DEFAULT '2000-01-01');"
        "INSERT INTO t VALUES (1, '2024-01-01'), (2, '2024-01-02');"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.at := '2030-01-01'; NEW.a := trim(NEW.a); RETURN NEW; END $$;"
        "CREATE TRIGGER z BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()"
    )

    def told(event: str, _operation: Any, step: Any) -> None:
        if event == "after" and step.name == "backfill":
            another.execute("UPDATE t SET a = ' 2025-01-01 ' WHERE id = 2")

    watched(session, ChangeType(Table("t"), "a", "date"), told)
    found = another.execute("SELECT id, a::text, extract(year FROM at)::int FROM t ORDER BY id").fetchall()
    assert found == [(1, "2024-01-01", 2000), (2, "2025-01-01", 2030)]


def test_a_writer_has_no_say_in_how_its_values_are_read(session: Session, another: Connection) -> None:
    another.execute("CREATE ROLE w; CREATE TABLE t (id int PRIMARY KEY, a text); GRANT ALL ON t TO w")

    def told(event: str, _operation: Any, step: Any) -> None:
        if event == "after" and step.name == "shadow":
            another.execute(
                "SET ROLE w; SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German';"
                "INSERT INTO t VALUES (1, '2024-01-01 00:00'); RESET ALL; RESET ROLE"
            )

    try:
        watched(session, TextToTimestamptz(Table("t"), "a"), told)
        assert another.execute("SELECT a AT TIME ZONE 'UTC' = '2024-01-01 00:00' FROM t").fetchone() == (True,)
    finally:
        another.execute("DROP OWNED BY w; DROP ROLE w")


def test_a_run_that_ended_at_any_step_is_resumed(session: Session, another: Connection) -> None:
    another.execute(INSIGHTS)
    schema, rows = _seen(another), _rows(another)
    steps = ended_everywhere(session, OPERATION)
    assert (steps[0], steps[-2:]) == ("functions", ["swap", "tidy"])
    assert another.execute("SELECT array_agg(id ORDER BY id), count(*) FROM t").fetchone() == ([2, 3, 6], 3)
    assert another.execute("SELECT count(*) FROM pgarbiter_data.quarantine").fetchone() == (3,)
    back = OPERATION.reverse()
    assert back is not None
    assert ended_everywhere(session, back)[-3:] == ["swap", "drop old", "tidy"]
    assert _seen(another) == schema
    assert _rows(another) == rows


def test_writers_lose_nothing_while_a_key_is_widened(session: Session, another: Connection, any_database: str) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)")
    another.execute("INSERT INTO t SELECT generate_series(1, 2000)")
    upsert = "INSERT INTO t (id, n) VALUES (%s, 1) ON CONFLICT (id) DO UPDATE SET n = t.n + 1"
    with writing(any_database, lambda chance: (upsert, (chance.randint(1, 3000),))) as told:
        execute(WidenToBigint(Table("t"), "id"), session)
    assert set(told) == {"00000"}
    assert another.execute("SELECT sum(n) FROM t").fetchone() == (told["00000"],)
    assert another.execute("SELECT pg_typeof(id)::text FROM t LIMIT 1").fetchone() == ("bigint",)


def test_writers_lose_nothing_while_texts_become_timestamps(
    session: Session, another: Connection, any_database: str
) -> None:
    """The writers have prepared their statements; the cast in them is right before and after."""
    another.execute("CREATE TABLE t (at text NOT NULL, n int NOT NULL DEFAULT 0, UNIQUE (at))")
    another.execute(
        "INSERT INTO t SELECT ('2024-01-01 00:00+00'::timestamptz + i * interval '1 s')::text"
        " FROM generate_series(1, 2000) i UNION ALL VALUES ('garbage')"
    )
    upsert = "INSERT INTO t (at, n) VALUES (%s::timestamptz, 1) ON CONFLICT (at) DO UPDATE SET n = t.n + 1"
    instants = [f"2024-01-01 00:{number // 60:02}:{number % 60:02}+00" for number in range(1, 3000)]
    with writing(any_database, lambda chance: (upsert, (chance.choice(instants),))) as told:
        execute(TextToTimestamptz(Table("t"), "at", unparsable="quarantine"), session)
    assert set(told) == {"00000"}
    assert another.execute("SELECT sum(n) FROM t").fetchone() == (told["00000"],)
    assert another.execute("SELECT count(*) FROM t WHERE at IS NULL").fetchone() == (0,)


def test_only_duplicates_are_refused_while_spellings_are_merged(
    session: Session, another: Connection, any_database: str
) -> None:
    another.execute("CREATE TABLE t (id serial PRIMARY KEY, at text NOT NULL, n int NOT NULL DEFAULT 0, UNIQUE (at))")
    another.execute(
        "INSERT INTO t (at) SELECT '2024-01-01T00:00:' || lpad(i::text, 2, '0') || z"
        " FROM generate_series(0, 59) i, unnest(ARRAY['Z', '+00:00', '+0000']) z"
    )
    upsert = "INSERT INTO t (at, n) VALUES (%s, 1) ON CONFLICT (at) DO UPDATE SET n = t.n + 1"
    zones = ("Z", "+00:00", "+0000")
    operation = TextToTimestamptz(Table("t"), "at", duplicates="quarantine", keep="n DESC, id", merge={"n": "sum"})

    def statement(chance: random.Random) -> tuple[str, tuple[object, ...]]:
        # A text that goes along unprepared is read as what the column is, by then.
        instant = f"2024-01-01T00:00:{chance.randint(0, 59):02}{chance.choice(zones)}"
        return (upsert.replace("%s", f"'{instant}'"), ())

    with writing(any_database, statement) as told:
        execute(operation, session)
    assert set(told) <= {"00000", "23505"}
    assert another.execute("SELECT sum(n), count(*) FROM t").fetchone() == (told["00000"], 60)
    assert another.execute("SELECT count(*) FROM pgarbiter_data.quarantine WHERE kind = 'removed'").fetchone() == (120,)


def test_a_change_that_has_begun_another_way_is_not_gone_on_with(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a text); INSERT INTO t VALUES ('1')")

    def told(event: str, _operation: Any, step: Any) -> None:
        if (event, step.name) == ("after", "shadow"):
            raise EndedError

    with pytest.raises(EndedError):
        watched(session, ChangeType(Table("t"), "a", "int", "a::int + 1"), told)
    operation = ChangeType(Table("t"), "a", "int", "a::int + 2")
    with pytest.raises(OnlineError, match="has begun with another expression") as found:
        execute(operation, session)
    another.execute((found.value.hint or "").removeprefix("Give it up first: "))
    execute(operation, session)
    assert another.execute("SELECT a FROM t").fetchall() == [(3,)]
