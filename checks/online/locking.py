"""Several tables and views locked within the time that one lock may take: nobody queues for longer behind the first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .work import Work


def lock(work: Work, statements: tuple[str, ...]) -> None:
    """Run what locks them in this order, inside `Work.transact`. Raises DBAPIError (55P03), to be tried again."""
    end = time.monotonic() + work.limits.lock_timeout_ms / 1000
    for each in statements:
        left = max(int((end - time.monotonic()) * 1000), 1)  # 0 would be no limit at all
        work.session.run(f"SET LOCAL lock_timeout = {left}")
        work.session.run(work.marked(each))
    work.session.run(f"SET LOCAL lock_timeout = {work.limits.lock_timeout_ms}")
