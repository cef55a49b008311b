"""Statements that pg-promise makes of column sets: `helpers.insert(..)` and `assignColumns(..)` as SQL text.

Follows pg-promise 12.7.1: helpers/methods/insert.js, column.js (the syntax of a column) and column-set.js.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .values import Call, Constant, Import, Join, Member, Name, Opaque, Record, Sequence, Text

if TYPE_CHECKING:
    from .values import Value

_COLUMN = re.compile(r"^\??([A-Za-z0-9_$]+)")


def fold_pg_promise(call: Call) -> Value:
    """The SQL that the call makes, when its columns are known; else the call itself."""
    match call:
        case Call(Member(Member(name="helpers") | Name("helpers"), "insert"), (rows, *rest)):
            return _insert(call, rows, rest)
        case Call(Member(Call() as columns, "assignColumns"), args) if _is_set(columns):
            return _assigned(call, columns, args)
        case _:
            return call


def _called(call: Call) -> str:
    match call.callee:
        case Name(name) | Member(name=name) | Import(name=str(name)):
            return name
        case _:
            return ""


def _insert(call: Call, rows: Value, rest: list[Value]) -> Value:
    given = rest[0] if rest else None
    names = _names(rows if given is None or isinstance(given, Constant) else given)
    table = _table(rest[1]) if len(rest) > 1 else None
    if table is None and given is not None:
        table = _table_of_set(given)
    if names is None:
        return call
    listed = ",".join(_quoted(name) for name in names)
    named: Value = Opaque("table") if table is None else Text(table)
    return Join((Text("insert into "), named, Text(f"({listed}) values("), Opaque("..."), Text(")")), None, call.offset)


def _is_set(value: Value) -> bool:
    """`new ColumnSet(..)`, or one that is made of another with more columns."""
    match value:
        case Call(Member(Call() as inner, "extend" | "merge")):
            return _is_set(inner)
        case Call():
            return _called(value) == "ColumnSet"
        case _:
            return False


def _table_of_set(value: Value) -> str | None:
    """The option `table` of a set, which sets made of it keep."""
    match value:
        case Call(Member(Call() as inner, "extend" | "merge")):
            return _table_of_set(inner)
        case Call(args=(_, Record() as options, *_)) if (option := options.get("table")) is not None:
            return _table(option)
        case _:
            return None


def _names(value: Value) -> list[str] | None:
    """The columns; None when one of them is not known."""
    match value:
        case Call(Member(Call() as inner, "extend" | "merge"), (more, *_)) if _is_set(inner):
            first, second = _names(inner), _names(more)
            return None if first is None or second is None else list(dict.fromkeys([*first, *second]))
        case Call(args=(columns, *_)) if _called(value) == "ColumnSet":
            return _names(columns)
        case Record(entries, True):
            return [key for key, _ in entries]
        case Sequence(items, True):
            found = [_name(item) for item in items]
            known = [one for one in found if one is not None]
            return known if len(known) == len(found) else None
        case _:
            return None


def _name(value: Value) -> str | None:
    """`"?id"`, `"data:json"`, `{name: "at", prop: "time"}`."""
    given = value.get("name") if isinstance(value, Record) else value
    match = _COLUMN.match(given.text) if isinstance(given, Text) else None
    return match[1] if match is not None else None


def _table(value: Value) -> str | None:
    """`"t"`, `{table, schema}`, `new TableName(..)`."""
    match value:
        case Text(text):
            return _quoted(text)
        case Record():
            table, schema = value.get("table"), value.get("schema")
            if not isinstance(table, Text) or (schema is not None and not isinstance(schema, Text)):
                return None
            return f"{_quoted(schema.text)}.{_quoted(table.text)}" if isinstance(schema, Text) else _quoted(table.text)
        case Call(args=(inner, *_)) if _called(value) == "TableName":
            return _table(inner)
        case _:
            return None


def _assigned(call: Call, columns: Call, args: tuple[Value, ...]) -> Value:
    names = _names(columns)
    options = args[0] if args and isinstance(args[0], Record) else Record(())
    source, skipped = options.get("from"), options.get("skip")
    left_out = _texts(skipped) if skipped is not None else ()
    if names is None or left_out is None or not isinstance(source, Text) or not options.complete:
        return call
    kept = [name for name in names if name not in left_out]
    return Text(",".join(f"{_quoted(name)}={_quoted(source.text.lower())}.{_quoted(name)}" for name in kept))


def _texts(value: Value) -> tuple[str, ...] | None:
    match value:
        case Text(text):
            return (text,)
        case Sequence(items, True) if all(isinstance(item, Text) for item in items):
            return tuple(item.text for item in items if isinstance(item, Text))
        case _:
            return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
