"""Rails: `Model.insert`, `insert_all`, `upsert`, `upsert_all`.

What is sent follows activerecord 8.1, InsertAll: the conflict target is that of the unique index which Rails finds in
the database by `unique_by`, columns or a name, with the predicate of the index; it raises when it finds none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, DefaultKey, InferenceClause, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..declarations.rails import RailsModel, aliases_of, texts_of
from ..declarations.rails_schema import dump_of
from ..model import NoSite
from ..values import Call, Lambda, Member, Name, Text
from .drafting import Conflict, insert
from .payload import Payload, payload
from .rails_receiver import is_constant, receiver_of
from .rails_stamps import stamps_of
from .reading import is_absent, text, told
from .targets import columns_target
from .written_clause import clause_action, clause_target

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..declarations.rails_schema import DumpedTable, UniqueIndex
    from ..model import Draft, Resolve, SiteFact
    from ..values import Value
    from .rails_receiver import Receiver

_OWN = frozenset({"unique_by", "update_only", "on_duplicate", "record_timestamps", "returning"})
_PLAIN = frozenset({"insert!", "insert_all!"})


@dataclass(frozen=True, slots=True)
class _Call:
    """One call, what it is called on, and what is known of the table."""

    call: Call
    method: str
    receiver: Receiver
    dumped: DumpedTable | None
    resolve: Resolve

    def option(self, name: str) -> Value | None:
        """A keyword argument; None when it is not given, or is nil."""
        value = next((value for key, value in reversed(self.call.keywords) if key == name), None)
        return None if value is None or is_absent(self.resolve(value)) else value

    @property
    def model(self) -> RailsModel | None:
        return self.receiver.model if isinstance(self.receiver.model, RailsModel) else None

    @property
    def updates(self) -> bool:
        return self.method.startswith("upsert")


def finish_bulk(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The one site of a call."""
    call, written = fact.values["call"], fact.values["receiver"]
    assert isinstance(call, Call)  # noqa: S101 - `find` puts nothing else there
    method = call.callee.name if isinstance(call.callee, (Member, Name)) else ""
    if method in _PLAIN:
        return NoSite(f"{method} has no conflict clause")
    sure = "_all" in method or bool(_OWN & {key for key, _ in call.keywords})
    if not sure and not (is_constant(written) and call.args):
        return NoSite(f"{method} is called on no model of Rails")
    receiver = receiver_of(written, resolve)
    refused = receiver if isinstance(receiver, str) else _refused(receiver.model, method, sure=sure)
    if refused is not None or isinstance(receiver, str):
        return NoSite(refused or "")
    return (_draft(fact, call, method, receiver, resolve),)


def _refused(model: RailsModel | Undeclared, method: str, *, sure: bool) -> str | None:
    """Why a call on that is none of Active Record; `sure`: no other library has a call of that name and options."""
    if isinstance(model, Undeclared):
        return None if sure else model.reason
    if _is_own(model, method):
        return f'"{model.name}" has a method "{method}" of its own'
    if sure or (model.lineage and isinstance(model.table, QualifiedName)):
        return None
    return model.table.reason if isinstance(model.table, Undeclared) else f'"{model.name}" is declared nowhere'


def _is_own(model: RailsModel, method: str) -> bool:
    return any(isinstance(one, Name | Lambda) for one in model.entries(method))


def _draft(fact: SiteFact, call: Call, method: str, receiver: Receiver, resolve: Resolve) -> Draft:
    table: QualifiedName | Undeclared = (
        receiver.model if isinstance(receiver.model, Undeclared) else receiver.model.table
    )
    dump = dump_of(resolve)
    dumped = dump.table(str(table)) if isinstance(table, QualifiedName) else None
    one = _Call(call, method, receiver, dumped, resolve)
    rows = _rows(one)
    target = _target(one)
    conflict = _conflict(one, target, rows)
    stamps = stamps_of(receiver.model, dump, table, resolve, recorded=one.option("record_timestamps"))
    draft = insert(fact, table, _stamped(rows, stamps.written(updates=one.updates)), conflict)
    left = tuple(name for name in stamps.maybe if name not in (draft.write.columns or ()))
    write = replace(draft.write, optional=left, if_there=stamps.usual if one.updates else ())
    if conflict.action is Action.UPDATE and write.set_columns is not None:
        also = tuple(name for name in stamps.updated if name not in write.set_columns)
        write = replace(write, set_columns=(*write.set_columns, *also))
    return replace(draft, write=write)


def _stamped(rows: Payload, names: tuple[str, ...]) -> Payload:
    if rows.columns is None:
        return rows
    return replace(rows, columns=tuple(dict.fromkeys((*rows.columns, *names))))


def _rows(one: _Call) -> Payload:
    """The keys of the first row, which all others must have, and what the relation gives to each."""
    given = one.call.args[0] if one.call.args else None
    found = payload(given, one.resolve)
    names = aliases_of(one.model) if one.model is not None else {}
    if found.columns is None:
        return found
    kind = ("type",) if one.model is not None and one.model.inherited else ()
    columns = tuple(
        dict.fromkeys(names.get(key, key) for key in (*found.columns, *one.receiver.scoped, *one.receiver.added, *kind))
    )
    whole = found.complete and (one.receiver.complete or isinstance(one.receiver.model, Undeclared))
    reason = found.reason if found.reason or whole else "the relation that it is called on may set more columns"
    rows = found.rows if one.method.endswith("_all") else 1
    return replace(found, columns=columns, complete=whole, reason=reason, rows=rows)


def _target(one: _Call) -> ConflictTarget | None:
    """What `unique_by` means, or the primary key of the model where it is set; None for none."""
    given = one.option("unique_by")
    if given is None:
        key = next(one.model.entries("primary_key"), None) if one.model is not None else None
        names = texts_of(key, one.resolve) if key is not None else None
        if names is None or names == ("id",):
            return None
        index = _index_of(one, names)
        if index is not None:
            return _of_index(index)
        return columns_target(names) if one.updates else None  # the primary key itself is no index that Rails looks for
    names = texts_of(given, one.resolve)
    if names is None:
        return Unresolved(f"unique_by is {told(one.resolve(given))}")
    aliases = aliases_of(one.model) if one.model is not None else {}
    return _found(one, tuple(aliases.get(name, name) for name in names))


def _found(one: _Call, names: tuple[str, ...]) -> ConflictTarget:
    """The index that Rails finds by a name, or by columns in any order: the first by name, with its predicate."""
    index = _index_of(one, names)
    if index is not None:
        return _of_index(index)
    columns = one.dumped.columns if one.dumped is not None else ()
    if len(names) == 1 and names[0] not in columns and _is_index_name(names[0], one):
        return Unresolved(f'unique_by names the index "{names[0]}", whose columns Rails asks the database for')
    target = columns_target(names)
    return replace(target, looked_up=True) if isinstance(target, InferenceClause) else target


def _index_of(one: _Call, names: tuple[str, ...]) -> UniqueIndex | None:
    """The unique index of the dump that has this name, or these columns; the primary key is none of them."""
    indexes = sorted(one.dumped.indexes, key=lambda index: index.name) if one.dumped is not None else []
    wanted = sorted(names)
    columns = ((index, index.columns) for index in indexes)
    return next((i for i, own in columns if i.name in names or (own is not None and sorted(own) == wanted)), None)


def _is_index_name(name: str, one: _Call) -> bool:
    """Whether a name that no dump knows is that of an index: of one as Rails names them, or no column of the table."""
    return name.startswith("index_") or one.dumped is not None


def _of_index(index: UniqueIndex) -> ConflictTarget:
    if index.columns is not None and index.predicate is None:
        return columns_target(index.columns)
    return clause_target(f"({index.elements})" + (f" WHERE {index.predicate}" if index.predicate else ""))


def _conflict(one: _Call, target: ConflictTarget | None, rows: Payload) -> Conflict:
    if not one.updates:
        return Conflict(target or AnyArbiter(), Action.NOTHING)
    asked = target or DefaultKey()
    only, custom = one.option("update_only"), one.option("on_duplicate")
    if only is not None:
        names = texts_of(only, one.resolve)
        reason = None if names is not None else f"update_only is {told(one.resolve(only))}"
        return Conflict(asked, Action.UPDATE, Payload(names, names is not None, reason=reason))
    if custom is not None:
        return _custom(one, custom, asked, target)
    return _usual(one, asked, target, rows)


def _custom(one: _Call, given: Value, asked: ConflictTarget, target: ConflictTarget | None) -> Conflict:
    """`on_duplicate: Arel.sql("a = EXCLUDED.a")`, or `:skip`."""
    sql = text(given, one.resolve)
    inner = given.args[0] if isinstance(given, Call) and given.args else None
    if sql == "skip":
        return Conflict(target or AnyArbiter(), Action.NOTHING)
    sql = text(inner, one.resolve) if inner is not None else sql
    clause = clause_action(f"(a) DO UPDATE SET {sql}") if sql is not None else None
    if clause is None:
        return Conflict(
            asked, Action.UPDATE, Payload(None, complete=False, reason="on_duplicate is no SQL that is known")
        )
    return Conflict(asked, Action.UPDATE, Payload(clause.set_columns, clause.set_complete))


def _usual(one: _Call, asked: ConflictTarget, target: ConflictTarget | None, rows: Payload) -> Conflict:
    """All columns of the row but the key, those of the target and those that are read-only; nothing if none is left."""
    if rows.columns is None:
        return Conflict(asked, Action.UPDATE, Payload(None, complete=False, reason=rows.reason))
    left_out = {*_keys(one), *(target.columns if isinstance(target, InferenceClause) else ())}
    if one.model is not None:
        readonly = (arg for call in one.model.calls("attr_readonly") for arg in call.args)
        left_out |= {arg.text for arg in readonly if isinstance(arg, Text)}
    names = tuple(name for name in rows.columns if name not in left_out)
    if not names and rows.complete and not isinstance(target, Unresolved):
        return Conflict(target or AnyArbiter(), Action.NOTHING)
    return Conflict(asked, Action.UPDATE, Payload(names, rows.complete, reason=rows.reason))


def _keys(one: _Call) -> tuple[str, ...]:
    if one.dumped is not None:
        return one.dumped.primary_key or ()
    key = next(one.model.entries("primary_key"), None) if one.model is not None else None
    return (texts_of(key, one.resolve) if key is not None else None) or ("id",)
