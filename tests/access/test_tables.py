"""Every cell of two tables, what privileges and what policies make of a write: predicted, and run on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.access.model import Result, Scenario
from pgarbiter.access.wording import told
from pgarbiter.catalog.read import read_catalog

from .running import agrees, decided, plain, postgrest, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.access.model import Outcome

    from .running import Answer, Statement

Connection = psycopg.Connection[Any]

SETUP = """
CREATE TABLE t (k int PRIMARY KEY, name text, owner text); CREATE ROLE app; GRANT USAGE ON SCHEMA public TO app;
"""


_COLUMNS = {"k": "int", "name": "text", "owner": "text"}
OF_PRIVILEGES: dict[str, Statement] = {
    "DO NOTHING": plain("INSERT INTO t (k, name) VALUES (1, 'b') ON CONFLICT DO NOTHING"),
    "DO NOTHING (k)": plain("INSERT INTO t (k, name) VALUES (1, 'b') ON CONFLICT (k) DO NOTHING"),
    "DO UPDATE SET name = 'c'": plain(
        "INSERT INTO t (k, name) VALUES (1, 'b') ON CONFLICT (k) DO UPDATE SET name = 'c'"
    ),
    "DO UPDATE SET name = EXCLUDED.name": plain(
        "INSERT INTO t (k, name) VALUES (1, 'b') ON CONFLICT (k) DO UPDATE SET name = EXCLUDED.name"
    ),
    "PostgREST merge": postgrest(_COLUMNS, "k", merge=True),
    "PostgREST ignore": postgrest(_COLUMNS, "k", merge=False),
}
# True: it runs; the columns are those of OF_PRIVILEGES.
PRIVILEGES = {
    "INSERT": "100000",
    "INSERT, SELECT (k)": "110001",
    "INSERT, UPDATE": "100000",
    "INSERT, UPDATE, SELECT (k)": "111001",
    "INSERT, UPDATE, SELECT (k, name)": "111101",
    "INSERT, UPDATE (name), SELECT": "111101",
    "INSERT, UPDATE, SELECT": "111111",
}
BODY = '{"k": 1, "name": "b", "owner": "app"}'


@pytest.mark.parametrize("granted", PRIVILEGES)
def test_privileges_decide_as_they_do_on_the_server(connection: Connection, granted: str) -> None:
    connection.execute("INSERT INTO t VALUES (1, 'a')")
    connection.execute(f"GRANT {granted} ON t TO app".encode())
    catalog = read_catalog(connection, own_transaction=False, only=["t"])
    for (name, statement), cell in zip(OF_PRIVILEGES.items(), PRIVILEGES[granted], strict=True):
        access = decided(catalog, "app", statement)
        answer = run(connection, "app", statement.sql, (BODY,) if statement.counts else (), counts=statement.counts)
        runs = answer.sqlstate is None
        assert runs == (cell == "1"), (name, answer)
        assert (access.missing == ()) == runs, (name, access.missing)
        assert runs or answer.sqlstate == access.missing[0].sqlstate


OWN = "owner = current_user"
POLICIES = {
    "I": f"CREATE POLICY i ON t FOR INSERT WITH CHECK ({OWN});",
    "S": f"CREATE POLICY s ON t FOR SELECT USING ({OWN});",
    "U": f"CREATE POLICY u ON t FOR UPDATE USING ({OWN}) WITH CHECK ({OWN});",
    "I_true": "CREATE POLICY i ON t FOR INSERT WITH CHECK (true);",
    "S_true": "CREATE POLICY s ON t FOR SELECT USING (true);",
    "U_true": "CREATE POLICY u ON t FOR UPDATE USING (true) WITH CHECK (true);",
    "ALL(using+check)": f"CREATE POLICY a ON t FOR ALL USING ({OWN}) WITH CHECK ({OWN});",
    "ALL(using only)": f"CREATE POLICY a ON t FOR ALL USING ({OWN});",
    "none": "",
}
# Each cell: no conflict and own row, conflict with an own row, with a foreign one, no conflict and foreign row.
ROW_SECURITY = """
none                 | N N N N | N N N N | N N N N | N N N N | N N N N | N N N N | N N N N
I                    | 1 D D N | N N N N | 1 0 0 N | N N N N | N N N N | N N N N | N N N N
I+S                  | 1 D D N | 1 D D N | 1 0 0 N | 1 0 0 N | 1 U U N | 1 U U N | 1 0 0 N
I+U                  | 1 D D N | N N N N | 1 0 0 N | N N N N | N N N N | N N N N | N N N N
I+S+U                | 1 D D N | 1 D D N | 1 0 0 N | 1 0 0 N | 1 1 U N | 1 1 U N | 1 0 0 N
I+S_true+U           | 1 D D N | 1 D D N | 1 0 0 N | 1 0 0 N | 1 1 U N | 1 1 U N | 1 0 0 N
I+S_true             | 1 D D N | 1 D D N | 1 0 0 N | 1 0 0 N | 1 U U N | 1 U U N | 1 0 0 N
I_true+S_true+U_true | 1 D D 1 | 1 D D 1 | 1 0 0 1 | 1 0 0 1 | 1 1 1 1 | 1 1 1 1 | 1 0 0 1
ALL(using+check)     | 1 D D N | 1 D D N | 1 0 0 N | 1 0 0 N | 1 1 U N | 1 1 U N | 1 0 0 N
ALL(using only)      | 1 D D N | 1 D D N | 1 0 0 N | 1 0 0 N | 1 1 U N | 1 1 U N | 1 0 0 N
S+U                  | N N N N | N N N N | N N N N | N N N N | N N N N | N N N N | N N N N
"""
_INSERT = "INSERT INTO t (k, name, owner) VALUES (%(k)s, 'b', %(owner)s)"


def _plain(tail: str) -> Statement:
    written = plain(f"INSERT INTO t (k, name, owner) VALUES ($1, 'b', $2) {tail}").write
    return type(OF_PRIVILEGES["DO NOTHING"])(f"{_INSERT} {tail}", written)


OF_ROW_SECURITY = {
    "INSERT": _plain(""),
    "INSERT RETURNING": _plain("RETURNING k"),
    "DO NOTHING": _plain("ON CONFLICT DO NOTHING"),
    "DO NOTHING (k)": _plain("ON CONFLICT (k) DO NOTHING"),
    "DO UPDATE (k)": _plain("ON CONFLICT (k) DO UPDATE SET name = 'c'"),
    "PostgREST merge": postgrest(_COLUMNS, "k", merge=True),
    "PostgREST ignore": postgrest(_COLUMNS, "k", merge=False),
}
CELLS = [
    (row.split("|")[0].strip(), name, cell.split())
    for row in ROW_SECURITY.strip().splitlines()
    for name, cell in zip(OF_ROW_SECURITY, row.split("|")[1:], strict=True)
]
SIGNS = {Result.INSERTED: "1", Result.UPDATED: "1", Result.SKIPPED: "0", Result.DUPLICATE: "D"}


@pytest.mark.parametrize("returning", ["minimal", "representation"])
@pytest.mark.parametrize("policies", dict.fromkeys(cell[0] for cell in CELLS))
def test_row_security_decides_as_it_does_on_the_server(connection: Connection, policies: str, returning: str) -> None:
    connection.execute("GRANT ALL ON t TO app; ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    connection.execute("".join(POLICIES[name] for name in _named(policies)).encode())
    connection.execute("INSERT INTO t VALUES (1, 'a', 'app'), (2, 'a', 'other')")
    catalog = read_catalog(connection, own_transaction=False, only=["t"])
    for _, name, cells in (cell for cell in CELLS if cell[0] == policies):
        statement = OF_ROW_SECURITY[name]
        if returning == "representation":
            if not statement.counts:
                continue
            statement = postgrest(_COLUMNS, "k", merge=statement.merges, returning="*")
        access = decided(catalog, "app", statement)
        assert access.missing == ()
        for scenario, cell in zip(Scenario, cells, strict=True):
            security = access.row_security
            assert security is not None
            outcome = security.outcome(scenario)
            assert outcome is not None
            answer = _run(connection, statement, scenario)
            assert agrees(outcome, answer), (name, scenario, outcome, answer)
            sign = SIGNS.get(outcome.result) or ("U" if "USING" in (outcome.message or "") else "N")
            assert sign == cell, (name, scenario)


def _named(policies: str) -> list[str]:
    return [policies] if policies in POLICIES else policies.split("+")


def _run(connection: Connection, statement: Statement, scenario: Scenario) -> Any:
    """The answer to the statement with the row that the scenario is about."""
    key = {Scenario.CONFLICT_OWN: 1, Scenario.CONFLICT_FOREIGN: 2}.get(scenario, 3)
    owner = "other" if scenario is Scenario.INSERTED_FOREIGN else "app"
    if statement.counts:
        body = f'{{"k": {key}, "name": "b", "owner": "{owner}"}}'
        return run(connection, "app", statement.sql, (body,), counts=True)
    sql = statement.sql.replace("%(k)s", str(key)).replace("%(owner)s", f"'{owner}'")
    return run(connection, "app", sql, counts=False)


ME = "current_setting('app.me')"
OWN_OR_SHARED = f"owner = {ME} OR name = 'a'"
NOT_TOLD = {
    "shared": (OWN_OR_SHARED, "1 1"),
    "not null": (f"owner = {ME} OR owner IS NOT NULL", "1 1"),
    "not equal": (f"owner <> {ME}", "U 1"),
    "distinct": (f"owner IS DISTINCT FROM {ME}", "U 1"),
    "negated": (f"NOT owner = {ME}", "U 1"),
    "a case": (f"CASE WHEN owner = {ME} THEN true ELSE name = 'a' END", "1 1"),
    "one of several": (f"owner IN ({ME}, 'other')", "1 1"),
    "nothing of the session": ("name = 'a'", "1 1"),
    "a value of the row": (f"owner = coalesce(owner, {ME})", "1 1"),
}


@pytest.mark.parametrize("using", NOT_TOLD)
def test_what_does_not_keep_owners_apart_refuses_nothing_for_sure(connection: Connection, using: str) -> None:
    policy, cells = NOT_TOLD[using]
    for scenario, cell, outcome, answer in _of_update(connection, policy, cells):
        assert ("1" if answer.sqlstate is None else "U") == cell
        assert outcome.result is Result.UNKNOWN or agrees(outcome, answer), scenario
        if scenario is Scenario.CONFLICT_FOREIGN:
            assert told(outcome, "app") == "cannot tell: it depends on the row, by UPDATE policies"


@pytest.mark.parametrize(
    "using",
    [
        f"owner = {ME} AND name IS NOT NULL",
        f"(SELECT {ME}) = owner",
        f"owner IN ({ME})",
        f"owner = ANY (ARRAY[{ME}])",
        f"owner IN (SELECT m.owner FROM m WHERE m.user_name = {ME})",
        f"EXISTS (SELECT FROM m WHERE m.owner = t.owner AND m.user_name = {ME})",
        f"{ME} IN (SELECT m.user_name FROM m WHERE m.owner = t.owner)",
        f"(owner = {ME} AND name = 'a') OR (owner = {ME} AND name <> 'a')",
    ],
)
def test_what_keeps_owners_apart_refuses_the_row_of_another(connection: Connection, using: str) -> None:
    for _, cell, outcome, answer in _of_update(connection, using, "1 U"):
        assert ("1" if answer.sqlstate is None else "U") == cell
        assert agrees(outcome, answer)


def test_a_row_that_must_not_be_archived_is_not_refused_for_that(connection: Connection) -> None:
    for _, cell, outcome, answer in _of_update(connection, f"owner = {ME} AND NOT name = 'x'", "1 U"):
        assert ("1" if answer.sqlstate is None else "U") == cell
        assert agrees(outcome, answer)


def _of_update(connection: Connection, using: str, cells: str) -> Iterator[tuple[Scenario, str, Outcome, Answer]]:
    """What is predicted of a conflict with an own row and with another's, under an UPDATE policy, and what happens."""
    connection.execute("GRANT ALL ON t TO app; ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    connection.execute("CREATE TABLE m (user_name text, owner text); GRANT SELECT ON m TO app")
    connection.execute("INSERT INTO m VALUES ('app', 'app'), ('he', 'other')")
    connection.execute(
        "CREATE POLICY i ON t FOR INSERT WITH CHECK (true); CREATE POLICY s ON t FOR SELECT USING (true)"
    )
    connection.execute(f"CREATE POLICY u ON t FOR UPDATE USING ({using}) WITH CHECK (true)".encode())
    connection.execute("INSERT INTO t VALUES (1, 'a', 'app'), (2, 'a', 'other')")
    connection.execute("SELECT set_config('app.me', 'app', true)")
    catalog = read_catalog(connection, own_transaction=False, only=["t"])
    statement = _plain("ON CONFLICT (k) DO UPDATE SET owner = EXCLUDED.owner")
    security = decided(catalog, "app", statement).row_security
    assert security is not None
    for scenario, cell in zip((Scenario.CONFLICT_OWN, Scenario.CONFLICT_FOREIGN), cells.split(), strict=True):
        outcome = security.outcome(scenario)
        assert outcome is not None
        yield scenario, cell, outcome, _run(connection, statement, scenario)
