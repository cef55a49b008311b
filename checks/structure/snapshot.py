"""A structure as canonical JSON that is kept in a repository: one line for each part, so that its own diffs stay small.

Fields that have their default are left out. Each relation has a digest: the first 32 hexadecimal digits of the SHA-256
of its JSON without the digest, with sorted keys and no blanks. It finds damage, and tells which tables have changed.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from ..errors import SourceError
from .layout import laid_out
from .model import RELATIONS, TYPES, Kind, Structure
from .owners import without_owners

if TYPE_CHECKING:
    from pathlib import Path

    Json = dict[str, Any]

FORMAT = "pgarbiter structure"
VERSION = 1  # raised when what is written means something else; a new field with a default needs no new version
_HEADER = ("server_version", "objects")
_NEWER = "A newer version of pgarbiter may have written it: use that one, or write the snapshot anew."
_DAMAGED = "Write it anew with `pgarbiter snapshot`."


def dump(structure: Structure) -> str:
    """The structure as text; the same structure gives the same text. Owners that are not known are left out."""
    known = structure if structure.owners else without_owners(structure)
    header: Json = {"format": FORMAT, "version": VERSION, "server_version": known.server_version}
    header |= {
        name: _plain(value)
        for name, value in zip(known._fields, known, strict=True)
        if name not in _HEADER and value != known._field_defaults[name]
    }
    objects = {
        str(kind): [_written(kind, members[identity]) for identity in sorted(members)]
        for kind in Kind
        if (members := known.objects.get(kind))
    }
    return laid_out(header, objects, {str(kind): TYPES[kind][1] for kind in Kind})


def load(text: str) -> Structure:
    """The structure that `dump` has written, with this version or an earlier one.

    Raises SourceError when the text is no snapshot, is damaged, or was written by a newer version.
    """
    document = _document(text)
    adapters = _header_adapters()
    header = {
        name: _validated(adapters[name], json.dumps(document[name]), f'"{name}"')
        for name in adapters
        if name in document
    }
    if unknown := document.keys() - adapters.keys() - {"format", "version", "objects"}:
        raise SourceError(f'snapshot has an unknown field "{min(unknown)}"', _NEWER)
    if "server_version" not in header:
        raise SourceError('snapshot is damaged: "server_version" is missing', _DAMAGED)
    objects: dict[Kind, dict[tuple[str, ...], Any]] = {kind: {} for kind in Kind}
    for name, members in _members(document):
        kind = _kind(name)
        objects[kind] = _loaded(kind, members)
    return Structure(objects=objects, **header)


def read(path: Path) -> Structure:
    """The structure in a file. Raises SourceError when it cannot be read; see `load`."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise SourceError(f'could not read snapshot "{path}": {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise SourceError(f'could not read snapshot "{path}": it is not UTF-8') from error
    try:
        return load(text)
    except SourceError as error:
        raise SourceError(f'could not read snapshot "{path}": {error.message}', error.hint) from error


def _plain(value: Any) -> Any:
    """A value of the model as JSON has it; records lose the fields that have their default."""
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            return _record(value)
        return [_plain(member) for member in value]
    if isinstance(value, frozenset):
        return sorted(_plain(member) for member in value)
    return value


def _record(value: Any) -> Json:
    defaults = value._field_defaults
    return {
        name: _plain(field)
        for name, field in zip(value._fields, value, strict=True)
        if name not in defaults or field != defaults[name]
    }


def _written(kind: Kind, found: Any) -> Json:
    record = _record(found)
    if kind not in RELATIONS:
        return record
    identity = TYPES[kind][1]
    fields = list(record.items())
    return dict([*fields[:identity], ("digest", _digest(_canonical(record))), *fields[identity:]])


def _canonical(record: Json) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(canonical: str) -> str:
    return sha256(canonical.encode()).hexdigest()[:32]


def _document(text: str) -> Json:
    """The JSON, which is a snapshot of a version that is known."""
    try:
        document = from_json(text)
    except ValueError as error:
        raise SourceError(f"snapshot is no JSON: {error}", _DAMAGED) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SourceError("file is no snapshot of a structure", "`pgarbiter snapshot SOURCE -o FILE` writes one.")
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise SourceError('snapshot is damaged: "version" is no number', _DAMAGED)
    if version > VERSION:
        raise SourceError(f"snapshot is of version {version}, wanted {VERSION} or older", _NEWER)
    return document


def _members(document: Json) -> list[tuple[str, list[Any]]]:
    objects = document.get("objects")
    if not isinstance(objects, dict) or not all(isinstance(members, list) for members in objects.values()):
        raise SourceError('snapshot is damaged: "objects" is no table of lists', _DAMAGED)
    return list(objects.items())


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        raise SourceError(f'snapshot has objects of an unknown kind "{name}"', _NEWER) from None


def _loaded(kind: Kind, members: list[Any]) -> dict[tuple[str, ...], Any]:
    made, identity = TYPES[kind]
    adapter = _adapter(made)
    found: dict[tuple[str, ...], Any] = {}
    for place, member in enumerate(members, 1):
        where = f"{kind} {_name(member, made, identity) or place}"
        one = _validated(adapter, _checked(kind, member, where), where)
        if found.setdefault(one[:identity], one) is not one:
            raise SourceError(f"snapshot is damaged: {where} is there twice", _DAMAGED)
    return dict(sorted(found.items()))


def _checked(kind: Kind, member: Any, where: str) -> str:
    """The JSON of one object, whose digest has been compared."""
    if not isinstance(member, dict):
        raise SourceError(f"snapshot is damaged: {where} is no object", _DAMAGED)
    digest = member.pop("digest", None) if kind in RELATIONS else None
    if isinstance(lines := member.get("definition"), list) and all(isinstance(line, str) for line in lines):
        member["definition"] = "\n".join(lines)
    canonical = _canonical(member)
    if kind in RELATIONS and digest != _digest(canonical):
        raise SourceError(f"snapshot is damaged: the digest of {where} is not that of its content", _DAMAGED)
    return canonical


def _name(member: Any, made: Any, identity: int) -> str | None:
    """The name that messages give an object, if it has one."""
    if not isinstance(member, dict):
        return None
    parts = [member.get(field) for field in made._fields[:identity]]
    return '"{}"'.format(".".join(map(str, parts))) if all(isinstance(part, str) for part in parts) else None


def _validated(adapter: TypeAdapter[Any], text: str, where: str) -> Any:
    try:
        return adapter.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"]))
        if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            raise SourceError(f'snapshot has an unknown field "{field}" in {where}', _NEWER) from None
        place = f'field "{field}" of {where}' if field else where
        raise SourceError(f"snapshot is damaged: {place}: {first['msg'].lower()}", _DAMAGED) from None


@cache
def _adapter(made: Any) -> TypeAdapter[Any]:
    return TypeAdapter(made)


@cache
def _header_adapters() -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(Structure)
    return {name: TypeAdapter(hint) for name, hint in hints.items() if name != "objects"}
