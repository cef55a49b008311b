"""Where Piccolo's tables are."""

from __future__ import annotations

import os

from piccolo.engine.postgres import PostgresEngine

DB = PostgresEngine(
    config={
        "host": os.environ["PGHOST"],
        "port": int(os.environ["PGPORT"]),
        "user": os.environ["PGUSER"],
        "database": os.environ["PGDATABASE"],
    }
)
