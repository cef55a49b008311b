"""Whose rows a call of Laravel writes: a table of the query builder, a model, or what a model has many of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..declarations.laravel import Eloquent, is_model, qualified, read_model
from ..declarations.laravel_names import snake
from ..declarations.lineage import lineage_of
from ..declarations.model import Undeclared
from ..values import Call, Class, Constant, Import, Lambda, Member, Opaque, Param, Record, Sequence, Text
from .chain import name_of, own_links
from .payload import Payload, payload
from .reading import called_name, text, told

if TYPE_CHECKING:
    from ...model import QualifiedName
    from ..model import Resolve
    from ..values import Value
    from .chain import Chain

_TABLES = frozenset({"table", "from"})
_OWNING = frozenset({"hasMany", "hasOne", "morphMany", "morphOne"})
_OTHER_RELATIONS = frozenset({
    "belongsTo", "belongsToMany", "morphToMany", "morphedByMany", "hasManyThrough",
    "hasOneThrough", "morphTo",
})  # fmt: skip


_KEEPING = frozenset({
    "query", "newQuery", "newModelQuery", "newQueryWithoutScopes", "withTrashed", "onlyTrashed", "withoutTrashed",
    "withoutGlobalScopes", "withoutGlobalScope", "lockForUpdate", "sharedLock", "latest", "oldest", "select", "on",
    "onWriteConnection", "useWritePdo", "when", "tap", "with", "without", "toBase", "getQuery", "newInstance", "take",
    "limit", "withoutEvents", "setConnection", "getModel", "connection", "distinct", "make", "getConnection",
})  # fmt: skip
_CONDITIONS = ("where", "orWhere", "orderBy", "has", "doesntHave")
# What gives one row of the same model.
_ONE = frozenset({
    "first", "firstOrFail", "find", "findOrFail", "sole", "create", "firstOrNew", "firstOrCreate", "updateOrCreate",
    "createOrFirst", "fresh", "refresh", "findOrNew", "firstWhere",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owner:
    """A table with its model, if it has one; `fixed` are columns that each row has by the relation that it is of."""

    table: QualifiedName | Undeclared
    model: Eloquent | None = None
    fixed: tuple[str, ...] = ()
    connection: str | None = None
    known: bool = False  # that it is Laravel's
    other: bool = False  # that it is not


def owner_of(chain: Chain, resolve: Resolve) -> Owner:
    """What a chain of calls writes to."""
    connection = _connection(chain, resolve)
    named = [link.args[0] for link in chain.links if name_of(link) in _TABLES and link.args]
    if named:
        return replace(_of_table(named[-1], resolve), connection=connection)
    owner, parent = _of_root(chain.root, resolve)
    for link in chain.links:
        name = name_of(link)
        if name in _ONE:
            owner = replace(owner, fixed=())
        elif name not in _KEEPING and not name.startswith(_CONDITIONS):
            owner, parent = _through(link, parent, resolve)
    return replace(owner, connection=connection)


def _of_table(given: Value, resolve: Resolve) -> Owner:
    name = text(given, resolve)
    table = qualified(name) if name is not None else Undeclared(f"the table is {told(resolve(given))}")
    return Owner(table, known=True)


def _connection(chain: Chain, resolve: Resolve) -> str | None:
    given = next((link.args[0] for link in chain.links if name_of(link) in {"connection", "on"} and link.args), None)
    return text(given, resolve) if given is not None else None


def _of_root(root: Value, resolve: Resolve) -> tuple[Owner, Value]:
    """What a chain starts from, and its class."""
    given = root
    if isinstance(root, Param) and root.type is not None:
        root = resolve(root.type)
    if isinstance(root, Call):
        made = called_name(root) in {"app", "resolve", "make"} and root.args
        root = resolve(root.args[0]) if made else root.callee
    if isinstance(root, Class) and not is_model(root, resolve):
        alone = not lineage_of(root, resolve).others
        return Owner(Undeclared(f'class "{root.name}" is no model'), other=alone), root
    if isinstance(root, Import) and root != given:
        return Owner(Undeclared(f"the model is one of {told(root)}")), root
    model = read_model(root, resolve)
    if isinstance(model, Undeclared):
        return Owner(model, known=isinstance(root, Import)), root
    return Owner(model.table, model, known=True), root


def _through(link: Call, parent: Value, resolve: Resolve) -> tuple[Owner, Value]:
    """`$user->posts()`: what a relation of a model gives, and the class of that."""
    name = name_of(link)
    unknown = Owner(Undeclared(f'the rows are those that "{name}" gives'))
    if name in _OWNING | _OTHER_RELATIONS:
        return _related(link, parent, resolve)
    if not isinstance(parent, Class):
        return unknown, parent
    found = resolve(Member(parent, name))
    result = resolve(found.result) if isinstance(found, Lambda) else None
    _, links = own_links(result) if result is not None else (parent, ())
    tables = [one.args[0] for one in links if name_of(one) in _TABLES and one.args]
    if tables:
        return _of_table(tables[-1], resolve), parent
    made = next((one for one in links if name_of(one) in _OWNING | _OTHER_RELATIONS), None)
    return (unknown, Opaque("")) if made is None else _related(made, parent, resolve)


def _related(relation: Call, parent: Value, resolve: Resolve) -> tuple[Owner, Value]:
    """What `$this->hasMany(Post::class, 'user_id')` gives."""
    kind, given = name_of(relation), relation.args
    related = resolve(given[0]) if given else Opaque("")
    if kind not in _OWNING:
        return Owner(Undeclared(f"the rows are those of a relation by {kind}"), known=True), related
    model = read_model(related, resolve)
    if isinstance(model, Undeclared):
        return Owner(model, known=True), related
    keys = _keys(kind, given, parent, resolve)
    table = model.table if keys is not None else Undeclared("the foreign key of the relation is not known")
    return Owner(table, model, keys or (), known=True), related


def _keys(kind: str, given: tuple[Value, ...], parent: Value, resolve: Resolve) -> tuple[str, ...] | None:
    """The columns by which rows belong to their owner."""
    named = text(given[1], resolve) if given[1:] else None
    if kind.startswith("morph"):
        return (f"{named}_type", f"{named}_id") if named is not None and not given[2:] else None
    if not given[1:] and isinstance(parent, Class):
        named = f"{snake(parent.name)}_id"
    return (named,) if named is not None else None


def names_of(value: Value | None, resolve: Resolve) -> tuple[str, ...] | None:
    """The columns of `'a'`, `['a', 'b']` or `['a', 'b' => expression]`; None when they are not known."""
    known = resolve(value) if value is not None else None
    match known:
        case Text(name):
            return (name,)
        case Sequence(items=items, complete=True):
            found = [text(item, resolve) for item in items]
            names = tuple(name for name in found if name is not None)
            return names if len(names) == len(found) else None
        case Record(entries=entries, complete=True):
            found = [text(one, resolve) if key.isdecimal() else key for key, one in entries]
            names = tuple(name for name in found if name is not None)
            return names if len(names) == len(found) else None
        case _:
            return None


def with_names(rows: Payload, names: tuple[str, ...]) -> Payload:
    """The rows with columns that are added to each."""
    if not names:
        return rows
    return replace(rows, columns=tuple(dict.fromkeys((*(rows.columns or ()), *names))))


def rows_of(value: Value | None, resolve: Resolve) -> Payload:
    """The columns of rows; what stands under the keys of rows that are written out is not followed."""
    return payload(_bare(value) if value is not None else None, resolve)


def _bare(value: Value) -> Value:
    """Rows with their keys, but without the values that no null can be told from."""
    match value:
        case Record():
            entries = tuple((key, one if isinstance(one, Constant) else Opaque("")) for key, one in value.entries)
            return replace(value, entries=entries)
        case Sequence():
            return replace(value, items=tuple(map(_bare, value.items)))
        case _:
            return value


def keys_of(value: Value | None, resolve: Resolve) -> Payload:
    """The columns of attributes that rows are looked up by, or of values; none where none are given."""
    known = value if isinstance(value, Record) else resolve(value) if value is not None else Sequence(())
    if isinstance(known, Sequence) and not known.items and known.complete:
        return Payload((), rows=1)
    return rows_of(known, resolve)
