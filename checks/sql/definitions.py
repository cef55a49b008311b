"""What a script does to functions: defines them, drops them, renames them, gives them a search_path; its rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .lexis import Kind, lex
from .parser import Node, kind, parse, strings
from .routines import search_path, session_path
from .splitting import chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = re.compile(
    r"(create\s+(or\s+replace\s+)?|drop\s+|alter\s+)(function|procedure|routine|schema)\b|do\b|(re)?set\b|select\b.*\bset_config\b",
    re.IGNORECASE | re.DOTALL,
)
_RULE = re.compile(r"create\s+(or\s+replace\s+)?rule\b", re.IGNORECASE)
_IN_BLOCK = re.compile(r"\b(drop|alter)\s+(function|procedure|routine)\b[^;'$%|]*", re.IGNORECASE)
_FUNCTIONS = frozenset({pb.OBJECT_FUNCTION, pb.OBJECT_PROCEDURE, pb.OBJECT_ROUTINE})
_INPUTS = frozenset({pb.FUNC_PARAM_IN, pb.FUNC_PARAM_INOUT, pb.FUNC_PARAM_VARIADIC, pb.FUNC_PARAM_DEFAULT})


@dataclass(frozen=True, slots=True)
class Signature:
    """A function: its schema, name and input types by their last name, `[]` behind arrays.

    `types` None: any, as in DROP FUNCTION without a list. A name without a schema is in the first schema of the
    search_path that the script sets, else in "public".
    """

    schema: str
    name: str
    types: tuple[str, ...] | None = None

    def covers(self, other: Signature) -> bool:
        """Whether a statement about this means the other one."""
        return (self.schema, self.name) == (other.schema, other.name) and self.types in {None, other.types}


@dataclass(frozen=True, slots=True)
class Defined:
    """CREATE [OR REPLACE] FUNCTION, from character `start` up to `end`."""

    signature: Signature
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """DROP FUNCTION, or DROP SCHEMA when `signature` is a name of a schema."""

    signature: Signature | str
    start: int


@dataclass(frozen=True, slots=True)
class Moved:
    """ALTER FUNCTION ... RENAME TO or SET SCHEMA; None: the same as before."""

    signature: Signature
    schema: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Configured:
    """ALTER FUNCTION ... SET search_path; None: reset."""

    signature: Signature
    search_path: tuple[str, ...] | None


Event = Defined | Dropped | Moved | Configured


@dataclass(frozen=True, slots=True)
class Ruled:
    """CREATE [OR REPLACE] RULE of that name on a table, from character `start` up to `end`; schema as in Signature."""

    schema: str
    table: str
    name: str
    start: int
    end: int


def read_rules(text: str) -> tuple[Ruled, ...]:
    """The rules that the statements of a script make, in order. What does not parse makes none. Never raises."""
    found: list[Ruled] = []
    path: tuple[str, ...] | None = None
    for chunk in chunks(text):
        if _RULE.match(chunk.text) is None and _HEAD.match(chunk.text) is None:
            continue
        try:
            statements = parse(chunk.text[: chunk.head]).statements
        except SqlSyntaxError:
            continue
        for raw in statements:
            if kind(raw.stmt) == "rule_stmt":
                rule = raw.stmt.rule_stmt
                relation = rule.relation
                schema = relation.schemaname or _first(path)
                found.append(Ruled(schema, relation.relname, rule.rulename, chunk.start, chunk.end))
            path = session_path(raw.stmt, path)
    return tuple(found)


def read_definitions(text: str) -> tuple[Event, ...]:
    """What the statements of a script do to functions, in order. What does not parse does nothing. Never raises."""
    found: list[Event] = []
    path: tuple[str, ...] | None = None
    for chunk in chunks(text):
        if _HEAD.match(chunk.text) is None:
            continue
        try:
            statements = parse(chunk.text[: chunk.head]).statements
        except SqlSyntaxError:
            continue
        for raw in statements:
            found += _events(raw.stmt, path, chunk.start, chunk.end)
            if kind(raw.stmt) == "do_stmt":
                found += _of_block(chunk.text, path, chunk.start)
            path = session_path(raw.stmt, path)
    return tuple(found)


def _of_block(text: str, path: tuple[str, ...] | None, start: int) -> Iterator[Event]:
    """What a DO block drops and alters, taken as executed. Functions that it makes are not told: it may not make them.

    Its statements count from its own start.
    """
    body = "".join(token.value for token in lex(text, placeholders=False) if token.kind in {Kind.DOLLAR, Kind.STRING})
    for match in _IN_BLOCK.finditer(body):
        try:
            statements = parse(match[0]).statements
        except SqlSyntaxError:
            continue
        for raw in statements:
            yield from _events(raw.stmt, path, start, start)


def _events(statement: Node, path: tuple[str, ...] | None, start: int, end: int) -> Iterator[Event]:
    match kind(statement):
        case "create_function_stmt":
            made = statement.create_function_stmt
            inputs = (p.function_parameter for p in made.parameters if p.function_parameter.mode in _INPUTS)
            types = tuple(_type(parameter.arg_type) for parameter in inputs)
            yield Defined(_signature(strings(made.funcname), types, path), start, end)
        case "drop_stmt":
            yield from _dropped(statement.drop_stmt, path, start)
        case "rename_stmt" if statement.rename_stmt.rename_type in _FUNCTIONS:
            renamed = statement.rename_stmt
            yield Moved(_named(renamed.object.object_with_args, path), name=renamed.newname)
        case "alter_object_schema_stmt" if statement.alter_object_schema_stmt.object_type in _FUNCTIONS:
            moved = statement.alter_object_schema_stmt
            yield Moved(_named(moved.object.object_with_args, path), schema=moved.newschema)
        case "alter_function_stmt":
            altered = statement.alter_function_stmt
            for action in altered.actions:
                setting = action.def_elem.arg.variable_set_stmt
                if setting.name == "search_path" or setting.kind == pb.VAR_RESET_ALL:
                    yield Configured(_named(altered.func, path), search_path(setting))
        case _:
            return


def _dropped(statement: Node, path: tuple[str, ...] | None, start: int) -> Iterator[Dropped]:
    for node in statement.objects:
        if statement.remove_type in _FUNCTIONS:
            yield Dropped(_named(node.object_with_args, path), start)
        elif statement.remove_type == pb.OBJECT_SCHEMA and statement.behavior == pb.DROP_CASCADE:
            yield Dropped(node.string.sval, start)


def _named(node: Node, path: tuple[str, ...] | None) -> Signature:
    types = None if node.args_unspecified else tuple(_type(argument.type_name) for argument in node.objargs)
    return _signature(strings(node.objname), types, path)


def _signature(names: tuple[str, ...], types: tuple[str, ...] | None, path: tuple[str, ...] | None) -> Signature:
    *before, name = names
    return Signature(before[-1] if before else _first(path), name, types)


def _first(path: tuple[str, ...] | None) -> str:
    """The schema that a name without one is made in."""
    return next((schema for schema in path or () if schema not in {"$user", "pg_catalog"}), "public")


def _type(name: Node) -> str:
    """A type without its schema and modifiers, which are no part of a signature."""
    last = ".".join(strings(name.names)) + "%type" if name.pct_type else strings(name.names)[-1]
    return f"{last}[]" if name.array_bounds else last
