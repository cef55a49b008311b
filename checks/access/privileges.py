"""The privileges that a demand needs at each relation it passes through, and what gives each one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..catalog.acl import Privilege
from ..catalog.model import RelationKind
from ..errors import SqlSyntaxError
from ..model import QualifiedName
from ..sql import view_columns
from ..sql.expression_reader import parse_expression
from ..sql.expressions import Call, Cast, Column, Constant, Special, children, columns
from .actor import actor
from .demand import Demand
from .model import THE_TABLE, Moment, Need

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..catalog.catalog import Catalog
    from ..catalog.model import Relation, Schema
    from ..sql import ViewColumns
    from ..sql.expressions import Expression
    from .actor import Actor

_BY_VIEW = "read by the view"
_KINDS = {RelationKind.VIEW: "view", RelationKind.FOREIGN_TABLE: "foreign table"}


@dataclass(frozen=True, slots=True)
class Level:
    """One relation on the way of the rows: a view, or the table at the end, with what is asked of it and of whom.

    `names` are its columns by those of the relation that the statement names.
    """

    relation: Relation
    demand: Demand
    actor: Actor
    names: dict[str, str]

    def reached(self, columns_: Iterable[str]) -> frozenset[str]:
        """Its columns that the statement means by these names."""
        return frozenset(self.names[name] for name in columns_ if name in self.names)


class Lost(Exception):  # noqa: N818 - no error of the program: the way of the rows cannot be followed
    """Raised with the reason why it is not known where rows go."""


def levels(relation: Relation, demand: Demand, invoker: Actor, catalog: Catalog) -> Iterator[Level]:
    """The relation itself, then what is behind it if it is a view that the server updates by itself.

    What is behind a view is used with the rights of its owner, or of the invoker by `security_invoker`. Raises Lost.
    """
    level = Level(relation, demand, invoker, {column.name: column.name for column in relation.columns})
    while True:
        yield level
        relation = level.relation
        instead = any(trigger.instead and trigger.insert for trigger in relation.triggers)
        if relation.kind is not RelationKind.VIEW or instead or not relation.insertable:
            return
        shape = view_columns(relation.definition or "")
        below = catalog.resolve(shape.relation) if shape else None
        owner = invoker if relation.security_invoker else actor(catalog, relation.owner)
        if shape is None or below is None or owner is None or len(shape.columns) != len(relation.columns):
            raise Lost(f'cannot follow view "{relation.qualified_name}" to its table')
        own = {c.name: shown.column for c, shown in zip(relation.columns, shape.columns, strict=True)}
        names = {name: base for name, there in level.names.items() if (base := own.get(there)) is not None}
        level = Level(below, _below(level.demand, own, below, shape), owner, names)


def _below(demand: Demand, names: dict[str, str | None], table: Relation, shape: ViewColumns) -> Demand:
    """What a view makes of it: when rows are read at all, it reads every column that its definition names."""

    def mapped(found: dict[str, str]) -> dict[str, str]:
        return {base: why for name, why in found.items() if (base := names.get(name)) is not None}

    texts = [column.expression for column in shape.columns if column.expression is not None]
    texts += [shape.predicate] if shape.predicate is not None else []
    read = {name for name in names.values() if name is not None}
    for text in texts:
        read.update(column.name for column in _parsed_columns(text))
    return Demand(
        mapped(demand.inserted),
        None if demand.updated is None else mapped(demand.updated),
        {c.name: _BY_VIEW for c in table.columns if c.name in read} if demand.selected else {},
    )


def _parsed_columns(text: str) -> Iterator[Column]:
    try:
        yield from columns(parse_expression(text))
    except SqlSyntaxError:
        return


def needs(level: Level) -> Iterator[Need]:
    """The privileges on one relation, in the order of INSERT, UPDATE, SELECT, columns in their own order."""
    demand = level.demand
    yield from _on_columns(level, Privilege.INSERT, demand.inserted, "rows are inserted")
    if demand.updated is not None:
        yield from _on_columns(level, Privilege.UPDATE, demand.updated, "DO UPDATE")
    read = {**demand.excluded, **demand.selected}
    yield from _on_columns(level, Privilege.SELECT, read, "") if read else ()


def _on_columns(level: Level, privilege: Privilege, wanted: dict[str, str], otherwise: str) -> Iterator[Need]:
    """One for each column; when none is known, one for any (ExecCheckPermissionsModified of execMain.c)."""
    relation, who = level.relation, level.actor
    kind = _KINDS.get(relation.kind, "table")
    name = (relation.schema, relation.name)
    whole = who.given(privilege, relation.acl, relation.owner, kind)
    other = {Privilege.INSERT: Privilege.UPDATE, Privilege.UPDATE: Privilege.INSERT}.get(privilege)
    # pg_write_all_data is not asked where a part of what the statement needs is granted (pg_class_aclmask_ext).
    asked = level.demand.updated is None or other is None
    if whole is None and (asked or other is None or who.given(other, relation.acl, relation.owner, kind) is None):
        whole = who.predefined(privilege)
    by_column = {c.name: who.given(privilege, c.acl, 0, "column") for c in relation.columns if c.acl is not None}
    if not wanted:
        given = whole or next((found for found in by_column.values() if found), None)
        yield Need(privilege, kind, name, None, otherwise, who.name, given, on_any_column=True)
    order = {column.name: place for place, column in enumerate(relation.columns)}
    for column in sorted(wanted, key=lambda name: order.get(name, -1)):
        yield Need(privilege, kind, name, column, wanted[column], who.name, whole or by_column.get(column))


def on_schema(relation: Relation, who: Actor, catalog: Catalog) -> Need:
    """USAGE on the schema by which the statement names its relation."""
    return needed_schema(catalog.schemas[relation.schema], who, THE_TABLE)


def needed_schema(schema: Schema, who: Actor, why: str) -> Need:
    """USAGE on a schema that a statement names (LookupExplicitNamespace of namespace.c)."""
    given = who.given(Privilege.USAGE, schema.acl, schema.owner, "schema") or who.predefined(
        Privilege.USAGE, schema=True
    )
    return Need(Privilege.USAGE, "schema", (schema.name,), None, why, who.name, given)


def on_sequences(
    table: Relation, given: frozenset[str] | None, set_to_default: frozenset[str], who: Actor, catalog: Catalog
) -> Iterator[Need]:
    """USAGE or UPDATE on each sequence that a default draws from; identity columns need none.

    `given` are the columns that get a value from the statement, None: that is not known; `set_to_default` those that DO
    UPDATE sets to their defaults, which are drawn when a row is updated. The rights are those of whoever runs it, also
    when the table is behind a view.
    """
    for column in table.columns:
        if column.generated or column.identity or column.default is None:
            continue
        why = f'the default of "{column.name}" draws from it'
        for sequence in _sequences(column.default, catalog):
            if given is not None and column.name not in given:
                yield needed_sequence(sequence, who, why)
            if column.name in set_to_default:
                yield replace(needed_sequence(sequence, who, why), when=Moment.CONFLICT)


# What each asks for (sequence.c), the first being what is granted.
_ON_SEQUENCE = {
    "nextval": (Privilege.USAGE, Privilege.UPDATE),
    "currval": (Privilege.USAGE, Privilege.SELECT),
    "setval": (Privilege.UPDATE,),
}


def needed_sequence(sequence: Relation, who: Actor, why: str, function: str = "nextval") -> Need:
    """One of the privileges on a sequence by which the function lets it be used (nextval_internal, currval_oid)."""
    kind = "sequence"
    either = _ON_SEQUENCE[function]
    found = (who.given(one, sequence.acl, sequence.owner, kind) or who.predefined(one) for one in either)
    given = next((one for one in found if one is not None), None)
    return Need(either[0], kind, (sequence.schema, sequence.name), None, why, who.name, given)


def _sequences(default: str, catalog: Catalog) -> Iterator[Relation]:
    try:
        calls = list(_drawing(parse_expression(default)))
    except SqlSyntaxError:
        return
    for call in calls:
        named = _regclass(call.args[0]) if call.args else None
        sequence = catalog.resolve(named) if named is not None else None
        if sequence is not None and sequence.kind is RelationKind.SEQUENCE:
            yield sequence


def _drawing(tree: Expression) -> Iterator[Call]:
    """Calls of nextval that are made whenever the expression is evaluated."""
    if isinstance(tree, Special):
        return
    if isinstance(tree, Call) and tree.name == "nextval":
        yield tree
    for child in children(tree):
        yield from _drawing(child)


def _regclass(tree: Expression) -> QualifiedName | None:
    """`'public.t_id_seq'::regclass`, as the server prints it with an empty search_path."""
    match tree:
        case Cast(arg=Constant(kind="string", text=text)):
            return class_named(text)
        case _:
            return None


def class_named(text: str) -> QualifiedName | None:
    """The relation that a text names as regclass reads it."""
    try:
        parts = columns(parse_expression(text))
    except SqlSyntaxError:
        return None
    return QualifiedName((*parts[0].qualifier, None)[0], parts[0].name) if parts else None
