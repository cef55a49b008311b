"""Alembic as a schema source: its revisions run in a child process of the project's interpreter."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ..errors import SchemaError
from .extensions import Extensions, stand_in, wanted
from .isolation import interpreter, run, scrubbed, urls
from .loading import LoadedFiles
from .session import Session
from .wire import first_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .extensions import StandIn
    from .owner import Place
    from .source import Source

_CHILD = Path(__file__).with_name("alembic_child.py")
_SUFFIXES = frozenset({".py", ".sql", ".ini", ".toml", ".cfg", ".mako", ".env", ".yaml", ".yml"})
_NOT_LOADED = (
    "Give env.py what it needs in the environment: any value will do where it is a secret or a URL, since connections "
    "lead to a throwaway database."
)
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "venv"})


def load_revisions(source: Source, place: Place, python: str | None) -> LoadedFiles:
    """Run `alembic upgrade` against `place`.

    Raises SchemaError when the interpreter or a module that env.py imports is missing, when a revision fails, and when
    env.py connects past SQLAlchemy.
    """
    throwaway, notes, stand_ins = _made_ready(source.path, place, None)
    task = {**throwaway, "revision": source.revision or "heads"}
    directory = source.path.resolve().parent
    answer = run(_CHILD, task, interpreter(directory, python), directory, "alembic")
    if not answer["ok"]:
        raise _error(source, answer)
    return LoadedFiles(answer["statements"], (), (), (), notes, stand_ins)


def task_for(ini: Path, place: Place, texts: Iterable[bytes] | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What a child is told in order to run the revisions of `ini` in `place`, which is made ready; and notes.

    Extensions that `texts` create (by default every file around `ini`) get stand-ins where the server lacks them.
    """
    task, notes, _ = _made_ready(ini, place, texts)
    return task, notes


def _made_ready(
    ini: Path, place: Place, texts: Iterable[bytes] | None
) -> tuple[dict[str, Any], tuple[str, ...], tuple[StandIn, ...]]:
    session = Session(place.owner)
    try:
        around = list(contents(ini))
        asynchronous = any(name.endswith("env.py") and b"async_engine" in data for name, data in around)
        found = (data for _, data in around) if texts is None else texts
        stubbed, notes, stand_ins = _extensions(found, place, session)
    finally:
        session.close()
    token = secrets.token_hex(16)
    _mark(place, token)
    target = {key: str(value) for key, value in conninfo_to_dict(place.owner).items() if value is not None}
    target = {"port": "5432", "password": "", "user": place.owner_name, **target}
    told = {"token": token, "stubbed": stubbed, "urls": urls(), "asynchronous": asynchronous}
    return {"ini": str(ini.resolve()), "target": target, **told}, notes, stand_ins


def contents(place: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of every file in a directory, or around a file, that a program there may depend on.

    They are part of the key of a cache.
    """
    top = place.resolve() if place.is_dir() else place.resolve().parent
    for directory, names, files in os.walk(top):
        names[:] = sorted(name for name in names if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(files):
            path = Path(directory, name)
            if path.suffix in _SUFFIXES or name.startswith(".env"):
                try:
                    yield path.relative_to(top).as_posix(), path.read_bytes()
                except OSError:
                    continue


def _extensions(
    texts: Iterable[bytes], place: Place, session: Session
) -> tuple[list[str], tuple[str, ...], tuple[StandIn, ...]]:
    """Make stand-ins for the extensions that the files name and the server lacks; their names, notes, and they."""
    extensions = Extensions(session, place.as_admin if place.admin else None)
    session.begin_file()
    for data in texts:
        for part in data.decode("utf-8", "replace").casefold().split("create extension")[1:]:
            found = wanted(_statement(part))
            if found and (stand_in(found.name) or place.admin):
                extensions.create(found, 'CREATE EXTENSION IF NOT EXISTS "' + found.name.replace('"', "") + '"')
    session.commit()
    return sorted(extensions.stubbed), extensions.notes(), extensions.stand_ins()


def _statement(rest: str) -> str:
    """The CREATE EXTENSION in a string of any program, `rest` being all behind these two words; without quotes."""
    line = rest.partition(";")[0].partition("\n")[0].replace("\\", "")
    for end in ('")', "')"):
        line = line.partition(end)[0]
    return " ".join(("create extension", *(word.strip("\"'`(),") for word in line.split())))


def _mark(place: Place, token: str) -> None:
    """Give the database a sign by which the child knows it; no other database has it."""
    with psycopg.connect(place.admin or place.owner, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET pgarbiter.token = {}").format(name, sql.Literal(token)))


def _error(source: Source, answer: Mapping[str, Any]) -> SchemaError:
    message = scrubbed(first_line(str(answer.get("message") or answer.get("type") or "")))
    match answer.get("kind"):
        case "import":
            missing = f'module "{answer["module"]}" is missing: ' if answer.get("module") else ""
            return SchemaError(
                f"{source.name}{_at(answer)}: {missing}{message}",
                "Install it, or name the project's own interpreter with --python.",
            )
        case "refused":
            return SchemaError(f"{source.name}: {message}", "Only connections made by SQLAlchemy can be rewritten.")
        case _:
            state = f" ({answer['sqlstate']})" if answer.get("sqlstate") else ""
            return SchemaError(
                f"{source.name} failed{_at(answer)}{state}: {message}",
                "What the revisions would have made is unknown, so that nothing can be judged."
                if answer.get("statements")
                else _NOT_LOADED,
            )


def _at(answer: Mapping[str, Any]) -> str:
    where = answer.get("where")
    return f" at {where[0]}:{where[1]}" if where else ""
