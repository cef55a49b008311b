"""Writers at full speed beside an operation: what they were told, by SQLSTATE."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITERS = 4


class Chance(random.Random):
    """A writer's own random numbers, the same ones each time; writers are numbered from 0."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def own(self, below: int) -> int:
        """A number that no other writer draws."""
        return self.randrange(below // WRITERS) * WRITERS + self.number


@contextmanager
def writing(conninfo: str, statement: Callable[[Chance], tuple[str, tuple[object, ...]]]) -> Iterator[dict[str, int]]:
    """Four threads run statements until the block ends; afterwards the dict has how many ended with which SQLSTATE.

    "00000" is success. The block begins when each has written once; a writer prepares its statements as psycopg does.
    """
    told: dict[str, int] = {}
    counts = [Counter[str]() for _ in range(WRITERS)]
    stop, ready = Event(), [Event() for _ in range(WRITERS)]
    threads = [
        Thread(target=_write, args=(conninfo, statement, Chance(number), stop, ready[number], counts[number]))
        for number in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    try:
        for event in ready:
            assert event.wait(60)
        yield told
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        told |= sum(counts, Counter())


def _write(
    conninfo: str,
    statement: Callable[[Chance], tuple[str, tuple[object, ...]]],
    chance: Chance,
    stop: Event,
    ready: Event,
    told: Counter[str],
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while not stop.is_set():
            text, values = statement(chance)
            state = "00000"
            try:
                connection.execute(text, values)  # type: ignore[arg-type]
            except psycopg.Error as error:
                state = error.sqlstate or "lost"
            told[state] += 1
            ready.set()
