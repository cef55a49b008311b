"""SQLKit: INSERTs of Vapor with their conflict clauses, and strings that Swift formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Status, Unresolved

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite


def _site(place: Path, body: str, top: str = "") -> WriteSite:
    source = f"import SQLKit\n{top}\nfunc save(db: any SQLDatabase, row: Row) async throws {{\n{body}\n}}\n"
    (site,) = sites_of(place, {"Sources/App/save.swift": source})
    return site


@pytest.mark.parametrize("target", ['"email"', '["email"]', '[SQLColumn("email")]'])
def test_an_update_names_its_columns_and_those_of_set(tmp_path: Path, target: str) -> None:
    clause = f'.onConflict(with: {target}) {{ $0.set(excludedValueOf: "name").set("seen", to: SQLFunction("now")) }}'
    site = _site(tmp_path, f'try await db.insert(into: "users").columns("email", "name").values(e, n){clause}.run()')
    assert (site.client, site.status, str(site.write.table)) == ("sqlkit", Status.RESOLVED, "users")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("email",)
    assert (site.write.action, site.write.columns, site.write.set_columns) == (
        Action.UPDATE,
        ("email", "name"),
        ("name", "seen"),
    )


def test_conflicts_may_be_ignored_with_columns_or_without(tmp_path: Path) -> None:
    insert = 'try await db.insert(into: "users").columns("email").values(e)'
    named = _site(tmp_path / "a", f'{insert}.ignoringConflicts(with: ["email"]).run()')
    assert isinstance(named.write.target, InferenceClause)
    bare = _site(tmp_path / "b", f"{insert}.ignoringConflicts().run()")
    assert (bare.write.target, bare.write.action) == (AnyArbiter(), Action.NOTHING)


def test_a_model_gives_its_columns_and_its_schema(tmp_path: Path) -> None:
    top = 'struct Row: Codable {\n  let id: Int\n  let email: String\n}\nenum User { static let schema = "users" }'
    site = _site(tmp_path, 'try await db.insert(into: User.schema).model(row).ignoringConflicts(with: "id").run()', top)
    assert (str(site.write.table), site.write.columns) == ("users", ("id", "email"))


def test_a_table_may_have_a_schema(tmp_path: Path) -> None:
    table = 'SQLQualifiedTable("users", space: "app")'
    site = _site(
        tmp_path, f'try await db.insert(into: {table}).columns("a").values(1).ignoringConflicts(with: "a").run()'
    )
    assert str(site.write.table) == "app.users"


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    insert = 'db.insert(into: "users").columns("a").values(1)'
    site = _site(tmp_path, f"try await {insert}.onConflict(with: keys) {{ b in row.fill(b) }}.run()")
    assert isinstance(site.write.target, Unresolved)
    assert not site.write.set_complete


def test_other_methods_of_that_name_are_no_sites(tmp_path: Path) -> None:
    source = 'func save(t: Table) {\n  t.column("a").onConflict(.replace)\n}\n'
    assert not sites_of(tmp_path, {"a.swift": source})


def test_a_format_is_filled_with_its_texts(tmp_path: Path) -> None:
    sql = "INSERT INTO %@ (a, b) VALUES (%d, $1) ON CONFLICT (%3$@) DO NOTHING"
    site = _site(tmp_path, f'let table = "users"\ntry run(String(format: "{sql}", table, 1, "a"))')
    assert (site.client, str(site.write.table), site.status) == ("raw-sql", "users", Status.RESOLVED)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)
