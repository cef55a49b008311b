"""Raw rows of one reading to a Structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import TYPES, Kind, Structure
from .names import Names
from .others import others
from .relations import Relations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .model import Object

    Rows = Mapping[str, Sequence[Any]]

_KINDS = {
    "r": Kind.TABLE,
    "p": Kind.TABLE,
    "f": Kind.FOREIGN_TABLE,
    "v": Kind.VIEW,
    "m": Kind.MATERIALIZED_VIEW,
}


def structure(version: int, rows: Rows, besides: Iterable[tuple[int, int]] = ()) -> Structure:
    """The structure that the rows of `queries/` say, by statement; `version` is server_version_num.

    `besides` are left out as what extensions own is.
    """
    names = Names(rows)
    names.members.update(besides)
    relations = Relations(rows, names)
    objects: dict[Kind, dict[tuple[str, ...], Object]] = {kind: {} for kind in Kind}
    for kind, found in (*_relations(relations, names), *others(rows, names, relations)):
        objects[kind][found[: TYPES[kind][1]]] = found  # type: ignore[index]  # the identity is strings
    return Structure(version, {kind: dict(sorted(found.items())) for kind, found in objects.items()})


def _relations(relations: Relations, names: Names) -> Iterator[tuple[Kind, Object]]:
    for relkind, oid, relation in relations.build():
        if relkind in _KINDS and not names.of_extension("pg_class", oid):
            yield _KINDS[relkind], relation
