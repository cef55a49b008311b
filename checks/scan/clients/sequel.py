"""Sequel: `DB[:t].insert_conflict(target: ..).insert(..)`, `insert_ignore`, `Model.find_or_create`, `update_or_create`.

What is sent follows sequel 5.103, adapters/shared/postgres.rb: Dataset#insert_conflict_sql; identifiers are quoted,
values in predicates are literals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Mechanism, NamedConstraint, Unresolved
from ..declarations.model import Undeclared
from ..declarations.sequel import is_model, table_of
from ..model import Client, NoSite, SiteFact
from ..values import Call, Constant, Join, Member, Name, Record, Sequence, Text
from .bound import literal
from .chain import name_of, own_links
from .drafting import Conflict, Racy, insert
from .payload import Payload, payload
from .rails_find import fact_of
from .rails_receiver import compared
from .reading import called_name, expanded, is_absent, list_of_texts, text, told
from .targets import columns_target, quoted, written_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value

_CONFLICTS = frozenset({"insert_conflict", "insert_ignore"})
_INSERTS = frozenset({"insert", "multi_insert", "import", "insert_select", "insert_multiple"})
_RACY = frozenset({"find_or_create", "update_or_create"})


def _find(module: Module) -> Iterator[SiteFact]:
    inserts = list(module.calls(_INSERTS))
    chains = [(call, {link.name_offset for link in own_links(call)[1]}) for call in inserts]
    for call in module.calls(_CONFLICTS):
        if not isinstance(call.callee, Member):
            continue
        values: dict[str, Value] = {"conflict": call}
        around = next((one for one, places in chains if call.name_offset in places), None)
        values |= {"insert": around} if around is not None else {}
        end = around.end if around is not None else call.end
        yield SiteFact(client="sequel", values=values, offset=call.name_offset, statement=call.offset, end=end)
    for call in module.calls(_RACY):
        yield fact_of("sequel", call, module)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    if "conflict" not in fact.values:
        return _racy(fact, resolve)
    call = fact.values["conflict"]
    assert isinstance(call, Call)  # noqa: S101 - `_find` puts nothing else there
    assert isinstance(call.callee, Member)  # noqa: S101 - as above
    table = table_of(call.callee.object, resolve)
    if table is None:
        return NoSite("is called on no model of Sequel")
    options = expanded(Record(call.keywords), resolve)
    given = resolve(call.args[0]) if call.args else None
    other = None
    if isinstance(given, Text):
        other = f"insert_conflict(:{given.text}) is Sequel's for SQLite"
    elif given is not None:
        options = given if isinstance(given, Record) else Record((), complete=False)
    rows = _rows(fact.values.get("insert"), call.callee.object, resolve)
    draft = insert(fact, table, rows, _conflict(call, options, resolve), not_postgres=other)
    return (draft,)


def _rows(inserting: Value | None, receiver: Value, resolve: Resolve) -> Payload:
    """The columns of insert(hash), insert([columns], values), multi_insert(rows) or import(columns, values)."""
    if not isinstance(inserting, Call):
        made = resolve(receiver)
        if isinstance(made, Call) and not isinstance(made.callee, Member) and made.keywords:
            given = tuple(key for key, _ in made.keywords if key not in {"&", "**"})
            return Payload(given or None, complete=False, rows=1, reason="hooks of the model may set more columns")
        return Payload(None, complete=False, reason="the rows are given elsewhere")
    named = tuple(pair for pair in inserting.keywords if pair[0] not in {"&", "commit_every", "slice", "return"})
    if not inserting.args:
        return payload(expanded(Record(named, offset=inserting.offset), resolve), resolve)
    first = resolve(inserting.args[0])
    if name_of(inserting) in {"import", "insert"} and len(inserting.args) > 1:
        names = list_of_texts(first, resolve)
        if names is None:
            return Payload(None, complete=False, reason=f"the columns are {told(first)}")
        return Payload(names, rows=1 if name_of(inserting) == "insert" else None)
    return payload(first, resolve)


def _conflict(call: Call, options: Record, resolve: Resolve) -> Conflict:
    if called_name(call) == "insert_ignore":
        return Conflict(AnyArbiter(), Action.NOTHING)
    target = _target(options, resolve)
    if not options.complete and target is None:
        return Conflict(Unresolved("the options of insert_conflict are only known at run time"), None)
    updates = options.get("update")
    known = resolve(updates) if updates is not None else None
    if known is None or is_absent(known):
        return Conflict(target or AnyArbiter(), Action.NOTHING)
    missing = Unresolved("no conflict target is given, which PostgreSQL refuses for DO UPDATE")
    if isinstance(known, Record):
        assigned = Payload(tuple(key for key, _ in known.entries), known.complete)
    else:
        assigned = Payload(None, complete=False, reason=f"the columns of SET are those of {told(known)}")
    return Conflict(target or missing, Action.UPDATE, assigned)


def _target(options: Record, resolve: Resolve) -> ConflictTarget | None:
    """The target that is given; None for none."""
    named, given, where = (options.get(key) for key in ("constraint", "target", "conflict_where"))
    if named is not None and not is_absent(resolve(named)):
        name = text(named, resolve)
        return NamedConstraint(name) if name else Unresolved(f"the constraint is {told(resolve(named))}")
    if given is None or is_absent(resolve(given)):
        return None
    known = given if isinstance(given, Sequence) else resolve(given)
    items = known.items if isinstance(known, Sequence) and known.complete else (known,)
    elements = [_element(item, resolve) for item in items]
    if not elements or None in elements:
        return Unresolved(f"the conflict target is {told(known)}")
    written = tuple(element for element in elements if element is not None)
    if where is None or is_absent(resolve(where)):
        plain = all(isinstance(resolve(item), Text) for item in items)
        names = tuple(one.text for item in items if isinstance(one := resolve(item), Text))
        return columns_target(names) if plain else written_target(written)
    predicate = _condition(where, resolve)
    if predicate is None:
        return Unresolved(f"the predicate of the conflict target is {told(resolve(where))}")
    return written_target(written, predicate)


def _element(value: Value, resolve: Resolve) -> str | None:
    """A column, `Sequel.lit("..")`, or `Sequel.function(:lower, :email)`, as SQL."""
    known = resolve(value)
    match known:
        case Text(name):
            return quoted(name)
        case Join((Text(sql),), "raw") | Call(Member(Name("Sequel"), "lit"), (Text(sql),)):
            return sql
        case Call(Member(Name("Sequel"), "function"), (Text(function), *args)):
            inner = [_element(arg, resolve) for arg in args]
            return None if None in inner else f"{function}({', '.join(one for one in inner if one is not None)})"
        case Member(Name("Sequel"), name):
            return quoted(name)
        case _:
            return None


def _condition(value: Value, resolve: Resolve) -> str | None:
    """`{ a: true, b: nil }`, a column that is true or false, or SQL."""
    known = resolve(value)
    if isinstance(known, Record):
        parts = [_compared(quoted(key), resolve(one)) for key, one in known.entries]
        whole = known.complete and bool(parts) and None not in parts
        return " AND ".join(f"({part})" for part in parts) if whole else None
    return _element(known, resolve)


def _compared(column: str, value: Value) -> str | None:
    if is_absent(value):
        return f"{column} IS NULL"
    if isinstance(value, Constant) and isinstance(value.value, bool):
        return f"{column} IS {'TRUE' if value.value else 'FALSE'}"
    if isinstance(value, Sequence) and value.complete and value.items:
        listed = [literal(item) for item in value.items]
        return None if None in listed else f"{column} IN ({', '.join(one for one in listed if one is not None)})"
    known = literal(value)
    return None if known is None else f"{column} = {known}"


def _racy(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call, receiver = fact.values["call"], resolve(fact.values["receiver"])
    assert isinstance(call, Call)  # noqa: S101 - `_find` puts nothing else there
    if not is_model(receiver, resolve):
        return NoSite("is called on no model of Sequel")
    table = table_of(receiver, resolve) or Undeclared("the model has no table")
    method = called_name(call) or ""
    named = tuple(pair for pair in call.keywords if pair[0] != "&")
    lookup = () if call.args else named
    first = Call(call.callee, call.args[:1], lookup, call.offset, call.name_offset, call.end)
    keys = compared(first, resolve)
    target = columns_target(keys) if keys else Unresolved("the rows are looked up by a condition that is not read")
    updates = method == "update_or_create"
    given = resolve(call.args[1]) if call.args[1:] else Record(named if call.args else ())
    more = tuple(key for key, _ in given.entries) if isinstance(given, Record) else ()
    block = any(key == "&" for key, _ in call.keywords)
    reason = "blocks and hooks of the model may set more columns"
    rows = Payload(tuple(dict.fromkeys((*(keys or ()), *more))) or None, complete=False, rows=1, reason=reason)
    assigned = Payload(more, not block) if updates else None
    why = f"{method} selects first, and inserts when it found nothing"
    racy = Racy(Mechanism.SELECT_THEN_INSERT, keys, why)
    action = Action.UPDATE if updates else Action.NOTHING
    return (insert(fact, table, rows, Conflict(target, action, assigned), racy=racy),)


SEQUEL = Client(
    name="sequel",
    languages=frozenset({"ruby"}),
    triggers=(b".insert_conflict", b".insert_ignore", b".find_or_create(", b".update_or_create("),
    find=_find,
    finish=_finish,
)
