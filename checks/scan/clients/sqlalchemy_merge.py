"""SQLAlchemy and SQLModel: `session.merge(User(id=1, mail=mail))`, a lookup by the primary key and an INSERT or UPDATE.

Follows sqlalchemy 2.0: Session.merge loads the row by the key that the instance has; without one it makes a new row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism
from ..model import NoSite, SiteFact
from ..values import Constant, Member
from .drafting import Racy
from .sqlalchemy_asked import CLIENT, instance, is_changed, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.model import TableDeclaration
    from ..model import Module
    from ..values import Record, Value

_WHY = "merge looks for the row by its primary key before this INSERT"
_NO_KEY = "merge of a row without its primary key, which is always made anew"


def may_merge(data: bytes) -> bool:
    """Whether a file merges rows of a session."""
    return b".merge(" in data and (b"sqlalchemy" in data or b"sqlmodel" in data or b"session" in data)


def find_merged(module: Module) -> Iterator[SiteFact]:
    """Each row that is merged where the values that it is given can be read."""
    for call in module.calls(frozenset({"merge"})):
        made = instance(module, call.args[0]) if isinstance(call.callee, Member) and call.args else None
        if made is None:
            continue
        direct = made.offset == getattr(call.args[0], "offset", -1)
        values: dict[str, Value] = {
            "model": made.callee,
            "row": record(made),
            "whole": Constant(direct or not is_changed(module, call, made.offset)),
            "merged": Constant(value=True),
        }
        yield SiteFact(client=CLIENT, values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def merged(table: TableDeclaration, row: Record) -> Racy | NoSite:
    """By what the row is looked up."""
    keys = table.primary_key or ()
    given = {column.name for name, _ in row.entries if (column := table.by_attribute(name)) is not None}
    if not keys or not set(keys) <= given:
        return NoSite(_NO_KEY)
    return Racy(Mechanism.SELECT_THEN_INSERT, keys, _WHY)
