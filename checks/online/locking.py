"""Several tables locked at once, within the time that one lock may take: nobody queues behind the first for longer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Table
    from .work import Work


def lock(work: Work, tables: tuple[Table, ...]) -> None:
    """Lock them ACCESS EXCLUSIVE in this order, inside `Work.transact`. Raises DBAPIError (55P03) to be tried again."""
    end = time.monotonic() + work.limits.lock_timeout_ms / 1000
    for each in tables:
        left = max(int((end - time.monotonic()) * 1000), 1)  # 0 would be no limit at all
        work.session.run(f"SET LOCAL lock_timeout = {left}")
        work.session.run(work.marked(f"LOCK TABLE {each} IN ACCESS EXCLUSIVE MODE"))
    work.session.run(f"SET LOCAL lock_timeout = {work.limits.lock_timeout_ms}")
