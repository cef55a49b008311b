from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, InferenceClause, Mechanism, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_MODELS = """
from django.db import models
from psqlextra.models import PostgresModel
from psqlextra.fields import HStoreField
class Device(PostgresModel):
    serial = models.CharField(max_length=9, db_column="serial_no")
    title = HStoreField()
    online = models.BooleanField(default=False)
    seen = models.DateTimeField(auto_now=True)
    gone = models.DateTimeField(null=True)
    owner = models.ForeignKey("auth.User", on_delete=models.CASCADE)
"""
_HEAD = """
from django.db.models import Q, UniqueConstraint
from psqlextra.query import ConflictAction
from things.models import Device
"""


def _only(sites: Sites, body: str) -> WriteSite:
    (site,) = sites({"things/__init__.py": "", "things/models.py": _MODELS, "things/run.py": _HEAD + body})
    return site


def test_an_upsert_writes_its_fields_and_those_with_a_default(sites: Sites) -> None:
    site = _only(sites, "Device.objects.upsert(conflict_target=['serial'], fields=dict(serial='a', owner_id=1))")
    assert str(site.write.table) == "things_device"
    assert site.write.columns == ("serial_no", "owner_id", "online", "seen")
    assert site.write.set_columns == ("serial_no", "owner_id", "seen")
    assert site.write.action is Action.UPDATE
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("serial_no",)
    assert site.status is Status.RESOLVED


def test_on_conflict_is_the_clause_of_the_insert_that_follows(sites: Sites) -> None:
    body = """
prepared = (Device.objects
    .on_conflict(["serial_no"], ConflictAction.NOTHING))
prepared.insert_and_get(serial="a", using="other")
"""
    site = _only(sites, body)
    assert site.span.line == 7
    assert site.write.action is Action.NOTHING
    assert site.write.columns == ("serial_no", "online", "seen")


def test_update_values_are_the_columns_of_set(sites: Sites) -> None:
    body = (
        "Device.objects.on_conflict(['serial'], ConflictAction.UPDATE, update_values=dict(online=True))"
        ".bulk_insert([{'serial': 'a'}, {'serial': 'b'}])"
    )
    site = _only(sites, body)
    assert site.write.set_columns == ("online",)


@pytest.mark.parametrize(
    ("given", "predicate"),
    [
        ("Q(gone__isnull=True)", "gone IS NULL"),
        ("Q(online=True, serial='a')", "online AND serial_no = 'a'"),
        ("Q(online=False)", "NOT online"),
        ("'gone IS NULL'", "gone IS NULL"),
    ],
)
def test_an_index_predicate_is_that_of_the_target(sites: Sites, given: str, predicate: str) -> None:
    options = f"conflict_target=['serial'], fields={{'serial': 1}}, index_predicate={given}"
    site = _only(sites, f"Device.objects.upsert_and_get({options})")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.predicate == predicate


@pytest.mark.parametrize("given", ["Q(a=1) | Q(b=2)", "Q(gone__year=2)", "condition()"])
def test_a_predicate_that_cannot_be_told_leaves_the_target_open(sites: Sites, given: str) -> None:
    options = f"conflict_target=['serial'], fields={{'serial': 1}}, index_predicate={given}"
    assert isinstance(_only(sites, f"Device.objects.upsert({options})").write.target, Unresolved)


def test_a_pair_is_a_key_of_an_hstore_and_a_constraint_is_named(sites: Sites) -> None:
    site = _only(sites, "Device.objects.upsert(conflict_target=[('title', 'en')], fields={'title': {}})")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.elements[0].expression == "title -> 'en'"
    target = "UniqueConstraint(fields=['serial'], name='one_serial')"
    site = _only(sites, f"Device.objects.upsert(conflict_target={target}, fields={{'serial': 1}})")
    assert site.write.target == NamedConstraint("one_serial")


def test_a_field_that_is_not_there_is_no_target(sites: Sites) -> None:
    site = _only(sites, "Device.objects.bulk_upsert(conflict_target=['number'], rows=rows)")
    assert isinstance(site.write.target, Unresolved)
    assert site.status is Status.UNRESOLVED
    assert 'names "number"' in (site.reason or "")


def test_matching_before_creating_is_a_race(sites: Sites) -> None:
    site = _only(sites, "Device.objects.bulk_update_or_create(rows, ['online'], match_field=['serial', 'owner'])")
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("serial_no", "owner_id")


def test_methods_of_that_name_in_other_libraries_are_not_taken_for_it(sites: Sites) -> None:
    assert not sites(
        {"run.py": "conflict_target = 1\ntable.on_conflict('x', 'DO UPDATE').insert(a=1)\nindex.upsert(1)"}
    )
