"""Hasura: `insert_table(objects, on_conflict: {constraint, update_columns})` in GraphQL, or as its variables.

Hasura sends ON CONFLICT ON CONSTRAINT, and DO NOTHING when no columns are to be updated.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Action, NamedConstraint, Unresolved
from ...sql.holes import MARKER
from ..declarations.hasura import table_of
from ..declarations.model import Undeclared
from ..flatten import variants
from ..literals import place_of
from ..model import Client, NoSite, SiteFact
from ..values import Call, Join, Name, Record, Sequence, Text
from .drafting import Conflict, insert
from .hasura_words import CONFLICT
from .payload import Payload, payload
from .reading import list_of_texts, text, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget, QualifiedName
    from ..flatten import Flat
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .hasura_document import Found

_CLAUSE = r"\bon_conflict\s*:|\bonConflict\s*:"
_OBJECT = re.compile(r"""\b(on_conflict|onConflict)["']?\s*:""")
_CALLED = re.compile(r"([A-Za-z_$][\w$]*)\s*(?:<[^()\n]*>)?\s*\(")
_WORDS = frozenset({"if", "for", "while", "switch", "catch", "function", "return", "await", "typeof"})
_DEEPEST = 5
_LANGUAGES = frozenset({
    "graphql", "javascript", "typescript", "python", "go", "ruby", "php", "java", "kotlin", "csharp", "rust", "elixir",
    "dart", "swift",
})  # fmt: skip


def _find(module: Module) -> Iterator[SiteFact]:
    """Every text with a conflict clause of GraphQL, and every call that is given one as an object."""
    for value in module.strings(_CLAUSE):
        at = place_of(value) or 0
        if module.not_run(at) is None:
            yield SiteFact(client="hasura", values={"text": value}, offset=at, statement=at, end=at)
    source = module.file.text
    if "update_columns" not in source and "updateColumns" not in source:
        return
    names = frozenset(_CALLED.findall(source)) - _WORDS if _OBJECT.search(source) else frozenset()
    seen: set[int] = set()
    for call in module.calls(names) if names else ():
        for holder, clause in _clauses(call, module):
            if clause.offset not in seen:
                seen.add(clause.offset)
                values: dict[str, Value] = {"call": call, "holder": holder, "clause": clause}
                begin = min(call.offset, clause.offset)
                yield SiteFact(client="hasura", values=values, offset=clause.offset, statement=begin, end=call.end)


def _clauses(call: Call, module: Module) -> Iterator[tuple[Record, Record]]:
    """The objects among the arguments, but not those of inner calls, that hold a clause for Hasura."""
    for arg in (*call.args, *(value for _, value in call.keywords)):
        meant = module.lookup(arg.name, arg.offset) if isinstance(arg, Name) else arg
        if isinstance(meant, Record):
            yield from _inside(meant, 0)


def _inside(value: Value, depth: int) -> Iterator[tuple[Record, Record]]:
    match value:
        case Record(entries) if depth < _DEEPEST:
            for key, one in entries:
                if key in CONFLICT and isinstance(one, Record) and _is_clause(one):
                    yield value, one
                else:
                    yield from _inside(one, depth + 1)
        case Sequence(items) if depth < _DEEPEST:
            for item in items:
                yield from _inside(item, depth + 1)
        case _:
            return


def _is_clause(record: Record) -> bool:
    return record.get("constraint") is not None


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    if "clause" in fact.values:
        return _of_object(fact, resolve)
    found: list[Draft] = []
    refused = "names a conflict clause, but no mutation of Hasura"
    for flat in variants(resolve(fact.values["text"])):
        inserts = _inserts_of(flat)
        if isinstance(inserts, str):
            refused = inserts
            continue
        found += [one for insert_ in inserts if (one := _of_field(fact, insert_, flat, resolve)) is not None]
    return tuple(dict.fromkeys(found)) or NoSite(refused)


def _of_field(fact: SiteFact, found: Found, flat: Flat, resolve: Resolve) -> Draft | None:
    table = _table(found, flat, resolve)
    if table is None:
        return None
    told_by = f"${found.variable}" if found.variable else "what is put into the document"
    target: ConflictTarget = Unresolved(f"the constraint is given by {told_by}")
    if found.constraint is not None and "__" not in found.constraint:
        target = NamedConstraint(found.constraint)
    rows = Payload(found.columns, found.columns is not None, reason="the rows are given by a variable")
    assigned = Payload(found.updated, complete=found.updated is not None)
    action = Action.NOTHING if found.updated == () else Action.UPDATE
    _, offset = flat.place(found.offset)
    _, start = flat.place(found.start)
    _, end = flat.place(max(found.end - 1, 0))
    placed = SiteFact(client="hasura", values=fact.values, offset=offset, statement=min(start, offset), end=end + 1)
    conflict = Conflict(target, action, assigned if action is Action.UPDATE else None)
    return insert(placed, table, rows, conflict)


def _table(found: Found, flat: Flat, resolve: Resolve) -> QualifiedName | Undeclared | None:
    if found.nested:
        return Undeclared(f'the table is that of the relationship "{found.field}"')
    if MARKER.search(flat.text[found.start : found.offset].partition("(")[0]) is not None:
        return Undeclared("the root field is put together at run time")
    return table_of(found.field, resolve)


def _of_object(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...]:
    """Variables of a mutation: `{objects, on_conflict: {constraint, update_columns}}`."""
    clause, holder, call = fact.values["clause"], fact.values["holder"], fact.values["call"]
    given = clause.get("constraint") if isinstance(clause, Record) else None
    name = text(given, resolve) if given is not None else None
    target: ConflictTarget = NamedConstraint(name) if name else Unresolved(_unknown(given, resolve))
    updated = clause.get("update_columns") or clause.get("updateColumns") if isinstance(clause, Record) else None
    listed = list_of_texts(updated, resolve) if updated is not None else ()
    one = text(updated, resolve) if updated is not None and listed is None else None
    columns = (one,) if one is not None else listed
    action = Action.NOTHING if columns == () else Action.UPDATE
    rows = holder.get("objects") or holder.get("object") if isinstance(holder, Record) else None
    conflict = Conflict(target, action, Payload(columns, columns is not None) if action is Action.UPDATE else None)
    table = _document_table(call, resolve) if isinstance(call, Call) else None
    return (insert(fact, table or Undeclared("the table is that of the mutation"), payload(rows, resolve), conflict),)


def _unknown(given: Value | None, resolve: Resolve) -> str:
    return f"the constraint is {told(resolve(given))}" if given is not None else "no constraint is given"


def _document_table(call: Call, resolve: Resolve) -> QualifiedName | Undeclared | None:
    """The table of the one mutation that the call is given."""
    for arg in call.args:
        known = resolve(arg)
        if not isinstance(known, Text | Join):
            continue
        found = [one for flat in variants(known) for one in _fields(flat)]
        tables = {table_of(field, resolve) for field in found}
        if len(tables) == 1:
            return tables.pop()
    return None


def _inserts_of(flat: Flat) -> tuple[Found, ...] | str:
    from .hasura_document import inserts_of  # noqa: PLC0415 - the parser of GraphQL takes longer to load than all clients

    return inserts_of(flat.text)


def _fields(flat: Flat) -> tuple[str, ...]:
    inserts = _inserts_of(flat)
    return () if isinstance(inserts, str) else tuple(one.field for one in inserts if not one.nested)


HASURA = Client(
    name="hasura",
    languages=_LANGUAGES,
    triggers=(b"on_conflict:", b"onconflict: {", b"onconflict:{", b"update_columns", b"updatecolumns"),
    find=_find,
    finish=_finish,
    own_dialect=True,
)
