"""The tables in which tools of migration keep what they have run: no part of the schema where one side alone has them.

They are known by name and columns together, so that an application's own table of such a name is compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..structure.model import Kind, Relation, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..structure.model import Structure
    from ..structure.parts import Name

_TABLES: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {
    name: tuple((tool, frozenset(columns.split())) for tool, columns in tools)
    for name, tools in {
        "alembic_version": (("Alembic", "version_num"),),
        "schema_migrations": (("a tool of migrations", "version"),),
        "ar_internal_metadata": (("Active Record", "key value"),),
        "django_migrations": (("Django", "app name applied"),),
        "flyway_schema_history": (("Flyway", "installed_rank script checksum"),),
        "databasechangelog": (("Liquibase", "id author filename"),),
        "databasechangeloglock": (("Liquibase", "id locked lockedby"),),
        "goose_db_version": (("goose", "version_id is_applied"),),
        "_prisma_migrations": (("Prisma", "migration_name checksum"),),
        "__drizzle_migrations": (("Drizzle", "hash created_at"),),
        "_sqlx_migrations": (("sqlx", "version checksum"),),
        "__diesel_schema_migrations": (("Diesel", "version run_on"),),
        "knex_migrations": (("Knex", "name batch"),),
        "knex_migrations_lock": (("Knex", "is_locked"),),
        "SequelizeMeta": (("Sequelize", "name"),),
        "kysely_migration": (("Kysely", "name timestamp"),),
        "kysely_migration_lock": (("Kysely", "id is_locked"),),
        "mikro_orm_migrations": (("MikroORM", "name executed_at"),),
        "pgmigrations": (("node-pg-migrate", "name run_on"),),
        "migrations": (("Laravel", "migration batch"), ("TypeORM", "timestamp name")),
        "doctrine_migration_versions": (("Doctrine", "version executed_at"),),
        "__EFMigrationsHistory": (("Entity Framework", "MigrationId ProductVersion"),),
        "atlas_schema_revisions": (("Atlas", "version executed_at"),),
        "aerich": (("Aerich", "version app content"),),
    }.items()
}
_SCHEMAS = ("drizzle", "supabase_migrations")  # made for nothing else


def without_bookkeeping(old: Structure, new: Structure) -> tuple[Structure, Structure, tuple[str, ...]]:
    """The structures without the bookkeeping tables that only one of them has, and a sentence on each."""
    before, after = _tables(old), _tables(new)
    notes = (*_notes(before, after, "the first"), *_notes(after, before, "the second"))
    return _without(old, before.keys() - after.keys()), _without(new, after.keys() - before.keys()), notes


def _tables(structure: Structure) -> dict[Name, str]:
    """The bookkeeping tables, each with the tool that keeps it."""
    found: dict[Name, str] = {}
    for table in structure.objects.get(Kind.TABLE, {}).values():
        if isinstance(table, Relation) and table.name in _TABLES:
            columns = {column.name for column in table.columns}
            tool = next((tool for tool, needed in _TABLES[table.name] if needed <= columns), None)
            if tool is not None:
                found[table.schema, table.name] = tool
    return found


def _notes(have: dict[Name, str], others: Iterable[Name], which: str) -> Iterator[str]:
    known = set(others)
    for name, tool in sorted(have.items()):
        if name not in known:
            yield f'Table "{".".join(name)}", in which {tool} keeps what it has run, is only in {which}: not compared.'


def _without(structure: Structure, gone: set[Name]) -> Structure:
    """The structure without these tables, their sequences, and a schema that was made for them."""
    if not gone:
        return structure
    objects = dict(structure.objects)
    objects[Kind.TABLE] = {name: found for name, found in objects[Kind.TABLE].items() if name not in gone}
    objects[Kind.SEQUENCE] = {
        name: found
        for name, found in objects.get(Kind.SEQUENCE, {}).items()
        if not (isinstance(found, Sequence) and found.owned_by is not None and found.owned_by[:2] in gone)
    }
    left = {identity[0] for kind, members in objects.items() if kind is not Kind.SCHEMA for identity in members}
    empty = {(schema,) for schema, _ in gone if schema in _SCHEMAS and schema not in left}
    objects[Kind.SCHEMA] = {name: found for name, found in objects.get(Kind.SCHEMA, {}).items() if name not in empty}
    return structure._replace(objects=objects)
