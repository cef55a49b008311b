"""The cases of a Python program, run one after the other; the server's log tells what each made a client send."""

from __future__ import annotations

import asyncio
import inspect
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_CASES: list[Callable[[], Any]] = []


def case(body: Callable[[], Any]) -> Callable[[], Any]:
    """Decorate a function, or a coroutine function, without parameters: its name is the case's."""
    _CASES.append(body)
    return body


def run(setup: Callable[[], Awaitable[None]] | None = None, done: Callable[[], Awaitable[None]] | None = None) -> None:
    """Run the cases in order, in one event loop, between `setup` and `done`."""
    asyncio.run(_run(setup, done))


async def _run(setup: Callable[[], Awaitable[None]] | None, done: Callable[[], Awaitable[None]] | None) -> None:
    if setup is not None:
        await setup()
    for body in _CASES:
        _say(f"case {body.__name__}")
        sys.stdin.readline()
        try:
            found = await asyncio.to_thread(body) if not inspect.iscoroutinefunction(body) else body()
            if inspect.isawaitable(found):
                await found
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and the next case runs
            _say(f"failed {type(error).__name__}: {' '.join(str(error).split())}")
    _say("done")
    if done is not None:
        await done()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
