from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, NamedConstraint, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

HEAD = """package store

import "github.com/doug-martin/goqu/v9"

type Row struct {
	ID    int64  `db:"id" goqu:"skipinsert"`
	Email string `db:"email"`
	Seen  string
	Notes string `db:"-"`
}
"""


def _only(sites: Sites, statement: str) -> WriteSite:
    (site,) = sites({"save.go": f"{HEAD}\nfunc save(rows []Row, key string) {{\n\tq := {statement}\n}}\n"})
    return site


def test_records_give_the_columns(sites: Sites) -> None:
    statement = """goqu.Insert("users").Rows(goqu.Record{"email": 1, "name": 2}).
		OnConflict(goqu.DoUpdate("email", goqu.Record{"name": goqu.I("excluded.name")}).Where(goqu.C("x").Eq(1)))"""
    site = _only(sites, statement)
    assert str(site.write.table) == "users"
    assert site.write.columns == ("email", "name")
    assert site.write.set_columns == ("name",)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("email",)
    assert site.status is Status.RESOLVED


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ('"app.users"', "app.users"),
        ('goqu.T("users").Schema("app")', "app.users"),
        ('goqu.S("app").Table("u")', "app.u"),
    ],
)
def test_tables_may_be_expressions(sites: Sites, table: str, name: str) -> None:
    site = _only(sites, f'goqu.Dialect("postgres").Insert({table}).Rows(rows).OnConflict(goqu.DoNothing())')
    assert str(site.write.table) == name
    assert site.write.target == AnyArbiter()
    assert site.write.action is Action.NOTHING


def test_structs_give_the_columns_by_their_tags(sites: Sites) -> None:
    assert _only(sites, 'goqu.Insert("t").Rows(rows).OnConflict(goqu.DoNothing())').write.columns == ("email", "seen")


def test_a_target_is_written_as_it_stands(sites: Sites) -> None:
    update = 'goqu.C("email").Set(1)'
    site = _only(sites, f'goqu.Insert("t").Cols("a").Vals(v).OnConflict(goqu.DoUpdate("on constraint uq", {update}))')
    assert site.write.target == NamedConstraint("uq")
    assert site.write.columns == ("a",)
    assert site.write.set_columns == ("email",)


def test_a_target_that_is_given_leaves_the_site_unresolved(sites: Sites) -> None:
    site = _only(sites, 'goqu.Insert("t").Rows(rows).OnConflict(goqu.DoUpdate(key, goqu.Record{"a": 1}))')
    assert site.status is Status.UNRESOLVED
    assert '"key"' in (site.reason or "")
