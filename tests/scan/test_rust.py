from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Mechanism, Scope, Status
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite


def _sites(tmp_path: Path, **files: str) -> tuple[WriteSite, ...]:
    for name, text in files.items():
        path = tmp_path / (name.replace("__", "/") + (".toml" if name.endswith("Cargo") else ".rs"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    result = scan([tmp_path], Settings())
    assert not result.failed
    return result.sites


def _upsert(tmp_path: Path, body: str, top: str = "", **files: str) -> WriteSite:
    source = f"{top}\nasync fn save(pool: &PgPool) -> Result<()> {{\n{body}\n}}\n"
    found = [site for site in _sites(tmp_path, src__save=source, **files) if site.mechanism is Mechanism.ON_CONFLICT]
    (site,) = found
    assert isinstance(site.write.target, InferenceClause)
    assert str(site.write.table) == "users"
    return site


@pytest.mark.parametrize(
    "body",
    [
        'sqlx::query!("@INSERT @CLAUSE", email).execute(pool).await?;',
        'sqlx::query_as!(Option<User>, r#"@INSERT @CLAUSE"#, e);',
        'sqlx::query_as::<_, User>("INSERT INTO users (email) \\\n   VALUES ($1) \\\n   @CLAUSE");',
        'let sql = concat!("@INSERT", " @CLAUSE"); c.execute(sql);',
        'c.execute(&format!("INSERT INTO {} (email) VALUES ($1) ON CONFLICT ({k}) DO NOTHING", "users", k = "email"));',
        'let key = "email"; c.execute(&format!("@INSERT ON CONFLICT ({key}) DO NOTHING"));',
        'let mut s = String::from("@INSERT"); s.push_str(" @CLAUSE");',
        'let mut s = String::new(); write!(s, "@INSERT @CLAUSE")?;',
        'let s = ["@INSERT", "@CLAUSE"].join(" "); c.execute(&s);',
        'diesel::sql_query("@INSERT @CLAUSE").execute(conn)?;',
    ],
)
def test_statements_are_read_however_they_are_put_together(tmp_path: Path, body: str) -> None:
    body = body.replace("@INSERT", "INSERT INTO users (email) VALUES ($1)")
    site = _upsert(tmp_path, body.replace("@CLAUSE", "ON CONFLICT (email) DO NOTHING"))
    assert site.write.columns == ("email",)
    assert site.status is Status.RESOLVED


def test_a_builder_is_one_statement(tmp_path: Path) -> None:
    body = """let mut b: QueryBuilder<Postgres> = QueryBuilder::new("INSERT INTO users (id, email) ");
b.push_values(rows, |mut b, row| { b.push_bind(row.id).push_bind(row.email); });
b.push(" ON CONFLICT (id) DO UPDATE SET email = EXCLUDED.email");
b.build().execute(pool).await?;"""
    (site,) = _sites(tmp_path, src__save=f"async fn save() {{\n{body}\n}}\n")
    assert site.mechanism is Mechanism.ON_CONFLICT
    assert site.write.columns == ("id", "email")
    assert site.span.line == 4


def test_constants_are_followed_through_modules(tmp_path: Path) -> None:
    tables = 'pub const USERS: &str = "users";\npub mod keys { pub const EMAIL: &str = "email"; }\n'
    body = (
        'c.execute(&format!("INSERT INTO {} (email) VALUES ($1) ON CONFLICT ({}) DO NOTHING", tables::USERS, EMAIL));'
    )
    top = "use crate::db::tables::{self, keys::EMAIL};"
    site = _upsert(
        tmp_path, body, top, src__lib="mod db; mod save;", src__db__mod="pub mod tables;", src__db__tables=tables
    )
    assert site.status is Status.RESOLVED


def test_constants_are_handed_on_by_modules_and_crates(tmp_path: Path) -> None:
    site = _upsert(
        tmp_path,
        'c.execute(&format!("INSERT INTO {USERS} (email) VALUES ($1) ON CONFLICT (email) DO NOTHING"));',
        "use the_names::*;",
        names__Cargo='[package]\nname = "the-names"\n',
        names__src__lib="mod inner;\npub use inner::*;\n",
        names__src__inner='pub const USERS: &str = "users";\n',
    )
    assert site.status is Status.RESOLVED


def test_constants_of_a_type_are_members(tmp_path: Path) -> None:
    source = """struct Repo;
impl Repo {
    const TABLE: &'static str = "users";
    fn sql(&self) -> String {
        format!("INSERT INTO {} (email) VALUES ($1) ON CONFLICT (email) DO NOTHING", Self::TABLE)
    }
}
"""
    (site,) = _sites(tmp_path, src__repo=source)
    assert str(site.write.table) == "users"


def test_a_wrapper_is_followed_to_its_calls(tmp_path: Path) -> None:
    source = """fn upsert(table: &str, key: &str) -> String {
    format!("INSERT INTO {table} (a) VALUES ($1) ON CONFLICT ({key}) DO NOTHING")
}
fn save() {
    run(upsert("users", "a"));
}
"""
    sites = _sites(tmp_path, src__save=source)
    assert [str(site.write.table) for site in sites if site.status is Status.RESOLVED] == ["users"]
    assert [site.followed for site in sites if site.status is Status.UNRESOLVED] == [1]


def test_comments_attributes_and_assertions_hold_no_statements(tmp_path: Path) -> None:
    source = """/// INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO NOTHING
#[doc = "INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO NOTHING"]
fn save() {
    assert_eq!(sql, "INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO NOTHING");
    assert!(sql.contains("ON CONFLICT (b) DO NOTHING"));
}
"""
    assert _sites(tmp_path, src__save=source) == ()


def test_a_module_of_tests_is_a_test(tmp_path: Path) -> None:
    insert = 'c.execute("INSERT INTO users (email) VALUES ($1) ON CONFLICT (email) DO NOTHING");'
    source = (
        f"fn save() {{\n    {insert}\n}}\n\n#[cfg(test)]\nmod tests {{\n    fn f() {{\n        {insert}\n    }}\n}}\n"
    )
    assert [site.scope for site in _sites(tmp_path, src__save=source)] == [Scope.APP, Scope.TEST]


def test_rusqlite_is_sqlite(tmp_path: Path) -> None:
    source = """use rusqlite::Connection;
fn save(c: &Connection) {
    c.execute("INSERT INTO a (b) VALUES (?1) ON CONFLICT (b) DO NOTHING", params![1]);
}
"""
    (site,) = _sites(tmp_path, src__save=source)
    assert site.status is Status.NOT_POSTGRES


def test_a_macro_that_is_no_call_stays_one(tmp_path: Path) -> None:
    source = """fn save(c: &C) {
    select!(a = x => 1, b = y => { 2 });
    matches!(c, A | B);
    c.execute("INSERT INTO users (email) VALUES ($1) ON CONFLICT (email) DO NOTHING", &[&1]);
    println!("{}", "INSERT INTO");
}
"""
    (site,) = _sites(tmp_path, src__save=source)
    assert site.span.line == 4
    assert site.status is Status.RESOLVED


def test_a_call_with_other_arguments_is_of_another_function(tmp_path: Path) -> None:
    source = """impl Store {
    fn insert(&self, table: &str) { self.c.execute(&format!("INSERT INTO {table} (a) VALUES (1)")) }
}
fn fill(map: &mut HashMap<A, B>) { map.insert(1, 2); }
"""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/save.rs").write_text(source, "utf-8")
    assert not [one for one in scan([tmp_path], Settings(), explain=True).skipped if "may be a call" in one.reason]
