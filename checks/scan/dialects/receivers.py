"""What the receiver that a statement is handed to says of its database: `clickhouse.query("INSERT ...")`."""

from __future__ import annotations

import re
from typing import NamedTuple

from .paths import words_in

# Only names of one product, each of which nobody would give to a connection to PostgreSQL.
_PRODUCTS = {
    "clickhouse": "ClickHouse",
    "bigquery": "BigQuery",
    "duckdb": "DuckDB",
    "trino": "Trino",
    "sqlite": "SQLite",
    "sqlite3": "SQLite",
    "mysql": "MySQL",
    "mariadb": "MySQL",
    "mssql": "SQL Server",
}
_PRESENT = re.compile("|".join(_PRODUCTS), re.IGNORECASE)
_MOST = 200  # characters between a receiver and its statement
_OPENING = r"""(?:<[^<>()]{0,80}>)?\s*\(?\s*[A-Za-z$]{0,2}(?:\"\"\"|'''|["'`])\s*$"""
_CALL = re.compile(rf"([A-Za-z_$][\w$]*(?:\s*[?!]?(?:\.|->|::)\s*[$\w]+)*)\s*{_OPENING}")


class Receiver(NamedTuple):
    """A database and the call that names it, as it is written."""

    dialect: str
    call: str


def receiver_before(text: str, offset: int) -> Receiver | None:
    """The database that the receiver of the call names whose first argument, or template, holds that place.

    The name of the method says nothing: `db.exportToClickhouse(...)` may write anywhere.
    """
    behind = text[max(offset - _MOST, 0) : offset]
    if _PRESENT.search(behind) is None or (found := _CALL.search(behind)) is None:
        return None
    call = re.sub(r"\s+", "", found[1])
    owners = re.split(r"[?!]?(?:\.|->|::)", call)
    told = {_PRODUCTS[word] for owner in owners[:-1] or owners for word in words_in(owner) if word in _PRODUCTS}
    return Receiver(told.pop(), call) if len(told) == 1 else None
