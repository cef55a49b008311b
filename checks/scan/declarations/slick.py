"""Tables of Slick: `class Users(tag: Tag) extends Table[User](tag, Some("app"), "users")`, `column[Int]("id")` in it.

Source: Slick 3.5 RelationalTableComponent.Table, ColumnOptions, and `primaryKey(name, columns)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clients.reading import called_name, text, told
from ..values import Call, Class, Lambda, Member, Name, Opaque
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value


def read_slick(query: Value, resolve: Resolve) -> TableDeclaration | Undeclared | None:
    """The table of a TableQuery; None for what is none."""
    known = resolve(query)
    if isinstance(known, Class):  # `object users extends TableQuery(new Users(_))`
        known = dict(known.body).get("()") or known
    if not isinstance(known, Call) or called_name(known) != "TableQuery" or not known.args:
        return None
    row = known.args[0]
    made = row.result if isinstance(row, Lambda) else row
    owner = resolve(made.callee if isinstance(made, Call) else made)
    if not isinstance(owner, Class):
        return Undeclared(f"the table is {told(owner)}")
    given = dict(owner.body).get("()")
    return _declared(owner, given, resolve) if isinstance(given, Call) else Undeclared(_unnamed(owner))


def _unnamed(owner: Class) -> str:
    return f'class "{owner.name}" does not tell the name of its table'


def _declared(owner: Class, given: Call, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table that the constructor of Table is told: the tag, the schema if there is one, the name."""
    name = text(given.args[-1], resolve) if len(given.args) > 1 else None
    schema: str | None = None
    if len(given.args) > 2:  # noqa: PLR2004 - a schema between the tag and the name
        option = resolve(given.args[1])
        inner = option.args[0] if isinstance(option, Call) and called_name(option) == "Some" and option.args else option
        schema = text(inner, resolve)
        name = name if schema is not None else None
    if name is None:
        return Undeclared(_unnamed(owner))
    columns = tuple(column for key, value in owner.body if (column := _column(key, value, resolve)) is not None)
    return TableDeclaration(name, schema, columns, _key(owner, columns), complete=bool(columns), mapped=True)


def _column(key: str, value: Value, resolve: Resolve) -> ColumnDeclaration | None:
    """`column[Int]("id", O.PrimaryKey, O.AutoInc)`."""
    if not isinstance(value, Call) or called_name(value) != "column" or not value.args:
        return None
    name = text(value.args[0], resolve)
    options = {one.name for one in value.args[1:] if isinstance(one, Member | Name)}
    if name is None:
        return None
    return ColumnDeclaration(key, name, name, primary="PrimaryKey" in options, generated="AutoInc" in options)


def _key(owner: Class, columns: tuple[ColumnDeclaration, ...]) -> tuple[str, ...] | None:
    """The columns of the primary key; None when it has none, or one that is not understood."""
    own = tuple(column.name for column in columns if column.primary)
    whole = next((v for _, v in owner.body if isinstance(v, Call) and called_name(v) == "primaryKey"), None)
    if own or whole is None:
        return own or None
    listed = whole.args[-1]
    known = {column.attribute: column.name for column in columns}
    named = _parted(listed.source) if isinstance(listed, Opaque) else [getattr(listed, "name", "")]
    names = tuple(known[one] for one in named if one in known)
    return names if names and len(names) == len(named) else None


def _parted(source: str) -> list[str]:
    """The names of a tuple as it is written, `(user, team)`; none of one that is cut."""
    inner = source.removeprefix("(").removesuffix(")")
    return [part.strip() for part in inner.split(",")] if len(inner) + 2 == len(source) else []
