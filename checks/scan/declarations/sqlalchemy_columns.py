"""Columns and constraints of SQLAlchemy declarations: names, keys, client-side defaults, primary keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clients.reading import argument, boolean, called_name, is_absent, text
from ..values import Call, Class, Constant, Name, Opaque, Record, Text
from .lineage import is_annotation
from .model import ColumnDeclaration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Resolve
    from ..values import Value
    from .model import TableDeclaration

_COLUMN = frozenset({"mapped_column", "Column", "deferred"})
_NO_COLUMN = frozenset({
    "relationship", "Relationship", "backref", "synonym", "association_proxy", "composite", "query_expression",
    "column_property", "hybrid_property", "dynamic_loader", "registry", "MetaData", "ConfigDict", "SettingsConfigDict",
    "PrivateAttr", "getLogger",
})  # fmt: skip
_SETTINGS = frozenset({"metadata", "registry", "model_config", "type_annotation_map"})
_LONGEST_NAME = 63


def columns_of_class(
    classes: tuple[Class, ...], resolve: Resolve, *, sqlmodel: bool
) -> tuple[tuple[ColumnDeclaration, ...], bool]:
    """The columns of a class (first) and its bases, and whether those are all."""
    found: dict[str, ColumnDeclaration] = {}
    complete = True
    for one in reversed(classes):
        for attribute, value in one.body:
            if attribute.startswith("__") or attribute in {
                "metadata",
                "registry",
                "model_config",
                "type_annotation_map",
            }:
                continue
            column = _attribute(attribute, value, resolve, sqlmodel=sqlmodel)
            if isinstance(column, ColumnDeclaration):
                found[attribute] = column
            complete = complete and column is not _UNKNOWN
    return tuple(found.values()), complete


_UNKNOWN = Opaque("a value that may or may not be a column")


def _attribute(attribute: str, value: Value, resolve: Resolve, *, sqlmodel: bool) -> ColumnDeclaration | Opaque | None:
    """The column an attribute declares; None for no column, _UNKNOWN if it cannot be told."""
    if isinstance(value, Opaque) and is_annotation(value):
        return _annotated(attribute, value, sqlmodel=sqlmodel)
    known = resolve(value) if isinstance(value, Name) else value
    if isinstance(known, Class):  # `class Config:`
        return None
    if not isinstance(known, Call):
        default = not is_absent(known)
        return ColumnDeclaration(attribute, attribute, attribute, False, default, _offset(value)) if sqlmodel else None
    called = called_name(known)
    if called in _COLUMN:
        return _column(attribute, known, resolve)
    if called == "Field" and sqlmodel:
        return _field(attribute, known, resolve)
    return None if called in _NO_COLUMN else _UNKNOWN


def _annotated(attribute: str, value: Opaque, *, sqlmodel: bool) -> ColumnDeclaration | None:
    """`x: Mapped[int]`, in SQLModel any annotation."""
    annotation = value.source[1:].strip().strip("\"'")
    name = annotation.partition("[")[0].rpartition(".")[2]
    if name == "ClassVar" or not (sqlmodel or name == "Mapped"):
        return None
    return ColumnDeclaration(attribute, attribute, attribute, offset=value.offset)


def _offset(value: Value) -> int:
    return value.offset if isinstance(value, Call | Opaque | Constant | Name) else -1


def _column(attribute: str, call: Call, resolve: Resolve) -> ColumnDeclaration:
    inner = call.args[0] if call.args else None
    if isinstance(inner, Call) and called_name(inner) in _COLUMN:  # deferred(mapped_column(...))
        return _column(attribute, inner, resolve)
    name = _column_name(call, resolve) or attribute
    given = argument(call, 99, "key")
    return ColumnDeclaration(
        attribute,
        name,
        (text(given, resolve) if given is not None else None) or name,
        primary=boolean(argument(call, 99, "primary_key"), resolve, default=False) is True,
        client_default=_has_default(call, resolve),
        offset=call.offset,
    )


def _column_name(call: Call, resolve: Resolve) -> str | None:
    named = argument(call, 0, "name", "__name_pos")
    known = resolve(named) if named is not None else None
    return known.text if isinstance(known, Text) else None


def _has_default(call: Call, resolve: Resolve) -> bool:
    """`default=` and `insert_default=` are sent by SQLAlchemy with each INSERT, `server_default=` is not."""
    given = [value for key, value in call.keywords if key in {"default", "insert_default"}]
    return any(not is_absent(resolve(value)) for value in given)


def _field(attribute: str, call: Call, resolve: Resolve) -> ColumnDeclaration:
    """`Field(...)` of SQLModel, where `default` and `default_factory` become the column's default."""
    column = argument(call, 99, "sa_column")
    known = resolve(column) if column is not None else None
    if isinstance(known, Call):
        return _column(attribute, known, resolve)
    extra = argument(call, 99, "sa_column_kwargs")
    options = resolve(extra) if extra is not None else None
    given = options.get("name") if isinstance(options, Record) else None
    name = (text(given, resolve) if given is not None else None) or attribute
    default = argument(call, 0, "default") or argument(call, 99, "default_factory")
    required = default is None or (isinstance(default, Opaque) and default.source == "...")
    return ColumnDeclaration(
        attribute,
        name,
        name,
        primary=boolean(argument(call, 99, "primary_key"), resolve, default=False) is True,
        client_default=not required and default is not None and not is_absent(resolve(default)),
        offset=call.offset,
    )


def columns_of_table(args: Iterable[Value], resolve: Resolve) -> tuple[tuple[ColumnDeclaration, ...], bool]:
    """The columns among the arguments of `Table(...)`, and whether those are all."""
    found: list[ColumnDeclaration] = []
    complete = True
    for arg in args:
        known = resolve(arg)
        if isinstance(known, Call) and called_name(known) in {"Column", "column", "ColumnClause"}:
            name = _column_name(known, resolve)
            complete = complete and name is not None
            column = _column(name or "", known, resolve)
            if name is not None:
                found.append(ColumnDeclaration(column.key, name, column.key, column.primary, column.client_default))
        elif not isinstance(known, Call):
            complete = False
    return tuple(found), complete


def primary_key(
    table: TableDeclaration, items: Iterable[Value], resolve: Resolve
) -> tuple[tuple[str, ...] | None, str | None]:
    """The columns of the primary key and its name, as declared; None where not known."""
    columns: tuple[str, ...] | None = tuple(c.name for c in table.columns if c.primary) or None
    name: str | None = None
    for item in items:
        known = resolve(item)
        if isinstance(known, Call) and called_name(known) == "PrimaryKeyConstraint":
            keys = [text(arg, resolve) for arg in known.args]
            mapped = [column.name if (column := table.by_key(key)) else key for key in keys if key is not None]
            columns = tuple(mapped) if len(mapped) == len(keys) else None
            given = argument(known, 99, "name")
            name = text(given, resolve) if given is not None else None
    if columns is None:
        return None, name
    return columns, name or conventional_name(table, "pk", columns)


def conventional_name(table: TableDeclaration, kind: str, columns: tuple[str, ...]) -> str | None:
    """The name that the MetaData's naming convention gives a constraint of that kind ("pk", "uq"); None without one.

    An empty text stands for a name that cannot be told (a token of the project's own, or longer than a name may be).
    """
    pattern = dict(table.naming).get(kind)
    if pattern is None:
        return None
    tokens = {
        "table_name": table.name,
        "column_0_name": columns[0],
        "column_0_N_name": "_".join(columns),
        "column_0N_name": "".join(columns),
    }
    try:
        name = pattern % tokens
    except (KeyError, TypeError, ValueError):
        return ""
    return name if len(name.encode()) <= _LONGEST_NAME else ""
