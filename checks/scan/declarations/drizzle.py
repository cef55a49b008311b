"""Tables declared with Drizzle: `pgTable`, `pgSchema("s").table`, tables of a `pgTableCreator`, wherever they stand.

Names are found as drizzle-orm 0.45 finds them: pg-core/table.js pgTableWithSchema, column-builder.js, casing.js.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..clients.chain import name_of, own_links
from ..clients.reading import called_name, text, told
from ..values import Call, Choice, Constant, Import, Join, Lambda, Member, Record, Text
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Resolve
    from ..values import Value

    Casing = Callable[[str], str]

_WORDS = re.compile(r"[\da-z]+|[A-Z]+(?![a-z])|[A-Z][\da-z]+")
_TABLE, _CREATOR, _SCHEMA = "pgTable", "pgTableCreator", "pgSchema"
_OTHERS = ("sqlite", "mysql", "singlestore", "mssql")
_DEFAULTS = frozenset({"$defaultFn", "$default"})
_UPDATES = frozenset({"$onUpdateFn", "$onUpdate"})
_SAME_TABLE = frozenset({"enableRLS", "withRLS"})


@dataclass(frozen=True, slots=True)
class OtherDatabase:
    """The table is one of another database, and what shows it."""

    reason: str


def cased(casing: str | None) -> Casing:
    """What `drizzle({ casing })` makes of a property for which no column name is given."""
    match casing:
        case "snake_case":
            return _snake_case
        case "camelCase":
            return _camel_case
        case _:
            return str


def doubtful(name: str) -> str:
    """The name where it is not known which casing is set; "" when that matters."""
    return name if _snake_case(name) == name == _camel_case(name) else ""


def _snake_case(name: str) -> str:
    return "_".join(word.lower() for word in _WORDS.findall(_bare(name)))


def _camel_case(name: str) -> str:
    words = _WORDS.findall(_bare(name))
    return "".join(word.lower() if index == 0 else word[0].upper() + word[1:] for index, word in enumerate(words))


def _bare(name: str) -> str:
    return name.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")


def read_table(value: Value, casing: Casing, resolve: Resolve) -> TableDeclaration | Undeclared | OtherDatabase:
    """The table that an expression stands for."""
    known = resolve(value)
    while isinstance(known, Call) and isinstance(known.callee, Member) and known.callee.name in _SAME_TABLE:
        known = known.callee.object
    if isinstance(known, Choice):
        return Undeclared("the table is one of several")
    if not isinstance(known, Call) or len(known.args) < 2:  # noqa: PLR2004 - a name and columns
        return Undeclared(f"the table is {told(known)}")
    maker = _maker(known, resolve)
    if maker is None or isinstance(maker, Undeclared | OtherDatabase):
        return maker or Undeclared(f"the table is {told(known)}")
    name, schema = maker
    columns, complete = _columns(known.args[1], casing, resolve)
    return TableDeclaration(name, schema, columns, complete=complete)


def _maker(call: Call, resolve: Resolve) -> tuple[str, str | None] | Undeclared | OtherDatabase | None:
    """The name and schema of the table that a call declares; None when it declares none."""
    callee, name = call.callee, _maker_name(call)
    creator = _maker_name(callee) if isinstance(callee, Call) else None
    for made in (name, creator):
        if made and any(other in made.lower() for other in _OTHERS):
            return OtherDatabase(f'table is declared with "{made}"')
    if isinstance(callee, Call) and creator == _CREATOR and callee.args and isinstance(callee.args[0], Lambda):
        applied = Call(callee.args[0], call.args[:1], (), call.offset, call.name_offset, call.end)
        return _named(resolve(applied), None, resolve)
    if name == _TABLE:
        return _named(call.args[0], None, resolve)
    if name == "table" and isinstance(callee, Member) and isinstance(callee.object, Call):
        owner = _maker_name(callee.object) or ""
        if owner == _SCHEMA and callee.object.args:
            schema = text(callee.object.args[0], resolve)
            return (
                Undeclared("the table's schema is computed")
                if schema is None
                else _named(call.args[0], schema, resolve)
            )
        if any(other in owner.lower() for other in _OTHERS):
            return OtherDatabase(f'table is declared with "{owner}"')
    return None


def _maker_name(call: Call) -> str | None:
    """The function that is called; None for one of the project, whatever it is called."""
    callee = call.callee
    foreign = isinstance(callee, Import) and not callee.module.startswith("drizzle-orm")
    return None if foreign else called_name(call)


def _named(value: Value, schema: str | None, resolve: Resolve) -> tuple[str, str | None] | Undeclared:
    name = text(value, resolve)
    return (name, schema) if name is not None else Undeclared("the table's name is computed")


def _columns(value: Value, casing: Casing, resolve: Resolve) -> tuple[tuple[ColumnDeclaration, ...], bool]:
    """The columns of an object, or of a function that is given the builders and returns one; whether these are all."""
    known = resolve(value)
    if isinstance(known, Lambda):
        known = resolve(known.result)
    if not isinstance(known, Record):
        return (), False
    found = [_column(key, entry, casing, resolve) for key, entry in dict(known.entries).items()]
    columns = tuple(column for column in found if column is not None)
    return columns, known.complete and len(columns) == len(found)


def _column(key: str, value: Value, casing: Casing, resolve: Resolve) -> ColumnDeclaration | None:
    """`text("name").notNull()`, `t.text()`; None when its name cannot be told."""
    start, links = own_links(value)
    if isinstance(start, Join | Text):  # `text("name")`, which reads as SQL once it is resolved
        given: Value | None = start
    elif isinstance(start, Call):
        given = start.args[0] if start.args else None
    elif links:
        given = links[0].args[0] if links[0].args else None
        start, links = links[0], links[1:]
    else:
        return None
    given_name = _given_name(given, resolve)
    name = casing(key) if given_name == "" else given_name
    if not name:
        return None
    called = {name_of(link) for link in links}
    defaulted = bool(called & _DEFAULTS)
    updated = bool(called & _UPDATES)
    return ColumnDeclaration(
        attribute=key,
        name=name,
        key=key,
        primary="primaryKey" in called,
        client_default=defaulted or (updated and "default" not in called),
        offset=_offset(value),
        client_update=updated,
        generated="generatedAlwaysAs" in called,
    )


def _given_name(given: Value | None, resolve: Resolve) -> str | None:
    """The name that a column builder is given, "" for none; None when it is computed."""
    if given is None:
        return ""
    known = resolve(given)
    if isinstance(known, Record | Constant):  # options, and no name
        return ""
    return text(known, resolve)


def _offset(value: Value) -> int:
    return value.offset if isinstance(value, Call | Join) else -1
