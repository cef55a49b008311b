"""Runs the product's own revisions against PGARBITER_DATABASE_URL or the database of PGDATABASE, or prints them."""

import os

from alembic import context
from alembic.util import CommandError
from sqlalchemy import URL, MetaData, create_engine, make_url, pool
from sqlalchemy.exc import ArgumentError

# PostgreSQL's own names, so that a table of these revisions and one of a plain CREATE TABLE have the same.
target_metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


def _url() -> URL:
    text = os.environ.get("PGARBITER_DATABASE_URL") or ("postgresql://" if os.environ.get("PGDATABASE") else None)
    if text is None:
        raise CommandError("PGARBITER_DATABASE_URL is not set: name the database that the revisions are for")
    try:
        url = make_url(text)
    except ArgumentError:
        raise CommandError("PGARBITER_DATABASE_URL is no URL, wanted postgresql://user@host/database") from None
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _online() -> None:
    with create_engine(_url(), poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


def _offline() -> None:
    context.configure(
        dialect_name="postgresql", target_metadata=target_metadata, literal_binds=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    _offline()
else:
    _online()
