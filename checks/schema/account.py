"""How much of a schema source was loaded, and what that leaves unknown of its structure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .. import sql
from ..structure.knowledge import Doubt, Extent
from ..structure.model import RELATIONS, Extension, Kind, Relation
from ..structure.parts import Column
from ..structure.platform import TIMESCALE, platform_of
from ..wording import plural
from .newer import words
from .platforms import Platform
from .source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..structure.model import Object, Structure
    from .anew import Filling
    from .model import LoadFailure

_MOST_TOLD = 20
_RELATIONS = tuple(str(kind) for kind in RELATIONS)
# What MetaData always tells; the rest only if something of the kind is there, made by an event.
_KINDS = (Kind.TABLE, Kind.ENUM, Kind.SEQUENCE)
_OF_RELATIONS = ("columns", "constraints", "indexes", "comment", "partition_key", "parents", "bound")
_OF_COLUMNS = (
    "type", "not_null", "default", "identity", "identity_options", "generated", "collation", "inherited", "local",
    "not_null_constraint", "comment", "order",
)  # fmt: skip


def account(structure: Structure, filling: Filling) -> Structure:
    """The structure of a loaded source, with its platform, its doubts, its extent, and notes on how it was loaded."""
    found = structure._replace(
        objects={**structure.objects, Kind.EXTENSION: _extensions(structure, filling)},
        owners=False,
        doubts=tuple(dict.fromkeys(_doubts(filling))),
        notes=tuple(_notes(filling)),
    )
    platform = filling.filled.platform or platform_of(found)
    found = found._replace(platform=None if platform in (None, Platform.PLAIN) else str(platform))
    if filling.source.kind is SourceKind.MODELS:
        found = found._replace(extent=_extent(found), notes=(*found.notes, *_of_models()))
    return found


def _extensions(structure: Structure, filling: Filling) -> dict[tuple[str, ...], Object]:
    """Those that the server has, and those that a stand-in took the place of; models leave them to others."""
    found = dict(structure.objects.get(Kind.EXTENSION, {}))
    for one in filling.filled.result.stand_ins:
        if one.asked:
            found.setdefault((one.name,), Extension(one.name, one.schema, ""))
    return dict(sorted(found.items()))


def _doubts(filling: Filling) -> Iterator[Doubt]:
    result = filling.filled.result
    for failure, text in zip(result.failed, result.refused, strict=True):
        yield from _of_failure(failure, text)
    for file in filling.unread:
        for statement in sql.split(file.text):
            yield from _about(sql.subjects(statement.text), f"{file.path} was not loaded")
    for file in filling.newer:
        for word in sorted(words(file)):
            yield Doubt(word, None, _RELATIONS, reason=f"the dump does not hold {file.path} yet")


def _of_failure(failure: LoadFailure, text: str) -> Iterator[Doubt]:
    reason = _reason(failure)
    if text.startswith("\\"):  # a command of psql: what the file would have made nobody knows
        yield Doubt("", reason=reason)
        return
    found = sql.subjects(text)
    yield from _about(found, reason)
    for name in () if found else failure.makes_unknown:
        schema, _, relation = name.partition(".")
        yield Doubt(relation, schema, _RELATIONS, reason=reason)


def _about(found: tuple[sql.Subject, ...], reason: str) -> Iterator[Doubt]:
    for one in found:
        yield Doubt(one.name, one.schema, one.kinds, one.part, one.member, one.field, reason)


def _reason(failure: LoadFailure) -> str:
    return f"{failure.path}:{failure.line} did not load: {failure.message}"


def _notes(filling: Filling) -> Iterator[str]:
    info = filling.info
    if info.failed:
        share = 100 * info.loaded // max(info.statements, 1)
        yield f"{info.loaded} of {info.statements} statements were loaded ({share} %)"
        yield from _failures(info.failed)
    elif not info.statements and filling.source.kind in (SourceKind.SQL, SourceKind.SUPABASE):
        yield "it holds no statements"
    yield from info.notes
    if any(one.name == "timescaledb" for one in filling.filled.result.stand_ins):
        yield f"the indexes that create_hypertable() makes are unknown: {TIMESCALE} has a stand-in"


def _failures(failed: Sequence[LoadFailure]) -> Iterator[str]:
    """The first failure of each message, with the number of those like it, up to a limit."""
    alike = Counter(failure.message for failure in failed)
    first = {failure.message: failure for failure in reversed(failed)}
    told = list(alike)[:_MOST_TOLD]
    for message in told:
        more = alike[message] - 1
        yield _reason(first[message]) + (f" (and {plural(more, 'more statement')} in the same way)" if more else "")
    if left := len(failed) - sum(alike[message] for message in told):
        yield f"{plural(left, 'more statement')} did not load"


def _extent(structure: Structure) -> Extent:
    """What models tell: what MetaData holds, and what else their events have made."""
    relations = [one for kind in RELATIONS for one in structure.objects[kind].values() if isinstance(one, Relation)]
    columns = [column for one in relations for column in one.columns]
    made = tuple(kind for kind in Kind if kind not in (Kind.SCHEMA, Kind.EXTENSION) and structure.objects[kind])
    schemas = {str(identity[0]) for kind in (*RELATIONS, Kind.ENUM) for identity in structure.objects[kind]}
    fields = (name for name in Relation._fields[2:] if name not in ("owner", "acl") and name not in _OF_RELATIONS)
    more = (name for name in Column._fields[1:] if name not in ("acl", *_OF_COLUMNS))
    return Extent(
        tuple(str(kind) for kind in Kind if kind in {*_KINDS, *made}),
        tuple(sorted(schemas)),
        (*_OF_RELATIONS, *(name for name in fields if _any_other(relations, name, Relation))),
        (*_OF_COLUMNS, *(name for name in more if _any_other(columns, name, Column))),
    )


def _any_other(found: list[Relation] | list[Column], name: str, made: type) -> bool:
    default = made._field_defaults[name]  # type: ignore[attr-defined]  # a named tuple's
    return any(getattr(one, name) != default for one in found)


def _of_models() -> Iterator[str]:
    yield "models tell tables, columns, constraints, indexes, enums and sequences; what they make no use of is unknown"
