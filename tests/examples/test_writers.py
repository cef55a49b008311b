"""What holds for every writer: it stops when it is told to, outlives a lost connection, and says what it did."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from .conftest import EXAMPLES, KEY, Application, loaded, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOST = {"57P01", "08006", "ECONNRESET", "EPIPE", "OperationalError"}
EVERY = tuple(loaded("programs").PROGRAMS)


@pytest.fixture
def product(packages: None, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    """The product's tables as its revisions have repaired them."""
    with psycopg.connect(database, autocommit=True) as connection:
        application = Application(connection, url_of(database))
        application.revisions("head", monkeypatch)
        yield application


@contextmanager
def _writing(product: Application, example: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The program as a person starts it, once its first write has ended."""
    given = os.environ | {"DATABASE_URL": product.database_url, "TOKEN_KEY": KEY}
    words = [sys.executable, str(EXAMPLES / "programs.py"), example, "--seconds", "0", "--report", "json", *arguments]
    with subprocess.Popen(words, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr
        assert any(line == "writing\n" for line in child.stderr)
        yield child


def _report(child: subprocess.Popen[str]) -> dict[str, Any]:
    child.send_signal(signal.SIGTERM)
    report: dict[str, Any] = json.loads(child.communicate(timeout=60)[0])
    assert child.returncode == 0
    return report


@pytest.mark.parametrize("example", EVERY)
def test_a_writer_outlives_its_connection_and_reports_when_it_is_told_to_stop(
    product: Application, example: str
) -> None:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with _writing(product, example) as child:
        lost = {pid for (pid, _) in product.rows(f"SELECT pid, pg_terminate_backend(pid) {others}")}
        assert lost
        patience = time.monotonic() + 30
        while not {pid for (pid,) in product.rows(f"SELECT pid {others} AND query LIKE '%INSERT%'")} - lost:
            assert time.monotonic() < patience
        report = _report(child)
    assert report["tried"] > 2
    assert set(report["failed"]) <= LOST
    assert sum(report["failed"].values()) <= 2, "each connection is lost once"
    assert len(report["keys"]) > 0


@pytest.mark.parametrize("example", ["insights", "oauth-installations"])
def test_the_seed_alone_decides_what_is_written(product: Application, example: str) -> None:
    keys = []
    for seed in ("1", "1", "2"):
        report = product.run(example, "--seconds", "0.3", "--seed", seed, "--keys", "1000000").report
        keys.append(report["keys"])
    first, again, other = map(set, keys)
    assert len(first & again) == min(len(first), len(again))
    assert len(first & other) < len(first) / 2, "and another seed draws others"


@pytest.mark.parametrize("example", ["identity-cache", "insights"])
def test_without_a_database_a_writer_says_why_and_exits_2(packages: None, tmp_path: Path, example: str) -> None:
    words = loaded("programs").command(example)
    given = os.environ | {"DATABASE_URL": f"postgresql://nobody@/nowhere?host={tmp_path}"}
    ended = subprocess.run(words, env=given, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert str(tmp_path) in json.loads(ended.stderr)["error"]["message"]


@pytest.mark.parametrize(("example", "state"), [("identity-cache", "ENOENT"), ("insights", "OperationalError")])
def test_a_loop_gives_up_when_no_database_can_be_had(packages: None, tmp_path: Path, example: str, state: str) -> None:
    words = loaded("programs").command(example)
    given = os.environ | {"DATABASE_URL": f"postgresql://nobody@/nowhere?host={tmp_path}"}
    endless = ("--seconds", "0", "--patience", "0.2", "--report", "json")
    ended = subprocess.run((*words, *endless), env=given, capture_output=True, text=True, timeout=60, check=False)
    report = json.loads(ended.stdout)
    assert report["failed"] == {state: report["tried"]}
    assert report["keys"] == []
