"""Runs the product's own revisions against the URL in PGARBITER_DATABASE_URL, or prints them with --sql."""

import os

from alembic import context
from alembic.util import CommandError
from sqlalchemy import create_engine, pool

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    url = os.environ.get("PGARBITER_DATABASE_URL")
    if not url:
        raise CommandError("PGARBITER_DATABASE_URL is not set: name the database that the revisions are for")
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
