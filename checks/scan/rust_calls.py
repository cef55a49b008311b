"""Rust calls with a known meaning: macros that format, strings and builders that statements are pushed to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .formats import formatted
from .values import Call, Import, Join, Member, Name, Opaque, Sequence, Text

if TYPE_CHECKING:
    from .values import Value

_FORMATS = frozenset({"format!", "format_args!", "formatdoc!"})
_PUSHES = frozenset({"push", "push_str", "push_unseparated"})
_BUILDS = frozenset({"build", "sql", "into_sql", "build_query_as", "build_query_scalar", "separated", "into_string"})
_BUILDERS = frozenset({"QueryBuilder", "String", "Cow", "SqlStr", "AssertSqlSafe"})
_MAKES = frozenset({"new", "with_arguments", "from"})


def fold_rust(call: Call) -> Value:  # noqa: PLR0911 - one line for each meaning is the table itself
    """What a call gives when it is one of these with known arguments; else the call itself."""
    match call:
        case Call(Name(name) | Member(name=name) | Import(name=str(name)), args, keywords) if name.endswith("!"):
            return _expanded(call, name, args, keywords)
        case Call(Member(Call() as owner, ".="), (Text(field), value)):  # a field that is set after the struct is made
            kept = tuple(one for one in owner.keywords if one[0] != field)
            return replace(owner, keywords=(*kept, (field, value)))
        case Call(Member(owner, ".=")):
            return owner
        case Call(Member(Text() | Join() as owner, name), args):
            return _grown(call, owner, name, args)
        case Call(Member(Name("Vec") | Import(name="Vec" | None, module="Vec"), "new" | "with_capacity")):
            return Sequence((), offset=call.offset)
        case Call(Member(made, "new" | "with_capacity"), args) if _is_string(made) and not _holds_text(args):
            return Text("")
        case Call(Member(Sequence(items, complete, offset), "push"), (item,)):
            return Sequence((*items, item), complete, offset)
        case Call(Member(object=made, name=name), (Text() | Join() as sql, *_)) if name in _MAKES and _builds(made):
            return sql
        case _:
            return call


def _expanded(call: Call, name: str, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> Value:
    match name, args:
        case _, (Text() | Join() as template, *given) if name in _FORMATS:
            return formatted(template, tuple(given), keywords)
        case "concat!", _ if args:
            return Join(args, offset=call.offset)
        case "indoc!", (Text() as same,):
            return same
        case _:
            return call


def _grown(call: Call, owner: Text | Join, name: str, args: tuple[Value, ...]) -> Value:
    """A string after something was pushed to it; of values that a builder binds no more is known than their place."""
    match name, args:
        case _, (more,) if name in _PUSHES:
            return Join((owner, more), offset=call.offset)
        case "push_bind", _:
            return Join((owner, Opaque("a value", call.offset)), offset=call.offset)
        case "push_values" | "push_tuples", _:
            lead = "VALUES " if name == "push_values" else ""
            return Join((owner, Text(f" {lead}"), Opaque("rows", call.offset)), offset=call.offset)
        case _ if name in _BUILDS:
            return owner
        case _:
            return call


def _is_string(made: Value) -> bool:
    match made:
        case Name(name) | Import(module=name, name=None):
            return name == "String"
        case _:
            return False


def _holds_text(args: tuple[Value, ...]) -> bool:
    return bool(args) and isinstance(args[0], Text | Join)


def _builds(made: Value) -> bool:
    """Whether a name is of a type that holds SQL."""
    match made:
        case Name(name) | Member(name=name) | Import(name=str(name)):
            return name in _BUILDERS
        case Import(module=module):
            return module in _BUILDERS
        case _:
            return False
