"""Tables of Peewee models (peewee 4.5: Metadata, ModelBase, ForeignKeyField.bind), and where they are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..clients.reading import argument, boolean, called_name, is_absent, list_of_texts, path_of, text, told
from ..values import Call, Choice, Class, Constant
from .lineage import columns_of, library_kind, lineage_of
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve
    from ..values import Value
    from .lineage import Lineage

_PACKAGES = frozenset({"peewee", "playhouse", "peewee_async", "peewee_aio", "peeweext", "flask_peewee"})
_GENERATED = frozenset({"AutoField", "BigAutoField", "IdentityField", "PrimaryKeyField"})
_FOREIGN = frozenset({"ForeignKeyField", "DeferredForeignKey"})
_ID = ColumnDeclaration("id", "id", "id", primary=True, generated=True)
# make_snake_case, SNAKE_CASE_STEP1 and SNAKE_CASE_STEP2
_STEPS = (re.compile("(.)_*([A-Z][a-z]+)"), re.compile("([a-z0-9])_*([A-Z])"))


def is_peewee(value: Value, resolve: Resolve) -> bool:
    """Whether a resolved value is a class that derives from Peewee's Model."""
    if not isinstance(value, Class):
        return False
    paths = [path_of(other) or "" for other in lineage_of(value, resolve).others]
    return any(path.partition(".")[0] in _PACKAGES for path in paths)


def read_peewee(value: Value, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table of a resolved model, or of `Table("name", ("a", "b"))`."""
    if isinstance(value, Call) and called_name(value) == "Table":
        return _of_table(value, resolve)
    if not isinstance(value, Class):
        return Undeclared(f"the model is {told(value)}")
    lineage = lineage_of(value, resolve)
    name = _table_name(value, lineage, resolve)
    if isinstance(name, Undeclared):
        return name
    given = _option(lineage, "schema", resolve)
    schema = text(given, resolve) if given is not None and not is_absent(given) else None
    if given is not None and schema is None and not is_absent(given):
        return Undeclared(f"the table's schema is {told(given)}")
    columns = columns_of(lineage, resolve, _column)
    composite = _option(lineage, "primary_key", resolve)
    if composite is None and not any(column.primary for column in columns):
        columns = (_ID, *columns)
    keys = tuple(column.name for column in columns if column.primary)
    complete = all(_is_known(path_of(other) or "") for other in lineage.others)
    return TableDeclaration(name, schema, columns, primary_key=keys or None, complete=complete, mapped=True)


def _is_known(base: str) -> bool:
    return base.partition(".")[0] in _PACKAGES or base.rpartition(".")[2] in {"Model", "object", "ABC"}


def _of_table(call: Call, resolve: Resolve) -> TableDeclaration | Undeclared:
    name = text(call.args[0], resolve) if call.args else None
    if name is None:
        return Undeclared("the table's name is computed")
    given, schema = argument(call, 1, "columns"), argument(call, 2, "schema")
    names = list_of_texts(given, resolve) if given is not None else None
    columns = tuple(ColumnDeclaration(one, one, one) for one in names or ())
    known = text(schema, resolve) if schema is not None and not is_absent(resolve(schema)) else None
    return TableDeclaration(name, known, columns, complete=names is not None, mapped=True)


def _metas(lineage: Lineage) -> Iterator[Class]:
    """The Meta of the class, then of its bases."""
    for one in lineage.classes:
        yield from (value for key, value in one.body if key == "Meta" and isinstance(value, Class))


def _option(lineage: Lineage, name: str, resolve: Resolve) -> Value | None:
    """An option that a class inherits, resolved."""
    for meta in _metas(lineage):
        given = lineage_of(meta, resolve).attribute(name)
        if given is not None:
            return resolve(given)
    return None


def _table_name(start: Class, lineage: Lineage, resolve: Resolve) -> str | Undeclared:
    own = next((value for key, value in start.body if key == "Meta" and isinstance(value, Class)), None)
    options = lineage_of(own, resolve) if own is not None else None
    given = (options.attribute("table_name") or options.attribute("db_table")) if options is not None else None
    if given is not None:
        return text(given, resolve) or Undeclared(f'the table of "{start.name}" is {told(resolve(given))}')
    if _option(lineage, "table_function", resolve) is not None:
        return Undeclared(f'the table of "{start.name}" is named by a function')
    legacy = _option(lineage, "legacy_table_names", resolve)
    if isinstance(legacy, Constant) and legacy.value is False:
        name = start.name
        for step in _STEPS:
            name = step.sub(r"\1_\2", name)
        return name.lower()
    return re.sub(r"\W+", "_", start.name.lower())


def _column(attribute: str, call: Call, resolve: Resolve) -> ColumnDeclaration | None:
    kind = library_kind(call, resolve)
    if (not kind.endswith("Field") and kind not in _FOREIGN) or kind == "ManyToManyField":
        return None
    given = argument(call, 99, "column_name") or argument(call, 99, "db_column")
    usual = f"{attribute}_id" if kind in _FOREIGN and not attribute.endswith("_id") else attribute
    column = text(given, resolve) if given is not None else None
    default = argument(call, 99, "default")
    return ColumnDeclaration(
        attribute,
        column or usual,
        column or usual,
        primary=boolean(argument(call, 99, "primary_key"), resolve, default=False) is True or kind in _GENERATED,
        client_default=default is not None and not is_absent(resolve(default)),
        offset=call.offset,
        generated=kind in _GENERATED,
    )


def other_database(value: Value, resolve: Resolve) -> str | None:
    """Why a model is not kept in PostgreSQL, by the `database` of its Meta."""
    if not isinstance(value, Class):
        return None
    given = _option(lineage_of(value, resolve), "database", resolve)
    options = given.options if isinstance(given, Choice) else (given,)
    kinds = {called_name(one) or "" for one in options if isinstance(one, Call)}
    others = {
        kind for kind in kinds if "Sqlite" in kind or "MySQL" in kind or "MariaDB" in kind or kind == "APSWDatabase"
    }
    return f'the model\'s database is "{min(others)}"' if others and others == kinds else None
