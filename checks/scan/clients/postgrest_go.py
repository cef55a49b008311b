"""postgrest-go and supabase-go: `client.From("t").Upsert(row, "a,b", "", "")`, or with `&UpsertOptions{..}`.

Source: github.com/supabase-community/postgrest-go v0.0.11 QueryBuilder.Upsert and Insert, main querybuilder.go.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, DefaultKey, QualifiedName, Unresolved
from ..declarations.go_structs import fields_of, struct_of
from ..declarations.model import Undeclared
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Class, Constant, Member, Record, Sequence
from .chain import name_of, own_links
from .drafting import Conflict, insert
from .payload import Payload, payload
from .reading import boolean, is_absent, text, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Module, Resolve
    from ..values import Value

_LEGACY = 4  # arguments of Upsert before there were options: the rows, on_conflict, returning, count


def _find(module: Module) -> Iterator[SiteFact]:
    lowered = module.file.text.lower()
    if "supabase" not in lowered and "postgrest" not in lowered:
        return
    for call in module.calls(frozenset({"Upsert", "Insert"})):
        _, links = own_links(call)
        source = next((link for link in links if name_of(link) == "From" and len(link.args) == 1), None)
        if source is not None and isinstance(call.callee, Member) and call.args:
            values: dict[str, Value] = {"call": call, "table": source.args[0]}
            yield SiteFact(
                client="postgrest-go", values=values, offset=call.name_offset, statement=call.offset, end=call.end
            )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values["call"]
    if not isinstance(call, Call):
        return NoSite("no call")
    upserts = name_of(call) == "Upsert" or boolean(call.args[1] if call.args[1:] else None, resolve, default=False)
    name = text(fact.values["table"], resolve)
    table = QualifiedName(None, name) if name else Undeclared(f"the table is {told(resolve(fact.values['table']))}")
    rows, optional = _rows(call.args[0], resolve)
    conflict = _conflict(call, rows, resolve) if upserts is not False else None
    draft = insert(fact, table, rows, conflict)
    return (replace(draft, write=replace(draft.write, optional=optional)),)


def _conflict(call: Call, rows: Payload, resolve: Resolve) -> Conflict:
    options = resolve(call.args[1]) if call.args[1:] else Constant(None)
    if name_of(call) == "Insert":
        return Conflict(_target(call.args[2] if call.args[2:] else None, resolve), Action.UPDATE, rows)
    if len(call.args) == _LEGACY:
        return Conflict(_target(call.args[1], resolve), Action.UPDATE, rows)
    if is_absent(options):
        return Conflict(DefaultKey(), Action.UPDATE, rows)
    if not isinstance(options, Call):
        return Conflict(Unresolved(f"the options are {told(options)}"), None)
    given = Record(options.keywords)
    ignores = boolean(given.get("IgnoreDuplicates"), resolve, default=False)
    action = None if ignores is None else Action.NOTHING if ignores else Action.UPDATE
    return Conflict(_target(given.get("OnConflict"), resolve), action, rows if action is Action.UPDATE else None)


def _target(value: Value | None, resolve: Resolve) -> ConflictTarget:
    known = text(value, resolve) if value is not None else ""
    if known is None:
        return Unresolved(f"the conflict target is {told(resolve(value))}" if value is not None else "")
    names = tuple(name.strip() for name in known.split(",") if name.strip())
    return columns_target(names) if names else DefaultKey()


def _rows(value: Value, resolve: Resolve) -> tuple[Payload, tuple[str, ...]]:
    """The keys that the rows have as JSON, and those that they have only with a value."""
    known = resolve(value)
    owner = struct_of(known, resolve)
    if not isinstance(owner, Class):
        return payload(known, resolve), ()
    fields = [(field, (field.tagged("json") or "").split(",")) for field in fields_of(owner)]
    if any(field.embedded and not tag[0] for field, tag in fields):
        return Payload(None, complete=False, reason="the rows embed another struct"), ()
    named = [(tag[0] or field.name, "omitempty" in tag[1:]) for field, tag in fields if tag[0] != "-"]
    columns = tuple(name for name, omits in named if not omits)
    count = len(known.items) if isinstance(known, Sequence) and known.complete else None
    return Payload(columns, rows=count), tuple(name for name, omits in named if omits)


POSTGREST_GO = Client(
    name="postgrest-go",
    languages=frozenset({"go"}),
    triggers=(b"supabase", b"postgrest"),
    find=_find,
    finish=_finish,
)
