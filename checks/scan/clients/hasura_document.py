"""The inserts of a GraphQL document for Hasura that say what to do on conflict, nested ones too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import (
    EnumValueNode,
    FieldNode,
    GraphQLError,
    ListValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    VariableNode,
    Visitor,
    parse,
    visit,
)

from ...sql.holes import MARKER
from .hasura_words import CONFLICT

if TYPE_CHECKING:
    from typing import Any

    from graphql import ValueNode

_UPDATED = frozenset({"update_columns", "updateColumns"})
_ROWS = frozenset({"objects", "object", "data"})


@dataclass(frozen=True, slots=True)
class Found:
    """One insert. Places count characters of the document; `field` names a relationship when `nested`.

    `constraint`, `columns` and `updated` None: they are given by variables, which `variable` names.
    """

    field: str
    offset: int
    start: int
    end: int
    constraint: str | None
    columns: tuple[str, ...] | None
    updated: tuple[str, ...] | None
    nested: bool = False
    variable: str | None = None


def inserts_of(text: str) -> tuple[Found, ...] | str:
    """The inserts with a conflict clause, in order; a text that is no GraphQL gives the reason."""
    try:
        document = parse(_without_holes(text))
    except (GraphQLError, RecursionError) as error:
        return f"the GraphQL does not parse: {getattr(error, 'message', error)}"
    reader = _Reader()
    visit(document, reader)
    return tuple(sorted(reader.found, key=lambda one: one.offset))


def _without_holes(text: str) -> str:
    """The document with each hole a part of a name, or a blank where fragments are put in; all places stay."""

    def filled(match: Any) -> str:
        around = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
        return ("_" if any(char.isalnum() or char == "_" for char in around) else " ") * len(match[0])

    return MARKER.sub(filled, text)


class _Reader(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        given = {argument.name.value: argument for argument in node.arguments}
        clause = next((given[name] for name in CONFLICT if name in given), None)
        if clause is not None and node.loc is not None and clause.loc is not None:
            rows = next((given[name].value for name in _ROWS if name in given), None)
            place = clause.loc.start, node.loc.start, clause.loc.end
            self.found.append(_found(node.name.value, place, clause.value, rows, nested=False))

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        """`lines: {data: [..], on_conflict: {..}}`."""
        inner = node.value.fields if isinstance(node.value, ObjectValueNode) else ()
        fields = {field.name.value: field for field in inner}
        clause = next((fields[name] for name in CONFLICT if name in fields), None)
        if clause is not None and "data" in fields and node.loc is not None and clause.loc is not None:
            place = clause.loc.start, node.loc.start, clause.loc.end
            self.found.append(_found(node.name.value, place, clause.value, fields["data"].value, nested=True))


def _found(
    field: str, place: tuple[int, int, int], clause: ValueNode, rows: ValueNode | None, *, nested: bool
) -> Found:
    offset, start, end = place
    columns = _columns(rows)
    if not isinstance(clause, ObjectValueNode):
        return Found(field, offset, start, end, None, columns, None, nested, _variable(clause))
    given = {one.name.value: one.value for one in clause.fields}
    constraint = given.get("constraint")
    updated = next((given[name] for name in _UPDATED if name in given), None)
    return Found(
        field,
        offset,
        start,
        end,
        constraint.value if isinstance(constraint, EnumValueNode | StringValueNode) else None,
        columns,
        () if updated is None else _names(updated),
        nested,
        _variable(constraint),
    )


def _variable(node: ValueNode | None) -> str | None:
    return node.name.value if isinstance(node, VariableNode) else None


def _names(node: ValueNode) -> tuple[str, ...] | None:
    values = node.values if isinstance(node, ListValueNode) else (node,)
    names = tuple(value.value for value in values if isinstance(value, EnumValueNode | StringValueNode))
    return names if len(names) == len(values) else None


def _columns(node: ValueNode | None) -> tuple[str, ...] | None:
    """The keys of the rows, relationships left out; None when they are given by a variable."""
    rows = node.values if isinstance(node, ListValueNode) else (node,)
    found: dict[str, None] = {}
    for row in rows:
        if not isinstance(row, ObjectValueNode):
            return None
        for field in row.fields:
            inner = field.value.fields if isinstance(field.value, ObjectValueNode) else ()
            if not any(one.name.value == "data" for one in inner):
                found[field.name.value] = None
    return tuple(found)
