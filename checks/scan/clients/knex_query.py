"""A Knex or Objection query: the table, the rows and the instance, read back from the calls that made it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..declarations.model import Undeclared
from ..declarations.objection import Model, bound_to, model_of
from ..values import Call, Class, Member, Record
from .knex_instance import Instance, instance_of
from .reading import called_name, text, told

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value
    from .payload import Payload

_LONGEST = 40
_INSERTS = frozenset({"insert", "insertAndFetch"})
_TABLES = frozenset({"into", "from", "table"})
_BUILDING = frozenset({
    "returning", "transacting", "with", "withRecursive", "modify", "debug", "timeout", "options", "hintComment",
    "where", "comment", "queryContext", "connection", "select", "clone", "context", "onConflict", "first",
    "on", "queryBuilder", "andWhere", "findOne", "update", "patch", "del", "delete", "limit", "forUpdate", "pluck",
    "column", "columns", "withGraphFetched",
})  # fmt: skip
_RELATED = frozenset({"relatedQuery", "$relatedQuery"})


@dataclass(frozen=True, slots=True)
class Query:
    """What is known of an INSERT. `rows` None: nothing is inserted."""

    table: QualifiedName | Undeclared
    rows: Value | None
    instance: Instance = field(default_factory=Instance)
    model: Model | None = None

    def identifier(self, name: str) -> str | None:
        """A name as Knex sends it, None when that is not known."""
        return self.instance.identifier(name)

    def columns(self, rows: Payload, *, mapped: bool = True) -> Payload:
        """The columns of rows given as objects, or of a list of names (which Objection does not map)."""
        model = self.model if mapped else None
        if model is not None and model.unmapped is not None:
            return replace(rows, columns=None, complete=False, reason=model.unmapped)

        def column(name: str) -> str | None:
            return self.identifier(model.column(name) if model is not None else name)

        names = [column(name) for name in rows.columns or ()]
        known = tuple(name for name in names if name is not None)
        if len(known) != len(names):
            return replace(rows, columns=None, complete=False, reason=self.instance.doubt)
        nulls, lacking = (
            tuple(name for one in names if (name := column(one)) is not None) for names in (rows.nulls, rows.lacking)
        )
        return replace(rows, columns=None if rows.columns is None else known, nulls=nulls, lacking=lacking)


@dataclass(slots=True)
class _Links:
    """The calls of a builder, those made last first."""

    rows: Value | None = None
    table: Value | None = None
    schema: Value | None = None

    def take(self, name: str, call: Call) -> bool:
        """Whether the call is one of a builder."""
        given = call.args[0] if call.args else None
        if name in _INSERTS:
            self.rows = self.rows or given
        elif name in _TABLES:
            self.table = self.table or given
        elif name == "withSchema":
            self.schema = self.schema or given
        else:
            return name in _BUILDING
        return True


def query_of(value: Value, resolve: Resolve) -> Query:
    """The query that a builder stands for."""
    links = _Links()
    for _ in range(_LONGEST):
        if isinstance(value, Call) and isinstance(value.callee, Member) and links.take(value.callee.name, value):
            value = value.callee.object
            continue
        known = resolve(value)
        if not isinstance(known, Call) or _alike(known, value):
            return _of_root(value, known, links, resolve)
        value = known
    return Query(Undeclared("the calls before it are too many"), links.rows)


def _alike(known: Call, value: Value) -> bool:
    return isinstance(value, Call) and (known.offset, known.name_offset) == (value.offset, value.name_offset)


def _of_root(value: Value, known: Value, links: _Links, resolve: Resolve) -> Query:
    if not isinstance(known, Call):
        instance = instance_of(known, resolve)
        return Query(_table(links.table, links, instance, resolve), links.rows, instance)
    if isinstance(value, Call) and isinstance(value.callee, Member):
        if value.callee.name == "query":
            return _of_model(value.callee.object, links, resolve)
        if value.callee.name in _RELATED:
            return Query(Undeclared(f"the table is that of the relation of {told(value.callee.object)}"), links.rows)
    root = value.callee if isinstance(value, Call) else known.callee
    instance = instance_of(root if known.args else known, resolve)
    given = links.table or (known.args[0] if known.args else None)
    return Query(_table(given, links, instance, resolve), links.rows, instance)


def _of_model(owner: Value, links: _Links, resolve: Resolve) -> Query:
    """`Model.query()`, `Model.bindKnex(knex).query()`."""
    while isinstance(owner, Call) and called_name(owner) in {"bindKnex", "bindTransaction"}:
        owner = owner.callee.object if isinstance(owner.callee, Member) else owner
    known = resolve(owner)
    instance = instance_of(bound_to(known, resolve) if isinstance(known, Class) else known, resolve)
    if not isinstance(known, Class):
        return Query(Undeclared(f"the model is {told(known)}"), links.rows, instance)
    model = model_of(known, resolve)
    given = links.table or model.table
    if given is None:
        reason = f'class "{known.name}" has no "tableName" that can be read'
        return Query(Undeclared(reason), links.rows, instance, model)
    return Query(_table(given, links, instance, resolve), links.rows, instance, model)


def _table(given: Value | None, links: _Links, instance: Instance, resolve: Resolve) -> QualifiedName | Undeclared:
    """`"t"`, `"s.t"`, `"t as alias"`, `{alias: "t"}`."""
    if given is None:
        return Undeclared("no table is named before the call")
    known = resolve(given)
    if isinstance(known, Record) and len(known.entries) == 1:
        known = known.entries[0][1]
    name = text(known, resolve)
    if name is None:
        return Undeclared(f"the table is {told(known)}")
    schema = text(links.schema, resolve) if links.schema is not None else None
    if links.schema is not None and schema is None:
        return Undeclared(f"the schema is {told(resolve(links.schema))}")
    at = name.lower().find(" as ")
    parts = [*([schema] if schema else []), *(name if at < 0 else name[:at]).strip().split(".")]
    sent = [instance.identifier(part) for part in parts]
    if any(part is None for part in sent):
        return Undeclared(instance.doubt or "")
    *outer, own = (part for part in sent if part is not None)
    return QualifiedName(outer[-1] if outer else None, own)
