"""Calls with a known meaning, done: concatenation, formatting, lists and records changed in place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .csharp_calls import fold_csharp
from .formats import formatted, percent
from .go_calls import fold_go
from .jvm_calls import fold_jvm, is_of_jvm
from .literals import cut
from .pg_format import fold_pg_format
from .pg_promise import fold_pg_promise
from .ruby_calls import fold_ruby
from .rust_calls import fold_rust
from .swift_calls import fold_swift
from .values import Call, Choice, Class, Constant, Import, Join, Lambda, Member, Name, Opaque, Record, Sequence, Text

if TYPE_CHECKING:
    from .values import Value

_SAME = frozenset({
    "trim", "trimStart", "trimEnd", "strip", "lstrip", "rstrip", "dedent", "cleandoc", "stripIndent", "freeze", "str",
    "String", "list", "tuple", "Array", "toString", "deepcopy", "copy", "memo", "slice",
    "toList", "toSet", "cast",
})  # fmt: skip
_SQL = frozenset({"raw", "unsafe", "text", "SQL", "literal_column", "Composed", "query"})
_IDENTIFIERS = frozenset({"Identifier", "identifier", "id", "ref", "table", "escapeIdentifier", "quote_ident"})
_IDENTIFIER_HOME = frozenset(
    {"sql", "Prisma", "pg", "client", "pool", "psycopg", "psycopg2", "Identifier", "quote_ident"}
)
_TYPING = frozenset({"typing", "typing_extensions"})
_TABLES = frozenset({"pgTable"})


def fold(call: Call) -> Value:  # noqa: C901, PLR0911, PLR0912 - one line for each meaning is the table itself
    """What a call gives when that is known from its resolved callee and arguments; else the call itself."""
    match call:
        case Call(Member(owner, "[]="), (key, value)):
            return _with_entry(owner, key, value)
        case Call(Member(Sequence() as owner, "append" | "add"), (item,)) | Call(
            Member(Sequence() as owner, "insert"), (_, item)
        ):
            return Sequence((*owner.items, item), owner.complete, owner.offset)
        case Call(Member(Sequence() as owner, "extend"), (more,)):
            return _extended(owner, more)
        case Call(Member(Sequence() as owner, "without"), (left_out,)):
            return _without(owner, left_out)
        case Call(Member(Record() as owner, "keys"), ()) | Call(Member(Name("Object"), "keys"), (Record() as owner,)):
            return Sequence(tuple(Text(key) for key, _ in owner.entries), owner.complete, owner.offset)
        case Call(Member(Record() as owner, "update"), args, keywords):
            return _updated(owner, args, keywords)
        case Call(Member(Member(name="helpers"), "insert")):
            return fold_pg_promise(call)
        case Call(Member(owner, "append" | "add" | "extend" | "update" | "insert"), offset=first, name_offset=at) if (
            first == at
        ):
            return owner  # a change in place of something unknown: hosts give it the offset of the statement
        case Call(Member(Sequence() as items, "join"), args) if len(args) <= 1:
            return _joined(items, args[0] if args else Text(","), call)
        case Call(Member(Text() | Join() as separator, "join"), (Sequence() as items,)):
            return _joined(items, separator, call)
        case Call(Member(Text() | Join() as first, "concat"), rest):
            return Join((first, *rest), offset=call.offset)
        case Call(Member(Sequence() as first, "concat"), (rest,)):
            return _extended(first, rest)
        case Call(Member(Text() | Join() as template, "%"), (given,)):
            return percent(template, given)
        case Call(Member(Text() | Join() as template, "format"), args, keywords) if not is_of_jvm(template):
            return formatted(template, args, keywords)
        case _:
            made = _named(call)
            return made if made is not call else fold_csharp(call)


def _named(call: Call) -> Value:  # noqa: C901, PLR0911 - as above, by name
    name = called(call)
    match call:
        case Call(Name("String"), _, (("format", _), *_)):
            return fold_swift(call)
        case Call(_, (_, value)) if name == "cast" and _home(call) in _TYPING:
            return value  # typing.cast(type, value)
        case Call(Member(Text() | Join() | Record() | Sequence() as owner), ()) if name in _SAME:
            return owner
        case Call(_, (Text() | Join() | Record() | Sequence() as same, *_)) if name in _SAME:
            return same
        case Call(_, (Text() | Join() as sql, *_)) if name in _SQL:
            return Join((sql,), "raw", call.offset)
        case Call(_, (Sequence() as parts,)) if name == "Composed":
            return Join(parts.items, "raw", call.offset)
        case Call(_, args) if name in _IDENTIFIERS and _home(call) in _IDENTIFIER_HOME:
            return _identifier(call, args)
        case Call(Name() | Import(), (), keywords) if name == "dict":
            return Record(tuple(k for k in keywords if k[0] != "**"), all(k[0] != "**" for k in keywords), call.offset)
        case Call(Name() | Import(), (Record() as owner,), keywords) if name == "dict":
            return _updated(owner, (), keywords)
        case Call(Member(_, "assign"), (Record() as first, *rest)):
            return _updated(first, tuple(rest), ())
        case _:
            made = fold_pg_promise(call)
            made = made if made is not call else fold_pg_format(call)
            made = made if made is not call else fold_go(call)
            made = made if made is not call else fold_jvm(call)
            made = made if made is not call else fold_rust(call)
            return made if made is not call else fold_ruby(call)


def called(call: Call) -> str:
    """`f` of `f(...)`, `m` of `x.m(...)`, else ""."""
    match call.callee:
        case Name(name) | Member(name=name) | Import(name=str(name)):
            return name
        case _:
            return ""


def _home(call: Call) -> str:
    match call.callee:
        case Import(module="typing" | "typing_extensions" as name):
            return name
        case Member(Name(name)) | Member(Import(name=str(name))) | Name(name) | Import(name=str(name)):
            return name
        case Member(Import(module=module)):
            return module.rpartition(".")[2]
        case _:
            return ""


def _extended(owner: Sequence, more: Value) -> Sequence:
    if not isinstance(more, Sequence):
        return Sequence(owner.items, complete=False, offset=owner.offset)
    return Sequence((*owner.items, *more.items), owner.complete and more.complete, owner.offset)


def _without(owner: Sequence, left_out: Value) -> Sequence:
    """The texts of a list but for some of them; an open list when these are not known."""
    given = left_out.items if isinstance(left_out, Sequence) and left_out.complete else (left_out,)
    names = {one.text for one in given if isinstance(one, Text)}
    kept = tuple(item for item in owner.items if not isinstance(item, Text) or item.text not in names)
    known = len(given) == sum(isinstance(one, Text) for one in given)
    return Sequence(kept, known and owner.complete and all(isinstance(item, Text) for item in kept), owner.offset)


def _with_entry(owner: Value, key: Value, value: Value) -> Value:
    match owner, key:
        case Record(entries, complete, offset, sometimes=unsure), Text(name):
            kept = tuple(entry for entry in entries if entry[0] != name)
            still = tuple(key for key in unsure if key != name)
            return Record((*kept, (name, value)), complete, offset, sometimes=still)
        case Record(entries, _, offset), _:
            return Record(entries, complete=False, offset=offset)
        case _:
            return owner


def _updated(owner: Record, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> Value:
    entries, complete = dict(owner.entries), owner.complete
    for arg in args:
        if isinstance(arg, Record):
            entries.update(arg.entries)
        complete = complete and isinstance(arg, Record) and arg.complete
    for name, value in keywords:
        if name == "**":
            complete = False
        else:
            entries[name] = value
    return Record(tuple(entries.items()), complete, owner.offset)


def _joined(items: Sequence, separator: Value, call: Call) -> Value:
    if not items.complete:
        return call
    parts: list[Value] = []
    for index, item in enumerate(items.items):
        parts += [separator, item] if index else [item]
    return Join(tuple(parts), offset=call.offset)


def _identifier(call: Call, args: tuple[Value, ...]) -> Value:
    given = args[0].items if len(args) == 1 and isinstance(args[0], Sequence) else args
    names = [part for arg in given if isinstance(arg, Text) for part in _parts(call, arg)]
    if not names or not all(isinstance(arg, Text) for arg in given):
        return call
    parts: list[Value] = []
    for index, name in enumerate(names):
        parts += [Text('."' if index else '"'), Text(name.text.replace('"', '""'), name.runs, name.path), Text('"')]
    return Join(tuple(parts), "raw", call.offset)


def _parts(call: Call, name: Text) -> list[Text]:
    """`sql.table("s.t")` and `sql.ref` are split at the dot, all others are one name."""
    dot = name.text.find(".")
    if called(call) not in {"table", "ref"} or dot < 0:
        return [name]
    return [cut(name, 0, dot), cut(name, dot + 1, len(name.text))]


def table_name(value: Value) -> Value | None:
    """The SQL name of a table object that a template is given (`pgTable("t", ..)`, `schema.table("t", ..)`)."""
    match value:
        case Call(Member(Call(args=(Text() as schema, *_)) as made, "table"), (Text() as name, *_)) if (
            called(made) == "pgSchema"
        ):
            return Join((Text('"'), schema, Text('"."'), name, Text('"')), "raw")
        case Call(args=(Text() as name, *_)) if called(value) in _TABLES:
            return Join((Text('"'), name, Text('"')), "raw")
        case Call(Call(args=(Lambda() as rule, *_)) as made, (Text() as name, *_)) if called(made) == "pgTableCreator":
            return Join((Text('"'), replace(made, callee=rule, args=(name,)), Text('"')), "raw")
        case Class(body=body):
            named = dict(body).get("__tablename__")
            return Join((Text('"'), named, Text('"')), "raw") if isinstance(named, Text) else None
        case _:
            return None


def _is_annotation(value: Value) -> bool:
    """`name: int` in a class body, which gives the name no value."""
    return isinstance(value, Opaque) and value.source.startswith(":")


def member(owner: Value, name: str) -> Value | None:
    """`owner.name` of a resolved owner, when that is known; base classes are the linker's."""
    match owner:
        case Record():
            return owner.get(name)
        case Class(body=body):
            given = (value for key, value in reversed(body) if key == name)
            return next((value for value in given if not _is_annotation(value)), None)
        case Sequence(items) if name.isdecimal() and int(name) < len(items):
            return items[int(name)]
        case Sequence(items, complete) if name == "*" and items:  # any of them: what a loop is given
            return items[0] if len(items) == 1 else Choice(items, complete)
        case Constant():
            return None
        case _:
            return None
