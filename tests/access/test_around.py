"""What surrounds a table: views, sequences of defaults, schemas, rules. Each answer is compared with the server's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.access.model import Result, Scenario
from pgarbiter.catalog.read import read_catalog

from .running import decided, plain, run

if TYPE_CHECKING:
    from pgarbiter.access.model import Access

Connection = psycopg.Connection[Any]

SETUP = """
GRANT CREATE ON SCHEMA public TO PUBLIC;
CREATE ROLE app; CREATE ROLE keeper; CREATE ROLE member IN ROLE app;
CREATE SCHEMA inner_; GRANT USAGE ON SCHEMA inner_ TO keeper;
CREATE TABLE inner_.t (k int PRIMARY KEY, name text, owner text DEFAULT 'me', extra text);
"""
UPSERT = "INSERT INTO v (key, name) VALUES (1, 'b') ON CONFLICT (key) DO UPDATE SET name = EXCLUDED.name"
NOTHING = "INSERT INTO v (key, name) VALUES (1, 'b') ON CONFLICT DO NOTHING"
VIEW = "CREATE VIEW v {} AS SELECT k AS key, name FROM inner_.t WHERE extra IS NULL; ALTER VIEW v OWNER TO keeper;"


def _same(connection: Connection, sql: str, *names: str, role: str = "app") -> Access:
    """The decision, once it is seen that the server decides the same."""
    statement = plain(sql)
    catalog = read_catalog(connection, own_transaction=False, only=names)
    access = decided(catalog, role, statement)
    answer = run(connection, role, sql, counts=False)
    assert access.reason is None
    if access.missing:
        first = access.missing[0]
        assert answer.sqlstate == first.sqlstate
        if first.sqlstate == "42501":
            assert answer.message == f"permission denied for {first.kind} {first.object[-1]}"
    elif access.row_security is not None and access.row_security.exempt is None:
        outcome = access.row_security.outcome(Scenario.INSERTED_OWN)
        assert outcome is not None
        assert (answer.sqlstate, answer.message) == (outcome.sqlstate, outcome.message)
    else:
        assert answer.sqlstate is None
    return access


@pytest.mark.parametrize(
    ("granted", "lacking"),
    [
        ("INSERT, SELECT, UPDATE", []),
        ("INSERT, SELECT (k, name, extra), UPDATE (name)", []),
        ("INSERT, SELECT (k, name), UPDATE", [("SELECT", "extra")]),
        ("INSERT (k, name), SELECT", [("UPDATE", "name")]),
    ],
)
@pytest.mark.parametrize("invoker", [False, True], ids=["owner", "invoker"])
def test_behind_a_view_the_rights_of_its_owner_count_or_those_of_the_invoker(
    connection: Connection, granted: str, lacking: list[tuple[str, str]], *, invoker: bool
) -> None:
    who = "app" if invoker else "keeper"
    connection.execute(VIEW.format("WITH (security_invoker)" if invoker else "").encode())
    connection.execute(f"GRANT ALL ON v TO app; GRANT {granted} ON inner_.t TO {who}".encode())
    access = _same(connection, UPSERT, "v")
    assert [(need.privilege, need.column, need.role) for need in access.missing] == [(*one, who) for one in lacking]


def test_what_reads_no_row_needs_no_select_behind_a_view(connection: Connection) -> None:
    connection.execute(VIEW.format("").encode())
    connection.execute("GRANT INSERT ON v TO app; GRANT INSERT ON inner_.t TO keeper")
    assert _same(connection, NOTHING, "v").missing == ()


def test_a_view_that_may_not_be_used_is_refused_itself(connection: Connection) -> None:
    connection.execute(VIEW.format("").encode())
    connection.execute("GRANT INSERT, SELECT (key) ON v TO app; GRANT ALL ON inner_.t TO keeper")
    missing = _same(connection, UPSERT, "v").missing
    assert [(need.kind, need.privilege, need.column) for need in missing] == [
        ("view", "UPDATE", "name"),
        ("view", "SELECT", "name"),
    ]


def test_an_invoker_view_behind_a_view_uses_the_rights_of_the_invoker(connection: Connection) -> None:
    connection.execute(VIEW.format("WITH (security_invoker)").encode())
    connection.execute("CREATE VIEW w AS SELECT key, name FROM v; ALTER VIEW w OWNER TO keeper; GRANT ALL ON w TO app")
    connection.execute("GRANT ALL ON inner_.t TO keeper")
    over = UPSERT.replace("INTO v", "INTO w")
    assert {need.role for need in _same(connection, over, "w").missing} == {"app"}
    connection.execute("GRANT ALL ON inner_.t TO app")
    assert _same(connection, over, "w").missing == ()


@pytest.mark.parametrize("policy_for", ["keeper", "app"])
@pytest.mark.parametrize("invoker", [False, True], ids=["owner", "invoker"])
def test_behind_a_view_the_policies_for_whose_rights_count_apply(
    connection: Connection, policy_for: str, *, invoker: bool
) -> None:
    connection.execute(VIEW.format("WITH (security_invoker)" if invoker else "").encode())
    connection.execute("GRANT ALL ON v, inner_.t TO app, keeper; ALTER TABLE inner_.t ENABLE ROW LEVEL SECURITY")
    connection.execute(f"CREATE POLICY p ON inner_.t TO {policy_for} USING (true)".encode())
    security = _same(connection, UPSERT, "v").row_security
    assert security is not None
    assert security.role == ("app" if invoker else "keeper")
    first = security.outcome(Scenario.INSERTED_OWN)
    assert first is not None
    assert first.result is (Result.INSERTED if policy_for == security.role else Result.REFUSED)


@pytest.mark.parametrize("granted", ["USAGE", "UPDATE", "SELECT", None])
def test_a_default_that_draws_from_a_sequence_needs_rights_on_it(connection: Connection, granted: str | None) -> None:
    connection.execute("CREATE TABLE s (id serial PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY, a text)")
    connection.execute("GRANT INSERT ON s TO app")
    if granted:
        connection.execute(f"GRANT {granted} ON SEQUENCE s_id_seq TO app".encode())
    access = _same(connection, "INSERT INTO s (a) VALUES ('x')", "s")
    assert [(need.kind, need.object) for need in access.missing] == (
        [] if granted in {"USAGE", "UPDATE"} else [("sequence", ("public", "s_id_seq"))]
    )
    for written in ("INSERT INTO s (id, a) VALUES (1, 'x')", "INSERT INTO s VALUES (1)"):
        assert _same(connection, written, "s").missing == ()
    for drawing in ("INSERT INTO s (id, a) VALUES (DEFAULT, 'x')", "INSERT INTO s DEFAULT VALUES"):
        assert _same(connection, drawing, "s").missing == access.missing


def test_a_schema_that_may_not_be_used_is_refused_by_name_and_passed_over_without(connection: Connection) -> None:
    connection.execute("GRANT ALL ON inner_.t TO app; SET LOCAL search_path = inner_, public")
    named = _same(connection, "INSERT INTO inner_.t (k) VALUES (1)", "t")
    assert [(need.kind, need.sqlstate) for need in named.missing] == [("schema", "42501")]
    passed_over = _same(connection, "INSERT INTO t (k) VALUES (1)", "t")
    assert [(need.kind, need.sqlstate) for need in passed_over.missing] == [("schema", "42P01")]
    connection.execute("CREATE TABLE public.t (k int)")
    catalog = read_catalog(connection, own_transaction=False, only=["t"])
    reason = decided(catalog, "app", plain("INSERT INTO t (k) VALUES (1)")).reason
    assert reason is not None
    assert 'the name means "public.t"' in reason


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("INSERT INTO c DEFAULT VALUES", [None]),
        ("INSERT INTO c VALUES (1)", ["a"]),
        ("INSERT INTO c VALUES (1, 2) ON CONFLICT (a, (b + 1)) WHERE d > 0 DO NOTHING", ["a", "b", "a", "b", "d"]),
        ("INSERT INTO c (a) VALUES (1) ON CONFLICT ON CONSTRAINT c_key DO UPDATE SET b = c.d", ["a", "b", "a", "d"]),
        ("INSERT INTO c AS x (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1 WHERE x.d = 1", ["a", "b", "a", "d"]),
        ("INSERT INTO c (a) VALUES (1) RETURNING c", ["a", "a", "b", "d"]),
        ("INSERT INTO c (a) VALUES (1) RETURNING xmin", ["a", "xmin"]),
    ],
)
def test_each_column_that_is_touched_needs_its_privilege(
    connection: Connection, sql: str, columns: list[str | None]
) -> None:
    connection.execute("CREATE TABLE c (a int CONSTRAINT c_key UNIQUE, b int, d int)")
    connection.execute("CREATE UNIQUE INDEX ON c (a, (b + 1)) WHERE d > 0; GRANT USAGE ON SCHEMA public TO app")
    access = _same(connection, sql, "c")
    assert [need.column for need in access.missing] == columns
    for need in access.missing:
        if need.column not in {None, "xmin"}:
            connection.execute(f"GRANT {need.privilege} ({need.column}) ON c TO app".encode())
    rest = _same(connection, sql, "c").missing
    assert [need.column for need in rest] == [column for column in columns if column in {None, "xmin"}]


def test_a_rule_that_makes_another_statement_of_it_is_not_followed(connection: Connection) -> None:
    connection.execute("CREATE TABLE r (k int); CREATE RULE away AS ON INSERT TO r DO INSTEAD NOTHING")
    catalog = read_catalog(connection, own_transaction=False, only=["r"])
    assert decided(catalog, "app", plain("INSERT INTO r VALUES (1)")).reason == 'rule "away" makes something else of it'


def test_memberships_and_ownership_give_privileges(connection: Connection) -> None:
    connection.execute("CREATE TABLE o (k int PRIMARY KEY); GRANT INSERT ON o TO app; ALTER TABLE o OWNER TO keeper")
    for role in ("member", "keeper"):
        assert _same(connection, "INSERT INTO o VALUES (1)", "o", role=role).missing == ()
    connection.execute("REVOKE ALL ON o FROM keeper")
    assert len(_same(connection, "INSERT INTO o VALUES (1)", "o", role="keeper").missing) == 1
