"""What `check` with a baseline costs on an unchanged project, over an interpreter that imports the same modules."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .timing import alternated, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .timing import Run

_ROOT = Path(__file__).parents[1]
_NAME = "pgarbiter-baseline.json"
# Runs the command and writes down which modules it has imported.
_IMPORTED = """
import json, sys
from pathlib import Path
from pgarbiter.cli import main
place = sys.argv.pop(1)
try:
    main()
except SystemExit:
    Path(place).write_text(json.dumps([name for name in sys.modules if name != "__main__"]))
"""
_IMPORT = """
import contextlib, importlib, json, sys
for name in json.load(open(sys.argv[1])):
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
"""
_TABLE = "CREATE TABLE t{n} (id bigint PRIMARY KEY, account text NOT NULL, email text, UNIQUE (account));\n"
_SITE = """export const save{n} = (row) =>
  pool.query(`INSERT INTO t{table} (id, account, email) VALUES ($1, $2, $3) ON CONFLICT ({target}) DO NOTHING`, [row])
"""


def run(arguments: list[str]) -> None:
    """Print a Markdown table for each project: an example, one that is made, and those that are named."""
    parser = argparse.ArgumentParser(prog="bench baseline")
    parser.add_argument("projects", nargs="*", type=Path, help="Projects; they are copied.")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=11)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pgarbiter-bench-") as place:
        made = Path(place) / "made"
        _make(made, given.files)
        projects = {"examples/insights": _ROOT / "examples" / "insights", f"{given.files} files of 5 sites": made}
        projects.update((project.name, project) for project in given.projects)
        for number, (name, project) in enumerate(projects.items()):
            copy = Path(place) / str(number)
            shutil.copytree(project, copy, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
            _in_git(copy)
            runs = _measured(copy, Path(place) / f"work{number}", given.rounds)
            print(f"\n## Check of an unchanged project with a baseline: {name}\n")
            print(table(runs, given.rounds))
            print(f"\n{_over(runs):.0f} ms of the clock more than the start and the imports.")


def _measured(project: Path, work: Path, rounds: int) -> dict[str, list[Run]]:
    work.mkdir()
    paths = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": paths, "XDG_CACHE_HOME": str(work / "cache")}
    # Compiling its own sources anew is no part of either; an installed command does it once.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(work / "bytecode")
    check = ["check", "--baseline", _NAME, "--format", "json", "--output", str(work / "report.json")]
    command = [sys.executable, "-m", "pgarbiter", *check]
    floor = [sys.executable, "-c", _IMPORT, str(work / "modules.json")]
    started = partial(_started, environment, project)
    started([sys.executable, "-m", "pgarbiter", "baseline", "update"])
    time.sleep(2.2)  # what was just written is read anew
    for _ in range(2):
        started(command)
    started([sys.executable, "-c", _IMPORTED, str(work / "modules.json"), *check])
    started(floor)
    return alternated({"floor: start and imports": partial(started, floor), "check": partial(started, command)}, rounds)


def _started(environment: Mapping[str, str], project: Path, command: list[str]) -> None:
    done = subprocess.run(command, cwd=project, env=environment, stdout=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}")


def _over(runs: Mapping[str, list[Run]]) -> float:
    """Milliseconds between the medians."""
    floor, own = (sorted(run.wall for run in found)[len(found) // 2] for found in runs.values())
    return (own - floor) * 1000


def _make(place: Path, files: int) -> None:
    """Many files that write, one in three of which asks for an index that is not there."""
    (place / "db").mkdir(parents=True)
    tables = max(files // 10, 1)
    (place / "db" / "schema.sql").write_text("".join(_TABLE.format(n=n) for n in range(tables)))
    for number in range(files):
        target = ("account", "id", "email")[number % 3]
        text = "".join(_SITE.format(n=n, table=(number + n) % tables, target=target) for n in range(5))
        folder = place / f"part{number % 40}"
        folder.mkdir(exist_ok=True)
        (folder / f"save{number}.ts").write_text(f'import {{ pool }} from "./db"\n{text}')


def _in_git(project: Path) -> None:
    if not (project / ".git").exists():
        subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
        subprocess.run(["git", "add", "--all"], cwd=project, check=True, capture_output=True)
