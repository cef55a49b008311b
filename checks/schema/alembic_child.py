"""Runs `alembic upgrade` in the project's interpreter, against a throwaway server whatever env.py says.

Self-contained on purpose: it imports nothing of pgarbiter, and only what Alembic itself needs, so that any interpreter
from Python 3.8 on that has Alembic can run it. Arguments: a file with the task, a file for the answer, both JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from typing import Any


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The project would connect where it must not."""


def main() -> None:
    """Read the task, run it, write the answer; never raises."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - any Python
        task = json.load(file)
    sys.path[0] = os.getcwd()  # noqa: PTH109 - any Python; not this file's directory, whose names are not the project's
    state = {"statements": 0}
    try:
        _upgrade(task, state)
        answer: dict[str, Any] = {"ok": True}
    except ImportError as error:
        answer = {"ok": False, "kind": "import", "module": error.name, "message": str(error)}
    except Refused as error:
        answer = {"ok": False, "kind": "refused", "message": str(error)}
    except BaseException as error:  # noqa: BLE001 - env.py may raise anything, SystemExit too
        answer = {"ok": False, "kind": "failed", "type": type(error).__name__, "message": str(error)}
        answer["sqlstate"] = _sqlstate(error)
        answer["where"] = _where(error)
    answer["statements"] = state["statements"]
    with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123 - any Python
        json.dump(answer, file)


def _upgrade(task: dict[str, Any], state: dict[str, int]) -> None:
    from alembic import command  # noqa: PLC0415 - an ImportError here is an answer
    from alembic.config import Config  # noqa: PLC0415 - as above

    _rewrite_connections(task, state)
    config = Config(task["ini"], cmd_opts=argparse.Namespace(x=[], name="alembic", raiseerr=True, quiet=True))
    command.upgrade(config, task["revision"])


def _rewrite_connections(task: dict[str, Any], state: dict[str, int]) -> None:
    from sqlalchemy import event  # noqa: PLC0415 - an ImportError here is an answer
    from sqlalchemy.engine import Engine  # noqa: PLC0415 - as above
    from sqlalchemy.pool import Pool  # noqa: PLC0415 - as above

    @event.listens_for(Engine, "do_connect")
    def rewrite(dialect: Any, _record: Any, cargs: list[Any], cparams: dict[str, Any]) -> None:
        if dialect.name != "postgresql":
            raise Refused(f'env.py connects with dialect "{dialect.name}", wanted "postgresql"')
        cargs[:] = []
        kept: dict[str, Any] = {key: cparams[key] for key in ("options", "server_settings") if key in cparams}
        cparams.clear()
        cparams.update(kept)
        cparams.update(_arguments(dialect.driver, task["target"]))

    @event.listens_for(Pool, "connect")
    def verify(connection: Any, _record: Any) -> None:
        # An engine with a `creator` never asks do_connect.
        cursor = connection.cursor()
        try:
            cursor.execute("SELECT current_setting('pgarbiter.token', true)")
            found = cursor.fetchone()
        finally:
            cursor.close()
        connection.rollback()
        if not found or found[0] != task["token"]:
            raise Refused("env.py made a connection of its own, past SQLAlchemy's do_connect; nothing was run on it")

    @event.listens_for(Engine, "before_cursor_execute", retval=True)
    def count(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> tuple[str, Any]:
        state["statements"] += 1
        words = statement.replace(";", " ").split()
        if [word.lower() for word in words[:2]] == ["create", "extension"]:
            at = 5 if [word.lower() for word in words[2:5]] == ["if", "not", "exists"] else 2
            if at < len(words) and words[at].strip("\"'").lower() in task["stubbed"]:
                return "SELECT 1", parameters
        return statement, parameters


def _arguments(driver: str, target: dict[str, str]) -> dict[str, Any]:
    """The arguments of that driver's connect()."""
    found: dict[str, Any] = {"user": target["user"], "password": target["password"], "port": int(target["port"])}
    socket = target["host"].startswith("/")
    if driver in ("pg8000", "asyncpg"):
        found["database"] = target["dbname"]
    else:
        found["dbname"] = target["dbname"]
    if driver == "pg8000" and socket:
        found["unix_sock"] = "{host}/.s.PGSQL.{port}".format(**target)
        del found["port"]
    else:
        found["host"] = target["host"]
    if driver == "asyncpg":
        found["ssl"] = False
    return found


def _sqlstate(error: BaseException) -> str | None:
    original = getattr(error, "orig", error)
    return getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)


def _where(error: BaseException) -> list[Any] | None:
    """Path and line of the innermost frame that lies below the working directory, outside installed packages."""
    here = os.getcwd() + os.sep  # noqa: PTH109 - any Python
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(here) and "site-packages" not in frame.filename]
    return [own[-1].filename[len(here) :], own[-1].lineno] if own else None


if __name__ == "__main__":
    main()
