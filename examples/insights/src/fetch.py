"""A sync run: four metrics of an account, each fetched and stored by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg
from errors import NotStoredError, log, whole
from graph import ApiError, Graph
from store import Connection, Insight, begin_log, end_log

METRICS = ("reach", "profile_views", "accounts_engaged", "follower_count")
Save = Callable[[Connection, Insight], None]


@dataclass(slots=True)
class SyncResult:
    """The sum of a run: what was stored for each metric, and every error."""

    ig_account_id: str
    stored: dict[str, int] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Either "completed" without an error, "failed" when nothing was stored, or "partial"."""
        return "completed" if not self.errors else "partial" if any(self.stored.values()) else "failed"

    def summary(self) -> dict[str, Any]:
        """As the log row and the report tell it."""
        return asdict(self) | {"status": self.status}


def sync(connection: Connection, graph: Graph, user_id: str, account: str, token: str, save: Save) -> SyncResult:
    """Fetch and store all metrics of an account; one that fails does not stop the others. The run has a log row."""
    result = SyncResult(account)
    number = begin_log(connection, account)
    for metric in METRICS:
        try:
            for insight in _insights(graph.insights(account, metric, token), user_id, account, metric):
                save(connection, insight)
                result.stored[metric] = result.stored.get(metric, 0) + 1
        except (ApiError, NotStoredError, ValueError, LookupError, psycopg.Error) as error:
            told = whole(error, token)
            result.errors.append({"metric": metric, **told})
            log(f"{metric} of {account} is not stored", told)
    end_log(connection, number, result.status, sum(result.stored.values()), result.errors)
    return result


def _insights(answer: dict[str, Any], user_id: str, account: str, metric: str) -> Iterator[Insight]:
    """The values of an answer: one for each day of a time series, or a total for the period that was asked for."""
    for series in answer["data"]:
        metadata = {name: series[name] for name in ("period", "title") if name in series}
        if "total_value" in series:
            value, until = series["total_value"]["value"], answer["until"]
            yield Insight(user_id, account, metric, value, until, metadata | {"metric_type": "total_value"})
        for each in series.get("values", ()):
            kind = metadata | {"metric_type": "time_series"}
            yield Insight(user_id, account, metric, each["value"], each["end_time"], kind)
