"""supabase-swift: `client.from("t").upsert(row, onConflict: "a,b", ignoreDuplicates: true)`, whose rows are Encodable.

Source: supabase-swift 2 PostgrestQueryBuilder.upsert and insert; Swift's synthesized Encodable, which leaves out nil.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..declarations.csharp_classes import class_of
from ..declarations.lineage import lineage_of
from ..model import Client, NoSite, Step
from ..values import Call, Class, Lambda, Opaque, Record, Sequence, Text
from .payload import Payload, payload
from .supabase import find, finish

if TYPE_CHECKING:
    from ..model import Draft, Resolve, SiteFact
    from ..values import Value

_CUSTOM = b"keyEncodingStrategy"


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    found = finish(fact, resolve, encoded)
    given = fact.values.get("rows")
    owner = class_of(given, resolve) if given is not None else None
    if not isinstance(found, tuple) or not isinstance(owner, Class):
        return found
    optional = tuple(name for name, required in _columns(owner) if not required)
    return tuple(replace(draft, write=replace(draft.write, optional=optional)) for draft in found)


def encoded(value: Value | None, resolve: Resolve) -> Payload:
    """The keys that rows have as JSON, but for those that they have only with a value."""
    owner = class_of(value, resolve) if value is not None else None
    if not isinstance(owner, Class):
        return payload(value, resolve)
    reason = _doubt(owner, resolve)
    columns = tuple(name for name, required in _columns(owner) if required)
    known = resolve(value) if value is not None else None
    count = len(known.items) if isinstance(known, Sequence) and known.complete else None
    count = 1 if isinstance(known, Call) and isinstance(known.callee, Class) else count
    return Payload(columns, reason is None, count, reason=reason)


def _doubt(owner: Class, resolve: Resolve) -> str | None:
    if any(key == "encode" and isinstance(value, Lambda) for key, value in owner.body):
        return f'"{owner.name}" encodes itself'
    if len(lineage_of(owner, resolve).classes) > 1:
        return f'"{owner.name}" has more columns than its own'
    if _keys(owner) is None and resolve.holding(_CUSTOM):
        return "keys may be encoded by another strategy"
    return None


def _keys(owner: Class) -> dict[str, str] | None:
    """The keys by property that CodingKeys lists; None when there are none."""
    listed = next((value for key, value in owner.body if key == "CodingKeys" and isinstance(value, Class)), None)
    if listed is None:
        return None
    cases = {key: value.get("rawValue") for key, value in listed.body if isinstance(value, Record)}
    return {name: raw.text for name, raw in cases.items() if isinstance(raw, Text)}


def _columns(owner: Class) -> list[tuple[str, bool]]:
    """The name of each stored property as JSON, and whether it is always there."""
    keys = _keys(owner)
    found: list[tuple[str, bool]] = []
    for key, value in owner.body:
        words = value.source.split() if key.startswith("@") and isinstance(value, Opaque) else None
        if words is None or not {"static", "class", "lazy"}.isdisjoint(words):
            continue
        name, optional = key[1:], bool(words) and words[-1].endswith("?")
        if keys is None or name in keys:
            found.append((name if keys is None else keys[name], not optional))
    return found


SUPABASE_SWIFT = Client(
    name="supabase-swift",
    languages=frozenset({"swift"}),
    triggers=(b".upsert(", b".from("),
    find=partial(find, "supabase-swift"),
    finish=_finish,
    own_dialect=True,
)
