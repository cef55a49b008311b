"""Slick: insertOrUpdate by the primary key of a table that a class declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Action, InferenceClause, Mechanism, Status

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

USERS = """package app
import slick.jdbc.PostgresProfile.api._
class Users(tag: Tag) extends Table[(Long, String, String)](tag, Some("crm"), "users") {
  def id = column[Long]("id", O.PrimaryKey, O.AutoInc)
  def email: Rep[String] = column[String]("email")
  def name = column[String]("full_name")
  def * = (id, email, name)
}
"""
MEMBERS = """package app
import slick.jdbc.PostgresProfile.api._
class Members(tag: Tag) extends Table[(Long, Long, String)](tag, "members") {
  def user = column[Long]("user_id")
  def team = column[Long]("team_id")
  def role = column[String]("role")
  def pk = primaryKey("members_pkey", (user, team))
  def * = (user, team, role)
}
"""


def _store(query: str, upsert: str = "rows.insertOrUpdate(row)") -> str:
    top = "package app\nimport slick.jdbc.PostgresProfile.api._\n"
    return f"{top}class Store(db: Database) {{\n  val rows = {query}\n  def save(row: Row) = db.run({upsert})\n}}\n"


def _site(place: Path, query: str, tables: str, **more: str) -> WriteSite:
    others = {f"{name}.scala": text for name, text in more.items()}
    (site,) = sites_of(place, {"Tables.scala": tables, "Store.scala": _store(query), **others})
    assert site.client == "slick"
    return site


def test_it_updates_by_the_primary_key_and_inserts_what_is_not_there(tmp_path: Path) -> None:
    site = _site(tmp_path, "TableQuery[Users]", USERS)
    assert (site.mechanism, str(site.write.table)) == (Mechanism.UPDATE_THEN_INSERT, "crm.users")
    assert site.key_columns == ("id",)
    assert site.write.columns == ("email", "full_name")
    assert site.status is Status.RESOLVED


def test_a_key_may_have_several_columns(tmp_path: Path) -> None:
    site = _site(tmp_path, "new TableQuery(tag => new Members(tag))", MEMBERS)
    assert (str(site.write.table), site.key_columns) == ("members", ("user_id", "team_id"))
    assert site.write.action is Action.UPDATE


def test_an_object_of_the_same_name_does_not_hide_the_class(tmp_path: Path) -> None:
    beside = (
        f"{USERS}object Users {{\n  val all = TableQuery[Users]\n  def save(row: Row) = all.insertOrUpdate(row)\n}}\n"
    )
    (site,) = sites_of(tmp_path, {"Users.scala": beside})
    assert str(site.write.table) == "crm.users"


def test_a_profile_with_the_capability_sends_a_conflict_clause(tmp_path: Path) -> None:
    profile = "trait P extends ExPostgresProfile { val c = super.capabilities + JdbcCapabilities.insertOrUpdate }\n"
    site = _site(tmp_path, "TableQuery[Users]", USERS, profile=profile)
    assert site.mechanism is Mechanism.ON_CONFLICT
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("id",)


def test_a_table_without_a_key_is_told(tmp_path: Path) -> None:
    site = _site(tmp_path, "TableQuery[Users]", USERS.replace(", O.PrimaryKey", ""))
    assert site.status is Status.UNRESOLVED


def test_what_is_no_table_of_slick_is_none(tmp_path: Path) -> None:
    assert not sites_of(tmp_path, {"Store.scala": _store("new Cache()")})
