"""Kysely: `insertInto(..).values(..).onConflict((oc) => ..)`.

What is sent follows kysely 0.29: query-builder/insert-query-builder.js, parser/insert-values-parser.js,
query-compiler/default-query-compiler.js.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, InferenceClause, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact, Step
from ..values import Call, Lambda, Member, Name, Sequence, Text
from .chain import chains, giver, origin, own_links, reached
from .drafting import Conflict, insert
from .followed import with_rows
from .given_back import asking, given_back, plain_name, with_returning
from .kysely_clause import Writing, conflicts, renamed, unwrapped
from .kysely_instance import Casing, instance_of
from .kysely_steps import find_steps, step_of
from .payload import Payload, payload
from .reading import called_name, list_of_texts, texts, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .chain import Chain
    from .given_back import Back
    from .kysely_instance import Instance

_MYSQL = "onDuplicateKeyUpdate"
_INSERTS = ("insertInto", "replaceInto")
_THROUGH = frozenset({"$if", "$call"})
_CALLBACKS = frozenset({"execute"})  # db.transaction().execute((trx) => ..)


def _find(module: Module) -> Iterator[SiteFact]:
    conflicting = list(module.calls(frozenset({"onConflict", _MYSQL})))
    back = given_back(module, _THROUGH)
    plain = list(_plain(module, conflicting, back))
    yield from plain
    yield from find_steps(module, with_rows(plain), _CALLBACKS)
    for call in conflicting:
        if not isinstance(call.callee, Member) or len(call.args) != 1 or not _may_be_ours(module, call):
            continue
        receiver = _before(module, call.callee.object)
        values: dict[str, Value] = {
            "method": Text(call.callee.name),
            "receiver": receiver,
            "origin": origin(module, receiver, _CALLBACKS),
            "clause": call.args[0],
            **asking(back, call.name_offset),
        }
        yield SiteFact(client="kysely", values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def _plain(module: Module, conflicting: list[Call], back: Back) -> Iterator[SiteFact]:
    """`insertInto(..).values(..)` that no conflict clause follows."""
    taken = {place for call in conflicting for place in reached(module, call, _THROUGH)}
    for call in module.calls(frozenset({"values", "expression", "defaultValues"})):
        _, links = own_links(call)
        begins = [link for link in links if called_name(link) in _INSERTS]
        if begins and begins[-1].name_offset not in taken:
            values: dict[str, Value] = {"method": Text("insertInto"), "receiver": call}
            values["origin"] = origin(module, call, _CALLBACKS)
            values |= asking(back, call.name_offset)
            begin = begins[-1].name_offset
            yield SiteFact(client="kysely", values=values, offset=begin, statement=call.offset, end=call.end)


def _may_be_ours(module: Module, call: Call) -> bool:
    """Kysely's takes a callback; that of Knex takes columns."""
    _, links = own_links(call)
    if any(isinstance(link.callee, Member) and link.callee.name in _INSERTS for link in links):
        return True
    return isinstance(call.args[0], Lambda) or "kysely" in module.file.text.lower()


def _before(module: Module, receiver: Value) -> Value:
    """The builder that a callback is given: `query.$if(condition, (qb) => qb.onConflict(..))`."""
    start, links = own_links(receiver)
    given = giver(module, start, _THROUGH) if isinstance(start, Name) and not links else None
    return receiver if given is None else given


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return _step(fact, resolve)
    found = [chain for chain in chains(fact.values["receiver"], resolve) if chain.named(*_INSERTS)]
    if not found:
        return NoSite("no insertInto() is found before the call")
    return tuple(dict.fromkeys(draft for chain in found for draft in _drafts(fact, chain, resolve)))


def _step(fact: SiteFact, resolve: Resolve) -> Step | NoSite:
    """The step, its table and columns named as by the instance that inserts."""
    inserts = fact.values["inserts"]
    for call in inserts.items if isinstance(inserts, Sequence) else ():
        for chain in chains(call, resolve):
            instance, values = instance_of(chain, fact.values["origin"], resolve), chain.named("values")
            writing = Writing(instance.rename, resolve)
            tables = _tables(chain, instance, writing) if values and values[-1].args else ()
            rows = [(table, values[-1].args[0], writing) for table in tables if isinstance(table, QualifiedName)]
            found = step_of(fact, rows, partial(_table, instance=instance), resolve)
            if isinstance(found, Step):
                return found
    return NoSite("no row of the same table is inserted after it by what it asks for")


def _drafts(fact: SiteFact, chain: Chain, resolve: Resolve) -> Iterator[Draft]:
    instance = instance_of(chain, fact.values["origin"], resolve)
    writing = Writing(instance.rename, resolve)
    other = instance.not_postgres
    if fact.values["method"] == Text(_MYSQL):
        clauses: tuple[Conflict | None, ...] = (Conflict(AnyArbiter(), Action.UPDATE),)
        other = f'statement is made by "{_MYSQL}"'
    elif fact.values["method"] == Text("insertInto"):
        clauses = (None,)
    else:
        clauses = conflicts(fact.values["clause"], writing)
    rows = _rows(chain, writing)
    for table in _tables(chain, instance, writing):
        for conflict in clauses:
            named = _sure(table, rows, conflict, instance)
            draft = insert(fact, named, rows, conflict, not_postgres=other)
            draft = with_returning(draft, fact.values, resolve, column=lambda one: instance.rename(plain_name(one)))
            yield _all_columns(draft) if _is_all(chain) else draft


def _tables(chain: Chain, instance: Instance, writing: Writing) -> tuple[QualifiedName | Undeclared, ...]:
    """The tables that `insertInto` may name: "table", "schema.table", "table as alias"."""
    given = chain.named(*_INSERTS)[-1].args
    if not given:
        return (Undeclared("no table is named"),)
    if instance.reason is not None:
        return (Undeclared(instance.reason),)
    names = texts(given[0], writing.resolve)
    if names is None:
        return (Undeclared(f"the table is {told(writing.resolve(given[0]))}"),)
    return tuple(_table(name, instance) for name in names)


def _sure(
    table: QualifiedName | Undeclared, rows: Payload, conflict: Conflict | None, instance: Instance
) -> QualifiedName | Undeclared:
    """The table, unless it is not known how a name among these is sent."""
    target = conflict.target if conflict is not None else None
    keys = target.columns if isinstance(target, InferenceClause) else ()
    names = (*(rows.columns or ()), *keys, table.name if isinstance(table, QualifiedName) else "")
    doubtful = instance.doubt is not None and any(Casing().snake(name) != name for name in names)
    return Undeclared(instance.doubt or "") if doubtful else table


def _table(name: str, instance: Instance) -> QualifiedName:
    parts = [part.strip() for part in name.partition(" as ")[0].split(".")]
    schema = parts[0] if len(parts) > 1 else instance.schema
    return QualifiedName(None if schema is None else instance.rename(schema), instance.rename(parts[-1]))


def _rows(chain: Chain, writing: Writing) -> Payload:
    values, columns = chain.named("values"), chain.named("columns")
    if values and values[-1].args:
        found = payload(unwrapped(values[-1].args[0], writing.resolve), writing.resolve)
        return renamed(found, writing)
    if columns and columns[-1].args:
        listed = list_of_texts(columns[-1].args[0], writing.resolve)
        if listed is None:
            return Payload(None, complete=False, reason="the columns are only known at run time")
        return renamed(Payload(listed), writing)
    if chain.named("defaultValues"):
        return Payload(())
    return Payload(None, complete=False, reason="the rows are given elsewhere")


def _is_all(chain: Chain) -> bool:
    """`expression(query)` without a list of columns."""
    return bool(chain.named("expression")) and not chain.named("columns", "values")


def _all_columns(draft: Draft) -> Draft:
    target = draft.write.target
    reason = target.reason if isinstance(target, Unresolved) else None
    return replace(draft, write=replace(draft.write, all_columns=True, complete=True, reason=None), reason=reason)


KYSELY = Client(
    name="kysely",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(b".onconflict(", b".onduplicatekeyupdate(", b".insertinto("),
    find=_find,
    finish=_finish,
)
