"""Upserts of django-postgres-extra."""

from __future__ import annotations

import os

import django
from cases import case, run
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.postgres", "psqlextra", "things"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    POSTGRES_EXTRA_AUTO_EXTENSION_SET_UP=False,
    DATABASES={
        "default": {
            "ENGINE": "psqlextra.backend",
            "NAME": os.environ["PGDATABASE"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "USER": os.environ["PGUSER"],
        }
    },
)
django.setup()

from django.db.models import Q, UniqueConstraint  # noqa: E402 - the settings come first
from psqlextra.query import ConflictAction  # noqa: E402 - the settings come first
from things.models import Device  # noqa: E402 - the settings come first


@case
def upserts_by_a_field() -> None:
    Device.objects.upsert(conflict_target=["serial"], fields={"serial": "a", "room_id": 1})


@case
def upserts_several_rows() -> None:
    Device.objects.bulk_upsert(conflict_target=["serial"], rows=[{"serial": "b"}, {"serial": "c"}])


@case
def prepares_the_clause_and_inserts() -> None:
    Device.objects.on_conflict(["serial"], ConflictAction.UPDATE).insert_and_get(serial="a", online=True)


@case
def ignores_conflicts() -> None:
    Device.objects.on_conflict(["serial"], ConflictAction.NOTHING).insert(serial="a")


@case
def updates_chosen_values() -> None:
    Device.objects.on_conflict(["serial"], ConflictAction.UPDATE, update_values={"online": True}).insert(serial="a")


@case
def names_the_predicate_of_an_index() -> None:
    Device.objects.upsert(
        conflict_target=["room_id"], fields={"serial": "d", "room_id": 2}, index_predicate=Q(gone__isnull=True)
    )


@case
def compares_a_boolean_in_the_predicate() -> None:
    Device.objects.upsert(
        conflict_target=["room_id"],
        fields={"serial": "e", "room_id": 2, "online": False, "gone": "2026-01-01T00:00:00Z"},
        index_predicate=Q(online=False),
    )


@case
def names_a_constraint() -> None:
    target = UniqueConstraint(fields=["serial"], name="one_serial")
    Device.objects.upsert(conflict_target=target, fields={"serial": "a"})


run()
