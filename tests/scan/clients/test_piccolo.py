from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_TABLES = """
from piccolo.columns import ForeignKey, Integer, UUID, Varchar
from piccolo.table import Table
class Manager(Table, schema="music"):
    id = UUID(primary_key=True)
    name = Varchar(db_column_name="full_name")
class RockBand(Table):
    name = Varchar(unique=True)
    manager = ForeignKey(Manager)
    popularity = Integer()
"""
_HEAD = "from piccolo.query.mixins import OnConflictAction\nfrom app.tables import Manager, RockBand\n"


def _only(sites: Sites, body: str) -> WriteSite:
    (site,) = sites({"app/__init__.py": "", "app/tables.py": _TABLES, "app/run.py": _HEAD + body})
    return site


def test_every_column_is_sent_and_a_serial_key_as_default(sites: Sites) -> None:
    body = """
RockBand.insert(RockBand(name="a")).on_conflict(
    target=(RockBand.name, RockBand.manager),
    action=OnConflictAction.do_update,
    values=[RockBand.popularity, (RockBand.name, "b")],
)
"""
    site = _only(sites, body)
    assert str(site.write.table) == "rock_band"
    assert site.write.columns == ("name", "manager", "popularity")
    assert site.write.optional == ("id",)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("name", "manager")
    assert site.write.set_columns == ("popularity", "name")
    assert site.status is Status.RESOLVED


def test_a_text_is_the_name_of_a_constraint(sites: Sites) -> None:
    site = _only(sites, "RockBand.insert(*bands).on_conflict(target='rock_band_name_key', action='DO NOTHING')")
    assert site.write.target == NamedConstraint("rock_band_name_key")
    assert site.write.action is Action.NOTHING


def test_without_arguments_any_conflict_is_ignored(sites: Sites) -> None:
    site = _only(sites, "Manager.insert(m).on_conflict()")
    assert str(site.write.table) == "music.manager"
    assert site.write.columns == ("id", "full_name")
    assert isinstance(site.write.target, AnyArbiter)
    assert site.write.action is Action.NOTHING


def test_all_columns_may_be_set(sites: Sites) -> None:
    body = "Manager.insert(m).on_conflict(Manager.id, 'DO UPDATE', Manager.all_columns())"
    assert _only(sites, body).write.set_columns == ("id", "full_name")


def test_a_target_that_cannot_be_told_says_why(sites: Sites) -> None:
    assert "Piccolo refuses" in (_only(sites, "Manager.insert(m).on_conflict(action='DO UPDATE')").reason or "")
    site = _only(sites, "Manager.insert(m).on_conflict(target=key(), action='DO NOTHING')")
    assert isinstance(site.write.target, Unresolved)


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ("RockBand.name == 'a'", ("name",)),
        ("(RockBand.name == 'a') & (RockBand.manager == 1)", ("name", "manager")),
        ("RockBand.name.like('a%')", None),
    ],
)
def test_a_lookup_before_an_insert_is_a_race(sites: Sites, where: str, keys: tuple[str, ...] | None) -> None:
    site = _only(sites, f"RockBand.objects().get_or_create({where}, defaults={{RockBand.popularity: 1}})")
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == keys
