"""How long an online operation waits, and how much it does at once; environment variables PGARBITER_ONLINE_*."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from .model import OnlineError


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much.

    `lock_timeout_ms`: what writers can be made to queue behind us at worst, per try. `patience_s`: how long tries go
    on before the operation gives up. `batch_rows`: rows of one batch. `rebuilds`: tries of a concurrent build.
    """

    lock_timeout_ms: int = 100
    patience_s: int = 300
    batch_rows: int = 2000
    rebuilds: int = 5


def limits() -> Limits:
    """The limits, with PGARBITER_ONLINE_LOCK_TIMEOUT_MS and so on laid over. Raises OnlineError for no whole number."""
    chosen = {}
    for each in fields(Limits):
        name = f"PGARBITER_ONLINE_{each.name.upper()}"
        if (text := os.environ.get(name)) is not None:
            if not text.isdecimal() or int(text) == 0:
                raise OnlineError(f'{name} is "{text}", wanted a whole number above 0')
            chosen[each.name] = int(text)
    return Limits(**chosen)
