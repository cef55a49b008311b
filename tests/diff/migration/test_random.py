"""From any random schema to any other: the plan makes the one out of the other, and nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, event, given, settings

from pgarbiter.diff import difference
from pgarbiter.diff.migration import plan
from pgarbiter.structure.read import read_structure

from .schemas import schema
from .test_round_trip import left, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure


@pytest.fixture(scope="module", params=[18, 15])
def empty(request: pytest.FixtureRequest, servers: Callable[[int], Server]) -> Iterator[psycopg.Connection[Any]]:
    server = servers(request.param)
    database = server.create_database()
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection
    server.drop_database(database)


def structure(connection: psycopg.Connection[Any], script: str) -> Structure:
    with connection.transaction(force_rollback=True):
        connection.execute(script.encode())
        return read_structure(connection, own_transaction=False)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(one=schema(), two=schema())
def test_the_plan_makes_one_schema_out_of_another(one: str, two: str, empty: psycopg.Connection[Any]) -> None:
    before, after = structure(empty, one), structure(empty, two)
    found = plan(difference(("one", before), ("two", after), detect_renames=False))
    event("steps: many" if len(found.steps) > 20 else "steps: few")
    with empty.transaction(force_rollback=True):
        empty.execute(one.encode())
        assert left(run(empty, found), after, found) == []
