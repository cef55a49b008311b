"""Which columns GORM writes for a model or a map, and which of them it sets on conflict.

Source: gorm.io/gorm 1.31 callbacks.ConvertToCreateValues, Statement.SelectAndOmitColumns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import Action, InferenceClause
from ..values import Call, Choice, Record, Sequence, Text
from .chain import name_of
from .payload import Payload, payload
from .reading import list_of_texts

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..declarations.gorm import GormField, GormTable
    from ..model import Draft, Resolve
    from ..values import Value
    from .chain import Chain
    from .gorm_clause import Clause

_UNKNOWN_MODEL = "the written columns are those of a model that is not known"


def rows_of(
    model: GormTable | None,
    given: Value | None,
    chain: Chain,
    resolve: Resolve,
    target: ConflictTarget | None = None,
    *,
    named: GormTable | None = None,
) -> Payload:
    """The columns of the rows. Of those that the server has a default for only the given ones, and the target's own.

    `model` is that of the rows themselves, `named` that of the statement, whose attributes the keys of maps may be.
    """
    known = resolve(given) if given is not None else None
    if known is not None and _is_map(known):
        return _of_maps(payload(known, resolve), named or model)
    if model is None:
        return Payload(None, complete=False, reason=_UNKNOWN_MODEL)
    chosen = _chosen(chain, resolve)
    needed = {*_given(known), *(target.columns if isinstance(target, InferenceClause) else ())}
    columns = tuple(
        field.name
        for field in model.fields
        if field.creatable
        and (not field.server_default or field.name in needed or field.attribute in needed)
        and chosen.takes(field)
    )
    doubt = model.doubt or chosen.doubt
    return Payload(columns, doubt is None, _count(known), reason=doubt)


def _is_map(value: Value) -> bool:
    match value:
        case Record():
            return True
        case Sequence(items) | Choice(options=items):
            return any(isinstance(item, Record) for item in items)
        case _:
            return False


def _of_maps(rows: Payload, model: GormTable | None) -> Payload:
    """The keys of maps, which may name attributes of the model."""
    if rows.columns is None or model is None:
        return rows
    return replace(rows, columns=tuple(f.name if (f := model.called(key)) else key for key in rows.columns))


def _given(value: Value | None) -> set[str]:
    """The attributes that a literal gives values to."""
    match value:
        case Call(keywords=keywords):
            return {name for name, _ in keywords}
        case Sequence(items) | Choice(options=items):
            return {name for item in items for name in _given(item)}
        case _:
            return set()


def _count(value: Value | None) -> int | None:
    match value:
        case Call(keywords=keywords) if keywords:
            return 1
        case Sequence(items, True):
            return len(items)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What Select and Omit leave; `only` None: everything."""

    only: frozenset[str] | None = None
    omitted: frozenset[str] = frozenset()
    doubt: str | None = None

    def takes(self, field: GormField) -> bool:
        """Whether a field is written; GORM keeps its own times whatever is selected."""
        names = {field.name, field.attribute}
        if not names.isdisjoint(self.omitted):
            return False
        return self.only is None or not names.isdisjoint(self.only) or field.created or field.updated


def _chosen(chain: Chain, resolve: Resolve) -> _Chosen:
    only: set[str] | None = None
    omitted: set[str] = set()
    doubt: str | None = None
    for link in chain.named("Select", "Omit"):
        names = _names(link, resolve)
        if names is None:
            doubt = "the columns are selected by names that are only known at run time"
        elif name_of(link) == "Select":
            only = None if "*" in names else set(names)
        else:
            omitted |= set(names)
    return _Chosen(frozenset(only) if only is not None else None, frozenset(omitted), doubt)


def _names(link: Call, resolve: Resolve) -> tuple[str, ...] | None:
    found: list[str] = []
    for arg in link.args:
        known = resolve(arg)
        if isinstance(known, Sequence):
            names = list_of_texts(known, resolve)
            if names is None:
                return None
            found += names
        elif isinstance(known, Text):
            found += [name.strip() for name in known.text.split(",")]
        elif getattr(known, "name", "") != "Associations":
            return None
    return tuple(found)


def assigned_of(clause: Clause, model: GormTable | None, rows: Payload) -> Payload | None:
    """The columns of SET; None for DO NOTHING."""
    if clause.action is not Action.UPDATE:
        return None
    own = clause.assigned.columns if clause.assigned is not None else ()
    complete = clause.assigned is None or clause.assigned.complete
    if clause.update_all:
        return _everything(own, model, rows, complete=complete)
    if not own and complete and model is not None:  # GORM then sets the primary key to itself
        return Payload(model.primary_key[:1])
    return Payload(own, complete, reason=None if complete else "the columns of SET are only known at run time")


def _everything(own: tuple[str, ...], model: GormTable | None, rows: Payload, *, complete: bool) -> Payload:
    if rows.columns is None or model is None:
        return Payload(None, complete=False, reason=rows.reason or _UNKNOWN_MODEL)
    fields = {field.name: field for field in model.fields}
    names = [name for name in rows.columns if (field := fields.get(name)) is None or _is_set(field)]
    return Payload(tuple(dict.fromkeys((*own, *names))), complete and rows.complete, reason=rows.reason)


def _is_set(field: GormField) -> bool:
    return not (field.primary or field.server_default or field.created) and field.updatable


def with_optional(draft: Draft, model: GormTable | None, rows: Payload) -> Draft:
    """The draft, with the columns that GORM writes only when the row has a value for them."""
    fields = model.fields if model is not None else ()
    left = tuple(f.name for f in fields if f.creatable and f.server_default and f.name not in (rows.columns or ()))
    return replace(draft, write=replace(draft.write, optional=left)) if rows.columns is not None else draft
