"""Where commands keep what they have read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pgarbiter.scan import scan

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

_TABLE = "CREATE TABLE t (a int PRIMARY KEY);\n"
_UPSERT = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys.modules[scan.__module__], "FEWEST", 0)
    place = tmp_path / "project"
    (place / "db").mkdir(parents=True)
    (place / "db" / "schema.sql").write_text(_TABLE)
    (place / "a.sql").write_text(_UPSERT)
    return place


def _names(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()} if place.exists() else set()


def test_the_cache_directory_can_be_chosen(pgarbiter: Run, project: Path, tmp_path: Path) -> None:
    assert pgarbiter("check", project, "--cache-dir", tmp_path / "kept").code == 0
    assert _names(tmp_path / "kept") == {"scans", "schemas"}


def test_the_environment_can_choose_it(
    pgarbiter: Run, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_CACHE_DIR", str(tmp_path / "kept"))
    assert pgarbiter("scan", project).code == 0
    assert _names(tmp_path / "kept") == {"scans"}


def test_nothing_is_kept_when_it_is_switched_off(pgarbiter: Run, project: Path, tmp_path: Path) -> None:
    assert pgarbiter("check", project, "--no-cache", "--cache-dir", tmp_path / "kept").code == 0
    assert _names(tmp_path / "kept") == set()


def test_a_cache_that_is_none_is_told_beside_the_report(pgarbiter: Run, project: Path, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    first = pgarbiter("scan", project, "--format", "json", "--cache-dir", place)
    (file,) = (place / "scans").iterdir()
    file.write_bytes(b"something else, " * 100)
    again = pgarbiter("scan", project, "--format", "json", "--cache-dir", place)
    assert again.out == first.out
    assert again.err.startswith("note: the cache ")


def test_a_settings_file_cannot_choose_it(pgarbiter: Run, project: Path) -> None:
    (project / "pgarbiter.toml").write_text('cache-dir = "/tmp/x"\n')
    ended = pgarbiter("scan", project)
    assert (ended.code, "not allowed in a settings file" in ended.err) == (2, True)
