"""Random policies, grants and statements: what is predicted for each row is what the server does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgarbiter.access.model import Result, Scenario
from pgarbiter.catalog.read import read_catalog

from .running import Statement, agrees, decided, plain, postgrest, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.access.model import Access, Outcome
    from pgarbiter.server import Server

    from .running import Answer

Connection = psycopg.Connection[Any]

SETUP = """
CREATE ROLE boss; CREATE ROLE member; CREATE ROLE heir IN ROLE member; CREATE ROLE bare NOINHERIT IN ROLE member;
CREATE ROLE free BYPASSRLS; CREATE ROLE second IN ROLE boss; CREATE ROLE reader IN ROLE pg_read_all_data;
CREATE ROLE writer IN ROLE pg_write_all_data;
GRANT USAGE ON SCHEMA public TO PUBLIC;
CREATE TABLE t (k int PRIMARY KEY, name text, owner text);
INSERT INTO t VALUES (1, 'a', 'me'), (2, 'a', 'other');
ALTER TABLE t OWNER TO boss;
CREATE TABLE m (user_name text, owner text); INSERT INTO m VALUES ('me', 'me'), ('he', 'other');
GRANT ALL ON m TO PUBLIC;
"""
ROLES = ("member", "member", "heir", "heir", "bare", "free", "boss", "second", "reader", "writer")
GRANTEES = ("member", "member", "heir", "PUBLIC", "free", "boss", "pg_read_all_data")
OWN = "owner = current_setting('app.me')"
EXPRESSIONS = (
    "true",
    "true",
    "true",
    OWN,
    OWN,
    OWN,
    "false",
    "NULL::boolean",
    f"{OWN} AND true",
    f"({OWN}) OR NULL",
    f"NOT (NOT ({OWN}))",
    f"({OWN}) OR name = 'a'",
    f"({OWN}) OR owner IS NOT NULL",
    f"({OWN}) AND (name = 'a' OR true)",
    "owner <> current_setting('app.me')",
    f"NOT ({OWN})",
    f"CASE WHEN {OWN} THEN false ELSE true END",
    "owner IN (current_setting('app.me'), 'other')",
    "EXISTS (SELECT FROM m WHERE m.user_name = current_setting('app.me') AND m.owner = t.owner)",
)
COLUMNS = ("k", "name", "owner")
TYPES = {"k": "int", "name": "text", "owner": "text"}
SETS = ("name = 'c'", "name = EXCLUDED.name", "owner = EXCLUDED.owner", "owner = 'other'", "k = EXCLUDED.k", "k = t.k",
        "name = t.name || t.owner", "name = (t).name")  # fmt: skip
ROWS = {
    Scenario.INSERTED_OWN: (3, "me"),
    Scenario.CONFLICT_OWN: (1, "me"),
    Scenario.CONFLICT_FOREIGN: (2, "me"),
    Scenario.INSERTED_FOREIGN: (3, "other"),
}
# Policies that let some rows in, so that more than the first check is met.
_INSERT, _SELECT = f"ON t FOR INSERT WITH CHECK ({OWN})", "ON t FOR SELECT USING (true)"
_UPDATE, _ALL = f"ON t FOR UPDATE USING ({OWN})", f"ON t USING ({OWN})"
BASES = ((), (_INSERT,), (_INSERT, _SELECT), (_INSERT, _SELECT, _UPDATE), (_ALL,), (_ALL, _SELECT))
expressions = st.sampled_from(EXPRESSIONS)
several = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True)


@pytest.fixture(scope="module")
def held(each_server: Server) -> Iterator[Connection]:
    conninfo = each_server.create_database()
    with psycopg.connect(conninfo) as connection:
        connection.execute(SETUP.encode())
        connection.execute("SELECT set_config('app.me', 'me', false)")
        yield connection
        connection.rollback()
    each_server.drop_database(conninfo)


@st.composite
def policies(draw: st.DrawFn) -> str:
    """The body of a CREATE POLICY, without its name."""
    command = draw(st.sampled_from(("ALL", "ALL", "SELECT", "INSERT", "INSERT", "UPDATE", "DELETE")))
    kind = draw(st.sampled_from(("PERMISSIVE",) * 5 + ("RESTRICTIVE",)))
    roles = draw(st.sampled_from(("PUBLIC", "PUBLIC", "PUBLIC", "member", "heir", "boss", "free, member", "reader")))
    using = draw(expressions | st.none()) if command != "INSERT" else None
    check = draw(expressions | st.none()) if command not in {"SELECT", "DELETE"} else None
    text = f"ON t AS {kind} FOR {command} TO {roles}"
    return text + (f" USING ({using})" if using else "") + (f" WITH CHECK ({check})" if check else "")


@st.composite
def grants(draw: st.DrawFn) -> str:
    """A GRANT on the table or on some of its columns."""
    privilege = draw(st.sampled_from(("SELECT", "INSERT", "INSERT", "UPDATE", "SELECT, INSERT, UPDATE", "ALL")))
    columns = draw(several) if "," not in privilege and privilege != "ALL" and draw(st.booleans()) else []
    of = f" ({', '.join(columns)})" if columns else ""
    return f"GRANT {privilege}{of} ON t TO {draw(st.sampled_from(GRANTEES))}"


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """A statement that writes the row %(k)s of %(owner)s."""
    returning = draw(st.sampled_from(("", "RETURNING 1", "RETURNING k", "RETURNING name, owner", "RETURNING *")))
    shape = draw(st.sampled_from(("insert", "nothing", "update", "update", "postgrest")))
    if shape == "postgrest":
        merge = draw(st.booleans())
        return postgrest(TYPES, "k", merge=merge, returning="*" if "*" in returning else "1")
    target = draw(st.sampled_from(("(k)", "ON CONSTRAINT t_pkey")))
    clause = ""
    if shape == "nothing":
        clause = f"ON CONFLICT {draw(st.sampled_from(('', target)))} DO NOTHING"
    elif shape == "update":
        sets = draw(st.lists(st.sampled_from(SETS), min_size=1, max_size=3, unique_by=lambda one: one.split()[0]))
        where = draw(st.sampled_from(("", "", "WHERE t.owner = EXCLUDED.owner", "WHERE t.name <> 'x'", "WHERE false")))
        clause = f"ON CONFLICT {target} DO UPDATE SET {', '.join(sets)} {where}"
    text = f"INSERT INTO t (k, name, owner) VALUES ({{}}, 'b', {{}}) {clause} {returning}"
    return Statement(text, plain(text.format("$1", "$2")).write)


BRIEFLY = settings(
    max_examples=35,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
runs = st.lists(st.tuples(statements(), st.sampled_from(ROLES)), min_size=3, max_size=6)


@BRIEFLY
@given(granted=st.lists(grants(), min_size=1, max_size=8), revoked=st.booleans(), cases=runs)
def test_missing_privileges_are_those_that_the_server_misses(
    held: Connection, granted: list[str], cases: list[tuple[Statement, str]], *, revoked: bool
) -> None:
    with held.transaction(force_rollback=True):
        if revoked:
            held.execute("REVOKE ALL ON t FROM boss")
        for one in granted:
            held.execute(one.encode())
        _compare_all(held, cases)


@BRIEFLY
@given(base=st.sampled_from(BASES), made=st.lists(policies(), max_size=3), forced=st.booleans(), cases=runs)
def test_rows_are_refused_that_the_server_refuses(
    held: Connection, base: tuple[str, ...], made: list[str], cases: list[tuple[Statement, str]], *, forced: bool
) -> None:
    with held.transaction(force_rollback=True):
        force = "FORCE" if forced else "NO FORCE"
        held.execute("GRANT ALL ON t TO PUBLIC; ALTER TABLE t ENABLE ROW LEVEL SECURITY")
        held.execute(f"ALTER TABLE t {force} ROW LEVEL SECURITY".encode())
        for number, policy in enumerate((*base, *made)):
            held.execute(f"CREATE POLICY p{number} {policy}".encode())
        _compare_all(held, cases)


def _compare_all(connection: Connection, cases: list[tuple[Statement, str]]) -> None:
    catalog = read_catalog(connection, own_transaction=False, only=["t"])
    for statement, role in cases:
        access = decided(catalog, role, statement)
        for scenario in Scenario:
            _compare(access, scenario, _answer(connection, role, statement, scenario))


def _answer(connection: Connection, role: str, statement: Statement, scenario: Scenario) -> Answer:
    key, owner = ROWS[scenario]
    if statement.counts:
        body = f'{{"k": {key}, "name": "b", "owner": "{owner}"}}'
        return run(connection, role, statement.sql, (body,), counts=True)
    return run(connection, role, statement.sql.format(key, f"'{owner}'"), counts=False)


def _compare(access: Access, scenario: Scenario, answer: Answer) -> None:
    assert access.reason is None
    denied = answer.sqlstate == "42501" and (answer.message or "").startswith("permission denied for table t")
    assert denied == bool(access.missing), (access.missing, answer)
    security = access.row_security
    assert security is not None
    if denied:
        return
    if security.exempt is not None:
        refused = answer.sqlstate == "42501"
        assert not refused, (security.exempt, answer)
        return
    outcome = security.outcome(scenario)
    assert outcome is not None
    if outcome.result is not Result.UNKNOWN:
        assert agrees(outcome, answer) or _left(outcome, answer), (outcome, answer)


def _left(outcome: Outcome, answer: Answer) -> bool:
    """The WHERE of DO UPDATE has left the row as it is."""
    return outcome.unless_left and answer.sqlstate is None and answer.rows == 0
