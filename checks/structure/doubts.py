"""Takes out of structures what is in doubt on either side, so that nothing is told with a certainty that nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import PARTS, RELATIONS, TYPES, Kind, Relation, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .knowledge import Doubt
    from .model import Object, Structure

    Objects = dict[Kind, dict[tuple[str, ...], Object]]

_FIELDS = {str(part): name for name, (part, _) in PARTS.items()}


def without_doubtful(structure: Structure, doubts: Iterable[Doubt]) -> tuple[Structure, dict[Doubt, tuple[str, ...]]]:
    """The structure without what the doubts are about, and the names of what each has taken out of it."""
    objects: Objects = {kind: dict(members) for kind, members in structure.objects.items()}
    taken: dict[Doubt, list[str]] = {}
    for doubt in doubts:
        for kind, identity in tuple(_meant(objects, doubt)):
            found = objects[kind][identity]
            left = _without(found, doubt)
            if left == found:
                continue
            if left is None:
                del objects[kind][identity]
            else:
                objects[kind][identity] = left
            taken.setdefault(doubt, []).append(_told(kind, identity, doubt))
    return structure._replace(objects=objects), {doubt: tuple(names) for doubt, names in taken.items()}


def _meant(objects: Objects, doubt: Doubt) -> Iterator[tuple[Kind, tuple[str, ...]]]:
    kinds = [kind for kind in objects if not doubt.kinds or kind in doubt.kinds]
    kinds = [kind for kind in kinds if kind in RELATIONS] if doubt.part is not None else kinds
    for kind in kinds:
        for identity in objects[kind]:
            if _is_named(kind, identity, doubt):
                yield kind, identity
    if doubt.part is None and doubt.field is None and any(kind in RELATIONS for kind in kinds):
        # The sequences of its serial columns come and go with a table.
        for identity, found in objects.get(Kind.SEQUENCE, {}).items():
            owner = found.owned_by if isinstance(found, Sequence) else None
            if owner is not None and doubt.name == owner[1] and doubt.schema in (None, owner[0]):
                yield Kind.SEQUENCE, identity


def _is_named(kind: Kind, identity: tuple[str, ...], doubt: Doubt) -> bool:
    if kind is Kind.OTHER:
        return doubt.name in identity[1]
    if kind is Kind.DEFAULT_PRIVILEGES:
        return not doubt.name
    qualified = TYPES[kind][1] > 1
    schema, name = identity[:2] if qualified else (None, identity[0])
    return doubt.name in ("", name) and (doubt.schema is None or doubt.schema == schema or not qualified)


def _without(found: Any, doubt: Doubt) -> Any:
    """The object without that property or part; None for the object itself."""
    if doubt.part is not None:
        return _without_part(found, doubt) if isinstance(found, Relation) else found
    if doubt.field is None:
        return None
    changed = _cleared(found, doubt.field)
    if doubt.field == "acl" and isinstance(found, Relation):
        changed = changed._replace(columns=tuple(_cleared(column, "acl") for column in found.columns))
    return changed


def _without_part(found: Relation, doubt: Doubt) -> Relation:
    name = _FIELDS[str(doubt.part)]
    parts: tuple[Any, ...] = getattr(found, name)

    def kept(part: Any) -> Any:
        if doubt.member not in (None, part.name):
            return part
        return _cleared(part, doubt.field) if doubt.field else None

    changed: dict[str, Any] = {name: tuple(part for part in map(kept, parts) if part is not None)}
    return found._replace(**changed)


def _cleared(found: Any, field: str) -> Any:
    defaults = found._field_defaults
    if field == "not_null" and "not_null_constraint" in defaults:
        return found._replace(not_null=False, not_null_constraint=None)
    return found._replace(**{field: defaults[field]}) if field in defaults else found


def _told(kind: Kind, identity: tuple[str, ...], doubt: Doubt) -> str:
    """What was taken out, for the reader."""
    name = ".".join(identity[:2])
    whole = f'{kind} "{name}"'
    if doubt.part is not None:
        member = f' "{doubt.member}"' if doubt.member else "s"
        whole = f"{doubt.part}{member} of {whole}"
    return f"{doubt.field.replace('_', ' ')} of {whole}" if doubt.field else whole
