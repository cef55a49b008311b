"""Knex and Objection: `.insert(rows).onConflict(columns)` with `.merge()` or `.ignore()`.

What is sent follows knex 3.3.0 (dialects/postgres/query/pg-querycompiler.js, `_ignore`, `_merge`, `_onConflictClause`)
and objection 3.1.5, which maps the names of a row to columns, but not those of the conflict target.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Unresolved
from ..model import Client, NoSite, SiteFact, Step
from ..values import Call, Choice, Constant, Join, Lambda, Member, Name, Opaque, Record, Sequence, Text
from .chain import reached
from .drafting import Conflict, insert
from .knex_query import query_of
from .knex_steps import asked_by, find_steps
from .mikro_orm_builder import is_builder
from .payload import Payload, payload
from .reading import called_name, is_absent, list_of_texts, text, told
from .step_facts import NO_SITE, finish_step, followed_insert
from .targets import columns_target, quoted, written_target
from .written_clause import clause_action, raw_target, raw_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .knex_query import Query

_ACTIONS = frozenset({"merge", "ignore"})


def _find(module: Module) -> Iterator[SiteFact]:
    """Each `.onConflict(..)` with the call that says what to do, which may be made on a variable."""
    done: set[int] = set()
    for call in module.calls(_ACTIONS):
        conflict = _conflict_before(module, call)
        if conflict is not None and not is_builder(conflict):
            done.add(conflict.name_offset)
            yield _fact(conflict, call)
    for conflict in module.calls(frozenset({"onConflict"})):
        foreign = _is_callback(conflict) or _is_clause(conflict) or is_builder(conflict)
        if conflict.name_offset not in done and not foreign:
            yield _fact(conflict, None)
    conflicts = module.calls(frozenset({"onConflict"}))
    yield from find_steps(module, frozenset(place for call in conflicts for place in reached(module, call)))


def _conflict_before(module: Module, call: Call) -> Call | None:
    receiver = call.callee.object if isinstance(call.callee, Member) else None
    found = module.lookup(receiver.name, receiver.offset) if isinstance(receiver, Name) else receiver
    return found if isinstance(found, Call) and called_name(found) == "onConflict" else None


def _is_callback(conflict: Call) -> bool:
    """`.onConflict((oc) => ..)`, which is Kysely's."""
    return any(isinstance(arg, Lambda) or (isinstance(arg, Opaque) and "=>" in arg.source) for arg in conflict.args)


def _is_clause(conflict: Call) -> bool:
    """`.onConflict('("id") DO NOTHING')`, which is TypeORM's."""
    given = conflict.args[0] if conflict.args else None
    return isinstance(given, Text) and clause_action(given.text) is not None


def _fact(conflict: Call, call: Call | None) -> SiteFact:
    values: dict[str, Value] = {"conflict": conflict}
    if call is not None:
        values |= {"action": Text(called_name(call) or ""), "given": Sequence(call.args)}
    end = max(conflict.end, call.end if call is not None else 0)
    return SiteFact(client="knex", values=values, offset=conflict.name_offset, statement=conflict.offset, end=end)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return finish_step(fact, partial(asked_by, resolve=resolve))
    if "plain" in fact.values:
        plain = followed_insert(fact, partial(asked_by, resolve=resolve))
        return NO_SITE if plain is None else _inserted(fact, query_of(plain, resolve), None, resolve)
    conflict = fact.values.get("conflict")
    if not isinstance(conflict, Call) or not isinstance(conflict.callee, Member):
        return NoSite("no query builder is found before the call")
    query = query_of(conflict.callee.object, resolve)
    if query.rows is None:
        return NoSite("nothing is inserted before the call")
    rows = _added(query, query.columns(payload(_kept(resolve(query.rows)), resolve)))
    action = {"merge": Action.UPDATE, "ignore": Action.NOTHING}.get(_told(fact.values.get("action")))
    target = _target(conflict, action, query, resolve)
    assigned = _assigned(fact.values.get("given"), rows, query, resolve) if action is Action.UPDATE else None
    return _inserted(fact, query, Conflict(target, action, assigned), resolve)


def _inserted(fact: SiteFact, query: Query, conflict: Conflict | None, resolve: Resolve) -> tuple[Draft, ...]:
    given = resolve(query.rows) if query.rows is not None else Record(())
    rows = _added(query, query.columns(payload(_kept(given), resolve)))
    draft = insert(fact, query.table, rows, conflict, not_postgres=query.instance.not_postgres)
    defaulted = query.columns(Payload(_defaulted(given))).columns or ()
    return (replace(draft, write=replace(draft.write, defaulted=defaulted)),)


def _defaulted(rows: Value) -> tuple[str, ...]:
    """The keys that are undefined in every row."""
    match rows:
        case Record(entries):
            return tuple(key for key, value in entries if _is_undefined(value))
        case Sequence(items) if items:
            first, *others = (_defaulted(item) for item in items)
            return tuple(key for key in first if all(key in other for other in others))
        case _:
            return ()


def _told(action: Value | None) -> str:
    return action.text if isinstance(action, Text) else ""


def _kept(value: Value) -> Value:
    """Rows with keys that are undefined kept, for which Knex sends DEFAULT."""
    match value:
        case Record(entries):
            kept = tuple((key, Opaque("undefined") if _is_undefined(one) else one) for key, one in entries)
            return replace(value, entries=kept)
        case Sequence(items):
            return replace(value, items=tuple(_kept(item) for item in items))
        case Choice(options):
            return replace(value, options=tuple(_kept(option) for option in options))
        case _:
            return value


def _is_undefined(value: Value) -> bool:
    return isinstance(value, Constant) and value.undefined


def _added(query: Query, rows: Payload) -> Payload:
    """The rows with what an Objection model adds to them."""
    if query.model is None or rows.columns is None:
        return rows
    defaults = (query.identifier(query.model.column(name)) for name in query.model.defaults)
    more = tuple(name for name in defaults if name is not None and name not in rows.columns)
    rows = replace(rows, columns=(*rows.columns, *more))
    return rows if query.model.adds is None else replace(rows, complete=False, reason=query.model.adds)


def _target(conflict: Call, action: Action | None, query: Query, resolve: Resolve) -> ConflictTarget:
    given = conflict.args[0] if conflict.args else None
    known = resolve(given) if given is not None else None
    if given is None or known is None or is_absent(known) or known == Constant(value=True):
        if action is Action.UPDATE:  # the columns are `true`, which is then written as a name
            return columns_target(("true",))
        return AnyArbiter() if action is not None else Unresolved("the conflict action is not known")
    raw = raw_target(given, resolve)
    if raw is not None:
        return raw
    one = text(known, resolve)
    if one is not None:
        return _named((one,), query)
    written = isinstance(known, Sequence) and any(isinstance(item, Join) for item in known.items)
    names = list_of_texts(known, resolve) if not written else None
    return _named(names, query) if names is not None else _mixed(given, query, resolve)


def _named(names: tuple[str, ...], query: Query) -> ConflictTarget:
    if not names:
        return Unresolved("the conflict target is an empty list, which is no SQL")
    if any("." in name for name in names):
        return Unresolved("the conflict target is a qualified name, which is no SQL")
    sent = [query.identifier(name) for name in names]
    if any(name is None for name in sent):
        return Unresolved(query.instance.doubt or "")
    return columns_target(tuple(name for name in sent if name is not None))


def _mixed(given: Value, query: Query, resolve: Resolve) -> ConflictTarget:
    """A list in which some elements are `raw("lower(email)")`."""
    known = given if isinstance(given, Sequence) else resolve(given)
    if not isinstance(known, Sequence) or not known.complete:
        return Unresolved(f"the conflict target is {told(resolve(given))}")
    elements: list[str] = []
    for item in known.items:
        raw, name = raw_text(item, resolve), text(item, resolve)
        if isinstance(raw, Unresolved):
            return raw
        if raw is None and name is None:
            return Unresolved(f"a part of the conflict target is {told(resolve(item))}")
        elements.append(raw or quoted(query.identifier(name or "") or name or ""))
    return written_target(tuple(elements))


def _assigned(given: Value | None, rows: Payload, query: Query, resolve: Resolve) -> Payload:
    """The columns of SET: those of the rows, of a list of names, or of an object."""
    first = resolve(given.items[0]) if isinstance(given, Sequence) and given.items else None
    if first is None or is_absent(first) or isinstance(first, Text):
        return rows
    names = list_of_texts(first, resolve)
    if names is not None:
        return query.columns(Payload(tuple(name.rpartition(".")[2] for name in names)), mapped=False)
    if isinstance(first, Record | Choice):
        return query.columns(payload(first, resolve))
    return Payload(None, complete=False, reason=f"the columns of SET are those of {told(first)}")


KNEX = Client(
    name="knex",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(b".onconflict(", b".insert(", b".insertandfetch("),
    find=_find,
    finish=_finish,
)
