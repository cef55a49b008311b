"""go-jet: upserts of tables that its generator has written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, NamedConstraint, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

GENERATED = """package table

import "github.com/go-jet/jet/v2/postgres"

var Users = newUsersTable("crm", "users", "")

func newUsersTableImpl(schemaName, tableName, alias string) usersTable {
	var (
		IDColumn       = postgres.IntegerColumn("id")
		EmailColumn    = postgres.StringColumn("e_mail")
		NameColumn     = postgres.StringColumn("name")
		allColumns     = postgres.ColumnList{IDColumn, EmailColumn, NameColumn}
		mutableColumns = postgres.ColumnList{EmailColumn, NameColumn}
	)
}
"""


def _site(sites: Sites, statement: str, generated: str = GENERATED) -> WriteSite:
    imports = 'import (\n\t. "app/gen/crm/table"\n\t. "github.com/go-jet/jet/v2/postgres"\n)\n'
    source = f"package store\n\n{imports}\nfunc save(db *sql.DB, row Row) {{\n\t{statement}.Exec(db)\n}}\n"
    (site,) = sites({"gen/crm/table/users.go": generated, "store.go": source})
    assert site.client == "go-jet"
    return site


@pytest.mark.parametrize("table", ["Users", "table.Users"])
def test_names_are_those_of_the_generated_code(sites: Sites, table: str) -> None:
    update = f"DO_UPDATE(SET({table}.Name.SET({table}.EXCLUDED.Name)))"
    insert = f"{table}.INSERT({table}.Email, {table}.Name).VALUES(a, b)"
    site = _site(sites, f"{insert}.ON_CONFLICT({table}.Email).{update}")
    assert (str(site.write.table), site.status) == ("crm.users", Status.RESOLVED)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("e_mail",)
    assert (site.write.action, site.write.columns, site.write.set_columns) == (
        Action.UPDATE,
        ("e_mail", "name"),
        ("name",),
    )


def test_lists_of_columns_are_known(sites: Sites) -> None:
    site = _site(sites, "Users.INSERT(Users.MutableColumns).MODEL(row).ON_CONFLICT().DO_NOTHING()")
    assert (site.write.columns, site.write.target) == (("e_mail", "name"), AnyArbiter())


def test_a_constraint_may_be_named(sites: Sites) -> None:
    clause = 'ON_CONFLICT().ON_CONSTRAINT("users_key").DO_UPDATE(SET(Users.Name.SET(String(n))))'
    site = _site(sites, f"Users.INSERT().MODEL(row).{clause}")
    assert site.write.target == NamedConstraint("users_key")
    assert site.write.columns == ("id", "e_mail", "name")


def test_without_its_generated_code_no_table_is_told(sites: Sites) -> None:
    site = _site(sites, "Users.INSERT(Users.Email).MODEL(row).ON_CONFLICT(Users.Email).DO_NOTHING()", "package table\n")
    assert (site.write.table, site.status) == (None, Status.UNRESOLVED)
    assert "not in the tree" in (site.reason or "")


def test_a_predicate_is_not_read(sites: Sites) -> None:
    clause = "ON_CONFLICT(Users.Email).WHERE(Users.ID.GT(Int(0))).DO_NOTHING()"
    assert _site(sites, f"Users.INSERT(Users.Email).MODEL(row).{clause}").status is Status.UNRESOLVED
