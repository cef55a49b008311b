"""Tables of Hasura by the root fields that insert into them: custom ones of the metadata, else by convention."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import QualifiedName
from .model import Undeclared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve

_TABLE = re.compile(r"^(?:- )?\s*table:\s*\n((?:\s+\w+:.*\n?){1,2})", re.MULTILINE)
_ENTRY = re.compile(r"^\s*(?:- )?(name|schema|custom_name|insert|insert_one):\s*[\"']?([\w$-]+)", re.MULTILINE)
_PUBLIC = "public"
_SNAKE = re.compile(r"^insert_(\w+?)(_one)?$")
_CAMEL = re.compile(r"^insert([A-Z]\w*?)(One)?$")


@dataclass(frozen=True, slots=True)
class Root:
    """A root field that inserts into a table."""

    field: str
    table: QualifiedName


def table_of(field: str, resolve: Resolve) -> QualifiedName | Undeclared | None:
    """The table that a root field inserts into; None for a field that inserts nothing.

    Names in camel case are made from those of the table by a convention, or are custom: only the metadata tells.
    """
    roots = tuple(_roots(resolve))
    known = {root.field: root.table for root in roots}
    if field in known:
        return known[field]
    match = _SNAKE.match(field)
    if match is not None:
        return QualifiedName(None, match[1])
    match = _CAMEL.match(field)
    if match is None:
        return None
    if not roots:
        return Undeclared(f'Hasura\'s metadata, which names the table of root field "{field}", is not in this project')
    return Undeclared(f'no table in Hasura\'s metadata has the root field "{field}"')


def _roots(resolve: Resolve) -> Iterator[Root]:
    """The root fields of all tables of the metadata (`metadata/databases/*/tables/*.yaml`, `tables.yaml`)."""
    for file in (*resolve.files("*.yaml"), *resolve.files("*.yml")):
        if "metadata" in file.path and "table:" in file.text:
            yield from _of_file(file.text)


def _of_file(text: str) -> Iterator[Root]:
    starts = [match.start() for match in _TABLE.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        match = _TABLE.match(text, start)
        named = dict(_ENTRY.findall(match[1])) if match is not None else {}
        if match is None or "name" not in named:
            continue
        schema = named.get("schema", _PUBLIC)
        custom = dict(_ENTRY.findall(text[match.end() : end]))
        table = QualifiedName(None if schema == _PUBLIC else schema, named["name"])
        base = custom.get("custom_name") or (table.name if table.schema is None else f"{schema}_{table.name}")
        yield Root(custom.get("insert", f"insert_{base}"), table)
        yield Root(custom.get("insert_one", f"insert_{base}_one"), table)
        camel = "".join(part[:1].upper() + part[1:] for part in base.split("_"))
        yield Root(f"insert{camel}", table)
        yield Root(f"insert{camel}One", table)
