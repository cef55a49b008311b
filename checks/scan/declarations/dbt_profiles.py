"""Which databases the profiles of a dbt project name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Resolve, SourceFile

_TYPE = re.compile(r"^\s*type:\s*[\"']?(\w+)", re.MULTILINE)
_ADAPTER = re.compile(r"\bdbt-(\w+)")
_ADAPTERS = frozenset({
    "bigquery", "snowflake", "redshift", "spark", "databricks", "duckdb", "trino", "athena", "clickhouse", "sqlserver",
    "fabric", "synapse", "oracle", "mysql", "sqlite", "glue", "hive", "impala", "teradata", "vertica", "dremio",
})  # fmt: skip
_PLACES = ("profiles*.yml", "profiles*.yaml", "requirements*.txt", "pyproject.toml", "Pipfile", "setup.py")


def other_database(resolve: Resolve) -> str | None:
    """Why the models are not kept in PostgreSQL: the profiles and requirements only name other adapters."""
    files = tuple(file for pattern in _PLACES for file in resolve.files(pattern))
    return _told(tuple(dict.fromkeys(files)))


@lru_cache(maxsize=8)
def _told(files: tuple[SourceFile, ...]) -> str | None:
    found: dict[str, str] = {}
    for file in files:
        pattern = _TYPE if file.path.endswith((".yml", ".yaml")) else _ADAPTER
        for name in pattern.findall(file.text):
            if name == "postgres":
                return None
            if name in _ADAPTERS:
                found.setdefault(name, file.path.rpartition("/")[2])
    first = next(iter(found), None)
    return f'{found[first]} names the adapter "{first}" of dbt, and not that for PostgreSQL' if first else None
