"""From a name as SQL writes it to the table or index that it means."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..errors import SourceError, SqlSyntaxError
from ..model import QualifiedName
from ..quoting import quoted
from ..sql import parse_writes
from ..sql.expression_reader import parse_expression
from .model import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.catalog import Catalog
    from ..catalog.model import Index


def find(text: str, catalog: Catalog) -> Subject:
    """The table or index of that name, along the search_path if it has no schema.

    Raises SourceError when it is no name, or there is none, with the nearest one.
    """
    name = _name(text)
    schemas = (name.schema,) if name.schema is not None else catalog.search_path
    known = tuple(_all(catalog))
    for schema in schemas:
        for own, subject in known:
            if own == QualifiedName(schema, name.name):
                return subject
    raise SourceError(f'table or index "{name}" does not exist', _hint(name, [own for own, _ in known], catalog))


def unique_indexes(subject: Subject) -> tuple[Index, ...]:
    """The index that was named, or of a table all that can arbitrate, in the order of their names."""
    if subject.index is not None:
        return (subject.index,)
    found = (index for index in subject.relation.indexes if index.unique or index.exclusion)
    return tuple(sorted(found, key=lambda index: index.name))


def checked_predicate(text: str) -> str:
    """The predicate of a partial index as given. Raises SourceError when it is no condition."""
    try:
        parse_expression(text)
    except SqlSyntaxError as error:
        raise SourceError(f'predicate "{text}" cannot be read: {error.message}') from None
    return text


def _name(text: str) -> QualifiedName:
    """The name, folded where it is not quoted; a reserved word, as `user`, may stand without quotes here."""
    if text.isidentifier() and quoted(text.lower()) != text.lower():
        return QualifiedName(None, text.lower())
    try:
        writes = parse_writes(f"INSERT INTO {text}\n DEFAULT VALUES")
    except SqlSyntaxError:
        writes = ()
    found = writes[0].write if len(writes) == 1 else None
    if found is None or found.table is None or found.alias or found.action or found.columns:
        raise SourceError(
            f'"{text}" is no name of a table or index', "Write it as in SQL: public.users, or '\"Users\"' with quotes."
        )
    return found.table


def _all(catalog: Catalog) -> Iterator[tuple[QualifiedName, Subject]]:
    for relation in catalog.relations():
        yield QualifiedName(relation.schema, relation.name), Subject(relation)
        yield from ((QualifiedName(relation.schema, ix.name), Subject(relation, ix)) for ix in relation.indexes)


def _hint(name: QualifiedName, known: list[QualifiedName], catalog: Catalog) -> str | None:
    """Where something of that very name is; else what is spelled most like it."""
    same = [one for one in known if one.name == name.name]
    near = same or [one for one in known if one.name.lower() == name.name.lower()]
    if not near:
        names = get_close_matches(name.name, [one.name for one in known], n=1, cutoff=0.6)
        near = [one for one in known if names and one.name == names[0]]
    if not near:
        return None
    on_path = [one for one in near if one.schema in catalog.search_path]
    found = (on_path or near)[0]
    schema = "" if found in on_path and name.schema is None else f"{quoted(found.schema or '')}."
    return f"Did you mean {schema}{quoted(found.name)}?"
