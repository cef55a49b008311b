"""Functions, schemas, sequences and other tables that a statement uses: predicted, and run as the role on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgarbiter.access.model import Moment
from pgarbiter.catalog.read import read_catalog

from .running import decided, plain, run

if TYPE_CHECKING:
    from pgarbiter.access.model import Access
    from pgarbiter.catalog.read import Catalog

Connection = psycopg.Connection[Any]

SETUP = """
CREATE ROLE app; CREATE SCHEMA hidden; CREATE SCHEMA shown; GRANT USAGE ON SCHEMA public, shown TO app;
CREATE FUNCTION hidden.f(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION open(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION denied(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION fixed(int) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS 'BEGIN RETURN $1; END';
CREATE FUNCTION inlined(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION mixed(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION mixed(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION by_default(int, int DEFAULT 2) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION given(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
REVOKE EXECUTE ON FUNCTION denied(int), fixed(int), inlined(int), mixed(text), given(int) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION by_default(int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION given(int) TO app;
CREATE DOMAIN hidden.d AS int; CREATE DOMAIN kept AS int; REVOKE USAGE ON TYPE kept FROM PUBLIC;
CREATE SEQUENCE s; CREATE SEQUENCE hidden.s;
CREATE TABLE t (k int PRIMARY KEY, n int, x kept);
CREATE TABLE numbered (k int PRIMARY KEY, n int, z serial, i int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE defaulted (k int PRIMARY KEY, n int DEFAULT denied(1));
CREATE TABLE checked (k int PRIMARY KEY, n int CHECK (denied(n) > 0));
CREATE TABLE generated (k int PRIMARY KEY, n int, g int GENERATED ALWAYS AS (fixed(n)) STORED);
CREATE TABLE indexed (k int PRIMARY KEY, n int); CREATE INDEX ON indexed (fixed(n));
CREATE TABLE partly (k int PRIMARY KEY, n int); CREATE INDEX ON partly (n) WHERE fixed(n) > 0;
CREATE TABLE other (k int, n int); CREATE TABLE readable (k int, n int); CREATE TABLE partial (k int, n int);
CREATE VIEW seen AS SELECT k, n FROM other;
GRANT SELECT ON readable, seen TO app; GRANT SELECT (k) ON partial TO app; CREATE TABLE hidden.t (k int);
CREATE TABLE q (k int PRIMARY KEY, n int); ALTER TABLE q ENABLE ROW LEVEL SECURITY;
CREATE TABLE guarded (k int); GRANT SELECT ON guarded TO app; ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY g ON guarded USING (k IN (SELECT k FROM other));
GRANT INSERT, SELECT, UPDATE ON t, numbered, defaulted, checked, generated, indexed, partly, q TO app;
"""
# What the statement does as the role: "" it runs, "?" it cannot be told from the text, else what is refused.
STATEMENTS = {
    "INSERT INTO t (k, n) VALUES (1, open(2))": "",
    "INSERT INTO t (k, n) VALUES (1, given(2))": "",
    "INSERT INTO t (k, n) VALUES (1, denied(2))": "function denied",
    "INSERT INTO t (k, n) VALUES (1, public.denied(2)), (2, 3)": "function denied",
    "INSERT INTO t (k, n) VALUES (1, inlined(2))": "function inlined",
    "INSERT INTO t (k, n) VALUES (1, fixed(2))": "function fixed",
    "INSERT INTO t (k, n) VALUES (1, fixed(NULL))": "?",
    "INSERT INTO t (k, n) VALUES (1, by_default(1))": "function by_default",
    "INSERT INTO t (k, n) VALUES (1, mixed(1))": "?",
    "INSERT INTO t (k, n) VALUES (1, coalesce(1, denied(2)))": "?",
    "INSERT INTO t (k, n) VALUES (1, coalesce(denied(2), 1))": "function denied",
    "INSERT INTO t (k, n) VALUES (1, CASE WHEN true THEN 1 ELSE denied(2) END)": "?",
    "INSERT INTO t (k, n) SELECT denied(k), n FROM readable": "function denied",
    "INSERT INTO t (k, n) SELECT k, n FROM readable WHERE denied(k) = n": "function denied",
    "INSERT INTO t (k, n) SELECT k, n FROM readable WHERE false AND denied(k) = n": "",
    "INSERT INTO t (k, n) SELECT k, n FROM (SELECT k, denied(n) AS n FROM readable) AS r": "?",
    "WITH c AS (SELECT denied(1)) INSERT INTO t (k, n) VALUES (1, 2)": "?",
    "INSERT INTO t (k, n) VALUES (1, 2) ON CONFLICT (k) DO UPDATE SET n = denied(3)": "function denied",
    "INSERT INTO t (k, n) VALUES (1, 2) ON CONFLICT (k) DO UPDATE SET n = 3 WHERE denied(t.n) = 1": "function denied",
    "INSERT INTO t (k, n) VALUES (1, 2) ON CONFLICT (k) DO NOTHING RETURNING denied(n)": "function denied",
    "INSERT INTO t (k, n) VALUES (1, hidden.f(2))": "schema hidden",
    "INSERT INTO t (k, n) VALUES (1, '2'::hidden.d)": "schema hidden",
    "INSERT INTO t (k, n) VALUES (1, 2 OPERATOR(hidden.+) 3)": "schema hidden",
    "INSERT INTO t (k, x) VALUES (1, '2'::kept)": "",
    "INSERT INTO t (k, n) VALUES (1, (SELECT k FROM hidden.t))": "schema hidden, table t",
    "INSERT INTO t (k, n) SELECT k, n FROM other": "table other",
    "INSERT INTO t (k, n) SELECT k, n FROM seen": "",
    "INSERT INTO t (k, n) VALUES (1, (SELECT max(k) FROM other))": "table other",
    "INSERT INTO t (k, n) SELECT k, 1 FROM partial": "?",
    "INSERT INTO t (k, n) VALUES (1, nextval('s'))": "sequence s",
    "INSERT INTO t (k, n) VALUES (1, nextval('public.s'::regclass))": "sequence s",
    "INSERT INTO t (k, n) VALUES (1, currval('s'))": "sequence s",
    "INSERT INTO t (k, n) VALUES (1, setval('s', 3))": "sequence s",
    "INSERT INTO numbered (k, n) VALUES (1, 2)": "sequence numbered_z_seq",
    "INSERT INTO numbered (k, z) VALUES (1, 2)": "",
    "INSERT INTO defaulted (k) VALUES (1)": "function denied",
    "INSERT INTO defaulted (k, n) VALUES (1, 2)": "",
    "INSERT INTO defaulted (k, n) VALUES (1, 2) ON CONFLICT (k) DO UPDATE SET n = DEFAULT": "function denied",
    "INSERT INTO checked (k, n) VALUES (1, 2)": "function denied",
    "INSERT INTO generated (k, n) VALUES (1, 2) ON CONFLICT (k) DO NOTHING": "function fixed",
    "INSERT INTO indexed (k, n) VALUES (1, 2)": "function fixed",
    "INSERT INTO partly (k, n) VALUES (1, 2)": "function fixed",
}
POLICIES = {
    "denied(n) = n": "function denied",
    "true OR denied(n) = n": "",
    "n = 1 OR denied(n) = n": "function denied",
    "length(current_setting('a.b', true)) > 1 AND denied(n) = n": "?",
    "CASE WHEN n = 2 THEN true ELSE denied(n) = n END": "function denied",
    "n IN (SELECT k FROM other)": "table other",
    "n = 2 OR EXISTS (SELECT FROM readable AS r WHERE denied(r.k) = 1)": "function denied",
    "n = 2 OR EXISTS (SELECT denied(1) FROM readable)": "?",
    "n = 2 OR n IN (SELECT k FROM guarded)": "table other",
    "n = 2 OR n IN (SELECT k FROM seen)": "",
}


@pytest.fixture(scope="module")
def catalog(held: Connection) -> Catalog:
    return read_catalog(held, own_transaction=False)


def _asked(access: Access) -> str:
    """What is foretold, in the words of STATEMENTS."""
    always = [f"{need.kind} {need.object[-1]}" for need in access.missing if need.when is not Moment.CONFLICT]
    return ", ".join(dict.fromkeys(always)) or ("?" if access.reason else "")


def _compare(connection: Connection, catalog: Catalog, sql: str) -> str:
    """What is foretold, which is what the server does."""
    foretold = _asked(decided(catalog, "app", plain(sql)))
    answer = run(connection, "app", sql, counts=False)
    if foretold not in {"", "?"}:
        assert answer.sqlstate == "42501", (sql, foretold, answer)
        assert (answer.message or "").endswith(foretold.partition(",")[0]), (sql, foretold, answer)
    elif not foretold:
        assert answer.sqlstate not in {"42501", "42P17"}, (sql, answer)
    return foretold


@pytest.mark.parametrize("sql", STATEMENTS)
def test_what_a_statement_uses_is_asked_for_as_the_server_asks(
    connection: Connection, catalog: Catalog, sql: str
) -> None:
    assert _compare(connection, catalog, sql) == STATEMENTS[sql]


@pytest.mark.parametrize("using", POLICIES)
def test_what_policies_use_is_asked_for_as_the_server_asks(connection: Connection, using: str) -> None:
    connection.execute(f"CREATE POLICY p ON q USING ({using})".encode())
    catalog = read_catalog(connection, own_transaction=False)
    sql = "INSERT INTO q (k, n) VALUES (1, 2) ON CONFLICT (k) DO UPDATE SET n = EXCLUDED.n"
    assert _compare(connection, catalog, sql) == POLICIES[using]


def test_permissive_policies_are_one_condition_and_restrictive_ones_each_their_own(connection: Connection) -> None:
    connection.execute("CREATE POLICY a ON q USING (true); CREATE POLICY b ON q USING (denied(n) = n)")
    sql = "INSERT INTO q (k, n) VALUES (1, 2)"
    assert not _compare(connection, read_catalog(connection, own_transaction=False), sql)
    connection.execute("CREATE POLICY c ON q AS RESTRICTIVE USING (denied(n) = n)")
    assert _compare(connection, read_catalog(connection, own_transaction=False), sql) == "function denied"


def test_a_policy_for_update_is_not_asked_before_there_is_an_update(connection: Connection) -> None:
    connection.execute(
        "CREATE POLICY a ON q FOR INSERT WITH CHECK (true); CREATE POLICY b ON q FOR SELECT USING (true)"
    )
    connection.execute("CREATE POLICY c ON q FOR UPDATE USING (denied(n) = n)")
    catalog = read_catalog(connection, own_transaction=False)
    insert = "INSERT INTO q (k, n) VALUES (1, 2) ON CONFLICT (k) DO"
    assert not _compare(connection, catalog, f"{insert} NOTHING")
    assert _compare(connection, catalog, f"{insert} UPDATE SET n = 3") == "function denied"


@pytest.mark.parametrize("column", ["z = DEFAULT", "n = nextval('s')"])
def test_a_sequence_that_do_update_draws_from_is_asked_for_when_a_row_is_updated(
    connection: Connection, catalog: Catalog, column: str
) -> None:
    sql = f"INSERT INTO numbered (k, z) VALUES (1, 2) ON CONFLICT (k) DO UPDATE SET {column}"
    access = decided(catalog, "app", plain(sql))
    assert [(need.kind, need.when) for need in access.missing] == [("sequence", Moment.CONFLICT)]
    assert run(connection, "app", sql, counts=False).sqlstate is None
    connection.execute("INSERT INTO numbered (k, z) VALUES (1, 2)")
    answer = run(connection, "app", sql, counts=False)
    assert (answer.sqlstate, answer.message) == (
        "42501",
        f"permission denied for sequence {access.missing[0].object[1]}",
    )


def test_a_function_of_an_index_is_asked_for_when_a_row_goes_in(connection: Connection, catalog: Catalog) -> None:
    sql = "INSERT INTO indexed (k, n) VALUES (1, 2) ON CONFLICT (k) DO NOTHING"
    access = decided(catalog, "app", plain(sql))
    assert [need.when for need in access.missing] == [Moment.INSERT]
    assert run(connection, "app", sql, counts=False).message == "permission denied for function fixed"
    connection.execute("INSERT INTO indexed (k, n) VALUES (1, 2)")
    assert run(connection, "app", sql, counts=False).sqlstate is None


LEAVES = ("1", "t.n", "NULL::int", "denied(t.n)", "denied(2)", "open(3)", "fixed(4)", "fixed(NULL)")
TRUTHS = ("true", "false", "NULL::boolean", "t.n = 1", "denied(t.n) = 1")


@st.composite
def numbers(draw: st.DrawFn, depth: int = 3) -> str:
    """An expression that gives a number."""
    shape = draw(st.sampled_from(("leaf", "leaf", "coalesce", "sum", "case", "select", "call"))) if depth else "leaf"
    inner = numbers(depth - 1)
    match shape:
        case "coalesce":
            return f"coalesce({draw(inner)}, {draw(inner)})"
        case "sum":
            return f"({draw(inner)} + {draw(inner)})"
        case "case":
            return f"CASE WHEN {draw(conditions(depth - 1))} THEN {draw(inner)} ELSE {draw(inner)} END"
        case "select":
            return f"(SELECT {draw(inner)})"
        case "call":
            return f"open({draw(inner)})"
        case _:
            return draw(st.sampled_from(LEAVES))


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    """An expression that is true or not."""
    shape = draw(st.sampled_from(("leaf", "leaf", "and", "or", "not", "equal"))) if depth else "leaf"
    inner = conditions(depth - 1)
    match shape:
        case "and" | "or":
            return f"({draw(inner)} {shape.upper()} {draw(inner)})"
        case "not":
            return f"(NOT {draw(inner)})"
        case "equal":
            return f"({draw(numbers(depth - 1))}) = 1"
        case _:
            return draw(st.sampled_from(TRUTHS))


@settings(max_examples=120, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(value=numbers(), condition=conditions())
def test_what_expressions_call_is_asked_for_as_the_server_asks(
    held: Connection, catalog: Catalog, value: str, condition: str
) -> None:
    sql = f"INSERT INTO t (k, n) VALUES (1, 2) ON CONFLICT (k) DO UPDATE SET n = {value} WHERE {condition}"
    access = decided(catalog, "app", plain(sql))
    with held.transaction(force_rollback=True):
        answer = run(held, "app", sql, counts=False)
    denied = answer.sqlstate == "42501"
    if access.missing:
        assert denied, (sql, access.missing, answer)
    elif access.reason is None:
        assert not denied, (sql, answer)
