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
_PLACEHOLDER = "placeholder"  # for what a program may only want to be there
_HARMLESS = frozenset({"", "0", "1", "true", "false", "yes", "no", "on", "off"})
_NOWHERE = "127.0.0.1:9"  # the port of discard, at which nothing listens
_POSTGRES = re.compile(r"^(postgres(?:ql)?(?:\+\w+)?)://", re.ASCII)
# Under one of these a program is likely to look for its URL, whether or not they are set here.
_NAMES = ("DATABASE_URL", "PGARBITER_DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_DATABASE_URL")
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
    """Ours with PG* set to the throwaway server, and nothing else that looks like a way into a database or service.

    Settings of a program may want such a variable to be there: it holds a placeholder then.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    kept = {name: told for name, value in kept.items() if (told := _harmless(name.upper(), value)) is not None}
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    return {
        **kept,
        **{name: target[key] for name, key in names.items() if key in target},
        "PGPASSFILE": os.devnull,
        "PGSERVICEFILE": os.devnull,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _harmless(name: str, value: str) -> str | None:
    """What stands for a value in a child's environment: itself, unless it may be a secret; None for nothing at all."""
    scheme, url, rest = value.partition("://")
    if url:  # a token in a URL of the web is checked by whoever reads it: no placeholder is one
        whole = not _POSTGRES.match(value) and not (scheme.startswith("http") and ("@" in rest or "DSN" in name))
        return f"{scheme}://{_NOWHERE}/" if whole and scheme.replace("+", "").isalnum() else None
    if value.casefold() in _HARMLESS or not any(word in name for word in _SECRET_WORDS):
        return value
    return "1" if value.isdigit() else _PLACEHOLDER  # a port has to be a number


def urls() -> dict[str, str | None]:
    """The variables that are to hold the URL of a child's database, each with dialect and driver that it names here."""
    found: dict[str, str | None] = dict.fromkeys(_NAMES)
    for name, value in os.environ.items():
        if match := _POSTGRES.match(value):
            found[name] = match[1]
    return found


def scrubbed(text: str) -> str:
    """`text` without the passwords of URLs and connection strings in it."""
    return _KEY_PASSWORD.sub(r"\1***", _URL_PASSWORD.sub(r"\1***@", text))


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1][:500] if lines else "it said nothing"
