"""Predicates of Sequelize (`conflictWhere`) as the SQL that it writes, with its values in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Constant, Record, Text
from .targets import quoted

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value


def predicate_of(value: Value, resolve: Resolve) -> str | None:
    """The predicate that an object of columns and literal values is; None for one that holds anything else."""
    known = resolve(value)
    if not isinstance(known, Record) or not known.complete or not known.entries:
        return None
    parts = [_compared(name, resolve(given)) for name, given in known.entries]
    found = [part for part in parts if part is not None]
    return " AND ".join(found) if len(found) == len(parts) else None


def _compared(name: str, value: Value) -> str | None:
    match value:
        case Constant(None):
            return f"{quoted(name)} IS NULL"
        case Constant(bool(known)):
            return f"{quoted(name)} IS {'true' if known else 'false'}"
        case Constant(float(number)):
            return f"{quoted(name)} = {number:g}"
        case Text(text):
            literal = text.replace("'", "''")
            return f"{quoted(name)} = '{literal}'"
        case _:
            return None
