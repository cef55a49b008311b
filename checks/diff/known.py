"""What two sources both know: the rest of their structures is made alike before they are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..structure.doubts import without_doubtful
from ..structure.extent import within
from ..structure.model import RELATIONS, Extension, Kind, Relation, Structure
from ..structure.owners import without_owners
from ..structure.platform import without_platform
from .compare import NOT_NULL_ROWS
from .unmodelled import by_name_only

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..structure.knowledge import Doubt, Extent
    from ..structure.model import Object
    from ..structure.parts import Column

_MOST_TOLD = 10


def comparable(old: Structure, new: Structure) -> tuple[Structure, Structure, tuple[str, ...]]:
    """The two structures without what only one of them knows, and a sentence on each kind of thing left out."""
    notes: list[str] = []
    for platform in sorted({one.platform for one in (old, new) if one.platform is not None}):
        old, new = without_platform(old, platform), without_platform(new, platform)
        notes.append(f'What the platform "{platform}" provides was not compared.')
    if not (old.owners and new.owners):
        old, new = _without_versions(without_owners(old)), _without_versions(without_owners(new))
        notes.append(
            "Owners were not compared, nor versions of extensions: "
            "a source that is loaded into a throwaway database belongs to whoever loads it."
        )
    for extent in [one.extent for one in (old, new) if one.extent is not None]:
        old, new = within(old, extent), within(new, extent)
        notes.append(_told(extent))
    if _has_not_null_rows(old) != _has_not_null_rows(new):
        old, new = _without_not_nulls(old), _without_not_nulls(new)
        if old.server_version and new.server_version:
            notes.append("The constraints behind NOT NULL were not compared: servers have them since version 18.")
    doubts = tuple(dict.fromkeys((*old.doubts, *new.doubts)))
    (old, one), (new, two) = without_doubtful(old, doubts), without_doubtful(new, doubts)
    return old, new, (*notes, *_doubtful(doubts, one, two), *by_name_only(old, new))


def _told(extent: Extent) -> str:
    kinds = ", ".join(extent.kinds)
    schemas = ", ".join(f'"{name}"' for name in extent.schemas)
    return f"Only objects of these kinds were compared, in schemas {schemas}: {kinds}."


def _doubtful(doubts: Sequence[Doubt], *taken: Mapping[Doubt, tuple[str, ...]]) -> Iterator[str]:
    """What was left out, for each reason."""
    names: dict[str, dict[str, None]] = {}
    for doubt in doubts:
        for side in taken:
            names.setdefault(doubt.reason, {}).update(dict.fromkeys(side.get(doubt, ())))
    for reason, found in names.items():
        if found:
            shown = ", ".join(sorted(found)[:_MOST_TOLD])
            more = f" and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
            yield f"Not compared, since {reason}: {shown}{more}."


def _without_versions(structure: Structure) -> Structure:
    """The extensions without their versions, and without the comments that these bring along."""
    members = structure.objects.get(Kind.EXTENSION, {})
    plain = {
        identity: found._replace(version="", comment=None) if isinstance(found, Extension) else found
        for identity, found in members.items()
    }
    return structure._replace(objects={**structure.objects, Kind.EXTENSION: plain})


def _has_not_null_rows(structure: Structure) -> bool:
    return structure.server_version >= NOT_NULL_ROWS


def _without_not_nulls(structure: Structure) -> Structure:
    objects = dict(structure.objects)
    for kind in RELATIONS:
        objects[kind] = {identity: _nullable(found) for identity, found in objects.get(kind, {}).items()}
    return structure._replace(objects=objects)


def _nullable(found: Object) -> Object:
    return found._replace(columns=tuple(_plain(found.columns))) if isinstance(found, Relation) else found


def _plain(columns: tuple[Column, ...]) -> Iterator[Column]:
    for column in columns:
        yield column if column.not_null_constraint is None else column._replace(not_null_constraint=None)
