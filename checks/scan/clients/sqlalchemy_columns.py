"""Which columns a SQLAlchemy INSERT writes and which its DO UPDATE sets, as the compiler maps their keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..values import Member, Opaque, Record
from .payload import Payload, payload
from .reading import argument, called_name, expanded, list_of_texts

if TYPE_CHECKING:
    from ..declarations.model import TableDeclaration
    from ..model import Resolve
    from ..values import Call, Value
    from .sqlalchemy_statement import Statement


@dataclass(frozen=True, slots=True)
class SetColumns:
    """The columns of SET; None: nothing known, `complete` False: at least these."""

    columns: tuple[str, ...] | None
    complete: bool


def written_columns(statement: Statement, rows: Value | None, table: TableDeclaration, resolve: Resolve) -> Payload:
    """The insert columns: the keys of values(), or of the first row that execute() is given, and client defaults."""
    given = [_given(link, resolve) for link in statement.links if called_name(link) in {"values", "from_select"}]
    if rows is not None:
        given.append(replace(payload(rows, resolve), rows=None))
    if not given:
        return Payload(None, complete=False, reason="the rows are given elsewhere")
    known = [one.columns for one in given if one.columns is not None]
    if not known:
        return given[0]
    keys = tuple(dict.fromkeys(key for one in known for key in one))
    names = [_named(key, table) for key in keys]
    names += [column.name for column in table.columns if column.client_default]
    complete = statement.complete and table.complete and all(one.complete for one in given)
    reason = next((one.reason for one in given if one.reason), None)
    if not complete and reason is None:
        reason = "the declaration of the table is not fully known" if statement.complete else "branches differ"
    return Payload(tuple(dict.fromkeys(names)), complete, given[0].rows, reason=reason)


def _given(link: Call, resolve: Resolve) -> Payload:
    if called_name(link) == "from_select":
        names = argument(link, 0, "names")
        listed = list_of_texts(names, resolve) if names is not None else None
        return Payload(listed, listed is not None, None, reason=None if listed else "the columns are those of a query")
    plain = [arg for arg in link.args if not _is_spread(arg)]
    if plain:
        return payload(plain[0], resolve)
    return payload(expanded(Record(link.keywords, not link.args, link.offset), resolve), resolve)


def _is_spread(value: Value) -> bool:
    return isinstance(value, Opaque) and value.source.startswith("*")


def _named(key: str, table: TableDeclaration) -> str:
    """values() takes attributes of a mapped class and keys of columns; what is neither is sent as it stands."""
    column = (table.by_attribute(key) if table.mapped else None) or table.by_key(key)
    return column.name if column else key


def set_columns(given: Value | None, table: TableDeclaration, resolve: Resolve) -> SetColumns:
    """The columns of `set_`, whose keys are compared with Column.key only; any other text is sent as it stands."""
    if given is None:
        return SetColumns(None, complete=False)
    if isinstance(given, Member) and given.name == "excluded":  # a ColumnCollection: every column of the table
        return SetColumns(tuple(column.name for column in table.columns) or None, table.complete)
    known = resolve(given)
    if not isinstance(known, Record):
        return SetColumns(None, complete=False)
    names = [column.name if (column := table.by_key(key)) else key for key, _ in known.entries]
    return SetColumns(tuple(dict.fromkeys(names)) or None, known.complete and bool(names))
