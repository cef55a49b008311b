"""A Postgres to work with."""
