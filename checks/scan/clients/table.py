"""The table of all clients and ORMs, in the order in which they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .activerecord_import import ACTIVERECORD_IMPORT
from .arbiter_fallback import ARBITER_FALLBACK
from .bun import BUN, GO_PG
from .dbt import DBT
from .diesel import DIESEL
from .django import DJANGO
from .drift import DRIFT
from .drizzle import DRIZZLE
from .ecto import ECTO
from .ef_core import EF_CORE
from .ent import ENT
from .exposed import EXPOSED
from .flexlabs_upsert import FLEXLABS_UPSERT
from .goqu import GOQU
from .gorm import GORM
from .gorm_v1 import GORM_V1
from .hasura import HASURA
from .jet import JET
from .jooq import JOOQ
from .knex import KNEX
from .kysely import KYSELY
from .laravel import LARAVEL
from .linq2db import LINQ2DB
from .mikro_orm import MIKRO_ORM
from .mybatis import MYBATIS
from .peewee import PEEWEE
from .piccolo import PICCOLO
from .postgrest_go import POSTGREST_GO
from .postgrest_http import POSTGREST_HTTP
from .postgrest_rs import POSTGREST_RS
from .prisma import PRISMA
from .psqlextra import PSQLEXTRA
from .rails import RAILS
from .raw_sql import RAW_SQL
from .sea_orm import SEA_ORM
from .sequel import SEQUEL
from .sequelize import SEQUELIZE
from .slick import SLICK
from .sql_file import SQL_FILE
from .sqlalchemy import SQLALCHEMY
from .sqlalchemy_session import SQLALCHEMY_SESSION
from .sqlboiler import SQLBOILER
from .sqlkit import SQLKIT
from .squirrel import SQUIRREL
from .supabase import SUPABASE_DART, SUPABASE_JS, SUPABASE_PY
from .supabase_csharp import SUPABASE_CSHARP
from .supabase_kt import SUPABASE_KT
from .supabase_swift import SUPABASE_SWIFT
from .tortoise import TORTOISE
from .typeorm import TYPEORM
from .yii import YII
from .zapatos import ZAPATOS

if TYPE_CHECKING:
    from ..model import Client

CLIENTS: tuple[Client, ...] = (
    RAW_SQL,
    SQL_FILE,
    MYBATIS,
    JOOQ,
    EXPOSED,
    SLICK,
    DBT,
    SUPABASE_JS,
    SUPABASE_PY,
    SUPABASE_DART,
    DRIFT,
    POSTGREST_HTTP,
    SQLALCHEMY,
    SQLALCHEMY_SESSION,
    PICCOLO,
    TORTOISE,
    DJANGO,
    PEEWEE,
    PSQLEXTRA,
    KNEX,
    KYSELY,
    DRIZZLE,
    GORM,
    GORM_V1,
    SQUIRREL,
    BUN,
    GO_PG,
    GOQU,
    JET,
    ENT,
    ECTO,
    LARAVEL,
    YII,
    SQLBOILER,
    POSTGREST_GO,
    DIESEL,
    SEA_ORM,
    POSTGREST_RS,
    FLEXLABS_UPSERT,
    EF_CORE,
    LINQ2DB,
    SUPABASE_CSHARP,
    SUPABASE_SWIFT,
    SQLKIT,
    SUPABASE_KT,
    TYPEORM,
    SEQUELIZE,
    PRISMA,
    RAILS,
    ACTIVERECORD_IMPORT,
    SEQUEL,
    HASURA,
    MIKRO_ORM,
    ZAPATOS,
    ARBITER_FALLBACK,
)
