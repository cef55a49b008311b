"""Runs `alembic upgrade` in the project's interpreter, against a throwaway server whatever env.py says.

Self-contained on purpose: it imports nothing of pgarbiter, and only what Alembic itself needs, so that any interpreter
from Python 3.8 on that has Alembic can run it. Arguments: a file with the task, a file for the answer, both JSON.
The child program of `pgarbiter migrate` loads this file by its path for what the two have in common.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import traceback
from typing import Any
from urllib.parse import quote, urlencode

_SHOWN = 5  # settings that are missing


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The project would connect where it must not."""


def main() -> None:
    """Read the task, run it, write the answer; never raises."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - any Python
        task = json.load(file)
    sys.path[0] = os.getcwd()  # noqa: PTH109 - any Python; not this file's directory, whose names are not the project's
    state = {"statements": 0}
    answer: dict[str, Any] = {"ok": True}
    try:
        _upgrade(task, state)
    except BaseException as error:  # noqa: BLE001 - env.py may raise anything, SystemExit too
        answer = {"ok": False, **failure(error)}
    answer["statements"] = state["statements"]
    with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123 - any Python
        json.dump(answer, file)


def failure(error: BaseException) -> dict[str, Any]:
    """An error as an answer: its kind ("import", "refused", "failed"), and what is known of it."""
    while type(error).__name__ == "PendingRollbackError" and error.__context__ is not None:
        error = error.__context__  # how SQLAlchemy ends what a lost connection was used in
    if isinstance(error, ImportError):
        absent = error.name if isinstance(error, ModuleNotFoundError) else None
        return {"kind": "import", "module": absent, "message": str(error), "where": _where(error)}
    if isinstance(error, Refused):
        return {"kind": "refused", "message": str(error)}
    told = {"kind": "failed", "type": type(error).__name__, "message": _said(error)}
    return {**told, "sqlstate": sqlstate(error), "where": _where(error), "hint": getattr(error, "hint", None)}


def _upgrade(task: dict[str, Any], state: dict[str, int]) -> None:
    from alembic import command  # noqa: PLC0415 - an ImportError here is an answer
    from alembic.config import Config  # noqa: PLC0415 - as above

    name_urls(task)
    rewrite_connections(task, state)
    config = Config(task["ini"], cmd_opts=argparse.Namespace(x=[], name="alembic", raiseerr=True, quiet=True))
    name_driver(config)
    command.upgrade(config, task["revision"])


def name_driver(config: Any) -> None:
    """Give an alembic.ini a URL that can be loaded where it has none, or the one that `alembic init` writes.

    Whichever it is, connections go elsewhere: only dialect and driver count.
    """
    if (config.get_main_option("sqlalchemy.url") or "driver://").startswith("driver://"):
        known = ("psycopg", "psycopg2", "asyncpg", "pg8000")
        driver = next((name for name in known if importlib.util.find_spec(name)), "psycopg")
        config.set_main_option("sqlalchemy.url", "postgresql+" + driver + "://")


def name_urls(task: dict[str, Any]) -> None:
    """Let the variables in which env.py may look for a URL lead to the target."""
    for name, prefix in task["urls"].items():
        os.environ[name] = _url(task["target"], prefix or _driver(asynchronous=task.get("asynchronous", False)))


def _driver(*, asynchronous: bool) -> str:
    """Dialect and driver of a URL where no variable names them: one that is installed, and that fits env.py."""
    if asynchronous and importlib.util.find_spec("asyncpg"):
        return "postgresql+asyncpg"
    return "postgresql" if importlib.util.find_spec("psycopg2") and not asynchronous else "postgresql+psycopg"


def _url(target: dict[str, str], prefix: str) -> str:
    """The target as a URL of that dialect and driver."""
    query = urlencode({key: value for key, value in target.items() if key not in ("user", "password", "dbname")})
    who = quote(target.get("user", ""), safe="")
    secret = quote(target.get("password", ""), safe="")
    return f"{prefix}://{who}{':' + secret if secret else ''}@/{quote(target.get('dbname', ''), safe='')}?{query}"


def rewrite_connections(task: dict[str, Any], state: dict[str, int]) -> None:
    """Send every connection of SQLAlchemy to `task["target"]`, and refuse those that do not show `task["token"]`.

    The token is a setting of the throwaway database; of a live one, which is left as it is, the application_name.
    """
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
        if task.get("live"):
            _name(dialect.driver, cparams, task["token"])

    @event.listens_for(Pool, "connect")
    def verify(connection: Any, _record: Any) -> None:
        # An engine with a `creator` never asks do_connect.
        cursor = connection.cursor()
        try:
            sign = "application_name" if task.get("live") else "pgarbiter.token"
            cursor.execute("SELECT current_setting('" + sign + "', true)")
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
    if driver not in ("pg8000", "asyncpg"):
        return dict(target)  # libpq's own words
    found: dict[str, Any] = {"user": target["user"], "password": target["password"], "port": int(target["port"])}
    found["database"] = target["dbname"]
    mode = target.get("sslmode")
    if driver == "pg8000":
        found["ssl_context"] = True if mode in ("require", "verify-ca", "verify-full") else None
        if target["host"].startswith("/"):
            found["unix_sock"] = "{host}/.s.PGSQL.{port}".format(**target)
            del found["port"]
            return found
    else:
        found["ssl"] = mode or False
    found["host"] = target["host"]
    return found


def _name(driver: str, cparams: dict[str, Any], name: str) -> None:
    if driver == "asyncpg":
        cparams["server_settings"] = {**cparams.get("server_settings", {}), "application_name": name}
    else:
        cparams["application_name"] = name


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a driver's error, bare or wrapped by SQLAlchemy."""
    original = getattr(error, "orig", error)
    return getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)


def _said(error: BaseException) -> str:
    """Of Python's own exceptions the name too: the text of a KeyError is a key, that of SystemExit a number."""
    text = _invalid(error) or str(error.msg if isinstance(error, SyntaxError) else error)
    named = type(error).__module__ == "builtins" or not text
    return ": ".join(part for part in (type(error).__name__, text) if part) if named else text


def _invalid(error: BaseException) -> str:
    """Which settings an error of pydantic is about, and why, on one line without their values; "" for other errors."""
    if type(error).__name__ != "ValidationError" or not callable(getattr(error, "errors", None)):
        return ""
    try:
        found = [(".".join(str(part) for part in each["loc"]), each["msg"]) for each in error.errors()]  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - an error of another library
        return ""
    return "; ".join("{}: {}".format(*each) for each in found[:_SHOWN])


def _where(error: BaseException) -> list[Any] | None:
    """Path and line of the innermost frame that lies below the working directory, outside installed packages."""
    here = os.getcwd() + os.sep  # noqa: PTH109 - any Python
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(here):
        return [str(error.filename)[len(here) :], error.lineno]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(here) and "site-packages" not in frame.filename]
    return [own[-1].filename[len(here) :], own[-1].lineno] if own else None


if __name__ == "__main__":
    main()
