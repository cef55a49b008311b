"""Runs of an operation that end too early, as if the process had been killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.online import execute
from pgarbiter.online.execute import observer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pgarbiter.online.model import Operation
    from pgarbiter.online.session import Session


class EndedError(BaseException):
    """The process is gone: nothing that catches errors sees it."""


def watched(session: Session, operation: Operation, told: Callable[[str, Any, Any], None]) -> None:
    """Run it with an observer."""
    token = observer.set(told)
    try:
        execute(operation, session)
    finally:
        observer.reset(token)


def ended_everywhere(session: Session, operation: Operation) -> list[str]:
    """Run it again and again, each run ended after the first batch or step that it gets done; the steps, in order."""
    steps: list[str] = []

    def told(event: str, _operation: Any, step: Any) -> None:
        if event == "batch":
            raise EndedError
        if event == "after":
            steps.append(step.name)
            raise EndedError

    while True:
        try:
            watched(session, operation, told)
        except EndedError:
            continue
        return steps
