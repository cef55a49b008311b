"""What a statement of DDL would change: objects by kind and name, a part of a relation, or one property of either."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .lexis import Kind as Token
from .lexis import lex
from .literals import name_of
from .parser import Node, kind, parse, strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class Subject(NamedTuple):
    """An object; or with `part` the part `member` of a relation (None: every one); or with `field` only that property.

    `kinds` are words for kinds of objects ("table", "function", ...), none: any. `schema` None: in any schema; `name`
    "": every object. Words are those of a structure of names.
    """

    name: str
    schema: str | None = None
    kinds: tuple[str, ...] = ()
    part: str | None = None
    member: str | None = None
    field: str | None = None


_RELATIONS = ("table", "foreign table", "view", "materialized view")
_ROUTINES = ("function", "procedure", "aggregate")
_TYPES = ("enum", "domain", "composite type", "range type", "other")
_OTHER = ("other",)
_KINDS: dict[int, tuple[str, ...]] = {
    **dict.fromkeys((pb.OBJECT_TABLE, pb.OBJECT_VIEW, pb.OBJECT_MATVIEW, pb.OBJECT_FOREIGN_TABLE), _RELATIONS),
    **dict.fromkeys((pb.OBJECT_FUNCTION, pb.OBJECT_PROCEDURE, pb.OBJECT_ROUTINE, pb.OBJECT_AGGREGATE), _ROUTINES),
    **dict.fromkeys((pb.OBJECT_TYPE, pb.OBJECT_DOMAIN), _TYPES),
    pb.OBJECT_SEQUENCE: ("sequence",),
    pb.OBJECT_SCHEMA: ("schema",),
    pb.OBJECT_EXTENSION: ("extension",),
    pb.OBJECT_PUBLICATION: ("publication",),
    pb.OBJECT_EVENT_TRIGGER: ("event trigger",),
    pb.OBJECT_STATISTIC_EXT: ("statistics",),
    pb.OBJECT_DATABASE: ("no object of a schema",),
    pb.OBJECT_ROLE: ("no object of a schema",),
    pb.OBJECT_PARAMETER_ACL: ("no object of a schema",),
}
_PARTS: dict[int, str] = {
    pb.OBJECT_COLUMN: "column",
    pb.OBJECT_TABCONSTRAINT: "constraint",
    pb.OBJECT_TRIGGER: "trigger",
    pb.OBJECT_RULE: "rule",
    pb.OBJECT_POLICY: "policy",
}
_SECURITY = "row_security"
_FORCED = "force_row_security"
# Commands of ALTER TABLE that change one property, of the table or of a column.
_FIELDS: dict[int, str] = {
    pb.AT_EnableRowSecurity: _SECURITY,
    pb.AT_DisableRowSecurity: _SECURITY,
    pb.AT_ForceRowSecurity: _FORCED,
    pb.AT_NoForceRowSecurity: _FORCED,
    pb.AT_ReplicaIdentity: "replica_identity",
    pb.AT_SetRelOptions: "options",
    pb.AT_ResetRelOptions: "options",
    pb.AT_SetLogged: "persistence",
    pb.AT_SetUnLogged: "persistence",
    pb.AT_SetTableSpace: "tablespace",
    pb.AT_SetAccessMethod: "access_method",
}
_OF_COLUMN: dict[int, str | None] = {
    pb.AT_ColumnDefault: "default",
    pb.AT_SetNotNull: "not_null",
    pb.AT_DropNotNull: "not_null",
    pb.AT_SetStatistics: "statistics",
    pb.AT_SetStorage: "storage",
    pb.AT_SetCompression: "compression",
    pb.AT_SetOptions: "options",
    pb.AT_ResetOptions: "options",
    pb.AT_AlterColumnType: None,
    pb.AT_AddIdentity: None,
    pb.AT_SetIdentity: None,
    pb.AT_DropIdentity: None,
    pb.AT_SetExpression: None,
    pb.AT_DropExpression: None,
    pb.AT_AlterColumnGenericOptions: None,
}
_OF_CONSTRAINT = {pb.AT_ValidateConstraint, pb.AT_DropConstraint, pb.AT_AlterConstraint}
_OF_TRIGGERS = {
    pb.AT_EnableTrig, pb.AT_EnableAlwaysTrig, pb.AT_EnableReplicaTrig, pb.AT_DisableTrig, pb.AT_EnableTrigAll,
    pb.AT_DisableTrigAll, pb.AT_EnableTrigUser, pb.AT_DisableTrigUser,
}  # fmt: skip
_OF_RULES = {pb.AT_EnableRule, pb.AT_EnableAlwaysRule, pb.AT_EnableReplicaRule, pb.AT_DisableRule}
_NOTHING = {pb.AT_ChangeOwner}
_DOLLARS = re.compile(r"^\$[^$]*\$|\$[^$]*\$$")
_RUNS_CODE = frozenset({"do_stmt", "call_stmt", "execute_stmt"})


def subjects(text: str) -> tuple[Subject, ...]:
    """What one statement would change; of code, and of what does not parse, everything that it names. Never raises."""
    try:
        statements = parse(text).statements
    except SqlSyntaxError:
        return _words(text)
    if len(statements) != 1:
        return _words(text)
    return tuple(dict.fromkeys(_of(statements[0].stmt, text)))


def _of(node: Node, text: str) -> Iterable[Subject]:
    name = kind(node)
    if name in _RUNS_CODE:
        return _words(text)
    read = _READERS.get(name)
    return read(getattr(node, name)) if read else ()


def _words(text: str) -> tuple[Subject, ...]:
    """An object for each name in the text, also in its strings."""
    return tuple(Subject(name) for name in _names_in(text))


def _names_in(text: str) -> dict[str, None]:
    found: dict[str, None] = {}
    for token in lex(text, placeholders=False):
        if token.kind in (Token.WORD, Token.QUOTED):
            found[name_of(token, text)] = None
        elif token.kind is Token.STRING:
            found |= _names_in(token.value.partition("'")[2].rpartition("'")[0].replace("''", "'"))
        elif token.kind is Token.DOLLAR:
            found |= _names_in(_DOLLARS.sub("", token.value))
    return found


def _range(relation: Node, kinds: tuple[str, ...] = _RELATIONS) -> Subject:
    return Subject(relation.relname, relation.schemaname or None, kinds)


def _named(names: Sequence[str], kinds: tuple[str, ...]) -> Iterator[Subject]:
    if names:
        yield Subject(names[-1], names[-2] if len(names) > 1 else None, kinds)


def _part(relation: Node, part: str, member: str | None, field: str | None = None) -> Subject:
    return _range(relation)._replace(part=part, member=member or None, field=field)


def _altered(statement: Node) -> Iterator[Subject]:
    """ALTER TABLE, and ALTER of what else goes by it."""
    if statement.objtype == pb.OBJECT_INDEX:
        yield Subject("", None, _RELATIONS, "index", statement.relation.relname)
    elif statement.objtype == pb.OBJECT_TYPE:
        yield _range(statement.relation, _TYPES)
    elif statement.objtype == pb.OBJECT_SEQUENCE:
        if any(node.alter_table_cmd.subtype not in _NOTHING for node in statement.cmds):
            yield _range(statement.relation, ("sequence",))
    else:
        yield from chain.from_iterable(_command(statement.relation, node.alter_table_cmd) for node in statement.cmds)


def _command(relation: Node, command: Node) -> Iterator[Subject]:
    what = command.subtype
    detail = getattr(command, "def")
    if what in _FIELDS:
        yield _range(relation)._replace(field=_FIELDS[what])
    elif what in _OF_COLUMN:
        yield _part(relation, "column", command.name, _OF_COLUMN[what])
    elif what in _OF_CONSTRAINT:
        yield _part(relation, "constraint", command.name)
    elif what in _OF_TRIGGERS:
        yield _part(relation, "trigger", command.name, "enabled")
    elif what in _OF_RULES:
        yield _part(relation, "rule", command.name, "enabled")
    elif what == pb.AT_AddColumn:
        yield _part(relation, "column", detail.column_def.colname)
        yield from _constraints(relation, (node.constraint for node in detail.column_def.constraints))
    elif what == pb.AT_AddConstraint:
        yield from _constraints(relation, (detail.constraint,))
    elif what not in _NOTHING:
        yield _range(relation)
        if kind(detail) == "partition_cmd":
            yield _range(detail.partition_cmd.name)


def _constraints(relation: Node, given: Iterable[Node]) -> Iterator[Subject]:
    """Constraints, those without a name as all of the table; a primary key makes its columns NOT NULL."""
    for constraint in given:
        if constraint.contype not in (pb.CONSTR_NULL, pb.CONSTR_NOTNULL, pb.CONSTR_DEFAULT):
            yield _part(relation, "constraint", constraint.conname)
        if constraint.contype == pb.CONSTR_PRIMARY:
            yield from (_part(relation, "column", name, "not_null") for name in strings(constraint.keys))


def _object(what: int, node: Node, field: str | None = None) -> Iterator[Subject]:
    """The object that COMMENT, DROP, ALTER ... SET SCHEMA and the like name."""
    names = _names(node)
    if what in _PARTS and len(names) > 1:
        found = tuple(_named(names[:-1], _RELATIONS))
        yield from (one._replace(part=_PARTS[what], member=names[-1], field=field) for one in found)
    elif what == pb.OBJECT_INDEX:
        yield Subject("", None, _RELATIONS, "index", names[-1] if names else None, field)
    elif what == pb.OBJECT_DOMCONSTRAINT:
        yield Subject("", None, ("domain",))
    else:
        yield from (one._replace(field=field) for one in _named(names, _KINDS.get(what, _OTHER)))


def _names(node: Node) -> tuple[str, ...]:
    match kind(node):
        case "list":
            inner = node.list.items
            return _names(inner[0]) if len(inner) and kind(inner[0]) != "string" else strings(inner)
        case "string":
            return (node.string.sval,)
        case "type_name":
            return strings(node.type_name.names)
        case "object_with_args":
            return strings(node.object_with_args.objname)
        case "range_var":
            return tuple(name for name in (node.range_var.schemaname, node.range_var.relname) if name)
        case _:
            return ()


def _granted(statement: Node) -> Iterator[Subject]:
    kinds = _KINDS.get(statement.objtype, _OTHER)
    if statement.objtype == pb.OBJECT_TABLE:
        kinds = (*_RELATIONS, "sequence")
    for node in statement.objects:
        names = _names(node)
        if statement.targtype == pb.ACL_TARGET_ALL_IN_SCHEMA:
            yield Subject("", names[-1], kinds, field="acl")
        else:
            yield from (one._replace(field="acl") for one in _named(names, kinds))


def _renamed(statement: Node) -> Iterator[Subject]:
    """What is renamed, by its old and its new name."""
    what, new = statement.rename_type, statement.newname
    if statement.HasField("relation") and (what in _PARTS or what == pb.OBJECT_ATTRIBUTE):
        part = _PARTS.get(what, "column")
        yield from (_part(statement.relation, part, name) for name in (statement.subname, new))
    elif what == pb.OBJECT_INDEX:
        yield from (Subject("", None, _RELATIONS, "index", name) for name in (statement.relation.relname, new))
    elif statement.HasField("relation"):
        kinds = _KINDS.get(what, _RELATIONS)
        yield from (_range(statement.relation, kinds), Subject(new, None, kinds))
    else:
        for one in _object(what, statement.object):
            yield from (one, one._replace(name=new))


def _moved(statement: Node) -> Iterator[Subject]:
    kinds = _KINDS.get(statement.object_type, _OTHER)
    if statement.HasField("relation"):
        found: Iterable[Subject] = (_range(statement.relation, kinds),)
    else:
        found = tuple(_object(statement.object_type, statement.object))
    yield from (one._replace(schema=None) for one in found)


def _in_schema(statement: Node) -> Iterator[Subject]:
    yield Subject(statement.schemaname, None, ("schema",))
    for element in statement.schema_elts:
        yield from _of(element, "")


def _defined(statement: Node) -> Iterator[Subject]:
    yield from _named(strings(statement.defnames), _KINDS.get(statement.kind, _OTHER))


def _publication(statement: Node) -> Iterator[Subject]:
    yield Subject(statement.pubname, None, ("publication",))


def _index(statement: Node) -> Iterator[Subject]:
    yield _part(statement.relation, "index", statement.idxname)


_READERS: dict[str, Callable[[Node], Iterable[Subject]]] = {
    "create_stmt": lambda s: (_range(s.relation),),
    "create_foreign_table_stmt": lambda s: (_range(s.base_stmt.relation),),
    "view_stmt": lambda s: (_range(s.view),),
    "create_table_as_stmt": lambda s: (_range(s.into.rel),),
    "index_stmt": _index,
    "alter_table_stmt": _altered,
    "create_policy_stmt": lambda s: (_part(s.table, "policy", s.policy_name),),
    "alter_policy_stmt": lambda s: (_part(s.table, "policy", s.policy_name),),
    "create_trig_stmt": lambda s: (_part(s.relation, "trigger", s.trigname),),
    "rule_stmt": lambda s: (_part(s.relation, "rule", s.rulename),),
    "create_function_stmt": lambda s: _named(strings(s.funcname), _ROUTINES),
    "alter_function_stmt": lambda s: _named(strings(s.func.objname), _ROUTINES),
    "create_enum_stmt": lambda s: _named(strings(s.type_name), _TYPES),
    "alter_enum_stmt": lambda s: _named(strings(s.type_name), _TYPES),
    "create_domain_stmt": lambda s: _named(strings(s.domainname), _TYPES),
    "alter_domain_stmt": lambda s: _named(strings(s.type_name), _TYPES),
    "composite_type_stmt": lambda s: (_range(s.typevar, _TYPES),),
    "create_range_stmt": lambda s: _named(strings(s.type_name), _TYPES),
    "define_stmt": _defined,
    "create_seq_stmt": lambda s: (_range(s.sequence, ("sequence",)),),
    "alter_seq_stmt": lambda s: (_range(s.sequence, ("sequence",)),),
    "create_schema_stmt": _in_schema,
    "create_extension_stmt": lambda s: (Subject(s.extname, None, ("extension",)),),
    "alter_extension_stmt": lambda s: (Subject(s.extname, None, ("extension",)),),
    "create_stats_stmt": lambda s: _named(strings(s.defnames), ("statistics",)),
    "create_publication_stmt": _publication,
    "alter_publication_stmt": _publication,
    "create_event_trig_stmt": lambda s: (Subject(s.trigname, None, ("event trigger",)),),
    "alter_event_trig_stmt": lambda s: (Subject(s.trigname, None, ("event trigger",)),),
    "alter_default_privileges_stmt": lambda _: (Subject("", None, ("default privileges",)),),
    "grant_stmt": _granted,
    "comment_stmt": lambda s: _object(s.objtype, s.object, "comment"),
    "rename_stmt": _renamed,
    "alter_object_schema_stmt": _moved,
    "drop_stmt": lambda s: chain.from_iterable(_object(s.remove_type, node) for node in s.objects),
}
_READERS |= dict.fromkeys(
    ("create_cast_stmt", "create_op_class_stmt", "create_op_family_stmt", "create_transform_stmt", "create_am_stmt",
     "create_conversion_stmt", "create_plang_stmt", "create_fdw_stmt", "create_foreign_server_stmt",
     "create_user_mapping_stmt", "create_subscription_stmt"),
    lambda _: (Subject("", None, _OTHER),),
)  # fmt: skip
