"""Inserts of squirrel and bun that a lookup, an update or a delete of the same values decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

SQUIRREL = 'import sq "github.com/Masterminds/squirrel"'
INSERT = 'psql.Insert("app.users").Columns("email", "name").Values(email, name).RunWith(db).ExecContext(ctx)'
MAP = 'psql.Insert("app.users").SetMap(map[string]any{"email": email, "name": name}).RunWith(db).Exec()'
MODEL = """type Account struct {
	bun.BaseModel `bun:"table:accounts"`
	ID    int64  `bun:"id,pk,autoincrement"`
	Email string `bun:"mail"`
}
"""


def _squirrel(sites: Sites, body: str) -> tuple[WriteSite, ...]:
    return sites({"a.go": f"package a\n\n{SQUIRREL}\n\nfunc save(email, name string) error {{\n{body}\n}}\n"})


def _bun(sites: Sites, body: str) -> tuple[WriteSite, ...]:
    source = f'package a\n\nimport "github.com/uptrace/bun"\n\n{MODEL}\nfunc save(a *Account) error {{\n{body}\n}}\n'
    return sites({"a.go": source})


@pytest.mark.parametrize("insert", [INSERT, MAP])
@pytest.mark.parametrize("condition", ['sq.Eq{"email": email}', '"email = ?", email', 'squirrel.Eq{"email": email}'])
def test_squirrel_inserts_the_row_that_a_lookup_did_not_find(sites: Sites, insert: str, condition: str) -> None:
    lookup = f'psql.Select("id").From("app.users").Where({condition}).RunWith(db).QueryRow().Scan(&id)'
    (site,) = _squirrel(
        sites, f"err := {lookup}\nif errors.Is(err, sql.ErrNoRows) {{\n_, err = {insert}\n}}\nreturn err"
    )
    assert (site.client, site.mechanism, site.status) == ("squirrel", Mechanism.SELECT_THEN_INSERT, Status.RESOLVED)
    assert str(site.write.table) == "app.users"
    assert site.key_columns == ("email",)


def test_squirrel_inserts_the_row_that_an_update_did_not_change(sites: Sites) -> None:
    update = 'psql.Update("app.users").Set("name", name).Where(sq.Eq{"email": email}).RunWith(db).Exec()'
    asked = "if n, _ := res.RowsAffected(); n == 0 {"
    (site,) = _squirrel(sites, f"res, err := {update}\n{asked}\n_, err = {INSERT}\n}}\nreturn err")
    assert site.mechanism is Mechanism.UPDATE_THEN_INSERT


@pytest.mark.parametrize(
    "lookup",
    [
        'psql.Select("id").From("app.users").Where(sq.Eq{"name": other})',  # another value
        'psql.Select("id").From("app.teams").Where(sq.Eq{"email": email})',  # another table
        'psql.Select("id").From("app.users").Where(sq.NotEq{"email": email})',
        'psql.Select("id").From("app.users").Where("email > ?", email)',
        'psql.Select("id").From("app.users").Where(sq.Eq{"email": email}).OrderBy("id")',
    ],
)
def test_squirrel_lookups_of_other_rows_decide_nothing(sites: Sites, lookup: str) -> None:
    assert not _squirrel(
        sites, f"err := {lookup}.Scan(&id)\nif err == sql.ErrNoRows {{\n_, err = {INSERT}\n}}\nreturn err"
    )


def test_a_lookup_whose_result_is_not_asked_for_decides_nothing(sites: Sites) -> None:
    lookup = 'psql.Select("id").From("app.users").Where(sq.Eq{"email": email}).QueryRow().Scan(&id)'
    assert not _squirrel(sites, f"err := {lookup}\nif err != nil {{\nreturn err\n}}\n_, err = {INSERT}\nreturn err")


def test_an_upsert_of_squirrel_stays_one(sites: Sites) -> None:
    lookup = 'psql.Select("id").From("app.users").Where(sq.Eq{"email": email}).QueryRow().Scan(&id)'
    upsert = INSERT.replace(".RunWith", '.Suffix("ON CONFLICT (email) DO NOTHING").RunWith')
    (site,) = _squirrel(sites, f"err := {lookup}\nif err == sql.ErrNoRows {{\n_, err = {upsert}\n}}\nreturn err")
    assert site.mechanism is Mechanism.ON_CONFLICT


@pytest.mark.parametrize(
    "insert", ["db.NewInsert().Model(a).Exec(ctx)", "db.NewInsert().Model(&Account{Email: a.Email}).Exec(ctx)"]
)
def test_bun_inserts_the_row_that_a_lookup_did_not_find(sites: Sites, insert: str) -> None:
    lookup = 'db.NewSelect().Model((*Account)(nil)).Where("mail = ?", a.Email).Exists(ctx)'
    (site,) = _bun(sites, f"exists, err := {lookup}\nif exists {{\nreturn nil\n}}\n_, err = {insert}\nreturn err")
    assert (site.client, site.mechanism) == ("bun", Mechanism.SELECT_THEN_INSERT)
    assert str(site.write.table) == "accounts"
    assert site.key_columns == ("mail",)


def test_bun_inserts_the_row_that_an_update_did_not_change(sites: Sites) -> None:
    update = 'db.NewUpdate().Model(a).Column("name").Where("mail = ?", a.Email).Exec(ctx)'
    asked = "if n, _ := res.RowsAffected(); n > 0 {\nreturn nil\n}"
    (site,) = _bun(sites, f"res, err := {update}\n{asked}\n_, err = db.NewInsert().Model(a).Exec(ctx)\nreturn err")
    assert site.mechanism is Mechanism.UPDATE_THEN_INSERT


def test_bun_lookups_of_another_row_decide_nothing(sites: Sites) -> None:
    lookup = 'db.NewSelect().Model((*Account)(nil)).Where("mail = ?", other.Email).Exists(ctx)'
    insert = "db.NewInsert().Model(a).Exec(ctx)"
    assert not _bun(sites, f"exists, err := {lookup}\nif exists {{\nreturn nil\n}}\n_, err = {insert}\nreturn err")
