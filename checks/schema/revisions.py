"""Alembic as a schema source: its revisions run in a child process of the project's interpreter."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ..errors import SchemaError
from .extensions import Extensions, stand_in, wanted
from .loading import LoadedFiles
from .session import Session
from .wire import first_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .owner import Place
    from .source import Source

CHILD_SECONDS = 600.0
_CHILD = Path(__file__).with_name("alembic_child.py")
_SUFFIXES = frozenset({".py", ".sql", ".ini", ".toml", ".cfg", ".mako", ".env", ".yaml", ".yml"})
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "venv"})
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


def load_revisions(source: Source, place: Place, python: str | None) -> LoadedFiles:
    """Run `alembic upgrade` against `place`.

    Raises SchemaError when the interpreter or a module that env.py imports is missing, when a revision fails, and when
    env.py connects past SQLAlchemy.
    """
    throwaway, notes = task_for(source.path, place)
    task = {**throwaway, "revision": source.revision or "heads"}
    answer = _run(task, interpreter(source.path, python), source.path.resolve().parent, task["target"])
    if not answer["ok"]:
        raise _error(source, answer)
    return LoadedFiles(answer["statements"], (), (), (), notes)


def task_for(ini: Path, place: Place, texts: Iterable[bytes] | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What a child is told in order to run the revisions of `ini` in `place`, which is made ready; and notes.

    Extensions that `texts` create (by default every file around `ini`) get stand-ins where the server lacks them.
    """
    session = Session(place.owner)
    try:
        found = (data for _, data in contents(ini)) if texts is None else texts
        stubbed, notes = _extensions(found, place, session)
    finally:
        session.close()
    token = secrets.token_hex(16)
    _mark(place, token)
    target = {key: str(value) for key, value in conninfo_to_dict(place.owner).items() if value is not None}
    target = {"port": "5432", "password": "", "user": place.owner_name, **target}
    return {"ini": str(ini.resolve()), "target": target, "token": token, "stubbed": stubbed}, notes


def interpreter(ini: Path, python: str | None) -> str:
    """The interpreter that runs env.py: the one asked for, the .venv beside alembic.ini, else this one.

    Raises SchemaError when the one asked for does not exist.
    """
    if python is not None:
        if not Path(python).is_file():
            raise SchemaError(f'interpreter "{python}" does not exist', "Name the project's Python with --python.")
        return python
    places = (ini.resolve().parent / name / "bin" / "python" for name in (".venv", "venv"))
    return next((str(place) for place in places if place.is_file()), sys.executable)


def contents(ini: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of every file that the revisions may depend on, for the key of a cache."""
    top = ini.resolve().parent
    for directory, names, files in os.walk(top):
        names[:] = sorted(name for name in names if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(files):
            path = Path(directory, name)
            if path.suffix in _SUFFIXES or name.startswith(".env"):
                try:
                    yield path.relative_to(top).as_posix(), path.read_bytes()
                except OSError:
                    continue


def _extensions(texts: Iterable[bytes], place: Place, session: Session) -> tuple[list[str], tuple[str, ...]]:
    """Make stand-ins for the extensions that the files name and the server lacks; their names."""
    extensions = Extensions(session, place.as_admin if place.admin else None)
    session.begin_file()
    for data in texts:
        for part in data.decode("utf-8", "replace").casefold().split("create extension")[1:]:
            statement = f"create extension{part.partition(';')[0].partition(chr(10))[0]}".replace("\\", "")
            found = wanted(statement.replace("'", "").replace(")", ""))
            if found and (stand_in(found.name) or place.admin):
                extensions.create(found, 'CREATE EXTENSION IF NOT EXISTS "' + found.name.replace('"', "") + '"')
    session.commit()
    return sorted(extensions.stubbed), extensions.notes()


def _mark(place: Place, token: str) -> None:
    """Give the database a sign by which the child knows it; no other database has it."""
    with psycopg.connect(place.admin or place.owner, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET pgarbiter.token = {}").format(name, sql.Literal(token)))


def _run(task: dict[str, Any], python: str, directory: Path, target: Mapping[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="pgarbiter-") as temporary:
        asked, answered = Path(temporary, "task.json"), Path(temporary, "answer.json")
        asked.write_text(json.dumps(task), "utf-8")
        command = [python, str(_CHILD), str(asked), str(answered)]
        output = _wait(command, directory, environment(target))
        try:
            answer: dict[str, Any] = json.loads(answered.read_text("utf-8"))
        except (OSError, ValueError):
            raise SchemaError(f"alembic did not finish: {scrubbed(_last_line(output))}") from None
        return answer


def _wait(command: list[str], directory: Path, environment: Mapping[str, str]) -> str:
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
        raise SchemaError(f"alembic did not finish within {CHILD_SECONDS:.0f} s") from None
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


def _error(source: Source, answer: Mapping[str, Any]) -> SchemaError:
    message = scrubbed(first_line(str(answer.get("message") or answer.get("type") or "")))
    match answer.get("kind"):
        case "import":
            missing = f'module "{answer["module"]}" is missing: ' if answer.get("module") else ""
            return SchemaError(
                f"{source.name}: {missing}{message}",
                "Install it, or name the project's own interpreter with --python.",
            )
        case "refused":
            return SchemaError(f"{source.name}: {message}", "Only connections made by SQLAlchemy can be rewritten.")
        case _:
            where = answer.get("where")
            place = f" at {where[0]}:{where[1]}" if where else ""
            state = f" ({answer['sqlstate']})" if answer.get("sqlstate") else ""
            return SchemaError(
                f"{source.name} failed{place}{state}: {message}",
                "What the revisions would have made is unknown, so that nothing can be judged.",
            )


def scrubbed(text: str) -> str:
    """`text` without the passwords of URLs and connection strings in it."""
    return _KEY_PASSWORD.sub(r"\1***", _URL_PASSWORD.sub(r"\1***@", text))


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1][:500] if lines else "it said nothing"
