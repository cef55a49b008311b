"""Peewee: `Model.insert(...).on_conflict(...)`, `.on_conflict_ignore()`, and `Model.get_or_create(...)`.

What is sent follows peewee 4.5: OnConflict, PostgresqlDatabase.conflict_update, Insert._generate_insert.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, QualifiedName, Unresolved
from ..answered import ANSWERED
from ..declarations.model import TableDeclaration, Undeclared
from ..declarations.peewee import is_peewee, other_database, read_peewee
from ..model import Client, NoSite, SiteFact
from ..values import Call, Choice, Member, Record, Sequence, Text
from .active_asked import find_asked, finish_asked, is_paired
from .drafting import Conflict, Racy, insert
from .fields import Fields
from .managers import receiver_of
from .operators import keyword, keyword_keys
from .payload import Payload, payload
from .reading import argument, expanded, is_absent, text, told
from .targets import bound_target, columns_target, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value

_INSERTS = frozenset({"insert", "insert_many", "insert_from"})
_IGNORE, _REPLACE, _CONFLICT, _LOOKUP = "on_conflict_ignore", "on_conflict_replace", "on_conflict", "get_or_create"
_OPTIONS = ("action", "update", "preserve", "where", "conflict_target", "conflict_where", "conflict_constraint")
_TELLING = frozenset({"update", "preserve", "conflict_target", "conflict_where", "conflict_constraint"})
_ACTIONS = frozenset({"ignore", "nothing", "replace", "update", "rollback", "abort", "fail"})


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(frozenset({_CONFLICT, _IGNORE, _REPLACE})):
        if isinstance(call.callee, Member) and _is_peewee(call):
            receiver = receiver_of(module, call.callee.object)
            inserting = next((link for link in receiver.links if _name(link) in _INSERTS), None)
            if inserting is not None:
                values: dict[str, Value] = {"model": receiver.root, "insert": inserting}
                yield _fact(module, call, values)
    for call in module.calls(frozenset({_LOOKUP})):
        if isinstance(call.callee, Member):
            yield _fact(module, call, {"model": call.callee.object})
    yield from find_asked("peewee", module)


def _name(call: Call) -> str:
    return call.callee.name if isinstance(call.callee, Member) else ""


def _is_peewee(call: Call) -> bool:
    """Whether the arguments are those of Peewee's method: other libraries have one of that name, too."""
    if _name(call) != _CONFLICT:
        return True
    first = call.args[0] if call.args else argument(call, 0, "action")
    told = isinstance(first, Text) and first.text.lower() in _ACTIONS
    return told or any(key in _TELLING for key, _ in call.keywords)


def _fact(module: Module, call: Call, values: dict[str, Value]) -> SiteFact:
    source = module.file.text[call.offset : call.end]
    values |= {"method": Text(_name(call)), "call": call}
    for option in _OPTIONS:
        value = argument(call, _OPTIONS.index(option), option)
        if value is not None:
            values[option] = value
    where = keyword(source, "conflict_where", call.offset, module.file.path)
    values |= {"conflict_where": where} if where is not None else {}
    keys = keyword_keys(source, "update", call.offset, module.file.path)
    values |= {"updated": Sequence(keys)} if keys is not None else {}
    return SiteFact(client="peewee", values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    model = resolve(fact.values["model"])
    if fact.values["method"] == Text("asked"):
        found = finish_asked(fact, is_peewee, read_peewee, _one_row, resolve)
        other = other_database(model, resolve)
        return found if isinstance(found, NoSite) else tuple(replace(draft, not_postgres=other) for draft in found)
    options = model.options if isinstance(model, Choice) else (model,)
    if fact.values["method"] == Text(_LOOKUP):
        own = [one for one in options if is_peewee(one, resolve)]
        return tuple(_looked_up(fact, one, resolve) for one in own) or NoSite("is called on no model of Peewee")
    return tuple(_draft(fact, one, resolve) for one in options)


def _draft(fact: SiteFact, model: Value, resolve: Resolve) -> Draft:
    declared = read_peewee(model, resolve)
    table = declared if isinstance(declared, Undeclared) else QualifiedName(declared.schema, declared.name)
    known = declared if isinstance(declared, TableDeclaration) else TableDeclaration("", None, complete=False)
    fields = Fields(known, resolve)
    conflict = _conflict(fact, fields, resolve)
    other = other_database(model, resolve)
    if fact.values["method"] == Text(_REPLACE) or _action(fact, resolve) == "replace":
        other = other or "REPLACE is MySQL or SQLite, and Peewee refuses it on PostgreSQL"
    return insert(fact, table, _rows(fact.values["insert"], fields, resolve), conflict, not_postgres=other)


def _action(fact: SiteFact, resolve: Resolve) -> str | None:
    """The action in lower case, "" for none; None when it is only known at run time."""
    given = fact.values.get("action")
    known = resolve(given) if given is not None else None
    if known is None or is_absent(known):
        return ""
    return known.text.lower() if isinstance(known, Text) else None


def _conflict(fact: SiteFact, fields: Fields, resolve: Resolve) -> Conflict:
    if fact.values["method"] in {Text(_IGNORE), Text(_REPLACE)}:
        return Conflict(AnyArbiter(), Action.NOTHING)
    action = _action(fact, resolve)
    target = _target(fact, fields, resolve)
    if action is None:
        return Conflict(target or Unresolved("what happens on conflict is chosen at run time"), None)
    if action in {"ignore", "nothing"}:
        return Conflict(target or AnyArbiter(), Action.NOTHING)
    missing = Unresolved("no conflict target is given, which Peewee refuses on PostgreSQL")
    return Conflict(target or missing, Action.UPDATE, _assigned(fact, fields, resolve))


def _target(fact: SiteFact, fields: Fields, resolve: Resolve) -> ConflictTarget | None:
    """The target that is given; None for none."""
    given, named = fact.values.get("conflict_target"), fact.values.get("conflict_constraint")
    if named is not None and not is_absent(resolve(named)):
        name = text(named, resolve)
        return NamedConstraint(name) if name is not None else Unresolved(f"the constraint is {told(resolve(named))}")
    if given is None or is_absent(resolve(given)):
        return None
    names = _names(given, fields, resolve)
    if names is None:
        return Unresolved(f"the conflict target is {told(resolve(given))}")
    where = fact.values.get("conflict_where")
    if where is None or is_absent(where):
        return columns_target(names)
    condition = fields.condition(where)
    if condition is None:
        return Unresolved(f"the predicate of the conflict target is {told(resolve(where))}")
    return bound_target(tuple(quoted(name) for name in names), condition)


def _names(given: Value, fields: Fields, resolve: Resolve) -> tuple[str, ...] | None:
    """The columns of one field or text, or of a list of them."""
    listed = given if isinstance(given, Sequence) else resolve(given)
    one = fields.name(given) if not isinstance(listed, Sequence) else None
    if one is not None:
        return (one,)
    if not isinstance(listed, Sequence) or not listed.complete:
        return None
    names = tuple(name for item in listed.items if (name := fields.name(item)) is not None)
    return names if names and len(names) == len(listed.items) else None


def _assigned(fact: SiteFact, fields: Fields, resolve: Resolve) -> Payload:
    """The columns that keep what was inserted, and those that are updated."""
    names: list[str] = []
    complete = True
    preserved = fact.values.get("preserve")
    if preserved is not None and not is_absent(resolve(preserved)):
        kept = _names(preserved, fields, resolve)
        complete, names = kept is not None, [*(kept or ())]
    updated = fact.values.get("update")
    if updated is not None and not is_absent(resolve(updated)):
        keys = _keys(fact.values.get("updated"), updated, resolve)
        found = [_field(key, fields) for key in keys or ()]
        complete = complete and keys is not None and None not in found
        names += [name for name in found if name is not None]
    return Payload(tuple(dict.fromkeys(names)) or None, complete)


def _keys(listed: Value | None, given: Value, resolve: Resolve) -> tuple[Value, ...] | None:
    """The keys of a dictionary: fields, or names of fields."""
    if isinstance(listed, Sequence):
        return listed.items
    known = resolve(given)
    return tuple(Text(key) for key, _ in known.entries) if isinstance(known, Record) and known.complete else None


def _field(key: Value, fields: Fields) -> str | None:
    """A key of a row: a field, or the name of one."""
    if isinstance(key, Text):
        column = fields.table.by_attribute(key.text) or fields.table.by_key(key.text)
        return column.name if column is not None else None if fields.table.complete else key.text
    return fields.name(key)


def _rows(inserting: Value, fields: Fields, resolve: Resolve) -> Payload:
    """The columns of insert(), insert_many() or insert_from(), and those that have a default."""
    if not isinstance(inserting, Call):
        return Payload(None, complete=False, reason="the rows are given elsewhere")
    if _name(inserting) != "insert":
        chosen = argument(inserting, 1, "fields")
        names = _names(chosen, fields, resolve) if chosen is not None and not is_absent(resolve(chosen)) else None
        if names is not None:
            defaults = _defaults(fields) if _name(inserting) == "insert_many" else ()
            return Payload(tuple(dict.fromkeys((*names, *defaults))), fields.table.complete)
    given = argument(inserting, 0, "__data", "rows", "query")
    found = payload(given, resolve) if given is not None else None
    if found is None:
        found = payload(expanded(Record(inserting.keywords, offset=inserting.offset), resolve), resolve)
    if found.columns is None:
        return found
    columns = [_field(Text(key), fields) or key for key in found.columns]
    complete = found.complete and fields.table.complete
    return replace(found, columns=tuple(dict.fromkeys((*columns, *_defaults(fields)))), complete=complete)


def _defaults(fields: Fields) -> tuple[str, ...]:
    return tuple(column.name for column in fields.table.columns if column.client_default)


def _one_row(table: TableDeclaration, given: frozenset[str]) -> Payload:
    """A row that is given values of these fields."""
    own = [column for column in table.columns if column.client_default or {column.attribute, column.key} & given]
    return Payload(tuple(column.name for column in own), table.complete, 1)


def _looked_up(fact: SiteFact, model: Value, resolve: Resolve) -> Draft:
    """`Model.get_or_create(a=1, defaults={...})`."""
    declared, call = read_peewee(model, resolve), fact.values["call"]
    assert isinstance(call, Call)  # noqa: S101 - `_fact` puts nothing else there
    table = declared if isinstance(declared, Undeclared) else QualifiedName(declared.schema, declared.name)
    fields = Fields(declared if isinstance(declared, TableDeclaration) else TableDeclaration("", None), resolve)
    given = expanded(Record(call.keywords), resolve)
    defaults = resolve(given.get("defaults") or Record(()))
    keys = [_field(Text(key), fields) for key, _ in given.entries if key != "defaults"]
    more = [_field(Text(key), fields) for key, _ in defaults.entries] if isinstance(defaults, Record) else [None]
    known = tuple(key for key in keys if key is not None)
    target: ConflictTarget = Unresolved("the lookup is put together at run time")
    if known and given.complete and len(known) == len(keys):
        target = columns_target(known)
    columns = (*known, *(name for name in more if name is not None), *_defaults(fields))
    complete = given.complete and None not in {*keys, *more} and fields.table.complete
    rows = Payload(tuple(dict.fromkeys(columns)), complete, 1)
    looked = target.columns if isinstance(target, InferenceClause) else None
    racy = Racy(Mechanism.SELECT_THEN_INSERT, looked, ANSWERED)
    other = other_database(model, resolve)
    return insert(fact, table, rows, Conflict(target, Action.NOTHING), racy=racy, not_postgres=other)


PEEWEE = Client(
    name="peewee",
    languages=frozenset({"python"}),
    triggers=(b".on_conflict(", b".on_conflict_ignore(", b".on_conflict_replace(", b".get_or_create("),
    find=_find,
    finish=_finish,
    paired=is_paired,
)
