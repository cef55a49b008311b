"""Batches follow how long they take."""

from __future__ import annotations

from pgarbiter.online.pace import Pace, of_taking


def test_slow_batches_become_small_and_fast_ones_grow_by_no_more_than_twice() -> None:
    pace = of_taking(2000)
    assert pace.rows == 100
    pace.learn(30.0)
    assert pace.rows == 50
    for rows in (100, 200, 400):
        pace.learn(0.001)
        assert pace.rows == rows


def test_no_batch_is_larger_than_the_limit() -> None:
    pace = Pace(3)
    assert pace.rows == 3
    pace.learn(0.001)
    assert pace.rows == 3
    pace.learn(30.0)
    assert pace.rows == 3
