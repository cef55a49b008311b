"""Tables of Piccolo."""

from __future__ import annotations

import uuid

from cases import case, run
from piccolo.columns import UUID, ForeignKey, Integer, Varchar
from piccolo.query.mixins import OnConflictAction
from piccolo.table import Table


class Manager(Table, schema="music"):
    id = UUID(primary_key=True)
    name = Varchar(db_column_name="full_name")


class RockBand(Table):
    name = Varchar(unique=True)
    manager = ForeignKey(Manager)
    popularity = Integer()


@case
async def updates_by_columns() -> None:
    insert = RockBand.insert(RockBand(name="a", manager=None, popularity=1))
    await insert.on_conflict(target=(RockBand.name, RockBand.manager), action="DO UPDATE", values=[RockBand.popularity])


@case
async def sets_a_value() -> None:
    await Manager.insert(Manager(id=uuid.uuid4(), name="M")).on_conflict(
        Manager.id, OnConflictAction.do_update, [(Manager.name, "N")]
    )


@case
async def names_a_constraint() -> None:
    await RockBand.insert(RockBand(name="a")).on_conflict(target="rock_band_name", action="DO NOTHING")


@case
async def ignores_any_conflict() -> None:
    await RockBand.insert(RockBand(name="a"), RockBand(name="b")).on_conflict(action=OnConflictAction.do_nothing)


@case
async def looks_up_and_creates() -> None:
    await RockBand.objects().get_or_create((RockBand.name == "c") & (RockBand.popularity == 3))


run()
