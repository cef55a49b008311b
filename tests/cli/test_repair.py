"""`pgarbiter repair` on the examples, on a server of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Run

INSTALLATIONS = Path(__file__).parents[2] / "examples" / "oauth-installations"
SCHEMA = ("--schema", "sql:db/schema.sql")


def test_incident_d_is_offered_exactly_its_two_cures_and_one_statement(pgarbiter: Run) -> None:
    ended = pgarbiter("repair", INSTALLATIONS, *SCHEMA, "--dry-run", "--format", "json")
    proposals = {proposal["finding"]["code"]: proposal for proposal in json.loads(ended.out)["proposals"]}
    assert [cure["name"] for cure in proposals["PGA102"]["cures"]] == ["full-index", "add-predicate"]
    assert [cure["name"] for cure in proposals["PGA301"]["cures"]] == ["one-statement"]
    assert (ended.code, json.loads(ended.out)["remaining"]) == (0, [])


def test_the_text_says_each_cure_with_its_price_and_the_race(pgarbiter: Run) -> None:
    ended = pgarbiter("repair", INSTALLATIONS, *SCHEMA, "--dry-run")
    assert "=> schema full-index  a full index in place of the partial" in ended.out
    assert "   code   add-predicate  the predicate in the conflict target" in ended.out
    assert "session 2  INSERT fails with 23505" in ended.out
    assert "with all of that done, check finds nothing" in ended.out


def test_a_project_without_alembic_gets_the_statements(pgarbiter: Run) -> None:
    ended = pgarbiter("repair", INSTALLATIONS, *SCHEMA, "--format", "json", "--rule", "PGA102")
    (script,) = json.loads(ended.out)["scripts"]
    assert script.startswith("CREATE UNIQUE INDEX CONCURRENTLY ")
    assert "DROP INDEX CONCURRENTLY " in script
    assert not list(INSTALLATIONS.rglob("versions"))


def test_a_rule_that_does_not_exist_is_an_error(pgarbiter: Run) -> None:
    ended = pgarbiter("repair", INSTALLATIONS, *SCHEMA, "--rule", "partial-indexes")
    assert (ended.code, 'Did you mean "partial-index"?' in ended.err) == (2, True)


def test_a_head_without_an_alembic_project_is_an_error(pgarbiter: Run) -> None:
    ended = pgarbiter("repair", INSTALLATIONS, *SCHEMA, "--head", "abc", "--dry-run")
    assert (ended.code, ended.out) == (2, "")
    assert 'error: --head "abc" names a revision, and there is no Alembic project' in ended.err
    assert "--versions-of" in ended.err
