"""`explain`, `rule`, `scan`, `doctor`, and what all commands share."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Run

T = TypeVar("T")
EXAMPLES = Path(__file__).parents[2] / "examples"
SCHEMA = f"sql:{EXAMPLES / 'oauth-installations' / 'db' / 'schema.sql'}"
STATEMENT = "INSERT INTO hl_installations (location_id) VALUES ($1) ON CONFLICT (location_id){} DO NOTHING"


def test_a_statement_is_explained_with_the_nearest_index(pgarbiter: Run) -> None:
    ended = pgarbiter("explain", "--sql", STATEMENT.format(""), "--schema", SCHEMA)
    assert ended.code == 1
    assert "42P10" in ended.out
    assert '"hl_installations_location_key"' in ended.out


def test_a_statement_whose_predicate_fits_is_explained_too(pgarbiter: Run) -> None:
    ended = pgarbiter("explain", "--sql", STATEMENT.format(" WHERE location_id IS NOT NULL"), "--schema", SCHEMA)
    assert ended.code == 0
    assert "hl_installations_location_key" in ended.out


def test_a_statement_that_does_not_parse_is_one_clear_error(pgarbiter: Run) -> None:
    ended = pgarbiter("explain", "--sql", "INSRT INTO t", "--schema", SCHEMA)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith('error: syntax error at or near "INSRT"')


def test_a_write_site_is_explained_by_its_line(pgarbiter: Run) -> None:
    place = EXAMPLES / "business-accounts" / "src" / "store-account.broken.js"
    ended = pgarbiter("explain", f"{place}:9")
    assert ended.code == 1
    assert "instagram_business_accounts" in ended.out
    missing = pgarbiter("explain", f"{place}:1")
    assert (missing.code, missing.out) == (2, "")
    assert "there is no write site at line 1" in missing.err


@pytest.mark.parametrize("arguments", [(), ("x.py:1", "--sql", "SELECT 1"), ("x.py",), ("x.py:one",), ("none.py:3",)])
def test_explain_says_what_it_wants(pgarbiter: Run, arguments: tuple[str, ...]) -> None:
    ended = pgarbiter("explain", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "error" in ended.err.lower()


def test_a_rule_is_printed_by_code_and_by_name(pgarbiter: Run) -> None:
    by_code, by_name = pgarbiter("rule", "pga101"), pgarbiter("rule", "no-arbiter-index")
    assert by_code == by_name
    assert "42P10" in by_code.out
    assert pgarbiter("rule").out.count("PGA") > 10
    unknown = pgarbiter("rule", "PGA999")
    assert (unknown.code, "Did you mean" in unknown.err, "`pgarbiter rule`" in unknown.err) == (2, False, True)
    assert 'Did you mean "PGA101"?' in pgarbiter("rule", "PGA100").err


def test_scan_lists_sites_without_a_server(pgarbiter: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    ended = pgarbiter("scan", EXAMPLES, "--format", "json", "--explain-skipped")
    found = json.loads(ended.out)
    assert ended.code == 0
    assert {site["client"] for site in found["sites"]} == {"supabase-js", "raw-sql"}
    assert "verdict" not in found["sites"][0]
    assert "skipped" in found


def test_doctor_names_servers_and_sources(pgarbiter: Run) -> None:
    ended = pgarbiter("doctor", EXAMPLES / "business-accounts")
    assert ended.code == 0
    assert "embedded" in ended.out
    assert "supabase:supabase/migrations" in ended.out


def test_doctor_takes_no_source_of_the_settings_for_one_left_over(pgarbiter: Run, tmp_path: Path) -> None:
    for name in ("core", "log"):
        (tmp_path / name / "migrations").mkdir(parents=True)
        (tmp_path / name / "migrations" / "001_a.sql").write_text("CREATE TABLE t (a int);\n")
    entry = '[[database]]\nname = "{0}"\npaths = ["{0}/"]\nschema = "sql:{0}/migrations"\n'
    (tmp_path / "pgarbiter.toml").write_text(entry.format("core") + entry.format("log"))
    ended = pgarbiter("doctor", tmp_path)
    assert "  sql:log/migrations, named in the settings\n" in ended.out
    assert "not taken" not in ended.out


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    command = f"{sys.executable!r} -m pgarbiter rule | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_reader_that_has_gone_is_no_finding() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "pgarbiter", "rule"], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.parametrize("command", [("rule",), ("scan", "--format", "json"), ("scan",)])
def test_an_output_that_cannot_be_written_is_one_clear_error(command: tuple[str, ...], tmp_path: Path) -> None:
    run = [sys.executable, "-m", "pgarbiter", *command]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(run, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "No space left on device" in done.stderr
    assert "internal" not in done.stderr


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_closed_output_is_one_clear_error(format_: str, tmp_path: Path) -> None:
    command = f"{sys.executable!r} -m pgarbiter scan --format {format_} >&-"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "error: standard output is closed" in done.stderr


def test_a_directory_is_no_file_and_line(pgarbiter: Run, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;")
    ended = pgarbiter("explain", f"{tmp_path}:1")
    assert ended.code == 2
    assert "is a directory" in ended.err


def test_a_rule_that_is_spelled_wrongly_is_guessed(pgarbiter: Run) -> None:
    ended = pgarbiter("rule", "no-arbiter-indx")
    assert ended.code == 2
    assert 'Did you mean "no-arbiter-index"?' in ended.err


def test_an_unexpected_error_is_no_traceback(pgarbiter: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("pgarbiter.schema.detect.detect", broken)
    ended = pgarbiter("doctor")
    assert ended.code == 2
    assert "internal error: ZeroDivisionError: by zero" in ended.err


def test_an_interrupt_leaves_no_server_behind(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("CREATE TABLE t (a int UNIQUE); SELECT pg_sleep(60);")
    (tmp_path / "q.sql").write_text("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;")
    command = [sys.executable, "-m", "pgarbiter", "check", str(tmp_path), "--no-cache"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        asleep = _until(lambda: [p for p in psutil.Process(process.pid).children(recursive=True) if _is_loading(p)])
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    _until(lambda: not any(p.is_running() for p in asleep))


def _is_loading(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any("SELECT" in word for word in process.cmdline())
    return False


def _until(condition: Callable[[], T], seconds: float = 30) -> T:
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.05)
    return value


def test_a_scan_that_could_not_read_a_directory_does_not_end_as_if_it_had(
    pgarbiter: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.sql").write_text("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n", "utf-8")
    (tmp_path / "closed").mkdir()
    listed = os.scandir

    def scandir(path: str) -> object:  # root may read every directory
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    ended = pgarbiter("scan", tmp_path)
    assert (ended.code, "could not read: permission denied" in ended.out) == (2, True)
