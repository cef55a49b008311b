"""A database's schema and rows as plain values, equal when nobody could tell the databases apart by their content."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pgarbiter.catalog.read import read_catalog

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.catalog.catalog import Catalog
    from pgarbiter.catalog.model import Relation

_OURS = "alembic_version"


def schema_of(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Tables of `public` by name, without OIDs and without the places of columns."""
    catalog = read_catalog(connection)
    return {
        relation.name: (_bare(catalog, relation), _definitions(connection, relation))
        for relation in catalog.relations()
        if relation.schema == "public" and relation.name != _OURS
    }


def rows_of(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """The rows of each of those tables as JSON, sorted: the order of columns is not part of it."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ).fetchall()
    return {
        name: sorted(text for (text,) in connection.execute(f"SELECT to_jsonb(t)::text FROM {name} t".encode()))
        for (name,) in names
        if name != _OURS
    }


def _bare(catalog: Catalog, relation: Relation) -> Relation:
    names = {index.oid: index.name for each in catalog.relations() for index in each.indexes}
    return replace(
        relation,
        oid=0,
        # A column that changed its type and back stands last: no statement moves a column.
        columns=tuple(sorted((replace(each, attnum=0) for each in relation.columns), key=lambda each: each.name)),
        indexes=tuple(sorted((replace(each, oid=0) for each in relation.indexes), key=lambda each: each.name)),
        constraints=tuple(
            sorted(
                (replace(each, oid=0, index=names.get(each.index, 0), references=0) for each in relation.constraints),
                key=lambda each: each.name,
            )
        ),
        policies=tuple(sorted(relation.policies, key=lambda each: each.name)),
    )


def _definitions(connection: psycopg.Connection[Any], relation: Relation) -> list[tuple[Any, ...]]:
    """What the catalog's objects leave out, as the server spells it: foreign keys, operator classes, storage."""
    return connection.execute(
        "SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %(oid)s"
        " UNION ALL SELECT 'index', NULL, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %(oid)s"
        " UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgrelid = %(oid)s AND NOT tgisinternal"
        " ORDER BY 1, 2, 3",
        {"oid": relation.oid},
    ).fetchall()
