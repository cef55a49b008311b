"""bun and go-pg models: the table and columns of a Go struct, by the tags "bun" and "pg".

Sources: github.com/uptrace/bun 1.2 schema.Table.processFields, internal/tagparser; go-pg v10 orm.newTable, and
Table.newField, which take `tableName struct{}` for what bun has BaseModel for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Class, Text
from .go_structs import GoField, fields_of, is_struct, kind_of
from .go_words import plural, underscored
from .model import Undeclared

if TYPE_CHECKING:
    from ..model import Resolve

_RELATIONS = {"bun": ("rel", "m2m", "scanonly"), "pg": ("rel", "many2many", "fk", "join_fk", "polymorphic")}
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class BunTable:
    """A model: its table as it is written, schema before a dot, its alias, columns and primary key in order.

    `doubt` says why there may be other columns.
    """

    name: str | Undeclared
    alias: str
    columns: tuple[str, ...]
    primary_key: tuple[str, ...]
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class _Tag:
    """The name that a tag starts with, and its options."""

    name: str
    options: dict[str, str]


def bun_table(owner: Class, key: str, resolve: Resolve) -> BunTable:
    """The model that a struct is, for tags under `key`."""
    named = _named(owner, key)
    columns, primary, doubt = _columns(owner, key, resolve, 0)
    if key == "pg" and not primary:
        primary = [name for name in columns if name in {"id", "uuid", f"pk_{underscored(owner.name)}"}][:1]
    table: str | Undeclared = named.options.get("table") or named.name or plural(underscored(owner.name))
    if key == "pg" and named.name == "_":
        table = Undeclared(f'"{owner.name}" has no table of its own')
    alias = named.options.get("alias") or underscored(owner.name)
    return BunTable(table, alias, tuple(dict.fromkeys(columns)), tuple(dict.fromkeys(primary)), doubt)


def columns_by_field(owner: Class, key: str) -> dict[str, str]:
    """The columns of the fields of the struct itself, none of those that are embedded or relations."""
    found: dict[str, str] = {}
    for field in fields_of(owner):
        tag = _parsed(field.tagged(key) or "")
        if tag.name != "-" and not field.embedded and "embed" not in tag.options and not _is_relation(tag, key):
            found[field.name] = tag.options.get("column") or tag.name or underscored(field.name)
    return found


def _named(owner: Class, key: str) -> _Tag:
    """The tag that names the table."""
    marker = "BaseModel" if key == "bun" else "tableName"
    text = next((v.text for name, v in owner.body if name == f"@{marker}" and isinstance(v, Text)), "")
    return _parsed(GoField(marker, Text(""), text).tagged(key) or "")


def _columns(owner: Class, key: str, resolve: Resolve, depth: int) -> tuple[list[str], list[str], str | None]:
    columns: list[str] = []
    primary: list[str] = []
    doubt: str | None = None
    for field in fields_of(owner):
        tag = _parsed(field.tagged(key) or "")
        if tag.name == "-" or field.name in {"BaseModel", "tableName"} or _is_relation(tag, key):
            continue
        kind = kind_of(field.kind, resolve)
        if field.embedded or "embed" in tag.options:
            if not isinstance(kind, Class) or depth > _DEEPEST:
                doubt = doubt or f'the columns of "{field.name}", which is embedded, are not known'
                continue
            inner, keys, why = _columns(kind, key, resolve, depth + 1)
            prefix = tag.options.get("embed", "")
            columns += [prefix + name for name in inner]
            primary += [prefix + name for name in keys]
            doubt = doubt or why
            continue
        if key == "pg" and isinstance(kind, Class) and is_struct(kind) and "type" not in tag.options:
            doubt = doubt or f'whether "{owner.name}.{field.name}" is a column is not known'
            continue
        name = tag.options.get("column") or tag.name or underscored(field.name)
        columns.append(name)
        primary += [name] if "pk" in tag.options else []
    return columns, primary, doubt


def _is_relation(tag: _Tag, key: str) -> bool:
    return any(option in tag.options for option in _RELATIONS[key])


def _parsed(text: str) -> _Tag:
    """`name,pk,default:nextval('x')`; the first item without a colon is the name."""
    name, options = "", {}
    for index, item in enumerate(_items(text)):
        option, colon, value = item.partition(":")
        if index == 0 and not colon:
            name = option.strip().strip("\"'")
        elif option.strip():
            options[option.strip()] = value.strip("\"'")
    return _Tag(name, options)


def _items(text: str) -> list[str]:
    """What commas part, but for those in brackets and quotes."""
    out, depth, quote, at = [], 0, "", 0
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "," and not depth:
            out.append(text[at:index])
            at = index + 1
    return [*out, text[at:]]
