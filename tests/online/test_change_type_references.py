"""op.widen_to_bigint_online of a column that foreign keys reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.change_type import ChangeType
from pgarbiter.online.model import OnlineError, Table
from pgarbiter.online.presets import WidenToBigint

from .ending import ended_everywhere, watched
from .writers import writing

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

    from .writers import Chance

Connection = psycopg.Connection[Any]

FAMILY = """\
CREATE TABLE t (id serial PRIMARY KEY, tenant int NOT NULL DEFAULT 1, parent int REFERENCES t ON DELETE SET NULL,
    UNIQUE (tenant, id));
INSERT INTO t (parent) SELECT NULLIF(n / 2, 0) FROM generate_series(1, 20) n;
CREATE TABLE c (
    t int REFERENCES t ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    tenant int DEFAULT 1,
    CONSTRAINT "Both" FOREIGN KEY (tenant, t) REFERENCES t (tenant, id) MATCH FULL ON UPDATE CASCADE ON DELETE CASCADE
);
INSERT INTO c SELECT generate_series(1, 20);
COMMENT ON CONSTRAINT "Both" ON c IS 'it''s';
CREATE SCHEMA "Other s";
CREATE TABLE "Other s"."D" (t int);
INSERT INTO "Other s"."D" VALUES (3), (77);
ALTER TABLE "Other s"."D" ADD FOREIGN KEY (t) REFERENCES t NOT VALID;
"""
PARTITIONED = """\
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE c (t int REFERENCES t) PARTITION BY LIST (t);
CREATE TABLE c_1 (t int CONSTRAINT own REFERENCES t);
ALTER TABLE c ATTACH PARTITION c_1 DEFAULT;
"""
KEYS = """\
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint')
FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2"""
WIDEN = WidenToBigint(Table("t"), "id")
BACK = WIDEN.reverse()


def _keys(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(KEYS).fetchall()


def _type(connection: Connection) -> str:
    found = connection.execute(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'id'"
    ).fetchone()
    assert found
    return str(found[0])


def test_each_foreign_key_is_there_again_as_it_was(session: Session, another: Connection) -> None:
    another.execute(FAMILY)
    before = _keys(another)
    execute(WIDEN, session)
    assert (_keys(another), _type(another)) == (before, "bigint")
    another.execute("DELETE FROM t WHERE id = 20; UPDATE t SET id = 100 WHERE id = 19 AND parent IS NOT NULL")
    assert another.execute("SELECT max(t), count(*) FROM c").fetchone() == (100, 19)
    assert BACK is not None
    execute(BACK, session)
    assert (_keys(another), _type(another)) == (before, "integer")


@pytest.mark.pg(">= 18")
def test_those_of_partitioned_tables_and_those_not_enforced_come_back_too(
    session: Session, another: Connection
) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2);"
        "CREATE TABLE loose (t int REFERENCES t NOT ENFORCED); INSERT INTO loose VALUES (9);"
        "CREATE TABLE parts (t int REFERENCES t) PARTITION BY LIST (t);"
        "CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1); CREATE TABLE part_2 PARTITION OF parts DEFAULT;"
        "INSERT INTO parts VALUES (1), (2)"
    )
    before = _keys(another)
    execute(WIDEN, session)
    assert (_keys(another), _type(another)) == (before, "bigint")


def test_the_referencing_side_of_a_table_that_references_itself_is_widened(
    session: Session, another: Connection
) -> None:
    another.execute(FAMILY)
    before = _keys(another)
    execute(WidenToBigint(Table("t"), "parent"), session)
    execute(WidenToBigint(Table("c"), "t"), session)
    assert (_keys(another), _type(another)) == (before, "integer")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        another.execute("INSERT INTO t (parent) VALUES (2147483648)")


@pytest.mark.pg(">= 15")
def test_a_column_on_both_sides_of_a_foreign_key_is_widened(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (id int, tenant int, parent int, PRIMARY KEY (tenant, id),"
        " FOREIGN KEY (tenant, id) REFERENCES t);"
        "ALTER TABLE t ADD FOREIGN KEY (tenant, parent) REFERENCES t ON DELETE SET NULL (parent);"
        "INSERT INTO t VALUES (1, 1, NULL), (2, 1, 1)"
    )
    before = _keys(another)
    for column in ("tenant", "id"):
        execute(WidenToBigint(Table("t"), column), session)
    assert (_keys(another), _type(another)) == (before, "bigint")
    another.execute("DELETE FROM t WHERE id = 1")
    assert another.execute("SELECT id, tenant, parent FROM t").fetchall() == [(2, 1, None)]


def test_an_included_column_of_a_referenced_key_is_widened(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (key int PRIMARY KEY, id int, UNIQUE (key) INCLUDE (id)); INSERT INTO t VALUES (1, 2);"
        "ALTER TABLE t DROP CONSTRAINT t_pkey; CREATE TABLE c (t int REFERENCES t (key)); INSERT INTO c VALUES (1)"
    )
    before = _keys(another)
    execute(WIDEN, session)
    assert (_keys(another), _type(another)) == (before, "bigint")


def test_a_write_without_its_parent_is_refused_all_the_time(session: Session, another: Connection) -> None:
    another.execute(FAMILY)
    states: set[tuple[str, bool]] = set()

    def told(_event: str, _operation: Any, step: Any) -> None:
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            another.execute('INSERT INTO "Other s"."D" VALUES (1000)')
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            another.execute("DELETE FROM t WHERE id = 3")
        states.add((step.name, all(row[3] for row in _keys(another) if row[0] != '"Other s"."D"')))

    watched(session, WIDEN, told)
    assert {name for name, valid in states if not valid} == {"swap", "references"}
    assert ("tidy", True) in states


def test_a_run_that_ended_at_any_step_is_resumed(session: Session, another: Connection) -> None:
    another.execute(FAMILY)
    before = _keys(another)
    assert ended_everywhere(session, WIDEN)[-4:] == ["swap", "references", "drop old", "tidy"]
    assert (_keys(another), _type(another)) == (before, "bigint")


# Who writes both in one transaction has locked one of them while it waits for the other.
BOTH = """\
CREATE FUNCTION parent_first(number int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE found t.id%TYPE; BEGIN
    UPDATE t SET n = n + 1 WHERE id = number RETURNING id INTO found;
    INSERT INTO c (t, n) VALUES (found, 0);
    RETURN 1; END $$;
CREATE FUNCTION child_first(number int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO c (t, n) VALUES (number, 0);
    UPDATE t SET n = n + 1 WHERE id = number;
    RETURN 1; END $$;
"""


def test_writers_of_parents_and_children_lose_nothing(session: Session, another: Connection, any_database: str) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)")
    another.execute("INSERT INTO t SELECT generate_series(1, 2000)")
    another.execute("CREATE TABLE c (t int NOT NULL REFERENCES t ON DELETE CASCADE, n int NOT NULL DEFAULT 1)")
    another.execute("CREATE INDEX ON c (t)")
    upsert = "INSERT INTO t (id, n) VALUES (%s, 1) ON CONFLICT (id) DO UPDATE SET n = t.n + 1"
    another.execute(BOTH)
    both = f"WITH p AS ({upsert} RETURNING id) INSERT INTO c (t, n) SELECT id, 0 FROM p"
    statements = (
        upsert, "INSERT INTO c (t) VALUES (%s)", both, "SELECT parent_first(%s)", "SELECT child_first(%s)"
    )  # fmt: skip

    def statement(chance: Chance) -> tuple[str, tuple[object, ...]]:
        return chance.choice(statements), (chance.randint(1, 2000),)

    with writing(any_database, statement) as told:
        execute(WIDEN, session)
    assert set(told) == {"00000"}
    assert another.execute("SELECT (SELECT sum(n) FROM t) + (SELECT sum(n) FROM c)").fetchone() == (told["00000"],)
    assert another.execute("SELECT count(*) FROM c LEFT JOIN t ON t.id = c.t WHERE t.id IS NULL").fetchone() == (0,)
    assert [row[3] for row in _keys(another)] == [True]


@pytest.mark.parametrize(
    ("statements", "operation", "message"),
    [
        (
            "CREATE TABLE t (id date PRIMARY KEY); CREATE TABLE c (t date REFERENCES t)",
            ChangeType(Table("t"), "id", "timestamp"),
            'foreign key "c_t_fkey" of "public.c" .* need not be the one',
        ),
        (
            "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t)",
            ChangeType(Table("t"), "id", "bigint", "id + 1"),
            "need not be the one",
        ),
        (
            "CREATE TABLE t (id numeric PRIMARY KEY); CREATE TABLE c (t numeric REFERENCES t)",
            ChangeType(Table("t"), "id", "integer"),
            "need not be the one",
        ),
        (
            "CREATE TABLE r (id text PRIMARY KEY); CREATE TABLE t (id text REFERENCES r)",
            ChangeType(Table("t"), "id", "timestamptz"),
            'foreign key "t_id_fkey" .*no equality between timestamp with time zone and text',
        ),
        (
            "CREATE TABLE t (id int PRIMARY KEY, t int REFERENCES t); ALTER TABLE t DISABLE TRIGGER ALL",
            WIDEN,
            "its triggers are disabled",
        ),
        (
            PARTITIONED,
            WIDEN,
            'foreign key "c_t_fkey" of "public.c" cannot be carried over',
        ),
    ],
)
def test_what_could_not_come_back_is_refused_before_anything_is_changed(
    session: Session, another: Connection, statements: str, operation: ChangeType, message: str
) -> None:
    another.execute(statements)
    before = _keys(another), _type(another)
    with pytest.raises(OnlineError, match=f"{message}.*nothing was changed"):
        execute(operation, session)
    assert (_keys(another), _type(another)) == before


def test_children_of_another_owner_are_refused_before_anything_is_changed(
    session: Session, another: Connection
) -> None:
    another.execute(
        "CREATE ROLE keeper; CREATE ROLE owner_of_c; GRANT CREATE ON SCHEMA public TO keeper;"
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t);"
        "ALTER TABLE t OWNER TO keeper; ALTER TABLE c OWNER TO owner_of_c"
    )
    try:
        session.run("SET ROLE keeper")
        with pytest.raises(OnlineError, match="does not own that table; nothing was changed") as found:
            WIDEN.steps(session)
        assert '"owner_of_c"' in (found.value.hint or "")
    finally:
        session.run("RESET ROLE")
        another.execute("DROP OWNED BY keeper, owner_of_c CASCADE; DROP ROLE keeper, owner_of_c")


def test_a_foreign_key_that_was_broken_before_is_told_and_validated_when_mended(
    session: Session, another: Connection
) -> None:
    another.execute(FAMILY)
    before = _keys(another)
    another.execute(
        "SET session_replication_role = replica; INSERT INTO c VALUES (500); RESET session_replication_role"
    )
    with pytest.raises(OnlineError, match=r'foreign key "Both" of "public.c" .* was broken before') as found:
        execute(WIDEN, session)
    assert "ALTER TABLE public.c VALIDATE CONSTRAINT" in (found.value.hint or "")
    assert _type(another) == "bigint"
    another.execute("DELETE FROM c WHERE t = 500")
    execute(WIDEN, session)
    assert _keys(another) == before


def test_a_foreign_key_that_is_added_meanwhile_is_seen_before_the_swap(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")

    def told(event: str, _operation: Any, step: Any) -> None:
        if (event, step.name) == ("after", "shadow"):
            another.execute("CREATE TABLE late (t int REFERENCES t); INSERT INTO late VALUES (1)")
            another.execute("CREATE INDEX late_index ON t (id DESC)")

    with pytest.raises(
        OnlineError, match=r'has changed meanwhile: foreign key "late_t_fkey" of "public.late"; late_index; it still'
    ):
        watched(session, WIDEN, told)
    execute(WIDEN, session)
    assert _type(another) == "bigint"
    assert [row[3] for row in _keys(another)] == [True]
    assert another.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'late_index'").fetchone() == (
        "CREATE INDEX late_index ON public.t USING btree (id DESC)",
    )


def test_rows_that_others_reference_are_not_taken_out(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (id bigint PRIMARY KEY, parent bigint REFERENCES t);"
        "INSERT INTO t VALUES (1, 1), (3000000000, 3000000000), (3, 3000000000)"
    )
    before = _keys(another)
    operation = ChangeType(Table("t"), "id", "integer", unparsable="quarantine")
    with pytest.raises(OnlineError, match=r"^1 rows of public.t reference, by .* no integer .*nothing was changed"):
        execute(operation, session)
    assert (_keys(another), _type(another)) == (before, "bigint")
    another.execute("UPDATE t SET parent = 1 WHERE id = 3")
    execute(operation, session)
    assert another.execute("SELECT id, parent FROM t ORDER BY id").fetchall() == [(1, 1), (3, 1)]
    taken = another.execute("SELECT row_data -> 'id' FROM pgarbiter_data.quarantine").fetchall()
    assert ((_keys(another), _type(another)), taken) == ((before, "integer"), [(3000000000,)])


def test_who_holds_a_table_that_references_it_is_named(
    session: Session, another: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t)")
    monkeypatch.setenv("PGARBITER_ONLINE_PATIENCE_S", "1")
    monkeypatch.setenv("PGARBITER_ONLINE_LOCK_TIMEOUT_MS", "10")
    with another.transaction():
        another.execute("LOCK TABLE c IN ACCESS SHARE MODE")
        with pytest.raises(OnlineError, match=r'not lock "public.t", "public.c" .* held by process [0-9]+ \(idle in'):
            execute(WIDEN, session)
    assert _type(another) == "integer"
    execute(WIDEN, session)
    assert _type(another) == "bigint"
