"""Runs of operations are killed; the next run ends as one that nobody disturbed, and no row is lost.

The whole campaign is `make faults`; here, one operation in full and a sample of all.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.online import operations

from ..online.writers import writing
from .campaign import Subject, driver
from .scenarios import SCENARIOS, titled
from .state import lost, read_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server

    from .driver import Driver, Stop
    from .scenarios import Scenario

SCENARIOS_SAMPLED, KILLS_SAMPLED = 5, 4


# What writers do meanwhile, each with an id of its own; none of it is a duplicate, or in the way of the operation.
WRITES = {
    "add_check_online: validated": "INSERT INTO t (id, a) VALUES (%s, 1)",
    "add_unique_online: duplicates, children": "INSERT INTO t (id, a) VALUES (%s, NULL)",
    "backfill_online: along the primary key": "INSERT INTO t (id, a) VALUES (%s, 1)",
    "replace_unique_online: columns reordered": "INSERT INTO t (id, a) VALUES (%s, NULL)",
    "set_not_null_online: NULLs taken out": "INSERT INTO t (id, a) VALUES (%s, 1)",
    "widen_to_bigint_online: in a unique key": "INSERT INTO t (id, a) VALUES (%s, NULL)",
    "widen_to_bigint_online: referenced by foreign keys, named in policies and views": (
        "INSERT INTO t (id, note) VALUES (%s, NULL)"
    ),
}


@pytest.fixture(scope="module")
def runs() -> Iterator[Driver]:
    with driver(dict(os.environ)) as found:
        yield found


def test_every_operation_has_a_scenario() -> None:
    assert {each.operation.directive for each in SCENARIOS} == set(operations())


def test_an_operation_killed_at_each_of_its_steps_ends_as_if_undisturbed(any_server: Server, runs: Driver) -> None:
    _survives(any_server, runs, SCENARIOS[0], None)


def test_operations_killed_at_random_end_as_if_undisturbed(any_server: Server, runs: Driver) -> None:
    possible = [each for each in SCENARIOS if each.since <= any_server.major]
    for scenario in random.sample(possible, min(SCENARIOS_SAMPLED, len(possible))):
        _survives(any_server, runs, scenario, KILLS_SAMPLED)


@pytest.mark.parametrize("title", WRITES)
def test_no_write_is_lost_beside_a_run_that_is_killed_and_run_again(server: Server, runs: Driver, title: str) -> None:
    subject = Subject(titled(title), server, runs)
    subject.prepare()
    try:
        _loses_no_write(subject, random.choice(subject.kills()).stop, WRITES[title])
    finally:
        subject.drop()


def _loses_no_write(subject: Subject, stop: Stop, statement: str) -> None:
    with subject.copy() as conninfo:
        with writing(conninfo, lambda chance: (statement, (chance.randrange(1000, 1 << 31),))) as told:
            subject.driver.run(conninfo, subject.scenario.title, stop)
            again = subject.driver.run(conninfo, subject.scenario.title)
        assert (again.error, again.signal) == (None, 0)
        assert set(told) <= {"00000", "23505"}
        with psycopg.connect(conninfo, autocommit=True) as connection:
            assert subject.expected
            assert read_state(connection).objects == subject.expected.objects
            assert lost(connection, subject.scenario, subject.before) == []
            written = connection.execute("SELECT count(*) FROM t WHERE id >= 1000").fetchone()
            assert written == (told["00000"],)


def _survives(server: Server, runs: Driver, scenario: Scenario, sample: int | None) -> None:
    subject = Subject(scenario, server, runs)
    subject.prepare()
    try:
        kills = subject.kills()
        chosen = kills if sample is None else random.sample(kills, min(sample, len(kills)))
        suffered = [subject.suffer(kill) for kill in chosen]
    finally:
        subject.drop()
    assert not [kill for kill in suffered if kill.problems]
