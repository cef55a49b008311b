"""SQLAlchemy and SQLModel: a lookup, and the INSERT of a row by the session or of Core that it decides.

What is sent follows sqlalchemy.orm.persistence: the attributes that are given, and the defaults of the columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..declarations.model import TableDeclaration
from ..declarations.sqlalchemy import read_table
from ..model import Client, NoSite
from ..values import Constant, Record
from .asked import NOT_ASKED, mechanism_of, racy
from .drafting import insert
from .payload import Payload
from .sqlalchemy_asked import CLIENT, find_asked, is_paired
from .sqlalchemy_merge import find_merged, may_merge, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.model import ColumnDeclaration
    from ..model import Draft, Module, Resolve, SiteFact

_MORE = "the row may be given more values after it is made"


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    table = read_table(fact.values["model"], resolve)
    keys, row = fact.values.get("keys"), fact.values["row"]
    whole = fact.values["whole"] == Constant(value=True)
    if isinstance(table, TableDeclaration) and isinstance(row, Record) and "merged" in fact.values:
        found = merged(table, row)
        if isinstance(found, NoSite):
            return found
        return (insert(fact, QualifiedName(table.schema, table.name), _rows(table, row, whole=whole), racy=found),)
    if not isinstance(table, TableDeclaration) or not isinstance(keys, Record) or not isinstance(row, Record):
        return NoSite(NOT_ASKED)
    names = [column.name for key, _ in keys.entries if (column := _column(table, key)) is not None]
    if not names or len(names) != len(keys.entries):
        return NoSite(NOT_ASKED)
    rows = _rows(table, row, whole=whole)
    return (insert(fact, QualifiedName(table.schema, table.name), rows, racy=racy(tuple(names), mechanism_of(fact))),)


def _column(table: TableDeclaration, name: str) -> ColumnDeclaration | None:
    return table.by_attribute(name) if table.mapped else table.by_key(name)


def _rows(table: TableDeclaration, row: Record, *, whole: bool) -> Payload:
    found = [_column(table, name) for name, _ in row.entries]
    names = [column.name for column in found if column is not None]
    names += [column.name for column in table.columns if column.client_default]
    complete = whole and row.complete and table.complete and None not in found
    return Payload(tuple(dict.fromkeys(names)), complete, 1, reason=None if complete else _MORE)


def _find(module: Module) -> Iterator[SiteFact]:
    yield from find_asked(module)
    yield from find_merged(module)


def _is_paired(data: bytes) -> bool:
    return is_paired(data) or may_merge(data)


SQLALCHEMY_SESSION = Client(
    name=CLIENT, languages=frozenset({"python"}), triggers=(), find=_find, finish=_finish, paired=_is_paired
)
