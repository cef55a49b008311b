"""A role that may not ask its own server still gets an answer, from a twin of the table."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgarbiter import Settings, check
from pgarbiter.arbiter.model import DecidedBy, Outcome

if TYPE_CHECKING:
    from pathlib import Path

DDL = """
CREATE SCHEMA hidden;
CREATE TABLE hidden.t (a text, n int);
CREATE UNIQUE INDEX hidden_t ON hidden.t ((lower(a) || 'x')) WHERE n + 1 > 4;
"""
SITES = """
INSERT INTO hidden.t (a) VALUES ('a') ON CONFLICT ((lower(a) || upper('X'::text) || '')) WHERE n + 1 > 4 DO NOTHING;
INSERT INTO hidden.t (a) VALUES ('a') ON CONFLICT ((lower(a) || lower('X'))) WHERE n + 1 > 5 DO NOTHING;
"""


def test_a_role_without_usage_gets_its_answer_from_a_twin(database: str, tmp_path: Path) -> None:
    role = f"pgarbiter_test_{secrets.token_hex(4)}"
    (tmp_path / "q.sql").write_text(SITES)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(DDL.encode())
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        try:
            report = check(tmp_path, Settings(database_url=make_conninfo(database, user=role)))
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    verdicts = [bound.verdict for bound in report.bound or ()]
    assert [v.decided_by for v in verdicts] == [DecidedBy.TWIN, DecidedBy.TWIN]
    assert [v.outcome for v in verdicts] == [Outcome.NO_MATCH, Outcome.MATCH]


def test_without_any_other_server_the_answer_stays_unknown_with_both_reasons(database: str, tmp_path: Path) -> None:
    role = f"pgarbiter_test_{secrets.token_hex(4)}"
    (tmp_path / "q.sql").write_text(SITES)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(DDL.encode())
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        try:
            url = make_conninfo(database, user=role)
            report = check(tmp_path, Settings(database_url=url, server="host=127.0.0.1 port=1"))
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    verdicts = [bound.verdict for bound in report.bound or ()]
    assert {v.outcome for v in verdicts} == {Outcome.UNKNOWN}
    assert all("permission denied for schema hidden" in (v.reason or "") for v in verdicts)
