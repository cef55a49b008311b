"""Which columns a policy compares with the session, as the server prints policies."""

from __future__ import annotations

import psycopg
import pytest

from pgarbiter.sql.session_columns import session_comparisons

TABLE = """
CREATE SCHEMA auth;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
CREATE FUNCTION my_orgs() RETURNS SETOF uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION is_member(uuid, text DEFAULT '') RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION may(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE TABLE members (org_id uuid, user_id uuid);
CREATE TABLE docs (org_id uuid, user_id uuid, readers uuid[], owner name, title text, public boolean);
"""
IN = "org_id IN (SELECT m.org_id FROM members m WHERE m.user_id = auth.uid())"


@pytest.mark.parametrize(
    ("condition", "columns"),
    [
        ("user_id = auth.uid()", ["user_id"]),
        ("(SELECT auth.uid()) = user_id", ["user_id"]),
        ("user_id::text = current_setting('app.user', true)", ["user_id"]),
        ("owner = current_user", ["owner"]),
        ("org_id = ((auth.jwt() -> 'app_metadata') ->> 'org_id')::uuid", ["org_id"]),
        (IN, ["org_id"]),
        (f"public OR ({IN} AND user_id = auth.uid())", ["org_id", "user_id"]),
        ("EXISTS (SELECT FROM members m WHERE m.org_id = docs.org_id AND m.user_id = auth.uid())", ["org_id"]),
        ("auth.uid() IN (SELECT m.user_id FROM members m WHERE m.org_id = docs.org_id)", ["org_id"]),
        ("org_id IN (SELECT my_orgs())", ["org_id"]),
        ("auth.uid() = ANY (readers)", ["readers"]),
        ("may(auth.uid(), org_id)", ["org_id"]),
        ("auth.role() = 'authenticated' AND title <> ''", []),
        ("NOT user_id = auth.uid()", []),
        ("user_id <> auth.uid()", []),
        ("title = 'auth.uid()' AND public", []),
        ("org_id IN (SELECT m.org_id FROM members m)", []),
        ("true", []),
    ],
)
def test_a_column_is_compared_with_the_session(database: str, condition: str, columns: list[str]) -> None:
    found = session_comparisons(_printed(database, condition), "docs")
    assert [one.column for one in found] == columns
    assert all(one.proven for one in found)


def test_what_a_function_makes_of_a_column_is_not_proven(database: str) -> None:
    (found,) = session_comparisons(_printed(database, "is_member(org_id)"), "docs")
    assert (found.column, found.proven) == ("org_id", False)
    assert "is_member(org_id" in found.text


@pytest.mark.parametrize("text", ["", ")", "a; SELECT 1", "\0", "(" * 50_000])
def test_text_that_is_no_expression_compares_nothing(text: str) -> None:
    assert session_comparisons(text, "docs") == ()


def _printed(database: str, condition: str) -> str:
    with psycopg.connect(database) as connection:
        connection.execute(TABLE.encode())
        connection.execute(f"CREATE POLICY p ON docs USING ({condition})".encode())
        connection.execute("SET search_path = ''")
        row = connection.execute("SELECT pg_get_expr(polqual, polrelid) FROM pg_policy").fetchone()
        connection.rollback()
    assert row
    return str(row[0])
