"""Helpers of one name in two files of a package: each call reaches the one of its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

JAVA = """package a;
class {one} {{
  void run(Db db) {{ save(db, "{table}"); }}
  private void save(Db db, String table) {{
    db.update("INSERT INTO " + table + " ({key}) VALUES (?) ON CONFLICT ({key}) DO NOTHING");
  }}
}}
"""
KOTLIN = """package a
private fun save(db: Db, table: String) {{
  db.update("INSERT INTO $table ({key}) VALUES (?) ON CONFLICT ({key}) DO NOTHING")
}}
fun run{one}(db: Db) {{ save(db, "{table}") }}
"""
SCALA = """package a
object {one} {{
  def run(db: Db) = save(db, "{table}")
  private def save(db: Db, table: String) =
    db.run(s"INSERT INTO $table ({key}) VALUES (1) ON CONFLICT ({key}) DO NOTHING")
}}
"""
SWIFT = """class {one} {{
  func run(db: Db) {{ save(db, "{table}") }}
  private func save(_ db: Db, _ table: String) {{
    db.run("INSERT INTO \\(table) ({key}) VALUES (1) ON CONFLICT ({key}) DO NOTHING")
  }}
}}
"""
CSHARP = """namespace A;
class {one} {{
  void Run(Db db) {{ Save(db, "{table}"); }}
  private void Save(Db db, string table) {{
    db.Run("INSERT INTO " + table + " ({key}) VALUES (1) ON CONFLICT ({key}) DO NOTHING");
  }}
}}
"""
GO = """package a

type {one} struct{{}}

func (s *{one}) run(db *sql.DB) {{ s.save(db, "{table}") }}

func (s *{one}) save(db *sql.DB, table string) {{
	db.Exec("INSERT INTO " + table + " ({key}) VALUES ($1) ON CONFLICT ({key}) DO NOTHING")
}}
"""


@pytest.mark.parametrize(
    ("suffix", "source"),
    [("java", JAVA), ("kt", KOTLIN), ("scala", SCALA), ("swift", SWIFT), ("cs", CSHARP), ("go", GO)],
)
def test_each_call_reaches_the_helper_of_its_own_file(tmp_path: Path, suffix: str, source: str) -> None:
    files = {
        f"app/{one}.{suffix}": source.format(one=one, table=table, key=key)
        for one, table, key in (("Users", "users", "email"), ("Teams", "teams", "name"))
    }
    found = {
        str(site.write.table): site.write.target.columns
        for site in sites_of(tmp_path, files)
        if site.write.table is not None and isinstance(site.write.target, InferenceClause)
    }
    assert found == {"users": ("email",), "teams": ("name",)}
