from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

HEAD = """package store

import (
	"context"

	"github.com/uptrace/bun"
)

type Base struct {
	CreatedAt time.Time `bun:",nullzero,default:current_timestamp"`
}

type User struct {
	bun.BaseModel `bun:"table:auth.users,alias:u"`
	Base

	ID      int64    `bun:"id,pk,autoincrement"`
	Email   string   `bun:"email_address,notnull,default:'a,b'"`
	Profile *Profile `bun:"rel:belongs-to,join:profile_id=id"`
	Tags    []string `bun:",array"`
	Home    Address  `bun:"embed:home_"`
	Skipped string   `bun:"-"`
}

type Address struct {
	Street string
}

type Profile struct {
	ID int64 `bun:",pk"`
}
"""


def _only(sites: Sites, statement: str) -> WriteSite:
    source = f"{HEAD}\nfunc save(ctx context.Context, db *bun.DB, users []*User) error {{\n{statement}\n}}\n"
    (site,) = sites({"store/save.go": source})
    return site


def _columns(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


ALL = ("created_at", "id", "email_address", "tags", "home_street")


def test_a_model_names_its_table_and_writes_all_of_its_columns(sites: Sites) -> None:
    site = _only(sites, '_, err := db.NewInsert().Model(&users).On("CONFLICT (email_address) DO NOTHING").Exec(ctx)')
    assert str(site.write.table) == "auth.users"
    assert site.write.columns == ALL
    assert _columns(site) == ("email_address",)
    assert site.status is Status.RESOLVED


def test_an_update_without_set_sets_all_but_the_primary_key(sites: Sites) -> None:
    site = _only(sites, '_, err := db.NewInsert().Model(&users).On("CONFLICT (id) DO UPDATE").Exec(ctx)')
    assert site.write.set_columns == ("created_at", "email_address", "tags", "home_street")


def test_set_and_where_are_part_of_the_clause(sites: Sites) -> None:
    statement = """_, err := db.NewInsert().Model(&users).
		On("CONFLICT (id) WHERE email_address IS NOT NULL DO UPDATE").
		Set("email_address = EXCLUDED.email_address").
		Set("tags = ?", 1).
		Where("?TableAlias.tags IS DISTINCT FROM EXCLUDED.tags").
		Exec(ctx)"""
    site = _only(sites, statement)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.predicate == "email_address IS NOT NULL"
    assert site.write.set_columns == ("email_address", "tags")
    assert site.span.line == 35


def test_ignore_is_a_conflict_clause_without_a_target(sites: Sites) -> None:
    site = _only(sites, "_, err := db.NewInsert().Model(&users).Ignore().Exec(ctx)")
    assert site.write.target == AnyArbiter()
    assert site.write.action is Action.NOTHING


def test_chosen_columns_are_the_ones_that_are_written(sites: Sites) -> None:
    statement = '_, err := db.NewInsert().Model(&users).Column("id", "tags").On("CONFLICT (id) DO UPDATE").Exec(ctx)'
    site = _only(sites, statement)
    assert site.write.columns == ("id", "tags")
    assert site.write.set_columns == ("tags",)


def test_a_query_that_is_put_together_in_steps_is_one_site(sites: Sites) -> None:
    statement = """q := db.NewInsert().Model(&users)
	if ctx != nil {
		q = q.On("CONFLICT (id) DO UPDATE")
	}
	_, err := q.Returning("").Exec(ctx)"""
    assert _columns(_only(sites, statement)) == ("id",)


def test_a_model_that_is_not_known_leaves_the_table_open(sites: Sites) -> None:
    site = _only(sites, '_, err := db.NewInsert().Model(given()).On("CONFLICT (id) DO NOTHING").Exec(ctx)')
    assert site.write.table is None
    assert "given" in (site.reason or "")


def test_joins_are_no_conflict_clauses(sites: Sites) -> None:
    source = f'{HEAD}\nvar q = db.NewSelect().Join("x AS x").JoinOn("a = b").On("x.id = y.id")\n'
    assert sites({"store/save.go": source}) == ()


def test_go_pg_writes_the_conflict_clause_behind_on_conflict(sites: Sites) -> None:
    source = """package store

import "github.com/go-pg/pg/v10"

type Story struct {
	tableName struct{} `pg:"app.stories,alias:s"`

	Id     int64
	Title  string `pg:"headline,unique"`
	Author *User  `pg:"rel:has-one"`
}

func save(db *pg.DB, story *Story) error {
	_, err := db.Model(story).
		OnConflict("(headline) DO UPDATE").
		Set("headline = EXCLUDED.headline").
		Insert()
	return err
}
"""
    (site,) = sites({"store/save.go": source})
    assert str(site.write.table) == "app.stories"
    assert site.write.columns == ("id", "headline")
    assert _columns(site) == ("headline",)
    assert site.write.set_columns == ("headline",)
