from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

ENTITY = """use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "users", schema_name = "app")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(column_name = "mail")]
    pub email_address: String,
    pub last_seen: Option<DateTime>,
}
"""
PRELUDE = "pub use super::users::Entity as Users;\n"
HEAD = """use sea_orm::{sea_query::OnConflict, ActiveValue::Set, NotSet};
use crate::entity::{users, prelude::*};
"""
MODEL = 'users::ActiveModel { id: NotSet, email_address: Set("a".to_owned()), ..Default::default() }'


def _only(sites: Sites, statement: str, head: str = HEAD) -> WriteSite:
    files = {
        "src/lib.rs": "mod entity;",
        "src/entity/mod.rs": "pub mod users;\npub mod prelude;",
        "src/entity/users.rs": ENTITY,
        "src/entity/prelude.rs": PRELUDE,
        "src/save.rs": f"{head}async fn save(db: &DatabaseConnection) {{\n    {statement};\n}}\n",
    }
    (site,) = sites(files)
    assert site.client == "sea-orm"
    return site


@pytest.mark.parametrize("entity", ["Users", "users::Entity"])
def test_an_active_model_writes_what_is_set(sites: Sites, entity: str) -> None:
    clause = """OnConflict::column(users::Column::EmailAddress)
        .update_columns([users::Column::LastSeen, users::Column::EmailAddress]).to_owned()"""
    site = _only(sites, f"{entity}::insert({MODEL}).on_conflict({clause}).exec(db).await?")
    assert str(site.write.table) == "app.users"
    assert site.write.columns == ("mail",)
    assert site.write.set_columns == ("last_seen", "mail")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("mail",)
    assert site.status is Status.RESOLVED


def test_fields_may_be_set_one_after_the_other(sites: Sites) -> None:
    statement = """let mut model = users::ActiveModel { ..Default::default() };
    model.id = Set(1);
    model.last_seen = Set(None);
    let clause = OnConflict::columns([users::Column::Id]).do_nothing().to_owned();
    Users::insert(model).on_conflict(clause).exec(db).await?"""
    site = _only(sites, statement)
    assert site.write.columns == ("id", "last_seen")
    assert site.write.action is Action.NOTHING


def test_many_models_come_from_a_closure(sites: Sites) -> None:
    rows = f"names.into_iter().map(|name| {MODEL})"
    site = _only(sites, f"Users::insert_many({rows}).on_conflict_do_nothing().exec(db).await?")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("id",)  # the primary key
    assert site.write.rows is None


def test_a_predicate_binds_its_values(sites: Sites) -> None:
    clause = """OnConflict::column(users::Column::EmailAddress)
        .target_and_where(users::Column::LastSeen.is_null().and(Expr::col(users::Column::Id).gt(5)))
        .value(users::Column::LastSeen, Expr::current_timestamp()).to_owned()"""
    site = _only(sites, f"Users::insert({MODEL}).on_conflict({clause}).exec(db).await?")
    target = site.write.target
    assert isinstance(target, InferenceClause)
    assert target.predicate == "last_seen IS NULL AND id > 5"
    assert target.predicate_parameters
    assert site.write.set_columns == ("last_seen",)


def test_a_clause_without_an_action_is_no_sql(sites: Sites) -> None:
    clause = "OnConflict::column(users::Column::Id).to_owned()"
    site = _only(sites, f"Users::insert({MODEL}).on_conflict({clause}).do_nothing().exec(db).await?")
    assert isinstance(site.write.target, Unresolved)
    assert "42601" in site.write.target.reason


def test_a_name_of_a_constraint_is_quoted(sites: Sites) -> None:
    clause = 'OnConflict::constraint("Uq_Mail").do_nothing().to_owned()'
    site = _only(sites, f"Users::insert({MODEL}).on_conflict({clause}).exec(db).await?")
    assert site.write.target == NamedConstraint("Uq_Mail")


QUERY = """use sea_query::{Iden, OnConflict, Query};

#[derive(Iden)]
#[iden = "accounts"]
enum Account { Table, Id, #[iden = "mail"] Email }
"""


def test_a_query_names_its_columns_by_an_enum(sites: Sites) -> None:
    statement = """let mut query = Query::insert();
    query.into_table(Account::Table).columns([Account::Id, Account::Email]);
    for row in rows { query.values_panic([row.id.into(), row.email.into()]); }
    query.on_conflict(OnConflict::columns([Account::Email]).update_column(Account::Id).to_owned());
    let (sql, values) = query.build_sqlx(PostgresQueryBuilder)"""
    site = _only(sites, statement, QUERY)
    assert str(site.write.table) == "accounts"
    assert site.write.columns == ("id", "mail")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("mail",)


def test_a_table_may_have_a_schema(sites: Sites) -> None:
    statement = """Query::insert().into_table((Alias::new("app"), Alias::new("log"))).columns(["a", "b"])
        .on_conflict(OnConflict::new().do_nothing().to_owned()).to_owned()"""
    site = _only(sites, statement, QUERY)
    assert str(site.write.table) == "app.log"
    assert site.write.columns == ("a", "b")
    assert site.write.target == AnyArbiter()


def test_an_insert_without_a_clause_is_plain(sites: Sites) -> None:
    assert _only(sites, f"Users::insert({MODEL}).exec(db).await?").mechanism is Mechanism.PLAIN_INSERT


def test_maps_are_no_tables(sites: Sites) -> None:
    source = "use sea_orm::Set;\nfn f() { HashMap::insert(&mut m, 1, 2); BTreeMap::insert(&mut m, k, v); }\n"
    assert sites({"src/a.rs": source}) == ()


def test_a_model_inserts_itself(sites: Sites) -> None:
    site = _only(sites, f"let model = {MODEL};\n    model.insert(db).await?")
    assert site.mechanism is Mechanism.PLAIN_INSERT
    assert str(site.write.table) == "app.users"
    assert site.write.columns == ("mail",)


@pytest.mark.parametrize(
    ("step", "mechanism"),
    [
        ('Users::find().filter(users::Column::EmailAddress.eq("a")).one(db).await?', Mechanism.SELECT_THEN_INSERT),
        (
            'Users::update_many().filter(users::Column::EmailAddress.eq("a")).exec(db).await?',
            Mechanism.UPDATE_THEN_INSERT,
        ),
        ('Users::find().filter(users::Column::EmailAddress.eq("a")).all(db).await?', Mechanism.PLAIN_INSERT),
    ],
)
def test_an_insert_may_follow_a_lookup_by_a_key(sites: Sites, step: str, mechanism: Mechanism) -> None:
    step = step.replace("KEY", 'users::Column::EmailAddress.eq("a")')
    site = _only(sites, f"let known = {step}.await?;\n    {MODEL}.insert(db).await?")
    assert site.mechanism is mechanism


def test_an_entity_may_upsert_beside_its_model(sites: Sites) -> None:
    source = f"""{ENTITY}
use sea_orm::sea_query::OnConflict;
impl Entity {{
    pub fn upsert(model: ActiveModel) -> sea_orm::Insert<ActiveModel> {{
        Self::insert(model).on_conflict(OnConflict::column(Column::Id).update_columns([Column::LastSeen]).to_owned())
    }}
}}
"""
    (site,) = sites({"src/users.rs": source})
    assert str(site.write.table) == "app.users"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("id",)
    assert site.write.set_columns == ("last_seen",)
