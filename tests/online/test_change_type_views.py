"""op.change_type_online of a column that views name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.change_type import ChangeType
from pgarbiter.online.model import OnlineError, Table
from pgarbiter.online.presets import TextToTimestamptz, WidenToBigint

from .writers import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.online.session import Session

    from .writers import Chance

Connection = psycopg.Connection[Any]

# `top` is the older one of two, and came to be over `middle` by CREATE OR REPLACE.
VIEWS = """\
CREATE SCHEMA "Re ports";
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, note text);
INSERT INTO t SELECT n, n % 3, 'row ' || n FROM generate_series(1, 10) n;
CREATE VIEW "Re ports".top AS SELECT id, 0::bigint AS n FROM t;
CREATE VIEW middle WITH (security_barrier = true, check_option = local) AS SELECT id AS "The id", a, note FROM t
    WHERE a >= 0;
ALTER VIEW middle RENAME COLUMN note TO remark;
CREATE OR REPLACE VIEW "Re ports".top AS SELECT middle."The id" AS id, count(*) AS n FROM middle GROUP BY 1;
CREATE VIEW grouped AS SELECT id, a, note FROM t GROUP BY id;
ALTER VIEW middle ALTER COLUMN a SET DEFAULT 7;
COMMENT ON VIEW middle IS 'it''s the middle';
COMMENT ON COLUMN middle."The id" IS 'the id';
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO t (id, a) VALUES (NEW.id, 1); RETURN NEW; END';
CREATE TRIGGER "In stead" INSTEAD OF INSERT ON "Re ports".top FOR EACH ROW EXECUTE FUNCTION f();
COMMENT ON TRIGGER "In stead" ON "Re ports".top IS 'writes';
ALTER VIEW grouped OWNER TO keeper;
GRANT SELECT ON grouped TO PUBLIC;
GRANT INSERT, SELECT ON middle TO keeper WITH GRANT OPTION;
GRANT UPDATE (a) ON middle TO keeper;
REVOKE DELETE ON "Re ports".top FROM CURRENT_USER;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO keeper;
"""
FOREIGN_GRANT = """\
CREATE VIEW v AS SELECT id FROM t;
GRANT SELECT ON v TO keeper WITH GRANT OPTION;
SET ROLE keeper;
GRANT SELECT ON v TO PUBLIC;
RESET ROLE;
"""
SEEN = """\
SELECT c.oid::regclass::text, pg_get_viewdef(c.oid), relowner::regrole::text, reloptions::text,
    obj_description(c.oid, 'pg_class'),
    ARRAY(SELECT g::text FROM aclexplode(COALESCE(relacl, acldefault('r', relowner))) g ORDER BY 1),
    ARRAY(SELECT row(attname, attnum, attacl, col_description(c.oid, attnum), pg_get_expr(adbin, adrelid))::text
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = c.oid AND attnum > 0 ORDER BY attnum),
    ARRAY(SELECT row(pg_get_triggerdef(g.oid), obj_description(g.oid, 'pg_trigger'))::text FROM pg_trigger g
        WHERE tgrelid = c.oid ORDER BY 1)
FROM pg_class c WHERE relkind = 'v' AND relnamespace::regnamespace::text IN ('public', '"Re ports"') ORDER BY 1"""
TYPE = "SELECT pg_typeof({0})::text FROM {1} LIMIT 1"


@pytest.fixture
def keeper(another: Connection) -> Iterator[Connection]:
    another.execute("CREATE ROLE keeper")
    yield another
    another.execute("RESET ALL; DROP OWNED BY keeper CASCADE; DROP ROLE keeper")


def _seen(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(SEEN).fetchall()


def test_views_are_there_again_with_all_that_is_theirs(session: Session, keeper: Connection) -> None:
    keeper.execute(VIEWS)
    before = _seen(keeper)
    execute(WidenToBigint(Table("t"), "id"), session)
    execute(WidenToBigint(Table("t"), "a"), session)
    assert _seen(keeper) == before
    assert keeper.execute('SELECT pg_typeof("The id")::text FROM middle LIMIT 1').fetchone() == ("bigint",)
    keeper.execute('INSERT INTO "Re ports".top (id) VALUES (2147483648); INSERT INTO middle ("The id") VALUES (11)')
    assert keeper.execute("SELECT a FROM t WHERE id IN (11, 2147483648) ORDER BY id").fetchall() == [(7,), (1,)]
    with pytest.raises(psycopg.errors.WithCheckOptionViolation):
        keeper.execute('INSERT INTO middle ("The id", a) VALUES (12, -1)')


@pytest.mark.pg(">= 15")
def test_a_view_with_the_rights_of_who_asks_stays_one(session: Session, keeper: Connection) -> None:
    keeper.execute(
        "CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v WITH (security_invoker = on) AS SELECT id FROM t;"
        "GRANT SELECT ON v TO keeper"
    )
    before = _seen(keeper)
    execute(WidenToBigint(Table("t"), "id"), session)
    assert _seen(keeper) == before
    with pytest.raises(psycopg.errors.InsufficientPrivilege), keeper.transaction():
        keeper.execute("SET LOCAL ROLE keeper; SELECT * FROM v")


def test_readers_and_writers_of_views_go_on(session: Session, another: Connection, any_database: str) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT generate_series(1, 2000);"
        "CREATE VIEW v AS SELECT * FROM t; CREATE VIEW w AS SELECT id, n FROM v"
    )
    statements = (
        "UPDATE w SET n = n + 1 WHERE id = %s",
        "INSERT INTO v (id, n) VALUES (%s, 1) ON CONFLICT (id) DO UPDATE SET n = v.n + 1",
    )

    def statement(chance: Chance) -> tuple[str, tuple[object, ...]]:
        return chance.choice(statements), (chance.randint(1, 2000),)

    with writing(any_database, statement) as told:
        execute(WidenToBigint(Table("t"), "id"), session)
    assert set(told) == {"00000"}
    assert another.execute("SELECT sum(n) FROM w").fetchone() == (told["00000"],)


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ("CREATE MATERIALIZED VIEW v AS SELECT id FROM t", r'view "public.v" \(a materialized view has rows'),
        (
            "CREATE VIEW v AS SELECT id FROM t; CREATE MATERIALIZED VIEW m AS SELECT FROM v",
            '"public.v"; view "public.m"',
        ),
        ("CREATE TEMPORARY VIEW v AS SELECT id FROM t", "it is temporary"),
        ("CREATE VIEW v AS SELECT id FROM t; CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING", "rules of its own"),
        ("CREATE VIEW v AS SELECT id FROM t; CREATE TABLE typed (v v)", "column v of table typed depends on it"),
        (
            "CREATE VIEW v AS SELECT id FROM t;CREATE FUNCTION g() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM v'",
            r"function g\(\) depends on it",
        ),
        (
            "CREATE VIEW v AS SELECT id FROM t; CREATE POLICY own ON t USING (EXISTS (SELECT FROM v))",
            "policy own on table t depends on it",
        ),
        (
            FOREIGN_GRANT,
            "others than its owner granted rights",
        ),
        (
            "CREATE TABLE r (a int); CREATE RULE x AS ON INSERT TO r DO ALSO SELECT id FROM t",
            "it is a table with rules",
        ),
    ],
)
def test_what_cannot_be_made_again_is_named_before_anything_is_changed(
    session: Session, keeper: Connection, statements: str, message: str
) -> None:
    keeper.execute("CREATE TABLE t (id int PRIMARY KEY)")
    keeper.execute(statements)
    before = _seen(keeper)
    with pytest.raises(OnlineError, match=f"cannot be made again .*{message}.*; nothing was changed") as found:
        execute(WidenToBigint(Table("t"), "id"), session)
    keeper.execute((found.value.hint or "").split("; ")[1].encode())
    assert _seen(keeper) == before


def test_a_view_that_does_not_fit_the_new_type_is_told_before_anything_is_changed(
    session: Session, another: Connection
) -> None:
    another.execute("CREATE TABLE t (at text); CREATE VIEW v AS SELECT at FROM t")
    another.execute("CREATE VIEW w AS SELECT left(at, 4) AS year FROM v")
    before = _seen(another)
    with pytest.raises(OnlineError, match=r'view "public.w", .* does not fit .*left\(timestamp with.*nothing was'):
        execute(TextToTimestamptz(Table("t"), "at"), session)
    assert _seen(another) == before


def test_a_view_of_somebody_else_is_told_before_anything_is_changed(session: Session, keeper: Connection) -> None:
    keeper.execute(
        "CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t; ALTER TABLE t OWNER TO keeper;"
        "GRANT CREATE ON SCHEMA public TO keeper"
    )
    try:
        session.run("SET ROLE keeper")
        with pytest.raises(OnlineError, match=r'it belongs to role ".*nothing was changed'):
            ChangeType(Table("t"), "id", "bigint").steps(session)
    finally:
        session.run("RESET ROLE")
