"""Tables declared with SQLAlchemy or SQLModel: declarative classes with their bases, and Core tables.

Names are found as SQLAlchemy 2 finds them: `__tablename__` and `__table_args__` along the bases, the schema and naming
convention of the MetaData.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..clients.reading import argument, called_name, is_absent, path_of, text, told
from ..values import Call, Class, Import, Member, Name, Record, Sequence, Text
from .lineage import lineage_of
from .model import TableDeclaration, Undeclared
from .pandas_tables import written_by
from .sqlalchemy_columns import columns_of_class, columns_of_table, primary_key

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value
    from .lineage import Lineage

_LIBRARIES = frozenset({"sqlalchemy", "sqlmodel", "typing", "abc", "enum", "dataclasses", "object"})


def read_table(value: Value, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table that an expression stands for: a mapped class, its `__table__`, or `Table(...)`."""
    if isinstance(value, Member) and value.name == "__table__":
        return _unmapped(read_table(value.object, resolve))
    match resolve(value):
        case Class() as found:
            return _of_class(found, resolve)
        case Call() as call if called_name(call) == "Table":
            return _of_core(call, resolve)
        case Call() as call if called_name(call) in {"table", "TableClause"} and _is_library(call.callee):
            return _of_clause(call, resolve)
        case Member(object=inner, name="__table__"):
            return _unmapped(read_table(inner, resolve))
        case known:
            return written_by(known, resolve) or Undeclared(f"the table is {told(known)}")


def _unmapped(found: TableDeclaration | Undeclared) -> TableDeclaration | Undeclared:
    """`Model.__table__`: a Core table, whose statements name columns by key."""
    return found if isinstance(found, Undeclared) else replace(found, mapped=False)


def _of_class(start: Class, resolve: Resolve) -> TableDeclaration | Undeclared:
    lineage = lineage_of(start, resolve)
    if any(isinstance(other, Call) and called_name(other) == "automap_base" for other in lineage.others):
        return Undeclared(f'class "{start.name}" is mapped by reflection')
    core = lineage.attribute("__table__")
    if core is not None:
        table = read_table(core, resolve)
        return table if isinstance(table, Undeclared) else replace(table, mapped=True, complete=False)
    sqlmodel = any((path_of(other) or "").endswith("SQLModel") for other in lineage.others)
    name = _table_name(start, lineage, resolve, sqlmodel=sqlmodel)
    if name is None:
        return Undeclared(f'class "{start.name}" has no "__tablename__" that can be read')
    options, items = _table_arguments(lineage.attribute("__table_args__"), resolve)
    metadata = _metadata_of(lineage, resolve)
    schema = _schema(options, metadata, resolve)
    if isinstance(schema, Undeclared):
        return schema
    columns, complete = columns_of_class(lineage.classes, resolve, sqlmodel=sqlmodel)
    complete = complete and all(_is_library(other) for other in lineage.others)
    table = TableDeclaration(name, schema, columns, complete=complete, mapped=True, naming=_naming(metadata, resolve))
    return _with_key(table, items, resolve)


def _table_name(start: Class, lineage: Lineage, resolve: Resolve, *, sqlmodel: bool) -> str | None:
    given = lineage.attribute("__tablename__")
    if given is not None:
        return text(given, resolve)
    return start.name.lower() if sqlmodel else None


def _table_arguments(value: Value | None, resolve: Resolve) -> tuple[Record | Value | None, tuple[Value, ...]]:
    """The options of `__table_args__` (a dict, or the last item of a tuple), and its constraints."""
    match resolve(value) if value is not None else None:
        case Sequence(items=items) if items and isinstance(items[-1], Call):
            return None, items
        case Sequence(items=items) if items:
            return items[-1], items[:-1]
        case Sequence():
            return None, ()
        case known:
            return known, ()


def _schema(options: Value | None, metadata: Call | None, resolve: Resolve) -> str | Undeclared | None:
    """The schema from the table's own options, else from the MetaData; None: found by search_path."""
    match options:
        case None:
            given = None
        case Record() if options.complete or options.get("schema") is not None:
            given = options.get("schema")
        case _:
            return Undeclared("the table's schema may be given by options that are computed")
    if given is None or is_absent(given):
        given = argument(metadata, 1, "schema") if metadata is not None else None
    if given is None or is_absent(given) or (path_of(given) or "").endswith("BLANK_SCHEMA"):
        return None
    name = text(given, resolve)
    return name if name is not None else Undeclared(f"the table's schema is {told(resolve(given))}")


def _metadata_of(lineage: Lineage, resolve: Resolve) -> Call | None:
    """`metadata = MetaData(...)` of a base, or `declarative_base(metadata=...)`."""
    given = lineage.attribute("metadata")
    for other in lineage.others:
        if given is None and isinstance(other, Call):
            given = argument(other, 99, "metadata")
    return None if given is None else _as_metadata(given, resolve)


def _as_metadata(value: Value, resolve: Resolve) -> Call | None:
    if isinstance(value, Member) and value.name == "metadata":
        owner = resolve(value.object)
        if isinstance(owner, Class):
            return _metadata_of(lineage_of(owner, resolve), resolve)
    known = resolve(value)
    return known if isinstance(known, Call) and called_name(known) == "MetaData" else None


def _naming(metadata: Call | None, resolve: Resolve) -> tuple[tuple[str, str], ...]:
    given = argument(metadata, 99, "naming_convention") if metadata is not None else None
    known = resolve(given) if given is not None else None
    if not isinstance(known, Record):
        return ()
    return tuple((key, value.text) for key, value in known.entries if isinstance(value, Text))


def _is_library(base: Value) -> bool:
    """A base that declares no columns of its own."""
    match base:
        case Call() as call:
            return called_name(call) in {"declarative_base", "DeclarativeBase"}
        case Import(module=module):
            return module.split(".")[0] in _LIBRARIES
        case Member() | Name():
            return (path_of(base) or "").split(".")[0] in _LIBRARIES
        case _:
            return False


def _of_core(call: Call, resolve: Resolve) -> TableDeclaration | Undeclared:
    """`Table("name", metadata, Column(...), ..., schema="x")`."""
    name = text(call.args[0], resolve) if call.args else None
    if name is None:
        return Undeclared("the table's name is computed")
    metadata = _as_metadata(call.args[1], resolve) if len(call.args) > 1 else None
    complete = not any(key.startswith("autoload") for key, _ in call.keywords)
    given = argument(call, 99, "schema")
    options = None if given is None else Record((("schema", given),))
    schema = _schema(options, metadata, resolve)
    if isinstance(schema, Undeclared):
        return schema
    columns, known = columns_of_table(call.args[2:], resolve)
    table = TableDeclaration(name, schema, columns, complete=complete and known, naming=_naming(metadata, resolve))
    return _with_key(table, call.args[2:], resolve)


def _of_clause(call: Call, resolve: Resolve) -> TableDeclaration | Undeclared:
    """`sqlalchemy.table("name", column("a"), schema="x")`, as migrations use it."""
    name = text(call.args[0], resolve) if call.args else None
    if name is None:
        return Undeclared("the table's name is computed")
    given = argument(call, 99, "schema")
    schema = _schema(None if given is None else Record((("schema", given),)), None, resolve)
    if isinstance(schema, Undeclared):
        return schema
    columns, known = columns_of_table(call.args[1:], resolve)
    return TableDeclaration(name, schema, columns, complete=known, mapped=False)


def _with_key(table: TableDeclaration, items: tuple[Value, ...], resolve: Resolve) -> TableDeclaration:
    columns, name = primary_key(table, items, resolve)
    return replace(table, primary_key=columns, primary_key_name=name)
