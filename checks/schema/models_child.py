"""Imports SQLAlchemy models in the project's interpreter, and compiles their MetaData to DDL of PostgreSQL.

Self-contained on purpose: it imports nothing of pgarbiter, and only what SQLAlchemy itself needs, so that any
interpreter from Python 3.8 on that has SQLAlchemy 1.4 or later can run it. No database is connected to. Arguments: a
file with the task, a file for the answer, both JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from typing import Any


class Unusable(Exception):  # noqa: N818 - an answer, not a fault
    """What the task names is not there, or no MetaData."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def main() -> None:
    """Read the task, run it, write the answer; never raises."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - any Python
        task = json.load(file)
    here = os.getcwd()  # noqa: PTH109 - any Python
    source = os.path.join(here, "src")  # noqa: PTH118 - as above
    sys.path[0:1] = [source, here] if os.path.isdir(source) else [here]  # noqa: PTH112 - as above
    try:
        answer = compiled(task, here)
    except BaseException as error:  # noqa: BLE001 - a module may raise anything, SystemExit too
        answer = failure(error, here)
    with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123 - any Python
        json.dump(answer, file)


def compiled(task: dict[str, Any], here: str) -> dict[str, Any]:
    """The statements that make everything in the MetaData, and the schemas that it names."""
    metadata = named(task["module"], task["attribute"], here)
    from sqlalchemy import create_mock_engine  # noqa: PLC0415 - the project's own SQLAlchemy

    statements: list[str] = []

    def take(statement: Any, *_arguments: Any, **_named: Any) -> None:
        text = statement if isinstance(statement, str) else str(statement.compile(dialect=engine.dialect))
        statements.append(text)

    # With this style of parameters the compiler leaves "%" as it is; no driver is needed, nor connected with.
    engine = create_mock_engine("postgresql://", take, paramstyle="named")
    metadata.create_all(engine, checkfirst=False)
    schemas = {table.schema for table in metadata.tables.values()}
    types = (column.type for table in metadata.tables.values() for column in table.columns)
    schemas |= {getattr(one, "schema", None) for one in types}
    schemas |= {getattr(one, "schema", None) for one in getattr(metadata, "_sequences", {}).values()}
    return {"ok": True, "statements": statements, "schemas": sorted(str(name) for name in schemas if name)}


def named(module: str, attribute: str, here: str) -> Any:
    """The MetaData that a module has under a dotted name; that of a declarative base, if it is one."""
    found = importlib.import_module(module)
    path = os.path.realpath(getattr(found, "__file__", None) or here)
    if not path.startswith(os.path.realpath(here) + os.sep):
        raise Unusable("elsewhere", 'module "' + module + '" was imported from ' + path)
    for name in attribute.split("."):
        if not hasattr(found, name):
            raise Unusable("missing", 'module "' + module + '" has no "' + attribute + '"')
        found = getattr(found, name)
    found = getattr(found, "metadata", found) if not hasattr(found, "create_all") else found
    if not hasattr(found, "create_all") or not hasattr(found, "tables"):
        raise Unusable("missing", '"' + attribute + '" of module "' + module + '" is no MetaData')
    if not found.tables:
        raise Unusable("missing", '"' + attribute + '" of module "' + module + '" has no tables')
    return found


def failure(error: BaseException, here: str) -> dict[str, Any]:
    """An error as an answer: its kind ("import", "elsewhere", "missing", "failed"), and what is known of it."""
    if isinstance(error, ImportError):
        missing = 'module "' + error.name + '" is missing: ' if error.name else ""
        return {"ok": False, "kind": "import", "message": missing + str(error), "where": _where(error, here)}
    if isinstance(error, Unusable):
        return {"ok": False, "kind": error.kind, "message": str(error)}
    message = type(error).__name__ + ": " + str(error)
    return {"ok": False, "kind": "failed", "message": message, "where": _where(error, here)}


def _where(error: BaseException, here: str) -> list[Any] | None:
    """Path and line of the innermost frame that lies below the working directory, outside installed packages."""
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(here + os.sep):
        return [str(error.filename)[len(here) + 1 :], error.lineno]
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if one.filename.startswith(here + os.sep) and "site-packages" not in one.filename]
    return [own[-1].filename[len(here) + 1 :], own[-1].lineno] if own else None


if __name__ == "__main__":
    main()
