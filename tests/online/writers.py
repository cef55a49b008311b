"""Writers at full speed beside an operation: what they were told, by SQLSTATE."""

from __future__ import annotations

import random
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITERS = 4


@contextmanager
def writing(
    conninfo: str, statement: Callable[[random.Random], tuple[str, tuple[object, ...]]]
) -> Iterator[dict[str, int]]:
    """Four threads run statements until the block ends; afterwards the dict has how many ended with which SQLSTATE.

    "00000" is success. The block begins when each has written once; a writer prepares its statements as psycopg does.
    """
    told: dict[str, int] = {}
    stop, ready = Event(), [Event() for _ in range(WRITERS)]
    threads = [
        Thread(target=_write, args=(conninfo, statement, random.Random(number), stop, ready[number], told))
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


def _write(
    conninfo: str,
    statement: Callable[[random.Random], tuple[str, tuple[object, ...]]],
    chance: random.Random,
    stop: Event,
    ready: Event,
    told: dict[str, int],
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while not stop.is_set():
            text, values = statement(chance)
            state = "00000"
            try:
                connection.execute(text, values)  # type: ignore[arg-type]
            except psycopg.Error as error:
                state = error.sqlstate or "lost"
            told[state] = told.get(state, 0) + 1
            ready.set()
