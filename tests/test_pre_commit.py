"""The hooks, run by pre-commit itself in a repository of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from pgarbiter.scan.languages import LANGUAGES

ROOT = Path(__file__).parents[1]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
SCHEMA = (
    "CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL);\nCREATE UNIQUE INDEX users_email ON users (email);\n"
)
NAMES = "export const USERS = 'users';\n"
SAVE = """import { createClient } from '@supabase/supabase-js';
import { USERS } from '../../db/names';
const client = createClient(url, key);
export const save = () => client.from(USERS).upsert({ id: 1, email: 'a' }, { onConflict: 'email' });
"""
BAD = "INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (name) DO NOTHING;\n"


class Repository:
    """A repository whose hooks are ours, as the file of the hooks has them, but for the installation."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q")
        self.write("supabase/migrations/20240101000000_users.sql", SCHEMA)
        self.write("db/names.ts", NAMES)
        self.write("apps/web/package.json", "{}")
        self.write("apps/web/save.ts", SAVE)
        keys = ("id", "name", "entry", "args", "files", "types", "pass_filenames", "require_serial")
        hooks = [{key: hook[key] for key in keys if key in hook} | {"language": "system"} for hook in HOOKS.values()]
        self.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]}))
        self.commit()
        self.git("tag", "first")

    def write(self, path: str, text: str) -> None:
        place = self.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.hooksPath=/dev/null")
        subprocess.run(("git", *identity, *arguments), cwd=self.path, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "state")

    def begin(self) -> None:
        """As it was at first."""
        self.git("reset", "-q", "--hard", "first")
        self.git("clean", "-fdq")

    def run(self, hook: str = "pgarbiter", *arguments: str) -> subprocess.CompletedProcess[str]:
        """Pre-commit on what is staged."""
        self.git("add", "-A")
        command = [sys.executable, "-m", "pre_commit", "run", hook, "--verbose", *arguments]
        programs = str(Path(sys.executable).parent)
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(self.path.parent / "pre-commit"),
            "XDG_CACHE_HOME": str(self.path.parent / "cache"),
        }
        return subprocess.run(command, cwd=self.path, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """One repository for all tests, so that its schema is loaded once."""
    return Repository(tmp_path_factory.mktemp("hooks") / "repository")


@pytest.fixture(scope="module")
def refused(origin: Repository) -> subprocess.CompletedProcess[str]:
    """A commit that breaks a file, and adds some that are called like options and commands."""
    origin.begin()
    origin.write("apps/web/save.ts", SAVE.replace("onConflict: 'email'", "onConflict: 'name'"))
    for name in ("--output=stolen.sql", "apps/a b;touch stolen.sql", "apps/$(touch stolen).sql"):
        origin.write(name, BAD)
    ended = origin.run()
    assert not list(origin.path.glob("stolen*"))
    return ended


@pytest.fixture(scope="module")
def let_through(origin: Repository) -> subprocess.CompletedProcess[str]:
    """A commit of two files to a repository in which another one is broken."""
    origin.begin()
    origin.write("apps/web/save.ts", SAVE.replace("onConflict: 'email'", "onConflict: 'name'"))
    origin.commit()
    origin.write("apps/web/other.sql", BAD.replace("(name)", "(id)"))
    origin.write("apps/web/open.sql", "INSERT INTO elsewhere (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    return origin.run()


def test_a_changed_file_is_judged_by_the_schema_of_the_repository(refused: subprocess.CompletedProcess[str]) -> None:
    assert refused.returncode == 1
    assert "apps/web/save.ts:4" in refused.stdout  # as editors open it from the root
    assert "upsert into users on (name)" in refused.stdout  # whose table another package names


def test_a_hostile_name_of_a_file_is_no_option_and_no_command(refused: subprocess.CompletedProcess[str]) -> None:
    assert refused.returncode == 1
    assert refused.stdout.count("error PGA") == 1 + 3


def test_what_stands_in_other_files_does_not_hold_a_commit_up(
    let_through: subprocess.CompletedProcess[str], origin: Repository
) -> None:
    assert let_through.returncode == 0
    assert "save.ts" not in let_through.stdout
    origin.begin()
    origin.write("apps/web/save.ts", SAVE.replace("onConflict: 'email'", "onConflict: 'name'"))
    origin.commit()
    assert origin.run("pgarbiter-all", "--all-files").returncode == 1


def test_a_site_of_which_nothing_can_be_told_does_not_hold_a_commit_up(
    let_through: subprocess.CompletedProcess[str],
) -> None:
    assert let_through.returncode == 0
    assert "not in the schema source" in let_through.stdout


def test_a_migration_that_takes_an_index_away_is_held_against_all_files(origin: Repository) -> None:
    origin.begin()
    origin.write("supabase/migrations/20240202000000_drop.sql", "DROP INDEX users_email;\n")
    ended = origin.run()
    assert ended.returncode == 1
    assert "apps/web/save.ts:4" in ended.stdout


def test_files_that_hold_no_code_are_passed_by(origin: Repository) -> None:
    origin.begin()
    origin.write("README.md", "ON CONFLICT (a) DO NOTHING\n")
    assert "(no files to check)Skipped" in origin.run().stdout


def test_the_hooks_install_what_the_package_calls_embedded() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for hook in HOOKS.values():
        assert hook["additional_dependencies"] == extras["embedded"]
        assert hook["language"] == "python"


def test_the_hooks_are_run_on_every_language_that_is_read() -> None:
    for hook in HOOKS.values():
        pattern = re.compile(hook["files"])
        assert [suffix for suffix in LANGUAGES if not pattern.search(f"src/a{suffix}")] == []
        assert not pattern.search("README.md")
