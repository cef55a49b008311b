"""Other processes that link portions of a tree at the same time, since one interpreter uses one core."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from .link import Linked
    from .task import Learnt, Task

    Portion = Sequence[tuple[str, tuple[str, ...]]]  # paths, and the clients of which each file holds a trigger word

MOST = 8  # each has its own view of the tree
_PATIENCE = 5  # seconds for a process that has been told to end
_LOST = (OSError, EOFError, pickle.PickleError, AttributeError, ImportError)  # it has died, or never began


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes:
    """Some processes, ended with the block. What one of them does not do is left to the caller: no error."""

    def __init__(self, number: int, task: Task) -> None:
        """`number`: how many of them. An embedded or frozen interpreter has no command to start another."""
        able = bool(sys.executable) and not getattr(sys, "frozen", False)
        self._running = [_started() for _ in range(number)] if able else []
        self._task = task

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End them all."""
        self._end()

    def linked(self, portions: Sequence[Portion]) -> tuple[list[Linked | None], list[Learnt]]:
        """What each portion is, None for one that was not done, and what the processes have learnt."""
        waiting = deque(range(len(portions)))
        done: list[Linked | None] = [None] * len(portions)
        learnt: list[Learnt] = []

        def run(process: subprocess.Popen[bytes]) -> None:
            with contextlib.suppress(*_LOST):
                _tell(process, self._task)
                own = {at: _asked(process, portions[at]) for at in iter(partial(_next, waiting), None)}
                learnt.append(_asked(process, None))
                for at, linked in own.items():  # not before: what it has noted of their files came last
                    done[at] = linked

        from concurrent.futures import ThreadPoolExecutor, wait  # noqa: PLC0415 - few files are linked alone

        with ThreadPoolExecutor(max(len(self._running), 1)) as threads:
            try:
                wait([threads.submit(run, process) for process in self._running])
            except BaseException:  # an interrupt: the threads wait for what will not come
                self._end()
                raise
        return done, learnt

    def _end(self) -> None:
        for process in self._running:
            process.kill()
        for process in self._running:
            process.wait(_PATIENCE)
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # of what it was told and has not read
                    if pipe is not None:
                        pipe.close()
        self._running = []


def _next(waiting: deque[int]) -> int | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _started() -> subprocess.Popen[bytes]:
    code = f"import sys; sys.path[:] = {sys.path!r}; from {__package__}.worker import main; main()"
    told = None if os.environ.get("PGARBITER_DEBUG") else subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told)


def _tell(process: subprocess.Popen[bytes], message: object) -> None:
    if process.stdin is None:
        raise EOFError
    pickle.dump(message, process.stdin)
    process.stdin.flush()


def _asked(process: subprocess.Popen[bytes], message: object) -> Any:
    _tell(process, message)
    if process.stdout is None:
        raise EOFError
    return pickle.load(process.stdout)  # noqa: S301 - of a process that this one has started
