"""Models of Tortoise."""

from __future__ import annotations

import os

from cases import case, run
from models import GameEvent, Team
from tortoise import Tortoise


async def connect() -> None:
    credentials = {
        "host": os.environ["PGHOST"],
        "port": int(os.environ["PGPORT"]),
        "user": os.environ["PGUSER"],
        "password": None,
        "database": os.environ["PGDATABASE"],
    }
    await Tortoise.init(
        {
            "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
            "apps": {"models": {"models": ["models"], "default_connection": "default"}},
        }
    )


@case
async def updates_by_columns() -> None:
    rows = [GameEvent(code="a", team_id=1, state=1)]
    await GameEvent.bulk_create(rows, update_fields=["state"], on_conflict=["event_code", "team_id"])


@case
async def ignores_any_conflict() -> None:
    await Team.bulk_create([Team(name="a")], ignore_conflicts=True)


@case
async def sends_a_key_that_is_given() -> None:
    await Team.bulk_create([Team(id=9, name="i")], ignore_conflicts=True)


@case
async def looks_up_and_creates() -> None:
    await GameEvent.get_or_create({"state": 2}, code="c", team_id=1)


@case
async def looks_up_and_updates_or_creates() -> None:
    await Team.update_or_create(name="z", defaults={"name": "z"})


run(connect, Tortoise.close_connections)
