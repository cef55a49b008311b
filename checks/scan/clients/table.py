"""Where each client and ORM is, by its name, and whose files it reads; in the order in which they are asked.

Only the clients of the languages at hand are imported: all of them take longer than a scan of a few files.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..model import Client

_SCRIPTS = frozenset({"javascript", "typescript"})
_JVM = frozenset({"java", "kotlin", "scala"})
_HOSTS = _SCRIPTS | _JVM | {
    "csharp", "dart", "elixir", "go", "php", "python", "ruby", "rust", "shell", "swift", "yaml",
}  # fmt: skip

# By name: the module and its constant, and the languages.
HOMES: dict[str, tuple[str, Collection[str]]] = {
    "raw-sql": ("raw_sql.RAW_SQL", _HOSTS),
    "sql-file": ("sql_file.SQL_FILE", {"sql"}),
    "mybatis": ("mybatis.MYBATIS", {"xml"}),
    "jooq": ("jooq.JOOQ", _JVM),
    "exposed": ("exposed.EXPOSED", {"kotlin"}),
    "slick": ("slick.SLICK", {"scala"}),
    "dbt": ("dbt.DBT", {"sql"}),
    "supabase-js": ("supabase.SUPABASE_JS", _SCRIPTS),
    "supabase-py": ("supabase.SUPABASE_PY", {"python"}),
    "supabase-dart": ("supabase.SUPABASE_DART", {"dart"}),
    "drift": ("drift.DRIFT", {"dart"}),
    "postgrest-http": ("postgrest_http.POSTGREST_HTTP", _HOSTS),
    "sqlalchemy": ("sqlalchemy.SQLALCHEMY", {"python"}),
    "sqlalchemy-session": ("sqlalchemy_session.SQLALCHEMY_SESSION", {"python"}),
    "piccolo": ("piccolo.PICCOLO", {"python"}),
    "tortoise": ("tortoise.TORTOISE", {"python"}),
    "django": ("django.DJANGO", {"python"}),
    "peewee": ("peewee.PEEWEE", {"python"}),
    "psqlextra": ("psqlextra.PSQLEXTRA", {"python"}),
    "knex": ("knex.KNEX", _SCRIPTS),
    "kysely": ("kysely.KYSELY", _SCRIPTS),
    "drizzle": ("drizzle.DRIZZLE", _SCRIPTS),
    "gorm": ("gorm.GORM", {"go"}),
    "gorm-v1": ("gorm_v1.GORM_V1", {"go"}),
    "squirrel": ("squirrel.SQUIRREL", {"go"}),
    "bun": ("bun.BUN", {"go"}),
    "go-pg": ("bun.GO_PG", {"go"}),
    "goqu": ("goqu.GOQU", {"go"}),
    "go-jet": ("jet.JET", {"go"}),
    "ent": ("ent.ENT", {"go"}),
    "ecto": ("ecto.ECTO", {"elixir"}),
    "laravel": ("laravel.LARAVEL", {"php"}),
    "yii": ("yii.YII", {"php"}),
    "sqlboiler": ("sqlboiler.SQLBOILER", {"go"}),
    "postgrest-go": ("postgrest_go.POSTGREST_GO", {"go"}),
    "diesel": ("diesel.DIESEL", {"rust"}),
    "sea-orm": ("sea_orm.SEA_ORM", {"rust"}),
    "postgrest-rs": ("postgrest_rs.POSTGREST_RS", {"rust"}),
    "flexlabs-upsert": ("flexlabs_upsert.FLEXLABS_UPSERT", {"csharp"}),
    "ef-core": ("ef_core.EF_CORE", {"csharp"}),
    "linq2db": ("linq2db.LINQ2DB", {"csharp"}),
    "supabase-csharp": ("supabase_csharp.SUPABASE_CSHARP", {"csharp"}),
    "supabase-swift": ("supabase_swift.SUPABASE_SWIFT", {"swift"}),
    "sqlkit": ("sqlkit.SQLKIT", {"swift"}),
    "supabase-kt": ("supabase_kt.SUPABASE_KT", {"kotlin"}),
    "typeorm": ("typeorm.TYPEORM", _SCRIPTS),
    "sequelize": ("sequelize.SEQUELIZE", _SCRIPTS),
    "prisma": ("prisma.PRISMA", _SCRIPTS),
    "rails": ("rails.RAILS", {"ruby"}),
    "activerecord-import": ("activerecord_import.ACTIVERECORD_IMPORT", {"ruby"}),
    "sequel": ("sequel.SEQUEL", {"ruby"}),
    "hasura": ("hasura.HASURA", _HOSTS - {"scala", "shell", "yaml"} | {"graphql"}),
    "mikro-orm": ("mikro_orm.MIKRO_ORM", _SCRIPTS),
    "zapatos": ("zapatos.ZAPATOS", _SCRIPTS),
    "arbiter-fallback": ("arbiter_fallback.ARBITER_FALLBACK", _HOSTS | {"sql"}),
}


@cache
def client(name: str) -> Client:
    """The client of that name."""
    module, _, constant = HOMES[name][0].partition(".")
    found: Client = getattr(import_module(f".{module}", __package__), constant)
    return found


@cache
def clients_of(language: str) -> tuple[Client, ...]:
    """The clients that read files of a language, in their order."""
    return tuple(client(name) for name, (_, languages) in HOMES.items() if language in languages)


def clients() -> tuple[Client, ...]:
    """All clients, in their order."""
    return tuple(map(client, HOMES))
