"""The columns that one new row of Active Record writes: by its attributes, by its class, and of its own accord."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..declarations.model import Undeclared
from ..declarations.rails import RailsModel, aliases_of
from ..declarations.rails_schema import dump_of
from ..values import Constant, Text
from .rails_stamps import stamps_of

if TYPE_CHECKING:
    from ...model import QualifiedName
    from ..declarations.rails_schema import DumpedTable
    from ..model import Draft, Resolve

# What a class may say without setting a column of new rows by that.
_SILENT = frozenset({
    "@validates", "@validate", "@belongs_to", "@has_many", "@has_one", "@scope", "@delegate", "@alias_attribute",
    "@validates_presence_of", "@validates_uniqueness_of", "@validates_length_of", "@has_and_belongs_to_many",
    "@private", "@public", "@protected", "@attr_readonly", "@private_class_method", "@primary_abstract_class",
    "@connects_to", "@validates_associated", "@attr_reader", "@attr_accessor", "@attr_writer", "@private_constant",
    "@module_function",
})  # fmt: skip


def columns_by(keys: tuple[str, ...], model: RailsModel | Undeclared, dumped: DumpedTable | None) -> tuple[str, ...]:
    """Columns by attributes: aliases, and what `belongs_to` points by."""
    aliases = aliases_of(model) if isinstance(model, RailsModel) else {}
    points = _pointing(model) if isinstance(model, RailsModel) else {}
    found: list[str] = []
    for key in keys:
        name = aliases.get(key, key)
        missing = dumped is not None and name not in dumped.columns and f"{name}_id" in dumped.columns
        found += points.get(name, (f"{name}_id",) if missing else (name,))
    return tuple(dict.fromkeys(found))


def _pointing(model: RailsModel) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for call in model.calls("belongs_to"):
        options = dict(call.keywords)
        key = options.get("foreign_key")
        if not call.args or not isinstance(call.args[0], Text) or (key is not None and not isinstance(key, Text)):
            continue
        name = call.args[0].text
        column = key.text if isinstance(key, Text) else f"{name}_id"
        polymorphic = isinstance(one := options.get("polymorphic"), Constant) and bool(one.value)
        found.setdefault(name, (column, f"{name}_type") if polymorphic else (column,))
    return found


def is_silent(model: RailsModel | Undeclared) -> bool:
    """Whether nothing in the class sets columns that a call does not name: no callbacks, defaults or concerns."""
    if isinstance(model, Undeclared):
        return False
    said = {key for one in model.lineage for key, _ in one.body if key.startswith("@")}
    return not model.inherited and said <= _SILENT


def with_stamps(
    draft: Draft, model: RailsModel | Undeclared, table: QualifiedName | Undeclared, resolve: Resolve
) -> Draft:
    """The draft, with the timestamps that are written if the table has them."""
    stamps = stamps_of(model, dump_of(resolve), table, resolve, bulk=False)
    left = tuple(name for name in (*stamps.sure, *stamps.maybe) if name not in (draft.write.columns or ()))
    return replace(draft, write=replace(draft.write, optional=left))
