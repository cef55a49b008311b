"""The result that a run has kept is taken by the next one of the very same tree, and by no other."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgarbiter.scan import link, processes, scan
from pgarbiter.settings import Database, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgarbiter.scan.model import ScanResult

CASES = Path(__file__).parent / "cases"
_UPSERT = "INSERT INTO {table} (a) VALUES (1) ON CONFLICT (a) DO NOTHING"
_FILES = {
    "names.py": "TABLE = 'users'\n",
    "use.py": f"from names import TABLE\nrun(f'{_UPSERT.format(table='{TABLE}')}')\n",
    "db.py": f"def put_row(table):\n    run(f'{_UPSERT.format(table='{table}')}')\n",
    "calls.py": "from db import put_row\nput_row('orders')\n",
    "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    "src/tables.ts": "export const T = 'first'\n",
    "other/tables.ts": "export const T = 'second'\n",
    "app.ts": "import {T} from '@/tables'\nclient.from(T).upsert({a: 1}, {onConflict: 'a'})\n",
    "prisma/schema.prisma": (
        'datasource db {\n  provider = "postgresql"\n}\nmodel User {\n  id Int @id\n  mail String @unique\n'
        '  @@map("people")\n}\n'
    ),
    "user.ts": (
        "import {PrismaClient} from '@prisma/client'\nconst prisma = new PrismaClient()\n"
        "await prisma.user.upsert({where: {mail: m}, update: {}, create: {mail: m}})\n"
    ),
    "q.sql": f"{_UPSERT.format(table='plain')};\n",
}
_OTHERS: dict[str, tuple[str, ...]] = {
    "names.py": ("TABLE = 'other'\n", "from more import TABLE\n", ""),
    "more.py": ("TABLE = 'far'\n", "from db import put_row\nput_row('more')\n", "from names import TABLE\n"),
    "calls.py": ("from db import put_row\nfrom names import TABLE\nput_row(TABLE)\n", "x = 1\n"),
    "db.py": (_FILES["db.py"].replace("put_row", "set_row"), _FILES["db.py"] * 2),
    "tsconfig.json": (_FILES["tsconfig.json"].replace("src", "other"), "{"),
    "prisma/schema.prisma": (
        _FILES["prisma/schema.prisma"].replace("people", "persons"),
        _FILES["prisma/schema.prisma"].replace("postgresql", "sqlite"),
    ),
    "src/tables.ts": ("export const T = 'third'\n", "export * from '../other/tables'\n"),
    "src/idle.ts": ("export const idle = 1\n", f"q('{_UPSERT.format(table='x')}')\n"),
}


@pytest.fixture(autouse=True)
def _small_trees_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[scan.__module__], "FEWEST", 0)


@pytest.fixture
def kept(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path / "cache")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    place = tmp_path / "tree"
    _written(place, _FILES)
    return place


def _written(place: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, "utf-8")


def _anew(tree: Path, **settings: object) -> ScanResult:
    return scan([tree], replace(Settings(cache=False), **settings))  # type: ignore[arg-type]  # as the caller says


def _agree(tree: Path, kept: Settings) -> None:
    """What is kept changes nothing, to the last byte."""
    assert repr(scan([tree], kept)) == repr(_anew(tree))


def _refuse_to_link(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("linked")

    monkeypatch.setattr(link.Linker, "link", refused)
    monkeypatch.setattr(processes, "_started", refused)


def test_an_unchanged_tree_is_not_linked_again(tree: Path, kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    anew = scan([tree], kept)
    assert {str(site.write.table) for site in anew.sites} >= {"users", "orders", "first", "people", "plain"}
    _refuse_to_link(monkeypatch)
    assert repr(scan([tree], kept)) == repr(anew)


def test_every_labelled_snippet_can_be_kept(tmp_path: Path, kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in sorted(CASES.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            _written(tmp_path / "tree" / case["id"], {case["filename"]: case["source"], **case.get("aux_files", {})})
    anew = scan([tmp_path / "tree"], kept)
    _refuse_to_link(monkeypatch)
    assert repr(scan([tmp_path / "tree"], kept)) == repr(anew)


def test_files_of_other_times_that_hold_the_same_are_not_linked_again(
    tree: Path, kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = scan([tree], kept)
    for path in tree.rglob("*.*"):
        os.utime(path)
    _refuse_to_link(monkeypatch)
    assert repr(scan([tree], kept)) == repr(anew)


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, text) for name, texts in _OTHERS.items() for text in texts],
)
def test_after_one_change_the_result_is_that_of_a_run_without_it(
    tree: Path, kept: Settings, name: str, text: str
) -> None:
    scan([tree], kept)
    _written(tree, {name: text})
    _agree(tree, kept)
    _agree(tree, kept)
    (tree / name).unlink()
    _agree(tree, kept)
    if name in _FILES:
        _written(tree, {name: _FILES[name]})
        _agree(tree, kept)


@pytest.mark.parametrize("name", sorted(_FILES))
def test_a_file_that_is_renamed_or_moved_is_noticed(tree: Path, kept: Settings, name: str) -> None:
    scan([tree], kept)
    (tree / "moved").mkdir()
    (tree / name).rename(tree / "moved" / Path(name).name)
    _agree(tree, kept)
    _agree(tree, kept)


def test_a_file_of_no_language_that_changes_within_one_tick_is_noticed(tree: Path, kept: Settings) -> None:
    path = tree / "tsconfig.json"
    before = path.stat()
    scan([tree], kept)
    path.write_text(_FILES["tsconfig.json"].replace("src", "lib"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    _agree(tree, kept)


def test_other_settings_are_another_question(tree: Path, kept: Settings) -> None:
    database = (Database(name="main", paths=("*.py",)), Database(name="lite", paths=("*.ts",), dialect="sqlite"))
    for own in ({}, {"database": database}, {"database": database, "only_database": "main"}):
        for _ in range(2):
            assert repr(scan([tree], replace(kept, **own))) == repr(_anew(tree, **own))


def test_a_run_that_explains_is_not_answered_by_one_that_does_not(tree: Path, kept: Settings) -> None:
    scan([tree], kept)
    explained = scan([tree], kept, explain=True)
    assert explained.hits is not None
    assert scan([tree], kept).hits is None
    assert repr(explained) == repr(scan([tree], Settings(cache=False), explain=True))


def test_edited_files_are_not_answered_for_by_those_on_disk(tree: Path, kept: Settings) -> None:
    scan([tree], kept)
    edited = {"names.py": b"TABLE = 'edited'\n"}
    assert "edited" in {str(site.write.table) for site in scan([tree], kept, edited=edited).sites}
    _agree(tree, kept)


def test_a_result_that_was_tampered_with_is_not_taken(tree: Path, kept: Settings) -> None:
    scan([tree], kept)
    assert kept.cache_dir is not None
    (place,) = (kept.cache_dir / "scans").iterdir()
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE results SET result = replace(result, 'users', 'loser')")
    connection.close()
    result = scan([tree], kept)
    assert result.trouble is not None
    assert repr(replace(result, trouble=None)) == repr(_anew(tree))


def test_a_run_that_another_has_overtaken_keeps_no_result(tree: Path, kept: Settings) -> None:
    scan([tree], kept)
    assert kept.cache_dir is not None
    (place,) = (kept.cache_dir / "scans").iterdir()
    original = link.Linker.link

    def slow(self: link.Linker, facts: object) -> object:
        _written(tree, {"names.py": "TABLE = 'late'\n"})
        with sqlite3.connect(place) as connection:
            connection.execute("UPDATE about SET writes = writes + 1")
        connection.close()
        return original(self, facts)  # type: ignore[arg-type]  # what it was given

    (tree / "calls.py").write_text("from db import put_row\nput_row('new')\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link.Linker, "link", slow)
        scan([tree], kept)
    with sqlite3.connect(place) as connection:
        assert connection.execute("SELECT count(*) FROM results").fetchone() == (0,)
    connection.close()
    _agree(tree, kept)


_EDITS = st.lists(
    st.one_of(
        st.sampled_from([(name, text) for name, texts in _OTHERS.items() for text in texts]),
        st.sampled_from([*_FILES.items()]),
        st.tuples(st.sampled_from(sorted({*_FILES, *_OTHERS})), st.none()),
    ),
    max_size=3,
)


@settings(deadline=None, max_examples=60)
@given(st.lists(_EDITS, min_size=1, max_size=4))
def test_no_edits_at_all_are_missed(rounds: Sequence[Sequence[tuple[str, str | None]]]) -> None:
    place = Path(tempfile.mkdtemp())
    kept = Settings(cache_dir=place / "cache")
    try:
        _written(place / "tree", _FILES)
        scan([place / "tree"], kept)
        for edits in rounds:
            for name, text in edits:
                if text is not None:
                    _written(place / "tree", {name: text})
                else:
                    (place / "tree" / name).unlink(missing_ok=True)
            _agree(place / "tree", kept)
    finally:
        shutil.rmtree(place)
