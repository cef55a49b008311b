"""What is kept from run to run changes nothing but the time."""

from __future__ import annotations

import contextlib
import json
import os
import random
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pgarbiter.scan import languages, project, reading, scan
from pgarbiter.scan.kept import store
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pgarbiter.scan.model import ScanResult

CASES = Path(__file__).parent / "cases"
_SQL = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"
_NAMES = "TABLE = 'users'\n"
_USE = "from names import TABLE\nrun(f'INSERT INTO {TABLE} (a) VALUES (1) ON CONFLICT (a) DO NOTHING')\n"
_WRAPPER = "def put(table):\n    run(f'INSERT INTO {table} (a) VALUES (1) ON CONFLICT (a) DO NOTHING')\n"


@pytest.fixture(autouse=True)
def _small_trees_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[scan.__module__], "FEWEST", 0)


@pytest.fixture
def kept(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path / "cache")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    place = tmp_path / "tree"
    for name, text in {
        "names.py": _NAMES,
        "use.py": _USE,
        "db.py": _WRAPPER,
        "calls.py": "from db import put\nput('orders')\n",
        "q.sql": f"{_SQL};\n",
        "idle.ts": "export const x = 1\n",
        "latin.py": "",
    }.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, "utf-8")
    (place / "latin.py").write_bytes(f"# f\xfcr\nrun('{_SQL}')\n".encode("latin-1"))
    return place


def _anew(tree: Path) -> ScanResult:
    return scan([tree], Settings(cache=False))


def _file(kept: Settings) -> Path:
    assert kept.cache_dir is not None
    (found,) = (kept.cache_dir / "scans").iterdir()
    return found


def _age(tree: Path) -> None:
    """As if all files had been written long ago."""
    for path in tree.rglob("*"):
        os.utime(path, ns=(1_600_000_000_123_456_789,) * 2)


def test_a_second_run_says_the_same(tree: Path, kept: Settings) -> None:
    anew = _anew(tree)
    assert [scan([tree], kept) for _ in range(3)] == [anew] * 3
    assert len(anew.sites) == 5
    assert [note.path for note in anew.notes] == ["latin.py"]


def test_all_labelled_snippets_are_the_same_from_what_is_kept(tmp_path: Path, kept: Settings) -> None:
    for path in sorted(CASES.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            for name, source in {case["filename"]: case["source"], **case.get("aux_files", {})}.items():
                place = tmp_path / "tree" / case["id"] / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(source, "utf-8")
    anew = _anew(tmp_path / "tree")
    assert scan([tmp_path / "tree"], kept) == anew
    assert scan([tmp_path / "tree"], kept) == anew


def test_an_unchanged_file_is_neither_read_nor_parsed(
    tree: Path, kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _age(tree)
    first = scan([tree], kept)
    _settle(kept)
    scan([tree], kept)

    def refused(*_: object) -> None:
        raise AssertionError("parsed, or read")

    for suffix in ("py", "ts"):
        assert any(path.suffix == f".{suffix}" for path in tree.iterdir())
    monkeypatch.setattr(reading.Reader, "_bytes", refused)
    monkeypatch.setattr(project.Project, "_parse", refused)
    monkeypatch.setattr(languages, "parse", refused)
    (tree / "latin.py").unlink()  # what has a note is read each time, to tell it
    again = scan([tree], kept)
    assert [site for site in first.sites if site.span.path != "latin.py"] == list(again.sites)


def _settle(kept: Settings) -> None:
    """As if the entries had been read long after the files were last touched."""
    with sqlite3.connect(_file(kept)) as connection:
        for path, *row in connection.execute("SELECT * FROM files").fetchall():
            row[4] += 3_600_000_000_000
            checksum = store._checksum(path, *row[:-1])
            connection.execute("UPDATE files SET read = ?, checksum = ? WHERE path = ?", (row[4], checksum, path))
    connection.close()


@pytest.mark.parametrize("old", [False, True])
def test_after_each_change_the_result_is_that_of_a_run_without_it(tree: Path, kept: Settings, old: bool) -> None:  # noqa: FBT001 - a parameter of the test
    def step() -> None:
        if old:
            _settle(kept)
        assert scan([tree], kept) == _anew(tree)

    scan([tree], kept)
    (tree / "names.py").write_text("TABLE = 'people'\n")  # of another size
    step()
    (tree / "names.py").write_text("TABLE = 'humans'\n")  # of the same size
    step()
    (tree / "calls.py").write_text("from db import put\nput('orders')\nput('more')\n")
    step()
    (tree / "idle.ts").write_text(f"q('{_SQL}')\n")
    step()
    (tree / "more.py").write_text("from db import put\nput('new')\n")
    step()
    (tree / "use.py").rename(tree / "used.py")
    step()
    (tree / "db.py").write_text(_WRAPPER.replace("put", "set"))
    step()
    (tree / "names.py").unlink()
    step()
    _age(tree)
    step()
    (tree / "q.sql").write_text("SELECT 1;\n")
    step()


def test_a_change_within_one_tick_of_the_clock_is_seen(tree: Path, kept: Settings) -> None:
    path = tree / "names.py"
    before = path.stat()
    scan([tree], kept)
    path.write_text(_NAMES.replace("users", "other"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # as after a write in the same tick, or a restored time
    assert path.stat().st_size == before.st_size
    assert scan([tree], kept) == _anew(tree)


def test_a_file_of_other_times_that_holds_the_same_is_not_parsed_again(
    tree: Path, kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = scan([tree], kept)
    for path in tree.iterdir():
        os.utime(path)

    def refused(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(project.Project, "_parse", refused)
    (tree / "latin.py").write_text("")
    again = scan([tree], kept)
    assert [site for site in first.sites if site.span.path != "latin.py"] == list(again.sites)


def test_random_edits_never_show_what_was(tree: Path, kept: Settings) -> None:
    chance = random.Random(11)
    texts = [_NAMES, _USE, _WRAPPER, f"run('{_SQL}')\n", "from db import put\nput('a')\n", "x = 1\n", "# insert into\n"]
    for _ in range(25):
        for _ in range(chance.randrange(1, 4)):
            path = tree / chance.choice(["names.py", "use.py", "db.py", "calls.py", "a.py", "b.py"])
            if chance.random() < 0.2 and path.exists():
                path.unlink()
            else:
                path.write_text(chance.choice(texts))
        assert scan([tree], kept) == _anew(tree)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no database at all, but as long as the head of one would be " * 40),
        lambda path: path.write_bytes(path.read_bytes()[: len(path.read_bytes()) // 2]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"users", b"loser").replace(b"orders", b"border")),
        lambda path: path.chmod(0o666),
    ],
    ids=["foreign", "cut", "forged", "writable"],
)
def test_a_damaged_cache_is_made_anew_with_a_note(tree: Path, kept: Settings, damage: object) -> None:
    scan([tree], kept)
    damage(_file(kept))  # type: ignore[operator]  # one of the lambdas
    result = scan([tree], kept)
    assert result.trouble is not None
    assert "was not used" in result.trouble
    assert replace(result, trouble=None) == _anew(tree)
    assert scan([tree], kept).trouble is None
    assert stat.S_IMODE(_file(kept).stat().st_mode) == 0o600


def test_an_empty_file_is_an_empty_cache(tree: Path, kept: Settings) -> None:
    scan([tree], kept)
    _file(kept).write_bytes(b"")
    assert scan([tree], kept) == _anew(tree)


def test_answers_of_another_version_of_the_code_do_not_count(
    tree: Path, kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan([tree], kept)
    with sqlite3.connect(_file(kept)) as connection:
        connection.execute("DELETE FROM files WHERE path = 'use.py'")
    connection.close()
    monkeypatch.setattr(sys.modules[scan.__module__], "code", lambda: "another")
    assert scan([tree], kept) == _anew(tree)
    assert scan([tree], kept) == _anew(tree)


def test_a_cache_that_cannot_be_written_is_no_error(tree: Path, kept: Settings, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, where the directory should be")
    assert scan([tree], kept) == _anew(tree)


def test_nothing_is_kept_when_it_is_switched_off(tree: Path, kept: Settings, tmp_path: Path) -> None:
    scan([tree], replace(kept, cache=False))
    assert not (tmp_path / "cache").exists()


def test_a_scan_of_one_directory_leaves_what_is_kept_of_the_whole(tree: Path, kept: Settings) -> None:
    (tree / "inner").mkdir()
    (tree / "inner" / "a.py").write_text(f"run('{_SQL}')\n")
    whole = scan([tree], kept)
    assert len(scan([tree / "inner"], kept).sites) == 1
    assert len(scan([tree], replace(kept, exclude=("inner/",))).sites) == len(whole.sites) - 1
    assert scan([tree], kept) == whole


def test_edited_files_are_neither_taken_from_what_is_kept_nor_kept(tree: Path, kept: Settings) -> None:
    scan([tree], kept)
    edited = {"names.py": b"TABLE = 'edited'\n", "q.sql": b"SELECT 1;\n"}
    result = scan([tree], kept, edited=edited)
    assert result == scan([tree], Settings(cache=False), edited=edited)
    assert "edited" in {str(site.write.table) for site in result.sites}
    assert scan([tree], kept) == _anew(tree)


def test_runs_at_the_same_time_agree(tree: Path, kept: Settings) -> None:
    for number in range(60):
        (tree / f"m{number}.py").write_text(f"from db import put\nput('t{number}')\n")
    code = (
        "import sys\nfrom pathlib import Path\nimport pgarbiter.scan as room\nfrom pgarbiter.settings import Settings\n"
        "from pgarbiter.run import scan\nsys.modules['pgarbiter.scan'].FEWEST = 0\n"
        "for _ in range(4):\n    print(len(scan(Path(sys.argv[1]), Settings(cache_dir=Path(sys.argv[2]))).sites))\n"
    )
    command = [sys.executable, "-c", code, str(tree), str(kept.cache_dir)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = {line for run in runs for line in run.communicate(timeout=120)[0].split()}
    assert counts == {str(len(_anew(tree).sites))}
    assert scan([tree], kept) == _anew(tree)


def test_a_run_for_one_file_is_served_by_what_a_whole_one_has_kept(tree: Path, kept: Settings) -> None:
    (tree / "setup.py").write_text("")
    scan([tree], kept, whole=True)
    for name in ("calls.py", "use.py"):
        _age(tree)
        with (tree / name).open("a") as file:
            file.write("# edited\n")
        part = replace(kept, changed=(name,))
        assert scan([tree], part, whole=True) == scan([tree], replace(part, cache=False), whole=True)
    assert _file(kept)  # one for both


def test_a_word_that_a_run_has_not_looked_for_is_looked_for_in_what_it_has_seen_changed(
    tree: Path, kept: Settings
) -> None:
    (tree / "more.py").write_text("import os\n")
    _age(tree)
    scan([tree], kept, whole=True)  # it looks for calls of `put`
    (tree / "more.py").write_text("from db import put\nput('added')\n")
    other = scan([tree], replace(kept, changed=("q.sql",)), whole=True)  # it does not
    assert {site.span.path for site in other.sites} == {"q.sql"}
    _age(tree)
    again = scan([tree], kept, whole=True)
    assert "added" in {str(site.write.table) for site in again.sites}
    assert again == scan([tree], Settings(cache=False), whole=True)


def test_words_are_forgotten_when_many_files_have_changed_since(
    tree: Path, kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan([tree], kept)
    assert any(b"put" in word for word in _words(kept))
    monkeypatch.setattr(store, "_MOST_STALE", 0)
    (tree / "idle.ts").write_text("export const y = 1\n")
    scan([tree], replace(kept, changed=("q.sql",)), whole=True)
    assert not any(b"put" in word for word in _words(kept))


def _words(kept: Settings) -> list[bytes]:
    with contextlib.closing(sqlite3.connect(_file(kept))) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM words")]


def test_a_run_that_another_has_overtaken_keeps_no_words(tree: Path, kept: Settings) -> None:
    scan([tree], kept)
    place = _file(kept)
    slow = store.opened(kept.cache_dir, "x", "code")
    slow.place, slow.about = place, store.opened(kept.cache_dir, "x", "code").about
    with sqlite3.connect(place) as connection:
        slow.about = connection.execute("SELECT code, tree FROM about").fetchone()
        slow.writes = connection.execute("SELECT writes FROM about").fetchone()[0] - 1
    connection.close()
    slow.sought = {b"put": ()}
    slow.save()
    with sqlite3.connect(place) as connection:
        assert connection.execute("SELECT count(*) FROM words").fetchone() == (0,)
    connection.close()
    assert scan([tree], kept) == _anew(tree)


def test_a_cache_may_be_named_from_here(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(cache_dir=Path("here"))
    first = scan([tree], settings)
    second = scan([tree], settings)
    assert (second.sites, second.trouble) == (first.sites, None)
    assert list(tmp_path.glob("here/scans/*.sqlite3"))
