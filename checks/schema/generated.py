"""Generated Supabase types as a schema source: which tables, columns and enums there were when they were generated.

They are told as templates/typescript.ts of postgres-meta writes them: `Row` has what a SELECT gives, `Insert` every
column of a table, with a question mark where it may be left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ast_grep_py import SgRoot

from ..errors import SchemaError
from ..structure.extent import SOME
from ..structure.knowledge import Doubt, Extent
from ..structure.model import Enum, Kind, Relation, Structure
from ..structure.parts import Column
from .order import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ast_grep_py import SgNode

    from ..structure.model import Object

    Objects = dict[Kind, dict[tuple[str, ...], Object]]

_KINDS = {"Tables": Kind.TABLE, "Views": Kind.VIEW}
_DECLARED = ("type_alias_declaration", "interface_declaration")
_NOTE = "generated types tell columns, enums, and which columns an INSERT must have; types and uniqueness are unknown"


def types_of(path: Path) -> Structure:
    """The structure that a file of generated types tells. Raises SchemaError when it holds none."""
    schemas = _schemas(text_of(path))
    if not schemas:
        raise SchemaError(
            f'"{path}" holds no generated types of a database', "`supabase gen types typescript` writes such a file."
        )
    objects: Objects = {kind: {} for kind in Kind}
    doubts: list[Doubt] = []
    for schema, members in schemas.items():
        for name, kind in _KINDS.items():
            for relation, parts in _members(members.get(name)).items():
                columns, unsure = _columns(_members(parts))
                objects[kind][schema, relation] = Relation(schema, relation, columns)
                doubts += (
                    Doubt(relation, schema, (str(kind),), "column", column, field, f'{path.name} has it as "unknown"')
                    for column, field in unsure
                )
        for name, labels in _members(members.get("Enums")).items():
            objects[Kind.ENUM][schema, name] = Enum(schema, name, tuple(_strings(labels)))
    return Structure(
        0,
        {kind: dict(sorted(found.items())) for kind, found in objects.items()},
        owners=False,
        doubts=tuple(doubts),
        extent=Extent(
            tuple(map(str, (Kind.ENUM, *_KINDS.values()))),
            tuple(sorted(schemas)),
            ("columns",),
            ("not_null",),
            coarse=True,
        ),
        notes=(_NOTE,),
    )


def _schemas(text: str) -> dict[str, dict[str, SgNode]]:
    """The members of each schema in the type named Database."""
    for node in SgRoot(text, "typescript").root().find_all(any=[{"kind": kind} for kind in _DECLARED]):
        name = node.field("name")
        body = node.field("value") or node.field("body")
        if name is not None and body is not None and name.text() == "Database":
            found = {schema: _members(members) for schema, members in _members(body).items()}
            return {schema: members for schema, members in found.items() if "Tables" in members}
    return {}


def _members(node: SgNode | None) -> dict[str, Any]:
    """The type of each named member of an object type; of an annotation, what it annotates."""
    return {} if node is None else {name: _type(one) for name, one in _signatures(node) if _type(one) is not None}


def _signatures(node: SgNode) -> Iterator[tuple[str, SgNode]]:
    for one in node.children():
        name = one.field("name") if one.kind() == "property_signature" else None
        if name is not None:
            yield _text(name), one


def _type(signature: SgNode) -> SgNode | None:
    annotation = signature.field("type")
    inner = [] if annotation is None else [one for one in annotation.children() if one.is_named()]
    return inner[-1] if inner else None


def _columns(parts: dict[str, SgNode]) -> tuple[tuple[Column, ...], list[tuple[str, str]]]:
    """The columns of a relation, and those properties of which nothing is told."""
    row = parts.get("Row")
    insert = parts.get("Insert")
    types = _members(row)
    # Row also has the functions that take a row of the table; Insert has columns only.
    named = {} if insert is None else dict(_signatures(insert))
    columns: list[Column] = []
    unsure: list[tuple[str, str]] = []
    for name in sorted(types.keys() & named.keys() if named else types):
        optional = name not in named or any(one.text() == "?" for one in named[name].children())
        parts_of = [one.text() for one in _flat(types[name])]
        not_null = "null" not in parts_of
        if parts_of == ["unknown"] and optional:  # which may be null without saying so
            not_null = False
            unsure += ((name, "not_null"), (name, "default"))
        columns.append(Column(name, "", not_null, SOME if not_null and optional else None))
    return tuple(columns), unsure


def _flat(node: SgNode) -> Iterator[SgNode]:
    """The members of a union, which nests to the left."""
    if node.kind() != "union_type":
        yield node
        return
    for one in node.children():
        if one.is_named():
            yield from _flat(one)


def _strings(node: SgNode) -> Iterator[str]:
    for one in _flat(node):
        for literal in one.children() if one.kind() == "literal_type" else ():
            if literal.kind() == "string":
                yield _text(literal)


def _text(node: SgNode) -> str:
    """A name, or the value of a string."""
    text = node.text()
    if node.kind() != "string":
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]
