"""Tables of Tortoise models (tortoise 1.1: ModelMeta, apps.Apps._init_relations)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ..clients.reading import argument, boolean, is_absent, path_of, text, told
from ..values import Call, Class
from .lineage import columns_of, library_kind, lineage_of
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from ..model import Resolve, SourceFile
    from ..values import Value
    from .lineage import Lineage

_FOREIGN = frozenset({"ForeignKeyField", "OneToOneField", "ForeignKeyFieldInstance", "OneToOneFieldInstance"})
_NO_COLUMN = frozenset({"ManyToManyField", "ReverseRelation", "BackwardFKRelation"})
_GENERATED = frozenset({"IntField", "BigIntField", "SmallIntField"})  # as a primary key (fields.base.Field.__init__)
_ID = ColumnDeclaration("id", "id", "id", primary=True, generated=True)
_BACKEND = re.compile(r"""tortoise\.backends\.(\w+)|["'](\w+)(?:\+\w+)?://""")
_OTHERS = {"sqlite": "SQLite", "mysql": "MySQL", "mssql": "SQL Server", "oracle": "Oracle", "asyncodbc": "SQL Server"}
_BASES = frozenset({"Model", "object", "ABC"})


def is_tortoise(value: Value, resolve: Resolve) -> bool:
    """Whether a resolved value is a class that derives from Tortoise's Model."""
    if not isinstance(value, Class):
        return False
    lineage = lineage_of(value, resolve)
    paths = [path_of(other) or "" for other in lineage.others]
    if any(path.startswith("tortoise.") for path in paths):
        return True
    return "Model" in paths and any(_has_fields(one) for one in lineage.classes)


def _has_fields(one: Class) -> bool:
    """`name = fields.CharField(...)`."""
    calls = (value for _, value in one.body if isinstance(value, Call))
    return any((path_of(call.callee) or "").startswith("fields.") for call in calls)


def read_tortoise(value: Class, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table of a resolved model; columns by the names of its fields."""
    lineage = lineage_of(value, resolve)
    meta = next((inner for key, inner in value.body if key == "Meta" and isinstance(inner, Class)), None)
    options = lineage_of(meta, resolve) if meta is not None else None
    name, schema = (_option(options, key, resolve) for key in ("table", "schema"))
    if isinstance(name, Undeclared) or isinstance(schema, Undeclared):
        return name if isinstance(name, Undeclared) else Undeclared("the table's schema is computed")
    if name is None and any(resolve.holding(word) for word in (b"table_name_generator", b"_meta.db_table =")):
        return Undeclared(f'the table of "{value.name}" is named by code of the project')
    columns = columns_of(lineage, resolve, _column)
    columns = columns if any(column.primary for column in columns) else (_ID, *columns)
    keys = tuple(column.name for column in columns if column.primary)
    bases = [(path_of(other) or "") for other in lineage.others]
    complete = all(base.startswith("tortoise.") or base in _BASES for base in bases)
    table = name or value.name.lower()
    return TableDeclaration(table, schema, columns, primary_key=keys, complete=complete, mapped=True)


def _option(options: Lineage | None, key: str, resolve: Resolve) -> str | Undeclared | None:
    given = options.attribute(key) if options is not None else None
    if given is None or is_absent(resolve(given)):
        return None
    return text(given, resolve) or Undeclared(f'the option "{key}" is {told(resolve(given))}')


def _column(attribute: str, call: Call, resolve: Resolve) -> ColumnDeclaration | None:
    kind = library_kind(call, resolve)
    if kind in _NO_COLUMN or not kind.endswith(("Field", "FieldInstance")):
        return None
    key = f"{attribute}_id" if kind in _FOREIGN else attribute
    given = argument(call, 0, "source_field") if kind not in _FOREIGN else argument(call, 99, "source_field")
    column = text(given, resolve) if given is not None and not is_absent(resolve(given)) else None
    primary = any(boolean(argument(call, 99, name), resolve, default=False) is True for name in ("pk", "primary_key"))
    chosen = boolean(argument(call, 99, "generated"), resolve, default=primary and kind in _GENERATED)
    return ColumnDeclaration(
        attribute,
        column or key,
        key,
        primary=primary,
        client_default=any(name in {"default", "auto_now", "auto_now_add"} for name, _ in call.keywords),
        offset=call.offset,
        generated=chosen is True or argument(call, 99, "db_default") is not None,
    )


def other_database(resolve: Resolve) -> str | None:
    """Why the models are not kept in PostgreSQL: each connection that the project names is to another database."""
    return _told((*resolve.holding(b"Tortoise.init"), *resolve.holding(b"TORTOISE_ORM")))


@lru_cache(maxsize=4)
def _told(files: tuple[SourceFile, ...]) -> str | None:
    found: set[str] = set()
    for file in files:
        for match in _BACKEND.finditer(file.text):
            name = match[1] or match[2]
            if name in {"http", "https", "redis", "rediss", "base"}:
                continue
            found.add(next((told for word, told in _OTHERS.items() if name.startswith(word)), ""))
        if re.search(r"environ|getenv|settings\.|config\.|\{", file.text) and not found:
            return None
    return f"Tortoise is only connected to {' and '.join(sorted(found))}" if found and "" not in found else None
