"""Changes in words: what an object is called, what its properties are called, and what their values are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..quoting import quoted
from ..structure.definition import column_sql, constraint_sql, index_sql, key_sql, policy_sql, sequence_sql
from ..structure.model import Kind
from ..structure.parts import Column, Constraint, Index, IndexKey, Part, Policy, SequenceOptions
from .model import Action

if TYPE_CHECKING:
    from .model import Change, Subject

_PROPERTIES = {
    "not_null": "NOT NULL",
    "not_null_constraint": "NOT NULL constraint",
    "identity_options": "identity sequence",
    "statistics": "statistics target",
    "acl": "privileges",
    "using_index": "index",
    "nulls_not_distinct": "NULLS NOT DISTINCT",
    "no_inherit": "NO INHERIT",
    "via_root": "publish_via_partition_root",
    "using": "USING",
    "check": "WITH CHECK",
    "row_security": "row security",
    "force_row_security": "forced row security",
    "include": "INCLUDE",
    "of_type": "OF type",
    "bound": "partition bound",
    "period": "WITHOUT OVERLAPS or PERIOD",
    "column_order": "order of columns",
}


def title(subject: Subject) -> str:
    """The object's kind and name: `table public.users`, `function public.f(integer)`, `policy own`."""
    if subject.part is not None:
        return f"{subject.part} {quoted(subject.name or '')}"
    return f"{subject.kind} {name_of(subject)}"


def name_of(subject: Subject) -> str:
    """The name of the object, without that of its part."""
    kind, identity = subject.kind, subject.identity
    if kind is Kind.OTHER:
        return " ".join(identity)
    if kind in (Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE):
        return f"{quoted(identity[0])}.{quoted(identity[1])}({identity[2]})"
    if kind is Kind.DEFAULT_PRIVILEGES:
        where = f" in schema {quoted(identity[1])}" if identity[1] else ""
        return f"of {quoted(identity[0])} on {identity[2]}{where}"
    return ".".join(quoted(part) for part in identity)


def property_name(name: str) -> str:
    """The property as people call it."""
    return " ".join(_PROPERTIES.get(word, word.replace("_", " ")) for word in name.split("."))


def value(given: Any) -> str:
    """A value of a property as text; "none" for what is not there."""
    match given:
        case None | () | "":
            return "none"
        case bool():
            return "yes" if given else "no"
        case tuple():
            return _compound(given)
        case _:
            return str(given)


def _compound(given: tuple[Any, ...]) -> str:
    match given:
        case IndexKey():
            return key_sql(given) + ("" if given.statistics is None else f" (statistics target {given.statistics})")
        case Index():
            return f"{given.method} ({', '.join(map(key_sql, given.keys))})"
        case SequenceOptions():
            return sequence_sql(given) or "as usual"
        case _ if hasattr(given, "_fields"):
            return _fields(given)
        case _:
            return ", ".join(value(each) for each in given)


def _fields(given: Any) -> str:
    """A grant as aclitem writes it, a name with dots, anything else by its fields."""
    if given._fields[:2] == ("grantee", "privileges"):
        return f"{given.grantee}={given.privileges}" + (f"/{given.grantor}" if given.grantor else "")
    usual = given._field_defaults
    told = [each for name, each in zip(given._fields, given, strict=True) if usual.get(name, ...) != each]
    return " ".join(value(each) for each in told)


def definition(change: Change) -> str | None:
    """What is added or removed as SQL writes it, on one line; None for what has no short text."""
    found = change.old if change.action is Action.REMOVED else change.new
    table = (change.subject.identity[0], change.subject.identity[1]) if change.subject.part else ("", "")
    match found:
        case Column():
            return column_sql(found)
        case Constraint():
            return f"{quoted(found.name)} {constraint_sql(found)}"
        case Index():
            return index_sql(found, table)
        case Policy():
            return policy_sql(found, table)
        case _:
            text = getattr(found, "definition", None)
            return " ".join(text.split()) if text and change.subject.part in (Part.TRIGGER, Part.RULE) else None
