"""Rows of Sequelize as columns: attributes mapped, and what the library adds to an INSERT."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..declarations.sequelize import SequelizeModel
    from .payload import Payload


def columns_of(names: tuple[str, ...], model: SequelizeModel) -> tuple[tuple[str, ...], str | None]:
    """The columns of attributes, and why some are not known; what is no attribute is not written."""
    found: list[str] = []
    reason = None
    for name in names:
        one = model.at(name)
        if one is not None and one.field is not None:
            found.append(one.field)
        elif one is None or not one.virtual:
            reason = model.reason or f'"{name}" is no attribute that the model declares'
    return tuple(dict.fromkeys(found)), reason


def mapped(rows: Payload, model: SequelizeModel) -> Payload:
    """Rows given as attributes, as the columns of those."""
    if rows.columns is None:
        return rows
    columns, reason = columns_of(rows.columns, model)
    nulls, _ = columns_of(rows.nulls, model)
    complete = rows.complete and reason is None
    return replace(rows, columns=columns, complete=complete, nulls=nulls, reason=rows.reason or reason)


def inserted(rows: Payload, given: Payload, model: SequelizeModel, *, upserts: bool) -> tuple[Payload, tuple[str, ...]]:
    """The columns of the INSERT with what the library adds, and those of them that are sent as DEFAULT.

    A primary key that has no value is sent all the same, but an upsert leaves out the first column of it.
    """
    reason = rows.reason or model.reason
    if rows.columns is None or given.columns is None:
        return replace(rows, reason=reason), ()
    first = next((one.name for one in model.attributes if one.primary), None)
    empty = {one.name for one in model.attributes if one.primary and not (upserts and one.name == first)}
    stamps = {model.created, model.updated}
    known = [
        one for one in model.attributes if one.name not in given.columns and one.field not in {None, *rows.columns}
    ]
    filled = tuple(one.field for one in known if one.field and (one.defaults or one.name in stamps))
    nothing = [one for one in known if one.name in empty and one.field and not one.defaults]
    defaulted = tuple(one.field for one in nothing if one.counts and one.field)
    nulls = tuple(one.field for one in nothing if not one.counts and one.field)
    columns = (*rows.columns, *filled, *defaulted, *nulls)
    complete = rows.complete and model.reason is None
    return replace(rows, columns=columns, nulls=(*rows.nulls, *nulls), complete=complete, reason=reason), defaulted
