"""The table that pandas gives to a function that writes its rows: `frame.to_sql("t", engine, method=function)`.

Follows pandas 2.2, io/sql.py: the function is given (table, connection, keys, rows), and `table.table` is SQLAlchemy's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Lambda, Member, Name, Param, Text
from .model import TableDeclaration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve
    from ..values import Call, Value


def written_by(value: Value, resolve: Resolve) -> TableDeclaration | None:
    """The one table that `table.table` of such a function is; None for anything else, and when there are several."""
    given = value.object if isinstance(value, Member) and value.name == "table" else None
    if not isinstance(given, Param) or given.index != 0 or not given.function:
        return None
    found = {_table(call, resolve) for call in _calls(given, resolve)}
    only = next(iter(found), None)
    return TableDeclaration(*only, complete=False) if len(found) == 1 and only is not None else None


def _calls(given: Param, resolve: Resolve) -> Iterator[Call]:
    for module in resolve.modules_holding(b".to_sql("):
        for call in module.calls(frozenset({"to_sql"})):
            method = dict(call.keywords).get("method")
            known = resolve(method) if isinstance(method, Name) else None
            if isinstance(known, Lambda) and (known.path, known.offset) == (given.path, given.offset):
                yield call


def _table(call: Call, resolve: Resolve) -> tuple[str, str | None] | None:
    """The name and the schema; None when one of them is not known."""
    named = dict(call.keywords)
    name = _text(named.get("name", call.args[0] if call.args else None), resolve)
    schema = named.get("schema", call.args[2] if len(call.args) > 2 else None)  # noqa: PLR2004 - name, con, schema
    known = _text(schema, resolve)
    return None if name is None or (schema is not None and known is None) else (name, known)


def _text(value: Value | None, resolve: Resolve) -> str | None:
    known = resolve(value) if value is not None else None
    return known.text if isinstance(known, Text) else None
