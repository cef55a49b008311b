from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

SCHEMA = """
diesel::table! {
    use diesel::sql_types::*;
    app.users (id) {
        id -> Int8,
        email -> Text,
        #[sql_name = "type"]
        kind -> Text,
        deleted_at -> Nullable<Timestamptz>,
    }
}
"""
MODELS = """
use crate::schema::users;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    pub id: i64,
    pub email: &'a str,
    #[diesel(column_name = kind)]
    pub sort: &'a str,
}
"""


def _only(
    sites: Sites, statement: str, uses: str = "use crate::models::NewUser;\nuse crate::schema::users;"
) -> WriteSite:
    body = f"{uses}\nfn save(conn: &mut PgConnection, row: &NewUser) {{\n    {statement}.execute(conn);\n}}\n"
    (site,) = sites({"src/schema.rs": SCHEMA, "src/models.rs": MODELS, "src/save.rs": body, "src/lib.rs": ""})
    assert site.client == "diesel"
    return site


def test_a_struct_gives_the_columns_by_the_names_of_its_table(sites: Sites) -> None:
    statement = "diesel::insert_into(users::table).values(row).on_conflict(users::email).do_update().set(row)"
    site = _only(sites, statement)
    assert str(site.write.table) == "app.users"
    assert site.write.columns == ("id", "email", "type")
    assert site.write.set_columns == ("email", "type")  # a changeset leaves the primary key out
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("email",)
    assert site.status is Status.RESOLVED


def test_names_of_a_table_may_be_imported_all_at_once(sites: Sites) -> None:
    statement = "insert_into(users).values((email.eq(1), kind.eq(2))).on_conflict((email, kind)).do_nothing()"
    site = _only(sites, statement, "use diesel::insert_into;\nuse crate::schema::users::dsl::*;")
    assert str(site.write.table) == "app.users"
    assert site.write.columns == ("email", "type")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("email", "type")
    assert site.write.action is Action.NOTHING
    assert site.write.rows == 1


def test_a_predicate_binds_its_values(sites: Sites) -> None:
    statement = """diesel::insert_into(users::table).values(users::email.eq("a"))
        .on_conflict(users::email).filter_target(users::deleted_at.is_null().and(users::kind.eq("staff"))).do_nothing()"""
    target = _only(sites, statement).write.target
    assert isinstance(target, InferenceClause)
    assert target.predicate == "deleted_at IS NULL AND type = 'staff'"
    assert target.predicate_parameters


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ('on_constraint("uq_email")', NamedConstraint("uq_email")),
        ('diesel::dsl::sql::<Text>("ON CONSTRAINT uq_email")', NamedConstraint("uq_email")),
    ],
)
def test_a_constraint_is_named_by_itself_or_as_sql(sites: Sites, target: str, expected: NamedConstraint) -> None:
    site = _only(sites, f"diesel::insert_into(users::table).values(row).on_conflict({target}).do_nothing()")
    assert site.write.target == expected


def test_an_expression_is_written_as_sql(sites: Sites) -> None:
    statement = 'insert_into(users::table).values(row).on_conflict(sql("(lower(email))")).do_nothing()'
    target = _only(sites, statement).write.target
    assert isinstance(target, InferenceClause)
    assert [element.text for element in target.elements] == ["lower(email)"]


def test_any_conflict_may_be_ignored(sites: Sites) -> None:
    rows = "vec![(users::email.eq(1), users::kind.eq(2)), (users::email.eq(3), users::kind.eq(4))]"
    site = _only(sites, f"diesel::insert_into(users::table).values(&{rows}).on_conflict_do_nothing()")
    assert site.write.target == AnyArbiter()
    assert site.write.columns == ("email", "type")
    assert site.write.rows is None


def test_rows_may_come_from_closures_and_variables(sites: Sites) -> None:
    statement = """let rows: Vec<_> = names.iter().map(|name| NewUser { id: 1, email: name, sort: "x" }).collect();
    let insert = diesel::insert_into(users::table).values(rows);
    insert.on_conflict(users::id).do_nothing()"""
    site = _only(sites, statement)
    assert site.write.columns == ("id", "email", "type")
    assert isinstance(site.write.target, InferenceClause)


def test_an_insert_without_a_clause_is_plain(sites: Sites) -> None:
    site = _only(sites, "row.insert_into(users::table)")
    assert site.mechanism is Mechanism.PLAIN_INSERT
    assert site.write.columns == ("id", "email", "type")


def test_a_column_that_the_table_has_not_leaves_the_target_unresolved(sites: Sites) -> None:
    site = _only(sites, "diesel::insert_into(users::table).values(row).on_conflict(key).do_nothing()")
    assert site.status is Status.UNRESOLVED
    assert "key" in (site.reason or "")


def test_the_type_of_an_impl_gives_the_rows(sites: Sites) -> None:
    source = """
use crate::models::NewUser;
use crate::schema::users;
struct Repo;
impl Create for Repo {
    type Form = NewUser<'static>;
    async fn create(conn: &mut C, form: &Self::Form) -> Result<(), E> {
        diesel::insert_into(users::table).values(form).on_conflict(users::id).do_nothing().execute(conn).await
    }
}
impl Other for Repo {
    type Form = Unknown;
}
"""
    (site,) = sites({"src/schema.rs": SCHEMA, "src/models.rs": MODELS, "src/repo.rs": source, "src/lib.rs": ""})
    assert site.write.columns == ("id", "email", "type")


@pytest.mark.parametrize(
    "statement",
    [
        "diesel::insert_or_ignore_into(users::table).values(row)",
        "insert_into(users::table).values(row).on_conflict(diesel::dsl::DuplicatedKeys).do_update().set(row)",
    ],
)
def test_a_statement_of_another_database_says_so(sites: Sites, statement: str) -> None:
    site = _only(sites, statement)
    assert site.status is Status.NOT_POSTGRES


def test_a_statement_in_a_macro_of_the_project_is_read(sites: Sites) -> None:
    site = _only(
        sites,
        """retry!(diesel::insert_into(users::table).values(row).on_conflict(users::id).do_nothing(), id = row.id);
    info!(email = row.email, "kept {}", row.id); conn""",
    )
    assert site.write.columns == ("id", "email", "type")


def test_a_table_names_its_primary_key(sites: Sites) -> None:
    site = _only(sites, "insert_into(users::table).values(row).on_conflict(users::table.primary_key()).do_nothing()")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("id",)


def test_rows_may_be_inserted_part_by_part(sites: Sites) -> None:
    statement = """let rows: Vec<NewUser> = load();
    for part in rows.chunks(100) { insert_into(users::table).values(part).on_conflict_do_nothing().execute(conn); }
    conn"""
    assert _only(sites, statement).write.columns == ("id", "email", "type")


def test_a_table_may_stand_in_a_module_of_the_file(sites: Sites) -> None:
    source = """mod public { table! { large (id) { id -> Int4, payload -> Text, } } }
fn save(conn: &mut C) {
    use public::large::dsl::*;
    insert_into(large).values(payload.eq("a")).on_conflict(id).do_nothing().execute(conn);
}
"""
    (site,) = sites({"src/save.rs": source})
    assert str(site.write.table) == "large"
    assert site.write.columns == ("payload",)


LOOKUP, UPDATE, DELETE = Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT


@pytest.mark.parametrize(
    ("step", "mechanism"),
    [
        (
            "users::table.filter(users::email.eq(row.email)).first::<User>(conn).optional()?",
            Mechanism.SELECT_THEN_INSERT,
        ),
        ("select(exists(users::table.filter(users::email.eq(1)))).get_result(conn)?", LOOKUP),
        ("users::table.find(row.id).first(conn)?", LOOKUP),
        (
            "diesel::update(users::table.filter(users::email.eq(1))).set(row).execute(conn)?",
            Mechanism.UPDATE_THEN_INSERT,
        ),
        ("diesel::delete(users::table.filter(users::email.eq(1))).execute(conn)?", DELETE),
        ("users::table.filter(users::email.eq(1)).order(users::id).first(conn)?", Mechanism.PLAIN_INSERT),
        ("users::table.filter(users::email.eq(1)).load(conn)?", Mechanism.PLAIN_INSERT),
    ],
)
def test_an_insert_may_follow_a_lookup_by_a_key(sites: Sites, step: str, mechanism: Mechanism) -> None:
    row = "let made = NewUser { id: 1, email, sort }"
    site = _only(sites, f"let known = {step};\n    {row};\n    insert_into(users::table).values(made)")
    assert site.mechanism is mechanism
    if mechanism is not Mechanism.PLAIN_INSERT:
        assert site.key_columns in {("email",), ("id",)}


def test_blocks_in_a_macro_with_words_of_its_own_are_code(sites: Sites) -> None:
    source = """use crate::schema::users;
async fn save(conn: &DbConn, row: &Row) -> EmptyResult {
    db_run! { conn:
        sqlite, mysql {
            diesel::replace_into(users::table).values(users::email.eq(1)).execute(conn)
        }
        postgresql {
            diesel::insert_into(users::table).values(users::email.eq(1)).on_conflict(users::email).do_nothing().execute(conn)
        }
    }
}
"""
    first, second = sites({"src/schema.rs": SCHEMA, "src/save.rs": source, "src/lib.rs": ""})
    assert first.status is Status.NOT_POSTGRES
    assert second.status is Status.RESOLVED
    assert second.span.line == 8
