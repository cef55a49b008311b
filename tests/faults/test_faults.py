"""Runs of operations are killed; the next run ends as one that nobody disturbed, and no row is lost.

The whole campaign is `make faults`; here, one operation in full and a sample of all.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from pgarbiter.online import operations

from .campaign import Subject, driver
from .scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server

    from .driver import Driver
    from .scenarios import Scenario

SCENARIOS_SAMPLED, KILLS_SAMPLED = 5, 4


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
