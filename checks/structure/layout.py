"""Lays out the JSON of a snapshot: what changes together stands together, and each part has a line of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Json = dict[str, Any]


def laid_out(header: Json, objects: Mapping[str, Sequence[Json]], identities: Mapping[str, int]) -> str:
    """The snapshot as text. `identities`: how many first fields of the objects of a kind are their identity."""
    lines = [f" {_pair(name, value)}," for name, value in header.items()]
    lines.append(' "objects": {')
    for place, (kind, members) in enumerate(objects.items(), 1):
        lines.append(f"  {_json(kind)}: [")
        for count, member in enumerate(members, 1):
            lines += _object(member, identities[kind])
            lines[-1] += "," if count < len(members) else ""
        lines.append("  ]," if place < len(objects) else "  ]")
    return "\n".join(("{", *lines, " }", "}", ""))


def _object(member: Json, identity: int) -> Iterator[str]:
    """One line, or for an object with parts: its identity and digest, then each field by itself."""
    if not any(_is_block(name, value) for name, value in member.items()):
        yield f"   {_json(member)}"
        return
    fields = list(member.items())
    first = identity + ("digest" in member)
    head = ", ".join(_pair(*field) for field in fields[:first])
    yield f"   {{{head},"
    for place, (name, value) in enumerate(fields[first:], first + 1):
        end = "," if place < len(fields) else "}"
        if not _is_block(name, value):
            yield f"    {_pair(name, value)}{end}"
            continue
        yield f"    {_json(name)}: ["
        members = value.split("\n") if isinstance(value, str) else value
        last = len(members) - 1
        yield from (f"     {_json(one)}{',' if at < last else ''}" for at, one in enumerate(members))
        yield f"    ]{end}"


def _is_block(name: str, value: Any) -> bool:
    """Whether a value takes more than a line: a list of records, or the lines of a definition."""
    if name == "definition":
        return isinstance(value, str) and "\n" in value
    return isinstance(value, list) and any(isinstance(member, dict) for member in value) and name != "acl"


def _pair(name: str, value: Any) -> str:
    return f"{_json(name)}: {_json(value)}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
