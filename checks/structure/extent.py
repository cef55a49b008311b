"""Cuts a structure down to what a source tells that does not tell everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import Enum, Kind, Relation
from .parts import Column

if TYPE_CHECKING:
    from .knowledge import Extent
    from .model import Object, Structure

ORDER = "order"  # among the fields of a column: that columns stand in the order of the table
OMITTABLE = "default"
SOME = "..."  # a default of which only its being there is told


def within(structure: Structure, extent: Extent) -> Structure:
    """The structure as a source of that extent would tell it."""
    objects: dict[Kind, dict[tuple[str, ...], Object]] = {kind: {} for kind in Kind}
    defaults = extent.coarse and _never_null(structure)
    for kind, members in structure.objects.items():
        told = _coarse(kind) if extent.coarse else kind
        if told not in extent.kinds:
            continue
        for identity, found in members.items():
            if identity[0] in extent.schemas:
                objects[told][identity] = _cut(found, extent, defaults or frozenset())
    return structure._replace(objects={kind: dict(sorted(members.items())) for kind, members in objects.items()})


def _coarse(kind: Kind) -> Kind:
    return {Kind.FOREIGN_TABLE: Kind.TABLE, Kind.MATERIALIZED_VIEW: Kind.VIEW}.get(kind, kind)


def _never_null(structure: Structure) -> frozenset[str]:
    """The domains that are NOT NULL, as the types of columns are written."""
    domains = structure.objects.get(Kind.DOMAIN, {}).values()
    return frozenset(
        name for one in domains if getattr(one, "not_null", False) for name in (f"{one[0]}.{one[1]}", str(one[1]))
    )


def _cut(found: Any, extent: Extent, never_null: frozenset[str]) -> Any:
    if isinstance(found, Enum) and extent.coarse:
        return Enum(found.schema, found.name, found.labels)
    if not isinstance(found, Relation):
        return found
    kept = {name: getattr(found, name) for name in extent.relation if name not in ("schema", "name")}
    if "columns" in kept:
        columns = tuple(_column(column, extent, never_null) for column in found.columns)
        kept["columns"] = columns if ORDER in extent.column else tuple(sorted(columns))
    return Relation(found.schema, found.name, **kept)


def _column(column: Column, extent: Extent, never_null: frozenset[str]) -> Column:
    kept: dict[str, Any] = {"type": ""}
    kept |= {name: getattr(column, name) for name in extent.column if name in Column._fields and name != "name"}
    if extent.coarse:
        kept["not_null"] = column.not_null or column.type in never_null
        present = column.default is not None or column.identity or column.generated
        kept[OMITTABLE] = SOME if present and kept["not_null"] else None
    return Column(column.name, **kept)
