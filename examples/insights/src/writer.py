"""Connects accounts, refreshes tokens and stores insights from recorded answers, on DATABASE_URL.

`--seconds N` makes it a concurrent writer of insights (0: until SIGTERM). Codes: repaired, and broken, which stores an
instant as it is spelled and cannot store a token. As a concurrent writer it stores for the users
00000000-0000-4000-8000-N, N from 0 to 9 in twelve digits: where users are referenced, they have to be there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import store
import store_broken
from errors import NotStoredError, log, whole
from fetch import METRICS, sync
from graph import Graph
from spelling import instant, normalised
from store import Insight
from tokens import refresh_due

RECORDED = Path(__file__).parents[1] / "recorded"
CODES = {"repaired": store, "broken": store_broken}
STEPS = ("connect", "refresh", "fetch")
FIRST_DAY = datetime(2025, 1, 1, 7, tzinfo=UTC)


def main() -> int:
    """Do what the arguments say, and print a report."""
    options = _options()
    try:
        report = _once(options) if options.seconds is None else _loop(options)
    except psycopg.Error as error:
        log("the writer stopped", whole(error))
        return 2
    if options.report == "json":
        print(json.dumps(report))
        return 0
    for name, value in report.items():
        print(f"{name}: {f'{len(value)} written' if name == 'keys' else json.dumps(value)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="|".join(STEPS), help="what to do (default: all, in this order)")
    parser.add_argument("--code", choices=CODES, default="repaired")
    parser.add_argument("--recorded", type=Path, default=RECORDED, help="directory of recorded answers")
    parser.add_argument("--now", type=instant, default=datetime.now(UTC), help="the time that tokens are judged by")
    parser.add_argument("--seconds", type=float, help="write for so long, as one of several")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keys", type=int, default=1000, help="so many rows are written again and again")
    parser.add_argument("--patience", type=float, default=60, help="seconds without a database until it gives up")
    parser.add_argument("--report", choices=("text", "json"), default="text")
    options = parser.parse_args()
    if unknown := set(options.steps) - set(STEPS):
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    return options


def _once(options: argparse.Namespace) -> dict[str, Any]:
    graph, code = Graph(options.recorded), CODES[options.code]
    steps = options.steps or STEPS
    report: dict[str, Any] = {}
    with store.connect(os.environ["DATABASE_URL"]) as connection:
        if "connect" in steps:
            report["connect"] = _connect(connection, graph, code.save_token, options.now)
        if "refresh" in steps:
            report["refresh"] = asdict(refresh_due(connection, graph, options.now))
        if "fetch" in steps:
            tokens = connection.execute(
                "SELECT user_id::text, ig_account_id, access_token FROM user_tokens WHERE expires_at > %s ORDER BY id",
                (options.now,),
            ).fetchall()
            report["fetch"] = [
                sync(connection, graph, user_id, account, token, code.save_insight).summary()
                for user_id, account, token in tokens
            ]
    return report


def _connect(connection: store.Connection, graph: Graph, save_token: Any, now: datetime) -> dict[str, Any]:
    stored, errors = 0, []
    for each in graph.connections():
        expires_at = now + timedelta(seconds=each["expires_in"])
        try:
            save_token(connection, each["user_id"], each["ig_account_id"], each["access_token"], expires_at)
            stored += 1
        except (psycopg.Error, NotStoredError) as error:
            told = whole(error, each["access_token"])
            errors.append({"ig_account_id": each["ig_account_id"], **told})
            log(f"the token of {each['ig_account_id']} is not stored", told)
    return {"stored": stored, "errors": errors}


def _loop(options: argparse.Namespace) -> dict[str, Any]:
    """Insights again and again until the time is over; a lost connection is opened anew, as long as patience lasts."""
    chance, stopped = random.Random(options.seed), []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.append(True))
    until = time.monotonic() + options.seconds if options.seconds else float("inf")
    tried, failed, worst, keys = 0, dict[str, int](), 0.0, set[str]()
    connection, answered = None, time.monotonic()
    while not stopped and time.monotonic() < min(until, answered + options.patience):
        insight = _insight(chance, options.keys)
        began = time.monotonic()
        try:
            if connection is None or connection.closed:
                connection = store.connect(os.environ["DATABASE_URL"])
            CODES[options.code].save_insight(connection, insight)
            keys.add(f"{insight.ig_account_id} {insight.metric} {normalised(insight.end_time)}")
        except (psycopg.Error, NotStoredError) as error:
            state = getattr(error, "sqlstate", None) or type(error).__name__
            if state not in failed:
                log("a write failed", whole(error))
            failed[state] = failed.get(state, 0) + 1
        worst = max(worst, time.monotonic() - began)
        tried += 1
        if tried == 1:
            print("writing", file=sys.stderr, flush=True)
        if connection is None or connection.closed:
            time.sleep(0.02)
        else:
            answered = time.monotonic()
    return {"tried": tried, "failed": failed, "worst_pause_ms": round(worst * 1000, 1), "keys": sorted(keys)}


def _insight(chance: random.Random, keys: int) -> Insight:
    """A metric of one of ten accounts on some day, its instant in one of the API's spellings."""
    number = chance.randrange(keys)
    account, metric, day = number % 10, METRICS[number // 10 % 4], number // 40
    end_time = FIRST_DAY + timedelta(days=day)
    spelled = chance.choice(
        (
            end_time.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            end_time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            end_time.astimezone(timezone(timedelta(hours=-7))).isoformat(),
        )
    )
    user = f"00000000-0000-4000-8000-{account:012}"
    return Insight(user, f"1784140000000000{account}", metric, chance.randrange(10_000), spelled)


if __name__ == "__main__":
    sys.exit(main())
