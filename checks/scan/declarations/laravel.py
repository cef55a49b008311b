"""Tables of Eloquent models, and the database that a Laravel project is set up for.

Source: laravel/framework 13.26 Eloquent Model.getTable, HasTimestamps, HasUniqueIds, Builder (addTimestamps*).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import boolean, is_absent, path_of, text, told
from ..values import Class, Import, Record, Text
from .laravel_names import table_name
from .lineage import lineage_of
from .model import Undeclared
from .modules import module_of
from .once import once

if TYPE_CHECKING:
    from ..model import Resolve, SourceFile
    from ..values import Value
    from .lineage import Lineage

_MODELS = frozenset({"Model", "Pivot", "MorphPivot", "Authenticatable", "User", "Eloquent"})
_UNIQUE = frozenset({"HasUuids", "HasUlids", "HasVersion7Uuids", "HasVersion4Uuids"})
_OURS = frozenset({"pgsql", "postgres", "postgresql"})
_NAMES = {"mysql": "MySQL", "mariadb": "MySQL", "sqlite": "SQLite", "sqlsrv": "SQL Server", "oracle": "Oracle"}
_SETTING = re.compile(r"^\s*(?:export\s+)?DB_CONNECTION\s*=\s*[\"']?(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Eloquent:
    """A model. `created` and `updated` are the columns of its timestamps, where it has them; `unique` its own ids.

    `defaults` are columns with a value before any is given; `connection` the one that it names.
    """

    table: QualifiedName
    created: str | None
    updated: str | None
    unique: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    connection: str | None = None

    @property
    def timestamps(self) -> tuple[str, ...]:
        """Both columns, those that there are."""
        return tuple(name for name in (self.created, self.updated) if name is not None)


def qualified(name: str) -> QualifiedName | Undeclared:
    """The table that a name is, `schema.table` and `table as alias` taken apart."""
    plain = re.split(r"\s+as\s+", name.strip(), flags=re.IGNORECASE)[0]
    if " " in plain or not plain:
        return Undeclared(f'the table is the expression "{name}"')
    schema, _, own = plain.rpartition(".")
    return QualifiedName(schema.rpartition(".")[2] or None, own)


def is_model(value: Value, resolve: Resolve) -> bool:
    """Whether a value is a class that derives from one of Eloquent."""
    if not isinstance(value, Class):
        return False
    others = (path_of(other) or "" for other in lineage_of(value, resolve).others)
    return any(other.rpartition(".")[2] in _MODELS for other in others)


def read_model(value: Value, resolve: Resolve) -> Eloquent | Undeclared:
    """The model that a resolved class is; one that no file declares goes by its name if it has no namespace."""
    if isinstance(value, Import) and value.name is None:
        own = value.module.rpartition(".")[2]
        if own != value.module:
            return Undeclared(f'class "{own}" is not in the project')
        return Eloquent(QualifiedName(None, table_name(own)), None, None)
    if not isinstance(value, Class):
        return Undeclared(f"the model is {told(value)}")
    lineage = lineage_of(value, resolve)
    given = lineage.attribute("table")
    name = text(given, resolve) if given is not None else table_name(value.name)
    if name is None:
        known = resolve(given) if given is not None else value
        return Undeclared(f'the table of "{value.name}" is {told(known)}')
    table = qualified(name)
    if isinstance(table, Undeclared):
        return table
    stamped = boolean(lineage.attribute("timestamps"), resolve, default=True) is not False
    key = lineage.attribute("primaryKey")
    traits = {(path_of(other) or "").rpartition(".")[2] for other in lineage.others}
    connection = lineage.attribute("connection")
    return Eloquent(
        table,
        _stamp(lineage, "CREATED_AT", "created_at", resolve) if stamped else None,
        _stamp(lineage, "UPDATED_AT", "updated_at", resolve) if stamped else None,
        ((text(key, resolve) if key is not None else None) or "id",) if traits & _UNIQUE else (),
        _keys(lineage.attribute("attributes"), resolve),
        text(connection, resolve) if connection is not None else None,
    )


def _stamp(lineage: Lineage, constant: str, usual: str, resolve: Resolve) -> str | None:
    given = lineage.attribute(constant)
    if given is None:
        return usual
    return None if is_absent(resolve(given)) else text(given, resolve) or usual


def _keys(given: Value | None, resolve: Resolve) -> tuple[str, ...]:
    known = resolve(given) if given is not None else None
    return tuple(key for key, _ in known.entries) if isinstance(known, Record) else ()


def other_database(connection: str | None, resolve: Resolve) -> str | None:
    """Why a connection, None for the usual one, is not PostgreSQL's: by its driver, or by the project's environment.

    A project that names pgsql anywhere but in its list of connections may be run on it.
    """
    if connection is not None:
        driver = dict(_drivers(resolve.files("database.php"))).get(connection, connection)
        other = _NAMES.get(driver)
        return f'connection "{connection}" is one to {other}' if other is not None else None
    named = {(path, word) for path, word in _environment(resolve.files(".env*")) if word}
    if not named or any(word in _OURS for _, word in named):
        return None
    if any(not file.path.startswith("config/") and "/config/" not in file.path for file in resolve.holding(b"pgsql")):
        return None
    path, word = min(named)
    return f"DB_CONNECTION in {path} is {word}" if word in _NAMES else None


@once
def _environment(files: tuple[SourceFile, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((file.path, match[1].lower()) for file in files for match in _SETTING.finditer(file.text))


@once
def _drivers(files: tuple[SourceFile, ...]) -> tuple[tuple[str, str], ...]:
    """The driver of each connection that `config/database.php` lists."""
    found: list[tuple[str, str]] = []
    for file in files:
        module = module_of(file)
        for value in _returned(file) if module is not None else ():
            listed = value.get("connections")
            for name, one in listed.entries if isinstance(listed, Record) else ():
                driver = one.get("driver") if isinstance(one, Record) else None
                found += [(name, driver.text)] if isinstance(driver, Text) else []
    return tuple(found)


def _returned(file: SourceFile) -> tuple[Record, ...]:
    """The array that a file of settings returns."""
    from ..hosts.php import PhpModule  # noqa: PLC0415 - most runs never need it

    module = PhpModule(file)
    arrays = [
        module.lowering.lower(one) for node in module.root.find_all(kind="return_statement") for one in node.children()
    ]
    return tuple(one for one in arrays if isinstance(one, Record))
