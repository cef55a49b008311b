"""Whose rows a call of Laravel writes: a table of the query builder, a model, or what a model has many of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..declarations.laravel import Eloquent, is_model, qualified, read_model
from ..declarations.laravel_names import snake
from ..declarations.model import Undeclared
from ..values import Call, Class, Import, Member, Param, Record, Sequence, Text
from .chain import name_of
from .payload import Payload, payload
from .reading import called_name, text, told

if TYPE_CHECKING:
    from ...model import QualifiedName
    from ..model import Resolve
    from ..values import Value
    from .chain import Chain

_TABLES = frozenset({"table", "from"})
_OWNING = frozenset({"hasMany", "hasOne"})
_OTHER_RELATIONS = frozenset({
    "belongsTo", "belongsToMany", "morphMany", "morphOne", "morphToMany", "morphedByMany", "hasManyThrough",
    "hasOneThrough", "morphTo",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owner:
    """A table with its model, if it has one; `fixed` are columns that each row has by the relation that it is of."""

    table: QualifiedName | Undeclared
    model: Eloquent | None = None
    fixed: tuple[str, ...] = ()
    connection: str | None = None
    known: bool = True  # that it is Laravel at all


def owner_of(chain: Chain, resolve: Resolve) -> Owner:
    """What a chain of calls writes to."""
    connection = _connection(chain, resolve)
    named = [link.args[0] for link in chain.links if name_of(link) in _TABLES and link.args]
    if named:
        name = text(named[-1], resolve)
        table = qualified(name) if name is not None else Undeclared(f"the table is {told(resolve(named[-1]))}")
        return Owner(table, connection=connection)
    root = chain.root
    for link in chain.links:
        if name_of(link) in _OWNING | _OTHER_RELATIONS:
            return _related(link, root, resolve)
    return replace(_of_root(root, resolve), connection=connection)


def _connection(chain: Chain, resolve: Resolve) -> str | None:
    given = next((link.args[0] for link in chain.links if name_of(link) in {"connection", "on"} and link.args), None)
    return text(given, resolve) if given is not None else None


def _of_root(root: Value, resolve: Resolve) -> Owner:
    if isinstance(root, Param) and root.type is not None:
        root = resolve(root.type)
    if isinstance(root, Call):
        if isinstance(root.callee, Member) and called_name(root) in _OWNING | _OTHER_RELATIONS:
            return _related(root, root.callee.object, resolve)
        made = called_name(root) in {"app", "resolve", "make"} and root.args
        root = resolve(root.args[0]) if made else root.callee
    if isinstance(root, Class) and not is_model(root, resolve):
        return Owner(Undeclared(f'class "{root.name}" is no model'), known=False)
    model = read_model(root, resolve)
    if isinstance(model, Undeclared):
        return Owner(model, known=isinstance(root, Import))
    return Owner(model.table, model)


def _related(relation: Call, parent: Value, resolve: Resolve) -> Owner:
    """`$user->posts()`, which is `$this->hasMany(Post::class, 'user_id')`."""
    kind, given = called_name(relation) or "", relation.args
    if kind not in _OWNING or not given:
        return Owner(Undeclared(f"the rows are those of a relation by {kind}"))
    if isinstance(parent, Call):
        parent = parent.callee
    related = resolve(given[0])
    model = read_model(related, resolve)
    if isinstance(model, Undeclared):
        return Owner(model)
    key = text(given[1], resolve) if given[1:] else f"{snake(parent.name)}_id" if isinstance(parent, Class) else None
    if key is None:
        return Owner(Undeclared("the foreign key of the relation is not known"))
    return Owner(model.table, model, (key,))


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


def keys_of(value: Value | None, resolve: Resolve) -> Payload:
    """The columns of attributes that rows are looked up by, or of values; none where none are given."""
    known = resolve(value) if value is not None else Sequence(())
    if isinstance(known, Sequence) and not known.items and known.complete:
        return Payload((), rows=1)
    return payload(known, resolve)
