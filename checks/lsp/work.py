"""One thread for all work that takes time: one job at a time, and of several for one purpose only the latest."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class Superseded(Exception):  # noqa: N818 - no fault: a later job takes the place of this one
    """The job is not wanted any more; raised inside of it where it reports progress."""


class Stop:
    """Says to a job that it is not wanted any more."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask the job to end."""
        self._event.set()

    @property
    def wanted(self) -> bool:
        """Whether the job should begin, or go on."""
        return not self._event.is_set()

    def progress(self, what: str, done: int, total: int) -> None:
        """Progress of a run, at which the job ends when it is not wanted any more. Raises Superseded."""
        del what, done, total
        if not self.wanted:
            raise Superseded


class Worker:
    """Runs jobs in a thread of its own, one after the other, while the caller's loop goes on."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="pgarbiter")
        self._latest: dict[Hashable, Stop] = {}
        self._running: set[Stop] = set()

    async def latest(self, key: Hashable, job: Callable[[Stop], T], delay: float) -> T | None:
        """What the job returns; None when another of this key came before it was done, or it is not wanted any more.

        It begins after `delay` seconds without another, so that many changes at once are one job.
        """
        self.drop(key)
        stop = self._latest[key] = Stop()
        await asyncio.sleep(delay)
        self._running.add(stop)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._executor, _unless_stopped, job, stop)
        except Superseded:
            return None
        finally:
            self._running.discard(stop)
        return found if stop.wanted else None

    def drop(self, key: Hashable) -> None:
        """End the job of this key, if there is one."""
        if key in self._latest:
            self._latest.pop(key).set()

    def stop(self) -> None:
        """Ask every job to end."""
        for stop in (*self._running, *self._latest.values()):
            stop.set()

    def close(self, patience: float) -> None:
        """Ask every job to end, and wait for the one that runs, at most `patience` seconds."""
        self.stop()
        ended = threading.Thread(target=self._executor.shutdown, kwargs={"cancel_futures": True}, daemon=True)
        ended.start()
        ended.join(patience)


def _unless_stopped(job: Callable[[Stop], T], stop: Stop) -> T:
    stop.progress("", 0, 0)
    return job(stop)
