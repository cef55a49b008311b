"""Code of a project runs in a child process of the project's interpreter: no credentials, a time limit, one answer."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

CHILD_SECONDS = 600.0
_SECRET_WORDS = (
    "PASS",
    "SECRET",
    "TOKEN",
    "KEY",
    "CREDENTIAL",
    "DSN",
    "DATABASE",
    "POSTGRES",
    "SQLALCHEMY",
    "_URL",
    "_URI",
)
_URL_PASSWORD = re.compile(r"(://[^\s/@:]*:)[^\s/@]*@")
_KEY_PASSWORD = re.compile(r"(password\s*[=:]\s*)\S+", re.IGNORECASE)


def interpreter(directory: Path, python: str | None) -> str:
    """The interpreter of the project in `directory`: the one asked for, the .venv there, else this one.

    Raises SchemaError when the one asked for does not exist.
    """
    if python is not None:
        if not Path(python).is_file():
            raise SchemaError(f'interpreter "{python}" does not exist', "Name the project's Python with --python.")
        return python
    places = (directory.resolve() / name / "bin" / "python" for name in (".venv", "venv"))
    return next((str(place) for place in places if place.is_file()), sys.executable)


def run(program: Path, task: Mapping[str, Any], python: str, directory: Path, what: str) -> dict[str, Any]:
    """The answer of a program of ours to `task`, run by `python` in `directory`.

    `task["target"]`, if there is one, is the only database that its environment leads to. `what` is run, for messages.
    Raises SchemaError when there is no answer.
    """
    with tempfile.TemporaryDirectory(prefix="pgarbiter-") as temporary:
        asked, answered = Path(temporary, "task.json"), Path(temporary, "answer.json")
        asked.write_text(json.dumps(task), "utf-8")
        command = [python, str(program), str(asked), str(answered)]
        output = _wait(command, directory, environment(task.get("target", {})), what)
        try:
            answer: dict[str, Any] = json.loads(answered.read_text("utf-8"))
        except (OSError, ValueError):
            raise SchemaError(f"{what} did not finish: {scrubbed(_last_line(output))}") from None
        return answer


def _wait(command: list[str], directory: Path, environment: Mapping[str, str], what: str) -> str:
    """The child's output; it and all that it started are ended at the time limit, and when we are interrupted."""
    try:
        child = subprocess.Popen(
            command,
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise SchemaError(f'could not run "{command[0]}": {error.strerror}') from None
    try:
        return child.communicate(timeout=CHILD_SECONDS)[0]
    except subprocess.TimeoutExpired:
        raise SchemaError(f"{what} did not finish within {CHILD_SECONDS:.0f} s") from None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()


def environment(target: Mapping[str, str]) -> dict[str, str]:
    """Ours without anything that looks like a way into a database, and with PG* set to the throwaway server."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PG") and not any(word in name.upper() for word in _SECRET_WORDS) and "://" not in value
    }
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    return {
        **kept,
        **{name: target[key] for name, key in names.items() if key in target},
        "PGPASSFILE": os.devnull,
        "PGSERVICEFILE": os.devnull,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def scrubbed(text: str) -> str:
    """`text` without the passwords of URLs and connection strings in it."""
    return _KEY_PASSWORD.sub(r"\1***", _URL_PASSWORD.sub(r"\1***@", text))


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1][:500] if lines else "it said nothing"
