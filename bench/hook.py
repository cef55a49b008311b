"""What the pre-commit hook costs on a project that an earlier run has seen: after an edit of one file, and without."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .timing import Run, table, timed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ROOT = Path(__file__).parents[1]
_EXAMPLE = (_ROOT / "examples" / "identity-cache", ["src/identities.ts", "src/profiles.ts", "src/sync.ts"])
_COMMENTS = {".py": "#", ".rb": "#", ".sql": "--"}


def run(arguments: list[str]) -> None:
    """Print a Markdown table for an example, or for the files of the project that are named."""
    parser = argparse.ArgumentParser(prog="bench hook")
    parser.add_argument("project", nargs="?", type=Path, default=_EXAMPLE[0], help="A project; it is copied.")
    parser.add_argument("files", nargs="*", default=_EXAMPLE[1], help="Its files that are edited, one at a time.")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pgarbiter-bench-") as place:
        copy = Path(place) / "project"
        shutil.copytree(given.project, copy, symlinks=True, ignore=shutil.ignore_patterns("node_modules", ".git"))
        for command in (["init", "--quiet"], ["add", "--all"]):
            subprocess.run(["git", *command], cwd=copy, check=True, capture_output=True)
        runs = _measured(copy, Path(place), given.files, given.rounds)
        print(f"\n## The hook after an edit of one file: {given.project.name}, {len(given.files)} files\n")
        print(table(runs, given.rounds * len(given.files)))


def _measured(project: Path, work: Path, files: Sequence[str], rounds: int) -> dict[str, list[Run]]:
    paths = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": paths, "XDG_CACHE_HOME": str(work / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed command compiles its sources once
    environment["PYTHONPYCACHEPREFIX"] = str(work / "bytecode")
    check = [sys.executable, "-m", "pgarbiter", "check"]
    for _ in range(2):
        _started(check, project, environment)
    bare, edited, same = [], [], []
    for number in range(rounds):
        for name in files:
            hook = [*check, "--changed", "--", name]
            with (project / name).open("a") as file:
                file.write(f"{_COMMENTS.get(Path(name).suffix, '//')} edit {number}\n")
            time.sleep(0.3)
            bare.append(timed(lambda: _started([sys.executable, "-c", "pass"], project, environment)))
            edited.append(timed(lambda hook=hook: _started(hook, project, environment)))
            _started(hook, project, environment)  # what was written a moment ago is read anew
            same.append(timed(lambda hook=hook: _started(hook, project, environment)))
    return {"python -c pass": bare, "after an edit": edited, "the same files again": same}


def _started(command: list[str], project: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=project, env=environment, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in {0, 1}:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}")
