"""A model with a renamed column, a foreign key and a default of the database."""

from __future__ import annotations

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
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField("models.Team", related_name="events")
    state = fields.IntField(null=True)

    class Meta:
        table = "events"
        schema = "games"
