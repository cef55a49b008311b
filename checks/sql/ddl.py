"""What a DDL statement creates and changes, and a CREATE TABLE without its foreign keys."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from ..model import QualifiedName
from .lexis import Kind, lex
from .literals import name_of
from .names import qualified
from .parser import Node, kind, parse, statement_text, strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .lexis import Token


@dataclass(frozen=True, slots=True)
class Touched:
    """Relations by the names that a statement gives them, each once, in order.

    `creates` are those that would exist only by it (tables, views, the new name of a renamed one), `relations` those
    that exist before and are changed or dropped; the name of an index stands for its table. `kind` is the statement's
    node without `_stmt` ("create", "index", "alter_table", "drop", ...): "unknown" for what runs code or does not parse
    to one statement (DO, CALL, SELECT of a function), whose effect its text does not tell.
    """

    relations: tuple[QualifiedName, ...]
    creates: tuple[QualifiedName, ...]
    kind: str


_ON_RELATIONS = {
    pb.OBJECT_TABLE,
    pb.OBJECT_VIEW,
    pb.OBJECT_MATVIEW,
    pb.OBJECT_FOREIGN_TABLE,
    pb.OBJECT_INDEX,
}
_ON_PARTS = {pb.OBJECT_TRIGGER, pb.OBJECT_POLICY, pb.OBJECT_RULE, pb.OBJECT_COLUMN, pb.OBJECT_TABCONSTRAINT}
_RENAMES_RELATION = _ON_RELATIONS - {pb.OBJECT_INDEX}
_RUNS_CODE = frozenset({"do_stmt", "call_stmt", "execute_stmt"})
# Names stand after these in a statement that does not parse.
_BEFORE_RELATION = frozenset({"table", "view", "on", "only", "of", "into"})
_BEFORE, _INSERT = 2, 4  # pg_trigger.h: TRIGGER_TYPE_BEFORE, TRIGGER_TYPE_INSERT
_SKIPPED = frozenset({"if", "not", "exists", "only", "concurrently"})


def touched(text: str) -> Touched:
    """The relations of one statement; from its tokens alone when it does not parse. Never raises."""
    try:
        statements = parse(text).statements
    except SqlSyntaxError:
        return _from_tokens(text)
    if len(statements) != 1:
        return Touched((), (), "unknown")
    return _statement(statements[0].stmt)


def row_trigger(text: str) -> QualifiedName | None:
    """The table of a CREATE TRIGGER ... BEFORE INSERT ... FOR EACH ROW, None for any other statement. Never raises."""
    words = [token.value for token in islice(lex(text, placeholders=False), 5)]
    if words[:1] != ["create"] or "trigger" not in words:
        return None
    try:
        statements = parse(text).statements
    except SqlSyntaxError:
        return None
    trigger = statements[0].stmt.create_trig_stmt if len(statements) == 1 else None
    if trigger is None or not trigger.row or not trigger.timing & _BEFORE or not trigger.events & _INSERT:
        return None
    return _range(trigger.relation)


def _statement(node: Node) -> Touched:
    name = kind(node)
    statement = getattr(node, name)
    if name in _RUNS_CODE or (name == "select_stmt" and not statement.HasField("into_clause")):
        return Touched((), (), "unknown")
    creates = tuple(dict.fromkeys(_created(name, statement)))
    relations = tuple(dict.fromkeys(_changed(name, statement)))
    return Touched(relations, creates, name.removesuffix("_stmt"))


def _range(relation: Node) -> QualifiedName:
    return QualifiedName(relation.schemaname or None, relation.relname)


def _created(name: str, statement: Node) -> Iterator[QualifiedName]:  # noqa: C901 (one case per kind of statement)
    match name:
        case "create_stmt":
            yield _range(statement.relation)
        case "create_foreign_table_stmt":
            yield _range(statement.base_stmt.relation)
        case "view_stmt":
            yield _range(statement.view)
        case "create_table_as_stmt":
            yield _range(statement.into.rel)
        case "select_stmt":
            yield _range(statement.into_clause.rel)
        case "rename_stmt" if statement.rename_type in _RENAMES_RELATION:
            yield QualifiedName(statement.relation.schemaname or None, statement.newname)
        case "alter_object_schema_stmt" if statement.object_type in _RENAMES_RELATION:
            yield QualifiedName(statement.newschema, statement.relation.relname)
        case "create_schema_stmt":
            for element in statement.schema_elts:
                for created in _created(kind(element), getattr(element, kind(element))):
                    yield QualifiedName(created.schema or statement.schemaname or None, created.name)


def _changed(name: str, statement: Node) -> Iterator[QualifiedName]:  # noqa: C901 (one case per kind of statement)
    match name:
        case "create_stmt":
            yield from (_range(node.range_var) for node in statement.inh_relations)
        case "index_stmt" | "create_trig_stmt" | "rule_stmt":
            yield _range(statement.relation)
        case "create_policy_stmt" | "alter_policy_stmt":
            yield _range(statement.table)
        case "rename_stmt" | "alter_object_schema_stmt" | "alter_table_stmt" if statement.HasField("relation"):
            yield _range(statement.relation)
            if name == "alter_table_stmt":
                yield from _attached(statement.cmds)
        case "drop_stmt":
            yield from _dropped(statement)
        case "truncate_stmt" | "lock_stmt" | "create_stats_stmt":
            yield from (_range(node.range_var) for node in statement.relations)
        case "comment_stmt" | "sec_label_stmt" if statement.objtype in _ON_RELATIONS | _ON_PARTS:
            yield from _object(statement.object, part=statement.objtype in _ON_PARTS)
        case "grant_stmt" if statement.objtype == pb.OBJECT_TABLE:
            yield from (_range(node.range_var) for node in statement.objects)
        case "insert_stmt" | "update_stmt" | "delete_stmt" | "merge_stmt" | "copy_stmt" if statement.HasField(
            "relation"
        ):
            yield _range(statement.relation)


def _attached(commands: Sequence[Node]) -> Iterator[QualifiedName]:
    """Partitions and parents that ALTER TABLE names beside the table."""
    for node in commands:
        detail = getattr(node.alter_table_cmd, "def")
        match kind(detail):
            case "partition_cmd":
                yield _range(detail.partition_cmd.name)
            case "range_var":
                yield _range(detail.range_var)


def _dropped(statement: Node) -> Iterator[QualifiedName]:
    if statement.remove_type in _ON_RELATIONS | _ON_PARTS:
        for node in statement.objects:
            yield from _object(node, part=statement.remove_type in _ON_PARTS)


def _object(node: Node, *, part: bool) -> Iterator[QualifiedName]:
    """The relation in a list of names; the last one is that of the part, if it is about a part of a relation."""
    names = strings(node.list.items)
    names = names[:-1] if part else names
    if names:
        yield qualified(names)


def _from_tokens(text: str) -> Touched:
    """The best guess for a text that does not parse: the names after TABLE, VIEW, ON, INTO and the like."""
    tokens = tuple(lex(text, placeholders=False))
    found: list[QualifiedName] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.WORD and token.value in _BEFORE_RELATION:
            name = _name_at(text, tokens, index + 1)
            if name is not None:
                found.append(name)
    words = [token.value for token in tokens[:8]]
    creates = tuple(dict.fromkeys(found[:1])) if words[:1] == ["create"] and {"table", "view"} & set(words) else ()
    return Touched(tuple(dict.fromkeys(name for name in found if name not in creates)), creates, "unknown")


def _name_at(text: str, tokens: Sequence[Token], index: int) -> QualifiedName | None:
    """A dotted name that begins at a token, after words such as IF NOT EXISTS."""
    while index < len(tokens) and tokens[index].value in _SKIPPED:
        index += 1
    names: list[str] = []
    while index < len(tokens) and tokens[index].kind in {Kind.WORD, Kind.QUOTED}:
        names.append(name_of(tokens[index], text))
        if index + 1 >= len(tokens) or tokens[index + 1].value != ".":
            break
        index += 2
    return qualified(names) if names else None


def foreign_keys_stripped(text: str) -> str | None:
    """A CREATE TABLE without its foreign keys, in the parser's own spelling; None if it is none or has none."""
    try:
        statements = parse(text).statements
    except SqlSyntaxError:
        return None
    if len(statements) != 1 or kind(statements[0].stmt) != "create_stmt":
        return None
    table = statements[0].stmt.create_stmt
    dropped = _without_keys(table.table_elts)
    for node in table.table_elts:
        if kind(node) == "column_def":
            dropped += _without_keys(node.column_def.constraints)
    return statement_text(statements[0].stmt) if dropped else None


def _without_keys(nodes: Node) -> int:
    """Take foreign keys, and the attributes that belong to them, out of a list in place; how many it were."""
    kept: list[Node] = []
    dropped = 0
    after_key = False
    for node in nodes:
        role = node.constraint.contype if kind(node) == "constraint" else None
        after_key = role == pb.CONSTR_FOREIGN or (after_key and role in _ATTRIBUTES)
        if after_key:
            dropped += 1
        else:
            kept.append(node)
    if dropped:
        copies = [pb.Node.FromString(node.SerializeToString()) for node in kept]
        del nodes[:]
        nodes.extend(copies)
    return dropped


# DEFERRABLE and the like are nodes of their own after the constraint of a column that they belong to.
_ATTRIBUTES = {
    pb.CONSTR_ATTR_DEFERRABLE,
    pb.CONSTR_ATTR_NOT_DEFERRABLE,
    pb.CONSTR_ATTR_DEFERRED,
    pb.CONSTR_ATTR_IMMEDIATE,
    pb.CONSTR_ATTR_ENFORCED,
    pb.CONSTR_ATTR_NOT_ENFORCED,
}
