from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, InferenceClause, Mechanism, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_MODELS = """
from tortoise import fields
from tortoise.models import Model
class Stamped(Model):
    added = fields.DatetimeField(auto_now_add=True)
    class Meta:
        abstract = True
class Team(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=9)
class GameEvent(Stamped):
    code = fields.CharField(max_length=9, source_field="event_code")
    team = fields.ForeignKeyField("models.Team", related_name="events")
    state = fields.IntField(db_default=1)
    guests = fields.ManyToManyField("models.Team")
    class Meta:
        table = "events"
        schema = "games"
"""
_HEAD = "from app.models import GameEvent, Team\n"


def _only(sites: Sites, body: str, **more: str) -> WriteSite:
    files = {"app/__init__.py": "", "app/models.py": _MODELS, "app/run.py": _HEAD + body, **more}
    (site,) = sites(files)
    return site


def test_target_and_updated_columns_are_sent_as_they_stand(sites: Sites) -> None:
    body = "GameEvent.bulk_create(rows, update_fields=['state'], on_conflict=['code', 'team_id'])"
    site = _only(sites, body)
    assert str(site.write.table) == "games.events"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("code", "team_id")
    assert site.write.set_columns == ("state",)
    assert site.write.columns is not None
    assert set(site.write.columns) == {"added", "event_code", "team_id"}
    assert site.status is Status.RESOLVED


def test_columns_left_to_the_database_are_sent_when_rows_give_them(sites: Sites) -> None:
    site = _only(sites, "Team.bulk_create([Team(id=1, name='a')], 100, True)")
    assert str(site.write.table) == "team"
    assert site.write.columns == ("id", "name")
    assert site.write.action is Action.NOTHING


def test_a_lookup_before_an_insert_is_a_race(sites: Sites) -> None:
    body = "async def f(db):\n    await GameEvent.update_or_create({'x': 1}, db, code='a', team=1)"
    site = _only(sites, body)
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("event_code", "team_id")


def test_a_lookup_by_more_than_equality_has_no_key(sites: Sites) -> None:
    site = _only(sites, "Team.get_or_create(name__icontains='a')")
    assert isinstance(site.write.target, Unresolved)
    assert site.key_columns is None


@pytest.mark.parametrize(
    ("url", "status"), [("sqlite://db.sqlite3", Status.NOT_POSTGRES), ("asyncpg://x", Status.RESOLVED)]
)
def test_the_connection_tells_the_database(sites: Sites, url: str, status: Status) -> None:
    start = f"from tortoise import Tortoise\nTortoise.init(db_url='{url}', modules=MODULES)"
    assert _only(sites, "Team.bulk_create(rows)", **{"app/start.py": start}).status is status


def test_tables_that_the_project_names_by_code_are_not_known(sites: Sites) -> None:
    start = "for model in models:\n    model._meta.db_table = snake(model.__name__)"
    site = _only(sites, "Team.bulk_create(rows, ignore_conflicts=True)", **{"app/start.py": start})
    assert site.write.table is None
    assert "named by code" in (site.reason or "")
