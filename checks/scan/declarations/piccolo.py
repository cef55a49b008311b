"""Tables of Piccolo (piccolo 1.38: Table.__init_subclass__)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ..clients.reading import argument, boolean, is_absent, path_of, text, told
from ..values import Call, Class
from .lineage import columns_of, lineage_of
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from ..model import Resolve, SourceFile
    from ..values import Value

_COLUMNS = frozenset({
    "Varchar", "Secret", "Text", "Email", "UUID", "Integer", "BigInt", "SmallInt", "Serial", "BigSerial", "PrimaryKey",
    "Timestamp", "Timestamptz", "Date", "Time", "Interval", "Boolean", "Numeric", "Decimal", "Real", "Float",
    "DoublePrecision", "ForeignKey", "JSON", "JSONB", "Bytea", "Blob", "Array",
})  # fmt: skip
_SERIAL = frozenset({"Serial", "BigSerial", "PrimaryKey"})
_ID = ColumnDeclaration("id", "id", "id", primary=True, generated=True)


def is_piccolo(value: Value, resolve: Resolve) -> bool:
    """Whether a resolved value is a class that derives from Piccolo's Table."""
    if not isinstance(value, Class):
        return False
    paths = [path_of(other) or "" for other in lineage_of(value, resolve).others]
    return any(path == "Table" or (path.startswith("piccolo.") and path.endswith("Table")) for path in paths)


def read_piccolo(value: Class, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table of a resolved class; columns by the names of their attributes."""
    options = dict(value.keywords)
    names = {key: text(options[key], resolve) for key in ("tablename", "schema") if key in options}
    if None in names.values():
        computed = next(key for key, name in names.items() if name is None)
        return Undeclared(f'the option "{computed}" of "{value.name}" is {told(resolve(options[computed]))}')
    name, schema = names.get("tablename") or underscored(value.name), names.get("schema")
    if "." in name:
        schema, _, name = name.partition(".")
    lineage = lineage_of(value, resolve)
    columns = columns_of(lineage, resolve, _column)
    columns = columns if any(column.primary for column in columns) else (_ID, *columns)
    keys = tuple(column.name for column in columns if column.primary)
    bases = [path_of(other) or "" for other in lineage.others]
    complete = all(base in {"Table", "object", "ABC"} or base.startswith("piccolo.") for base in bases)
    return TableDeclaration(name, schema, columns, primary_key=keys, complete=complete, mapped=True)


def underscored(name: str) -> str:
    """`underscore` (inflection 0.5): "HTTPRequestLog" becomes "http_request_log"."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).replace("-", "_").lower()


def _column(attribute: str, call: Call, resolve: Resolve) -> ColumnDeclaration | None:
    made = resolve(call.callee)
    names = [path_of(made) or path_of(call.callee) or ""]
    if isinstance(made, Class):
        names = [path_of(other) or "" for other in lineage_of(made, resolve).others]
    kind = next((last for name in names if (last := name.rpartition(".")[2]) in _COLUMNS), None)
    if kind is None:
        return None
    given = argument(call, 99, "db_column_name")
    column = text(given, resolve) if given is not None and not is_absent(resolve(given)) else None
    primary = boolean(argument(call, 99, "primary_key"), resolve, default=False) is True
    return ColumnDeclaration(
        attribute, column or attribute, attribute, primary=primary, offset=call.offset, generated=kind in _SERIAL
    )


def other_database(resolve: Resolve) -> str | None:
    """Why the tables are not kept in PostgreSQL: the project's only engine is that of SQLite."""
    return _told(resolve.holding(b"SQLiteEngine")) if not resolve.holding(b"PostgresEngine") else None


@lru_cache(maxsize=4)
def _told(files: tuple[SourceFile, ...]) -> str | None:
    used = any("SQLiteEngine(" in file.text and "piccolo" in file.text for file in files)
    return "Piccolo's only engine here is that of SQLite" if used else None
