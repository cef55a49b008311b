"""postgrest-rs: `client.from("t").upsert(body).on_conflict("a,b")`, the body a text of JSON.

Source: postgrest 1.6 builder.rs Builder.insert, upsert, on_conflict; serde's derive for what rows are made of.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...model import Action, DefaultKey, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..declarations.rust_structs import attribute, attributes_of, fields_of, has_flag, row_struct
from ..declarations.sea_orm import camel_case
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Class, Constant, Member, Record, Sequence, Text
from .chain import chains, name_of, own_links
from .drafting import Conflict, insert
from .payload import Payload, payload
from .reading import called_name, text, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_WRITES = frozenset({"insert", "upsert"})
_SERIALISING = frozenset({"to_string", "to_value", "to_string_pretty"})


def _find(module: Module) -> Iterator[SiteFact]:
    """Each chain that writes, with the on_conflict behind it."""
    if not any(hint in module.file.text for hint in ("postgrest::", "Postgrest", "supabase")):
        return
    behind = {own.name_offset: call for call in module.calls(frozenset({"on_conflict"})) for own in own_links(call)[1]}
    for call in module.calls(_WRITES):
        names = {name_of(link) for link in own_links(call)[1]}
        if "from" in names and len(call.args) == 1 and isinstance(call.callee, Member):
            whole = behind.get(call.name_offset, call)
            values: dict[str, Value] = {"call": whole}
            yield SiteFact(
                client="postgrest-rs", values=values, offset=call.name_offset, statement=call.offset, end=whole.end
            )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    found = [draft for chain in chains(fact.values["call"], resolve) for draft in _drafts(fact, chain, resolve)]
    return tuple(dict.fromkeys(found)) or NoSite("no table of PostgREST")


def _drafts(fact: SiteFact, chain: Chain, resolve: Resolve) -> Iterator[Draft]:
    tables = [link.args[0] for link in chain.named("from") if link.args]
    writes = chain.named(*_WRITES)
    if not tables or not writes:
        return
    name = text(tables[-1], resolve)
    schemas = [link.args[0] for link in chain.named("schema") if link.args]
    schema = text(schemas[-1], resolve) if schemas else None
    table = QualifiedName(schema, name) if name else Undeclared(f"the table is {told(resolve(tables[-1]))}")
    if schemas and schema is None:
        table = Undeclared(f"the schema is {told(resolve(schemas[-1]))}")
    rows = _rows(writes[-1].args[0], resolve)
    conflict = None
    if name_of(writes[-1]) == "upsert":
        conflict = Conflict(_target(chain, resolve), Action.UPDATE, rows)
    yield insert(fact, table, rows, conflict)


def _target(chain: Chain, resolve: Resolve) -> ConflictTarget:
    given = [link.args[0] for link in chain.named("on_conflict") if link.args]
    if not given:
        return DefaultKey()
    columns = text(given[-1], resolve)
    if columns is None:
        return Unresolved(f"the conflict target is {told(resolve(given[-1]))}")
    names = tuple(name.strip().strip('"') for name in columns.split(",") if name.strip())
    return columns_target(names) if names else DefaultKey()


def _rows(value: Value, resolve: Resolve) -> Payload:
    known = resolve(value)
    if isinstance(known, Call) and called_name(known) in _SERIALISING and known.args:
        known = resolve(known.args[0])
    if isinstance(known, Text):
        try:
            return payload(_of_json(json.loads(known.text)), resolve)
        except (ValueError, RecursionError):
            return Payload(None, complete=False, reason="the rows are no JSON")
    owner = row_struct(known, resolve)
    if isinstance(owner, Class):
        return _of_struct(owner, known)
    return payload(known, resolve)


def _of_struct(owner: Class, known: Value) -> Payload:
    """The names under which serde writes the fields of a struct."""
    case = attribute(attributes_of(owner), "rename_all") if "serde" in attributes_of(owner) else None
    if case not in {None, "snake_case", "camelCase"}:
        return Payload(None, complete=False, reason=f'"{owner.name}" is written in {case}')
    columns: list[str] = []
    doubt: str | None = None
    for field in fields_of(owner):
        if has_flag(field.attributes, "skip") or has_flag(field.attributes, "skip_serializing"):
            continue
        if has_flag(field.attributes, "flatten") or "skip_serializing_if" in field.attributes:
            doubt = f'"{field.name}" is not written as one column each time'
            continue
        camel = camel_case(field.name)
        own = camel[:1].lower() + camel[1:] if case == "camelCase" else field.name
        columns.append((attribute(field.attributes, "rename") if "serde" in field.attributes else None) or own)
    listed = len(known.items) if isinstance(known, Sequence) and known.complete else None
    return Payload(tuple(columns), doubt is None, 1 if isinstance(known, Call) else listed, reason=doubt)


def _of_json(value: object) -> Value:
    match value:
        case dict():
            return Record(tuple((str(key), _of_json(entry)) for key, entry in value.items()))
        case list():
            return Sequence(tuple(_of_json(item) for item in value))
        case None | bool() | int() | float():
            return Constant(value)
        case _:
            return Text(str(value))


POSTGREST_RS = Client(
    name="postgrest-rs",
    languages=frozenset({"rust"}),
    triggers=(b"postgrest::", b".upsert("),
    find=_find,
    finish=_finish,
    own_dialect=True,
)
