"""Conflict targets of Sequelize: what is given, or the keys of the model that the library chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Unresolved
from ..values import Record
from .reading import is_absent, list_of_texts, told
from .sequelize_where import predicate_of
from .targets import columns_target, quoted, written_target

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..declarations.sequelize import SequelizeModel
    from ..model import Resolve
    from .payload import Payload


def target_of(options: Record, assigned: Payload, model: SequelizeModel, resolve: Resolve) -> ConflictTarget:
    """The conflict fields that are given, which are names of columns, or the key that Sequelize chooses."""
    given = options.get("conflictFields")
    if given is not None and not is_absent(resolve(given)):
        names = list_of_texts(given, resolve)
        return (
            columns_where(names, options, resolve)
            if names
            else Unresolved(f"the conflict fields are {told(resolve(given))}")
        )
    if not options.complete:
        return Unresolved("the options are only known at run time")
    if model.reason is not None:
        return Unresolved(model.reason)
    primary = model.primary()
    sure = not (model.unique_keys() or model.indexes) or any(name in primary for name in assigned.columns or ())
    if not sure and (assigned.columns is None or not assigned.complete):
        return Unresolved("the default target depends on the columns that are written, which are not known")
    chosen = _chosen(assigned.columns or (), model)
    if isinstance(chosen, Unresolved):
        return chosen
    return columns_where(chosen, options, resolve) if chosen else Unresolved("the model has no key that can be read")


def _chosen(written: tuple[str, ...], model: SequelizeModel) -> tuple[str, ...] | Unresolved:
    """The first unique key, or else index, that holds a written field; the primary key if that is written."""
    primary = model.primary()
    if any(name in primary for name in written):
        return tuple(name for name in primary if name is not None)
    for field in written:
        key = next((fields for fields in model.unique_keys() if field in fields), None)
        index = next((one.fields for one in model.indexes if one.fields is not None and field in one.fields), None)
        if key is not None or index is not None:
            return tuple(dict.fromkeys(name for name in key or index or () if name is not None))
    return tuple(name for name in primary if name is not None)


def columns_where(names: tuple[str, ...], options: Record, resolve: Resolve) -> ConflictTarget:
    """These columns, with the predicate of the options."""
    given = options.get("conflictWhere")
    known = resolve(given) if given is not None else None
    if known is None or is_absent(known) or (isinstance(known, Record) and known.complete and not known.entries):
        return columns_target(names)
    predicate = predicate_of(known, resolve)
    if predicate is None:
        return Unresolved(f"the predicate is {told(known)}")
    return written_target(tuple(quoted(name) for name in names), predicate)


def bulk_target(options: Record, model: SequelizeModel, resolve: Resolve) -> ConflictTarget:
    """The attributes that are given, or the fields of all unique indexes and of the first unique key together."""
    given = options.get("conflictAttributes")
    if given is not None and not is_absent(resolve(given)):
        names = list_of_texts(given, resolve)
        if names is None:
            return Unresolved(f"the conflict attributes are {told(resolve(given))}")
        fields = [one.field if (one := model.at(name)) is not None else name for name in names]
        known = tuple(field for field in fields if field is not None)
        sure = len(known) == len(fields) and (model.reason is None or all(model.at(name) for name in names))
        return (
            columns_where(known, options, resolve) if sure else Unresolved(model.reason or "the columns are not known")
        )
    if model.reason is not None or not options.complete:
        return Unresolved(model.reason or "the options are only known at run time")
    whole = [one for one in model.indexes if not one.partial]
    if any(one.fields is None for one in whole):
        return Unresolved("the default target holds an index whose fields are no plain names")
    keys = [name for one in whole for name in one.fields or ()]
    keys += [name for name in next(iter(model.unique_keys()), ()) if name is not None]
    return columns_where(tuple(keys or (name for name in model.primary() if name is not None)), options, resolve)
