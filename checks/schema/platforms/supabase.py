"""What Supabase provides before a project's first migration: roles, schemas, tables, functions, a publication."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ..extensions import Wanted
from ..loading import Loader
from ..order import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..extensions import Extensions
    from ..owner import Place
    from ..session import Session

SEARCH_PATH = '"$user", public, extensions'
_ROLES = (
    "anon", "authenticated", "service_role", "authenticator", "supabase_admin", "supabase_auth_admin",
    "supabase_storage_admin", "supabase_functions_admin", "supabase_realtime_admin",
)  # fmt: skip
# Extensions that a project need not create, because the dashboard does; some fill a schema of their own.
_EXTENSIONS = (
    "uuid-ossp", "pgcrypto", "pgjwt", "pg_net", "pg_cron", "pgmq", "supabase_vault", "pg_graphql", "pg_jsonschema",
    "moddatetime", "unaccent", "pg_trgm", "fuzzystrmatch", "http", "citext", "ltree", "hstore", "pg_stat_statements",
)  # fmt: skip
_WHEN_MENTIONED = {"postgis": ("geography", "geometry", "st_"), "vector": ("vector", "halfvec")}


def script(name: str) -> str:
    """A script of this package."""
    return (resources.files(__name__.rpartition(".")[0]) / name).read_text("utf-8")


def provide(place: Place, session: Session, extensions: Extensions, texts: Iterable[str]) -> Iterator[str]:
    """Make the platform in an empty database; notes on what could not be made."""
    if place.may_create_roles:
        if refusal := place.as_admin(script("supabase_roles.sql")):
            yield f"platform supabase: its roles could not be made: {refusal.message}"
        place.as_admin(_grants(place.owner_name))
    session.begin_file()
    session.attempt("CREATE SCHEMA IF NOT EXISTS extensions")
    session.attempt(_default_path(str(conninfo_to_dict(place.owner)["dbname"])))
    session.commit()
    session.close()  # the next connection starts with that search_path
    for name in _wanted(texts):
        text = f'CREATE EXTENSION IF NOT EXISTS "{name}" SCHEMA extensions'
        if refusal := extensions.create(Wanted(name, "extensions"), text):
            yield f'platform supabase: extension "{name}" is missing: {refusal.message}'
    extensions.asked.clear()
    session.commit()
    for failure in Loader(place, session, extensions).load([SourceFile("supabase.sql", script("supabase.sql"))]).failed:
        yield f"platform supabase: line {failure.line}: {failure.message}"


def _default_path(database: str) -> str:
    setting = sql.SQL("ALTER DATABASE {} SET search_path = {}")
    return setting.format(sql.Identifier(database), sql.SQL(SEARCH_PATH)).as_string(None)


def _wanted(texts: Iterable[str]) -> list[str]:
    lowered = [text.casefold() for text in texts]
    mentioned = (
        name for name, words in _WHEN_MENTIONED.items() if any(word in text for text in lowered for word in words)
    )
    return [*_EXTENSIONS, *mentioned]


def _grants(owner: str) -> str:
    """The owner is a member of the roles that the platform's own `postgres` is a member of."""
    roles = sql.SQL(", ").join(map(sql.Identifier, _ROLES))
    return sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(roles, sql.Identifier(owner)).as_string(None)
