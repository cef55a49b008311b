"""What is walked, what is left out, and what cannot be read."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.errors import SourceError
from pgarbiter.model import Scope
from pgarbiter.scan import scan
from pgarbiter.scan.files import MOST_BYTES, tree_of
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

INSERT = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"


def _write(root: Path, name: str, text: str | bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def _paths(root: Path, settings: Settings | None = None) -> list[str | None]:
    return [site.span.path for site in scan([root], settings or Settings()).sites]


def test_dependencies_and_build_output_are_left_out(tmp_path: Path) -> None:
    for name in ("node_modules/x/a.sql", "vendor/a.sql", "dist/a.sql", ".venv/lib/a.sql", "app/a.sql"):
        _write(tmp_path, name, INSERT)
    assert _paths(tmp_path) == ["app/a.sql"]


def test_gitignore_files_are_honoured_without_git(tmp_path: Path) -> None:
    _write(tmp_path, ".gitignore", "secret.sql\n/out/\n")
    _write(tmp_path, "deep/.gitignore", "*.sql\n!kept.sql\n")
    for name in ("secret.sql", "deep/secret.sql", "out/a.sql", "deep/lost.sql", "deep/kept.sql", "a.sql"):
        _write(tmp_path, name, INSERT)
    assert _paths(tmp_path) == ["a.sql", "deep/kept.sql"]


def test_git_says_what_is_ignored_in_a_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    _write(tmp_path, ".gitignore", "ignored/\n")
    for name in ("ignored/a.sql", "new.sql"):
        _write(tmp_path, name, INSERT)
    assert _paths(tmp_path) == ["new.sql"]


def test_an_ignored_directory_that_is_asked_for_is_scanned(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    _write(tmp_path, ".gitignore", "ignored/\n")
    _write(tmp_path, "ignored/a.sql", INSERT)
    assert _paths(tmp_path / "ignored") == ["a.sql"]


def test_a_repository_cannot_name_a_program_to_start(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    hook = _write(tmp_path, "hook.sh", "#!/bin/sh\ntouch started\n")
    hook.chmod(0o755)
    subprocess.run(["git", "-C", str(tmp_path), "config", "core.fsmonitor", str(hook)], check=True)
    _write(tmp_path, "a.sql", INSERT)
    assert _paths(tmp_path) == ["a.sql"]
    assert not (tmp_path / "started").exists()


def test_include_and_exclude_are_globs(tmp_path: Path) -> None:
    for name in ("a/x.sql", "a/y.sql", "b/x.sql"):
        _write(tmp_path, name, INSERT)
    assert _paths(tmp_path, Settings(include=("a/**",), exclude=("y.sql",))) == ["a/x.sql"]


def test_a_path_may_be_a_file(tmp_path: Path) -> None:
    assert _paths(_write(tmp_path, "one.sql", INSERT)) == ["one.sql"]


def test_several_paths_are_relative_to_their_common_parent(tmp_path: Path) -> None:
    first, second = _write(tmp_path, "a/x.sql", INSERT), _write(tmp_path, "b/y.sql", INSERT)
    sites = scan([first.parent, second], Settings()).sites
    assert [site.span.path for site in sites] == ["a/x.sql", "b/y.sql"]


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        tree_of([tmp_path / "nowhere"], Settings())


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    _write(tmp_path, "a/x.sql", INSERT)
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert _paths(tmp_path) == ["a/x.sql"]


def test_a_link_to_a_directory_is_not_followed_in_a_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    _write(tmp_path, "a/x.sql", INSERT)
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "other").symlink_to(tmp_path / "a", target_is_directory=True)
    assert _paths(tmp_path) == ["a/x.sql"]


@pytest.mark.parametrize("git", [False, True])
def test_a_directory_that_cannot_be_read_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, git: bool
) -> None:
    if git:
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    _write(tmp_path, "a.sql", INSERT)
    _write(tmp_path, "closed/b.sql", INSERT)
    if os.geteuid():
        (tmp_path / "closed").chmod(0)
    else:
        _refuse(monkeypatch, git=git)
    result = scan([tmp_path], Settings())
    (tmp_path / "closed").chmod(0o755)
    assert [site.span.path for site in result.sites] == ["a.sql"]
    assert [(one.path, one.reason, one.unforeseen) for one in result.failed] == [
        ("closed/", "could not read: permission denied", True)
    ]


def _refuse(monkeypatch: pytest.MonkeyPatch, *, git: bool) -> None:
    """What a user without rights is told, for root, who has all of them."""
    listed, run = os.scandir, subprocess.run

    def scandir(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    def answer(*args: Any, **kwargs: Any) -> object:
        done = run(*args, **kwargs)
        done.stdout = done.stdout.replace(b"closed/b.sql\0", b"")
        done.stderr = b"warning: could not open directory 'closed/': Permission denied\n"
        return done

    if git:
        monkeypatch.setattr(subprocess, "run", answer)
    else:
        monkeypatch.setattr(os, "scandir", scandir)


def test_a_binary_file_is_a_note(tmp_path: Path) -> None:
    _write(tmp_path, "x.py", b"\x7fELF\0\0" + INSERT.encode())
    result = scan([tmp_path], Settings())
    assert [(one.path, one.reason, one.unforeseen) for one in result.failed] == [("x.py", "binary, left out", False)]
    assert not result.sites


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_cannot_be_read_is_a_note(tmp_path: Path) -> None:
    _write(tmp_path, "a.sql", INSERT).chmod(0)
    assert [failed.reason for failed in scan([tmp_path], Settings()).failed] == ["could not read: permission denied"]


def test_a_large_script_is_a_note_and_a_large_sql_file_is_read(tmp_path: Path) -> None:
    filler = "-- filler\n" * (MOST_BYTES // 10 + 1)
    _write(tmp_path, "a.ts", filler)
    _write(tmp_path, "a.sql", filler + INSERT)
    result = scan([tmp_path], Settings())
    assert [(failed.path, failed.reason) for failed in result.failed] == [("a.ts", "larger than 5 MB, left out")]
    assert [site.span.path for site in result.sites] == ["a.sql"]


def test_a_minified_bundle_is_a_note(tmp_path: Path) -> None:
    _write(tmp_path, "a.js", f"const q='{INSERT}';" + "f();" * 100_000)
    result = scan([tmp_path], Settings())
    assert [failed.reason for failed in result.failed] == ["a minified bundle, left out"]
    assert not result.sites


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_marked_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    text = f"-- für\n{INSERT}"
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    _write(tmp_path, "a.sql", mark + text.encode(encoding))
    (site,) = scan([tmp_path], Settings()).sites
    assert (site.span.line, site.span.column) == (2, 30)


def test_bytes_of_no_known_encoding_are_read_and_noted(tmp_path: Path) -> None:
    _write(tmp_path, "a.sql", b"-- f\xfcr\n" + INSERT.encode())
    result = scan([tmp_path], Settings())
    assert [site.span.line for site in result.sites] == [2]
    assert [note.reason for note in result.notes] == ["neither UTF-8 nor UTF-16, read as Latin-1"]


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("supabase/migrations/1_a.sql", Scope.MIGRATION),
        ("db/changes/20240131101500_roles.sql", Scope.MIGRATION),
        ("changes/1.2.0-1672815959-user-roles.sql", Scope.MIGRATION),
        ("changes/1.2.0-1672815959.2-user-roles.sql", Scope.MIGRATION),
        ("src/report-2024-totals.sql", Scope.APP),
        ("src/__tests__/a.sql", Scope.TEST),
        ("src/__generated__/a.sql", Scope.GENERATED),
        ("src/a.sql", Scope.APP),
    ],
)
def test_the_scope_is_told_by_the_path(tmp_path: Path, name: str, scope: Scope) -> None:
    _write(tmp_path, name, INSERT)
    assert [site.scope for site in scan([tmp_path], Settings()).sites] == [scope]


def test_markdown_is_never_read(tmp_path: Path) -> None:
    _write(tmp_path, "README.md", f"```sql\n{INSERT}\n```")
    assert scan([tmp_path], Settings()).seen == 0


@pytest.mark.parametrize("git", [True, False])
def test_links_that_lead_nowhere_are_passed_over(tmp_path: Path, *, git: bool) -> None:
    _write(tmp_path, "a.sql", INSERT)
    for name, target in (("loop", "loop"), ("loop.sql", "loop.sql"), ("gone.sql", "nowhere"), (".gitignore", "loop")):
        (tmp_path / name).symlink_to(target)
    if git:
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert _paths(tmp_path) == ["a.sql"]


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.sql")
    with pytest.raises(SourceError, match="neither a file nor a directory"):
        tree_of([tmp_path / "pipe.sql"], Settings())
